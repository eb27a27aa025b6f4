"""What every simulator has: a log of what it was asked, fault knobs, and a control plane under /_control.

GET    /_control/state              the simulator's own state, its faults and the number of requests
GET    /_control/requests           every request as it came in          DELETE forgets them
POST   /_control/faults             {"path", "fault": {"kind", ..}, "method"?, "times"?}      DELETE forgets them
POST   /_control/actions/<action>   JSON arguments; the actions are the simulator's own
"""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import TypeAdapter, ValidationError, validate_call
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from simulators.faults import Faults, Rule, answer_with

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ENTRY = "simulators.entry"
WIRE_HEADERS = "simulators.wire_headers"
CONTROL = "/_control/"
JSON_OBJECT = TypeAdapter(dict[str, Any])


@dataclass
class RecordedRequest:
    """One request as it arrived, and what became of it."""

    method: str
    path: str  # as on the wire, still percent-encoded
    query: str
    headers: Headers
    body: bytes
    fault: str | None = None
    committed: bool = False
    status: int | None = None

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class RequestLog:
    _entries: list[RecordedRequest] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def append(self, entry: RecordedRequest) -> None:
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def all(self) -> list[RecordedRequest]:
        with self._lock:
            return list(self._entries)

    def to(self, path: str, method: str | None = None) -> list[RecordedRequest]:
        """The requests whose path ends so."""
        return [entry for entry in self.all() if entry.path.endswith(path) and method in (None, entry.method)]

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)


class ActionRefusedError(Exception):
    """The control plane asked for something this simulator does not have or cannot do now."""


class Simulator(ABC):
    """A provider on this machine. Subclasses answer requests; the frame logs them and lets faults strike."""

    name: ClassVar[str]
    actions: ClassVar[frozenset[str]] = frozenset()  # methods the control plane may call with JSON arguments

    def __init__(self) -> None:
        self.faults = Faults()
        self.requests = RequestLog()
        self.url = "http://simulator.invalid"  # the server sets the real one when it starts

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """What the provider answers; call `committed(request)` where the request takes effect."""

    def state(self) -> dict[str, Any]:
        """What the control plane shows, as JSON values."""
        return {}

    @property
    def busy(self) -> bool:
        """Whether it has yet to tell somebody what happened."""
        return False

    def act(self, action: str, arguments: dict[str, Any]) -> Any:
        """Do what no provider's API offers, such as a customer calling in; returns JSON values."""
        if action not in self.actions:
            raise ActionRefusedError(f"{self.name} has no action {action!r}, but {', '.join(sorted(self.actions))}")
        return validate_call(getattr(self, action))(**arguments)

    def close(self) -> None:
        """Let go what hangs and stop what runs in the background; called when the server stops."""
        self.faults.clear()

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith(CONTROL):
            return self._control(request)(environ, start_response)
        entry = self._record(request)
        environ[ENTRY] = entry
        held = self.faults.hold()
        fault = self.faults.take(request.method, request.path)
        if fault is None:
            return self._answer(environ, start_response)
        entry.fault = fault.kind
        return answer_with(fault, self._answer, environ, start_response, held)

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        response = self.answer(Request(environ))
        environ[ENTRY].status = response.status_code
        return response(environ, start_response)

    def _record(self, request: Request) -> RecordedRequest:
        path, _, query = request.environ["RAW_URI"].partition("?")
        headers = Headers(request.environ.get(WIRE_HEADERS) or list(request.headers))
        entry = RecordedRequest(request.method, path, query, headers, _body_kept(request))
        self.requests.append(entry)
        return entry

    def _control(self, request: Request) -> Response:
        command = request.path.removeprefix(CONTROL)
        try:
            match request.method, command.split("/"):
                case "GET", ["state"]:
                    return json_response(self._control_state())
                case "GET", ["requests"]:
                    return json_response([_entry_as_json(entry) for entry in self.requests.all()])
                case "DELETE", ["requests"]:
                    self.requests.clear()
                case "POST", ["faults"]:
                    self.faults.add_rule(Rule.model_validate_json(request.get_data()))
                case "DELETE", ["faults"]:
                    self.faults.clear()
                case "POST", ["actions", action]:
                    arguments = JSON_OBJECT.validate_json(request.get_data() or b"{}")
                    return json_response(self.act(action, arguments))
                case _:
                    return json_response({"error": f"no {request.method} {request.path} here"}, 404)
        except (ActionRefusedError, ValidationError) as error:
            return json_response({"error": str(error)}, 400)
        return json_response({"ok": True})

    def _control_state(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "requests": len(self.requests),
            "faults": {
                "waiting": [rule.model_dump(mode="json") for rule in self.faults.waiting],
                "injected": self.faults.injected,
                "injected_by_kind": self.faults.injected_by_kind,
            },
            **self.state(),
        }


def committed(request: Request) -> None:
    """Note in the log that the request took effect, whatever becomes of its answer."""
    request.environ[ENTRY].committed = True


def json_response(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json; charset=utf-8")


def _body_kept(request: Request) -> bytes:
    """The body, left readable for the simulator's own Request over the same environ."""
    body = request.get_data()
    request.environ["wsgi.input"] = BytesIO(body)
    request.environ["wsgi.input_terminated"] = True
    return body


def _entry_as_json(entry: RecordedRequest) -> dict[str, Any]:
    return {
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "headers": entry.headers.to_wsgi_list(),
        "body": entry.body.decode("utf-8", "backslashreplace"),
        "fault": entry.fault,
        "committed": entry.committed,
        "status": entry.status,
    }
