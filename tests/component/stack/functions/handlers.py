"""The smallest handlers that show what the sandbox does around them."""

import json
import os
import time

import boto3
from botocore.exceptions import ClientError
from words_in_layer import GREETING


def authorize(event, _context):
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=f"santral/{os.environ['TENANT']}/api")
    tokens = json.loads(secret["SecretString"])["agent_tokens"]
    token = event["identitySource"][0].removeprefix("Bearer ")
    print("authorizing")  # noqa: T201 (how the tests count it)
    if token == "broken":
        raise ValueError("cannot tell")
    return {"isAuthorized": token in tokens, "context": {"role": "agent", "level": 1}}


def echo(event, context):
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(
            {
                "event": event,
                "greeting": GREETING,
                "environment": dict(os.environ),
                "request_id": context.aws_request_id,
                "remaining": context.get_remaining_time_in_millis(),
            }
        ),
    }


def answer(event, _context):
    match event["pathParameters"]["what"]:
        case "raise":
            print("about to fail")  # noqa: T201 (looked for in the log)
            raise ValueError("a secret reason")
        case "exit":
            os._exit(3)
        case "time-out":
            time.sleep(30)
        case "process":
            return {"pid": os.getpid()}
        case "large":
            return {"statusCode": 200, "body": "x" * (7 * 1024 * 1024)}
    return json.loads(event["body"])


def sleep(_event, _context):
    time.sleep(0.9)
    return {"statusCode": 200, "body": "rested"}


def use_rights(event, _context):
    clients = {
        "put": lambda: boto3.client("dynamodb").put_item(
            TableName=os.environ["TABLE_NAME"], Item={"pk": {"S": "mine"}, "sk": {"S": "-"}}
        ),
        "scan": lambda: boto3.client("dynamodb").scan(TableName=os.environ["TABLE_NAME"]),
        "put-mine": lambda: boto3.client("s3").put_object(Bucket=os.environ["BUCKET_NAME"], Key="mine/a", Body=b"a"),
        "put-other": lambda: boto3.client("s3").put_object(Bucket=os.environ["BUCKET_NAME"], Key="other/a", Body=b"a"),
        "secret": lambda: boto3.client("secretsmanager").get_secret_value(
            SecretId=f"santral/{os.environ['TENANT']}/api"
        ),
    }
    try:
        clients[event["do"]]()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"


def work(event, context):
    """Note each message in the table; fail those that say so."""
    failed = []
    for record in event["Records"]:
        order = json.loads(record["body"])
        started = time.time_ns()
        time.sleep(order.get("seconds", 0))
        failing = order.get("failures", 0) >= int(record["attributes"]["ApproximateReceiveCount"])
        _note("WORK", f"{started:020}#{record['messageId']}", record=json.dumps(record), failed=str(failing))
        if failing and order.get("how") == "raise":
            raise RuntimeError("on request")
        if failing:
            failed.append({"itemIdentifier": record["messageId"]})
        if order.get("how") == "malformed":
            return {"batchItemFailures": [{"itemIdentifier": ""}]}
    return {"batchItemFailures": failed}


def tick(event, context):
    _note("TICK", context.aws_request_id, event=json.dumps(event))
    return "ticked"


def _note(pk, sk, **attributes):
    item = {"pk": {"S": pk}, "sk": {"S": sk}, **{name: {"S": value} for name, value in attributes.items()}}
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE_NAME"], Item=item)
