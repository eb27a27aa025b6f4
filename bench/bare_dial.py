"""The least a dial function can do: read the user, claim the click, ring, write the call, and answer for good.

`bench.dial` measures the real function against it. It makes the same requests to the same provider and writes the
same rows. It takes its input as right, verifies no answer, and knows no failures.
"""

import hashlib
import hmac
import json
import os
import time
import uuid
from functools import cache
from typing import Any

import boto3
import requests

FIRST_TOLD = {"L": [{"N": "0"}, {"N": "0"}, {"N": "0"}]}
STRETCHES = {"ayse@example.com": 3600, "": 86_400}


@cache
def _dynamodb() -> Any:
    return boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    table, dynamodb, now = os.environ["TABLE_NAME"], _dynamodb(), int(time.time())
    asked = json.loads(event["body"])
    user = dynamodb.get_item(TableName=table, Key=_key(f"USER#{event['headers']['x-crm-user']}"), ConsistentRead=True)[
        "Item"
    ]
    extension = user["extensions"]["M"]["virtualats"]["L"][0]["S"]
    to = "+90" + asked["to"].lstrip("0")
    click = hashlib.sha256("\0".join((event["routeKey"], extension, to)).encode()).hexdigest()
    intent = {**_key(f"INTENT#{event['routeKey']}#{click}"), "v": {"N": "1"}, "request": {"S": click}}
    opened = {"state": {"S": "open"}, "nonce": {"S": uuid.uuid4().hex}, "version": {"N": "1"}}
    dynamodb.transact_write_items(
        TransactItems=[
            {
                "Put": {
                    "TableName": table,
                    "Item": {**intent, **opened, "began_at": {"N": str(now)}, "expires_at": {"N": str(now + 60)}},
                    "ConditionExpression": "attribute_not_exists(pk) OR expires_at < :now",
                    "ExpressionAttributeValues": {":now": {"N": str(now)}},
                }
            },
            *(_counted(table, whose, seconds, now) for whose, seconds in STRETCHES.items()),
        ]
    )
    call_id = "virtualats:" + _ring(to, extension)
    dynamodb.put_item(
        TableName=table,
        Item=_call(call_id, extension, to, event["headers"]["x-crm-user"], asked["record"], now),
        ConditionExpression="attribute_not_exists(pk) OR expires_at < :now",
        ExpressionAttributeValues={":now": {"N": str(now)}},
    )
    body = json.dumps({"call_id": call_id, "provider": "virtualats", "state": "requested"})
    done = {"state": {"S": "done"}, "nonce": {"S": ""}, "version": {"N": "2"}, "status": {"N": "202"}}
    dynamodb.put_item(
        TableName=table,
        Item={**intent, **done, "body": {"S": body}, "began_at": {"N": str(now)}, "expires_at": {"N": str(now + 15)}},
        ConditionExpression="version = :seen",
        ExpressionAttributeValues={":seen": {"N": "1"}},
    )
    return {"statusCode": 202, "headers": {"content-type": "application/json"}, "body": body}


def _key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "-"}}


def _call(call_id: str, extension: str, to: str, user: str, record: dict[str, str], now: int) -> dict[str, Any]:
    """The row as the real function writes it."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    told = {"direction": "outbound", "from": extension, "to": to, "extension": extension}
    facts = {
        "state": {"S": "requested"},
        "disposition": {"S": "unknown"},
        "texts": {"M": {name: {"L": [FIRST_TOLD, {"S": value}]} for name, value in told.items()}},
        "times": {"M": {"requested_at": {"S": moment}}},
        "seconds": {"M": {}},
    }
    return {
        **_key(f"CALL#{call_id}"),
        "v": {"N": "1"},
        "version": {"N": "1"},
        "call_id": {"S": call_id},
        "first_seen_at": {"S": moment},
        "facts": {"M": facts},
        "record": {"M": {name: {"S": value} for name, value in record.items()}},
        "acting_user": {"S": user},
        "recording": {"M": {"state": {"S": "none"}, "attempts": {"N": "0"}}},
        "attempts": {"N": "0"},
        "replayed": {"BOOL": False},
        "owed": {"L": []},
        "phone": {"S": to},
        "started_at": {"S": moment},
        "day": {"S": moment[:10]},
        "expires_at": {"N": str(now + 400 * 86_400)},
    }


def _counted(table: str, whose: str, seconds: int, now: int) -> dict[str, Any]:
    stretch = now // seconds
    values = {":one": "1", ":until": str((stretch + 1) * seconds), ":most": "1000000"}
    return {
        "Update": {
            "TableName": table,
            "Key": _key(f"QUOTA#dial#{whose}#{stretch}"),
            "UpdateExpression": "SET v = :one, expires_at = :until ADD counted :one, version :one",
            "ConditionExpression": "attribute_not_exists(pk) OR counted < :most",
            "ExpressionAttributeValues": {name: {"N": value} for name, value in values.items()},
        }
    }


def _ring(to: str, extension: str) -> str:
    token = str(int(time.time() * 1000))
    sign = hmac.new(os.environ["SECRET_KEY"].encode(), token.encode(), hashlib.sha1).hexdigest()
    # A connection of its own, as a request that must not be repeated wants: a kept one may be dead by now.
    with requests.Session() as provider:
        provider.trust_env = False
        answer = provider.get(
            os.environ["BASE_URL"] + "/call/originate",
            params={"to": to.removeprefix("+"), "number": extension},
            headers={"vats-authentication": f"{os.environ['PUBLIC_KEY']}:{token}:{sign}"},
            timeout=5,
        )
    call_id: str = answer.json()["value"]
    return call_id
