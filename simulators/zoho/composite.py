"""POST /__composite_requests: up to five requests in one, each answered by itself."""

import re
from collections.abc import Callable
from typing import Any

from simulators.zoho.wire import Answer, ApiRequest, Json, RefusedError

MOST_REQUESTS = 5
KEY = "__composite_requests"
ANSWERED = "composite sub request executed successfully"
REFERENCE = re.compile(r"@\{")
URI = re.compile(r"/crm/v(?P<version>\d+(?:\.\d+)?)/(?P<resource>.+)")
VERSION = 8
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def run(request: ApiRequest, dispatch: Callable[[ApiRequest], Answer]) -> Answer:
    # One refused part refuses nothing but itself; parts run one after the other.
    items = [_run_one(part, number, request, dispatch) for number, part in enumerate(parts_of(request.body))]
    refused = [item for item in items if item["status"] == "error"]
    if len(refused) == len(items):
        return Answer(400, {KEY: items})
    failed = [item for item in items if item["status"] == "error" or item["details"]["response"]["status_code"] >= 400]
    return Answer(207 if failed else 200, {KEY: items})


def parts_of(body: Any) -> list[Any]:
    if not isinstance(body, dict):
        raise RefusedError("INVALID_DATA", "body", {"expected_data_type": "jsonobject"})
    if KEY not in body:
        raise RefusedError(
            "MANDATORY_NOT_FOUND", "required field not found", {"api_name": KEY, "json_path": f"$.{KEY}"}
        )
    details: Json = {"api_name": "rollback_on_fail", "json_path": "$.rollback_on_fail"}
    if body.get("rollback_on_fail"):
        raise RefusedError("NOT_SUPPORTED", "the simulator does not roll back", details)
    parts = body[KEY]
    if not isinstance(parts, list) or not parts:
        details = {"api_name": KEY, "json_path": f"$.{KEY}", "expected_data_type": "jsonarray"}
        raise RefusedError("INVALID_DATA", "invalid data", details)
    if len(parts) > MOST_REQUESTS:
        details = {"api_name": KEY, "json_path": f"$.{KEY}", "maximum_length": MOST_REQUESTS}
        raise RefusedError("INVALID_DATA", "invalid data", details)
    ids = [part.get("sub_request_id") for part in parts if isinstance(part, dict)]
    doubled = [number for number, name in enumerate(ids) if name is not None and ids.count(name) > 1]
    if doubled:
        details = {**_place(doubled[0], "sub_request_id"), "sub_request_indexes": doubled}
        raise RefusedError("DUPLICATE_DATA", "duplicate data", details)
    return parts


def as_request(part: Any, number: int, outer: ApiRequest) -> ApiRequest:
    """A part as the request it would be by itself."""
    if not isinstance(part, dict):
        raise RefusedError("INVALID_DATA", "invalid data", {"expected_data_type": "jsonobject", **_place(number, "")})
    for name in ("method", "uri"):
        if name not in part:
            raise RefusedError("MANDATORY_NOT_FOUND", "required field not found", _place(number, name))
    if part["method"] not in METHODS:
        raise RefusedError("INVALID_DATA", "invalid data", _place(number, "method"))
    uri = URI.fullmatch(str(part["uri"]))
    if uri is None or "?" in part["uri"]:
        details = {**_place(number, "uri"), "regex": "/crm(/.*)?/v[0-9]+([.][0-9]+)?/.*"}
        raise RefusedError("INVALID_DATA", "invalid data", details)
    if float(uri["version"]) != VERSION:
        details = {"sub_request_version": int(float(uri["version"])), "composite_request_version": VERSION}
        raise RefusedError("INVALID_DATA", "the versions of the requests differ", details)
    if uri["resource"] == KEY:
        raise RefusedError("NOT_SUPPORTED", "a composite request inside another", _place(number, "uri"))
    restricted = [name for name in part.get("headers") or {} if name.lower() in ("authorization", "x-crm-org")]
    if restricted:
        details = {**_place(number, "headers"), "restricted_headers": restricted}
        raise RefusedError("INVALID_DATA", "invalid data", details)
    if REFERENCE.search(str(part)):
        details = {**_place(number, "uri"), "reference": "@{"}
        raise RefusedError("INVALID_REFERENCE", "the simulator does not resolve references", details)
    query = {name: str(value) for name, value in (part.get("params") or {}).items()}
    return ApiRequest(part["method"], part["uri"], query, part.get("body") or None, outer.number)


def _run_one(part: Any, number: int, outer: ApiRequest, dispatch: Callable[[ApiRequest], Answer]) -> Json:
    try:
        request = as_request(part, number, outer)
    except RefusedError as refusal:
        return refusal.body
    answer = dispatch(request)
    headers = {} if answer.body is None else {"Content-Type": "application/json;charset=UTF-8"}
    response = {"status_code": answer.status, "headers": headers, "body": answer.body}
    return {"code": "SUCCESS", "details": {"response": response}, "message": ANSWERED, "status": "success"}


def _place(number: int, name: str) -> Json:
    path = f"$.{KEY}[{number}]"
    return {"api_name": name or KEY, "json_path": f"{path}.{name}" if name else path}
