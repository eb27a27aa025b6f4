"""What goes over the wire: a request, an answer of JSON or nothing, and the one shape all refusals share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class ApiRequest:
    """A request to the API host: one of its own, or one inside a composite request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any = None
    number: int = 0  # its place in the request log


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """A refusal, of one record (inside `data`) or of the whole request (then it is the whole body)."""

    def __init__(self, code: str, message: str, details: Json | None = None, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message} {details or {}}")
        self.status = status
        self.body: Json = {"code": code, "details": details or {}, "message": message, "status": "error"}

    def answer(self) -> Answer:
        return Answer(self.status, self.body)


@dataclass(frozen=True)
class Place:
    """Where in the request body a value stands, for `api_name` and `json_path`."""

    row: int

    def of(self, api_name: str) -> Json:
        return {"api_name": api_name, "json_path": f"$.data[{self.row}].{api_name}"}

    def invalid(self, api_name: str, message: str = "invalid data", **details: Any) -> RefusedError:
        return RefusedError("INVALID_DATA", message, {**details, **self.of(api_name)})

    def missing(self, api_name: str) -> RefusedError:
        return RefusedError("MANDATORY_NOT_FOUND", "required field not found", self.of(api_name))


def wrong_url() -> RefusedError:
    message = "Please check if the URL trying to access is a correct one"
    return RefusedError("INVALID_URL_PATTERN", message, status=404)


def wrong_method() -> RefusedError:
    return RefusedError("INVALID_REQUEST_METHOD", "The http request method type is not a valid one")


def missing_parameter(name: str) -> RefusedError:
    details = {"param_name": name, "param": name}
    return RefusedError("REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", details)


def no_permission(permission: str) -> RefusedError:
    return RefusedError("NO_PERMISSION", "permission denied", {"permissions": [permission]}, status=403)
