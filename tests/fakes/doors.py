"""Calling a Lambda handler as API Gateway or a queue would: events from the samples, a context, the answer read."""

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

EVENTS = Path(__file__).parents[2] / "events"


class Context:
    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:function"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


@dataclass(frozen=True)
class Heard:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def sample(name: str) -> dict[str, Any]:
    """Return a sample event, e.g. "calls/dial"."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def http(
    name: str,
    *,
    body: Any = None,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    path: dict[str, str] | None = None,
    role: str | None = None,
) -> dict[str, Any]:
    """Return a sample HTTP event with parts replaced. `raw` bytes travel in base64, as binary bodies do."""
    event = sample(name)
    event["headers"].update(headers or {})
    event["headers"] = {key: value for key, value in event["headers"].items() if value is not None}
    if body is not None:
        event["body"] = json.dumps(body, ensure_ascii=False)
    if raw is not None:
        event["body"], event["isBase64Encoded"] = base64.b64encode(raw).decode(), True
    if query is not None:
        event["queryStringParameters"] = query
    if path is not None:
        event["pathParameters"] = path
    if role is not None:
        event["requestContext"]["authorizer"] = {"lambda": {"role": role}}
    return event


def call(handler: Any, event: dict[str, Any]) -> Heard:
    """Return what a handler answers. Whatever that is, the API's description has to tell of it."""
    answer = handler(event, Context())
    heard = Heard(answer["statusCode"], answer["headers"], answer["body"])
    assert_described(event["routeKey"], heard)
    return heard


def assert_described(route: str, heard: Heard) -> None:
    method, _, path = route.partition(" ")
    description = _description()
    responses = description["paths"][path][method.lower()]["responses"]
    assert str(heard.status) in responses, f"{route} does not tell of {heard.status}: {heard.text}"
    response = responses[str(heard.status)]
    if name := response.get("$ref"):
        response = description["components"]["responses"][name.rpartition("/")[2]]
    content = response.get("content", {"": {}})
    if "*/*" in content or not heard.text:
        return
    schema = {**content[heard.headers["content-type"]]["schema"], "components": description["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(heard.json)


@cache
def _description() -> dict[str, Any]:
    return json.loads((EVENTS.parent / "docs" / "openapi.json").read_text(encoding="utf-8"))
