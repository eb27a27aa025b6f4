"""What every cold start is compared with: a plain handler with boto3, requests and pydantic, as one writes it first.

It is fixed, so that figures of different years can be compared: do not make it faster. It reads a request, asks one AWS
service for one row and another system for one answer.
"""

import os
from typing import Any

import boto3
import requests
from pydantic import BaseModel, Field

dynamodb = boto3.client("dynamodb")
outside = requests.Session()


class Asked(BaseModel):
    to: str = Field(min_length=1, max_length=40)
    extension: str | None = None


class Answered(BaseModel):
    to: str
    known: bool
    status: int


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    asked = Asked.model_validate_json(event["body"])
    row = dynamodb.get_item(TableName=os.environ["TABLE_NAME"], Key={"pk": {"S": "USER#baseline"}, "sk": {"S": "-"}})
    answer = outside.get(os.environ["OUTSIDE_URL"], timeout=5)
    body = Answered(to=asked.to, known="Item" in row, status=answer.status_code)
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body.model_dump_json()}
