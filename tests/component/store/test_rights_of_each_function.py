"""What each function's own role lets it do, against what the design gives it: everything else is refused.

Each function tries everything with everything there is. Which rows of the table it may touch is left to a rule over
the template (`tests.template.rules`): the embedded AWS ignores `dynamodb:LeadingKeys`, so here the table is one thing.
"""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import ClientError

from sandbox.actions import whole_template
from tests.template.rules import RIGHTS

TEMPLATE = whole_template()
FUNCTIONS = sorted(TEMPLATE.functions)
INDEXES = ("due", "by_phone", "by_day", "live")
PREFIXES = ("recordings", "message-files", "quarantine")
QUEUES = ("EventsQueue", "EventsDlq", "RecordingsQueue", "RecordingsDlq")
KEY = {"pk": {"S": "NOBODY#1"}, "sk": {"S": "-"}}
ROWS = "rows"

Right = tuple[str, str]
Attempt = Callable[[], Any]


class Clients:
    """AWS clients that take on one function's role after another: making new ones costs more than all they do here."""

    def __init__(self, stack):
        self.stack = stack
        session = boto3.Session("nobody", "nobody", "nobody", region_name="eu-central-1")
        path_style = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        endpoint = stack.root.dynamodb.meta.endpoint_url
        self._credentials = session.get_credentials()
        self.dynamodb, self.s3, self.secrets, self.sqs = (
            session.client(service, endpoint_url=endpoint, config=path_style)
            for service in ("dynamodb", "s3", "secretsmanager", "sqs")
        )

    def become(self, function):
        given = self.stack.credentials(function)
        self._credentials.access_key = given.access_key_id
        self._credentials.secret_key = given.secret_access_key
        self._credentials.token = given.session_token


@pytest.fixture(scope="module")
def clients(embedded_aws):
    """What was sent is gone from the queues afterwards, as other tests count there."""
    yield Clients(embedded_aws)
    for queue in QUEUES:
        embedded_aws.root.sqs.purge_queue(QueueUrl=embedded_aws.queue_url(queue))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_the_design_says_and_nothing_else(clients, function):
    clients.become(function)

    allowed = {right for right, attempt in _attempts(clients) if not _refused(attempt)}
    assert allowed == _designed(function)


def test_everything_the_design_gives_to_anyone_is_tried(clients):
    tried = {right for right, _ in _attempts(clients)}

    assert {right for function in RIGHTS for right in _designed(function)} - tried == set()


def test_every_secret_queue_and_index_there_is_is_tried():
    (table,) = TEMPLATE.of_type("AWS::DynamoDB::Table").values()

    assert set(QUEUES) == TEMPLATE.of_type("AWS::SQS::Queue").keys()
    assert set(INDEXES) == {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}


def _designed(function: str) -> set[Right]:
    return {(action, ROWS if what.endswith("#*") else what) for action, what in RIGHTS[function].pairs()}


def _attempts(clients: Clients) -> Iterator[tuple[Right, Attempt]]:
    yield from _on_secrets(clients.stack, clients.secrets)
    yield from _on_the_table(clients.stack, clients.dynamodb)
    yield from _on_the_bucket(clients.stack, clients.s3)
    yield from _on_queues(clients.stack, clients.sqs)


def _on_secrets(stack: Any, secrets: Any) -> Iterator[tuple[Right, Attempt]]:
    for name in TEMPLATE.of_type("AWS::SecretsManager::Secret"):
        secret = {"SecretId": stack.physical_ids[name]}
        yield ("secretsmanager:GetSecretValue", name), lambda it=secret: secrets.get_secret_value(**it)


def _on_the_table(stack: Any, dynamodb: Any) -> Iterator[tuple[Right, Attempt]]:
    table = {"TableName": stack.physical_ids["Table"]}
    change = {"UpdateExpression": "SET seen = :it", "ExpressionAttributeValues": {":it": {"N": "1"}}}
    yield ("dynamodb:GetItem", ROWS), lambda: dynamodb.get_item(**table, Key=KEY)
    yield ("dynamodb:PutItem", ROWS), lambda: dynamodb.put_item(**table, Item=KEY)
    yield ("dynamodb:UpdateItem", ROWS), lambda: dynamodb.update_item(**table, Key=KEY, **change)
    yield ("dynamodb:DeleteItem", ROWS), lambda: dynamodb.delete_item(**table, Key=KEY)
    yield ("dynamodb:Scan", ROWS), lambda: dynamodb.scan(**table, Limit=1)
    yield ("dynamodb:DeleteTable", ROWS), lambda: dynamodb.delete_table(**table)
    for what, index, key in ((ROWS, {}, "pk"), *((f"index/{it}", {"IndexName": it}, it) for it in INDEXES)):
        condition = {
            "KeyConditionExpression": "#key = :it",
            "ExpressionAttributeNames": {"#key": {"by_phone": "phone", "by_day": "day"}.get(key, key)},
            "ExpressionAttributeValues": {":it": {"S": "nobody"}},
        }
        yield ("dynamodb:Query", what), lambda query={**index, **condition}: dynamodb.query(**table, **query)


def _on_the_bucket(stack: Any, s3: Any) -> Iterator[tuple[Right, Attempt]]:
    bucket = {"Bucket": stack.physical_ids["Bucket"]}
    yield ("s3:ListBucket", "Bucket"), lambda: s3.list_objects_v2(**bucket)
    for prefix in PREFIXES:
        key = {**bucket, "Key": f"{prefix}/nobody"}
        yield ("s3:GetObject", f"{prefix}/*"), lambda it=key: s3.get_object(**it)
        yield ("s3:PutObject", f"{prefix}/*"), lambda it=key: s3.put_object(**it, Body=b"")
        yield ("s3:DeleteObject", f"{prefix}/*"), lambda it=key: s3.delete_object(**it)
        yield ("s3:AbortMultipartUpload", f"{prefix}/*"), lambda it=key: s3.abort_multipart_upload(**it, UploadId="0")


def _on_queues(stack: Any, sqs: Any) -> Iterator[tuple[Right, Attempt]]:
    for name in QUEUES:
        queue = {"QueueUrl": stack.queue_url(name)}
        message = {**queue, "MessageBody": "{}"}
        if stack.queue_url(name).endswith(".fifo"):
            message |= {"MessageGroupId": "nobody", "MessageDeduplicationId": "nobody"}
        yield ("sqs:SendMessage", name), lambda it=message: sqs.send_message(**it)
        yield ("sqs:ReceiveMessage", name), lambda it=queue: sqs.receive_message(**it)
        yield ("sqs:DeleteMessage", name), lambda it=queue: sqs.delete_message(**it, ReceiptHandle="nobody's")
        yield (
            ("sqs:GetQueueAttributes", name),
            lambda it=queue: sqs.get_queue_attributes(**it, AttributeNames=["QueueArn"]),
        )


def _refused(attempt: Attempt) -> bool:
    """Tell whether it was refused for want of a right. What is there is not asked: a right shows in any other error."""
    try:
        attempt()
    except ClientError as error:
        return error.response["Error"]["Code"].startswith("AccessDenied")
    return False
