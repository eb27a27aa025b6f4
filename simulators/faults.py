"""What can go wrong between us and a provider, injected on purpose.

A rule says which request it hits, which fault, and how many times. A fault alone keeps the request from taking effect;
`CommitThen` lets it take effect and spoils only the answer, which is how customers get called twice.
"""

import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _Fault(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Delay(_Fault):
    """Answer, but only after a while."""

    kind: Literal["delay"] = "delay"
    seconds: float


class Hang(_Fault):
    """Keep the socket open without a byte, until the server stops or the bound is reached."""

    kind: Literal["hang"] = "hang"
    seconds: float = 60


class Reset(_Fault):
    """Drop the connection with a TCP reset instead of an answer."""

    kind: Literal["reset"] = "reset"


class Status(_Fault):
    """Answer this instead: a failing gateway, a throttle, a login page, a bomb."""

    kind: Literal["status"] = "status"
    code: int
    body: bytes = b""
    headers: dict[str, str] = {}


class Redirect(_Fault):
    kind: Literal["redirect"] = "redirect"
    location: str
    code: int = 302


class Garbage(_Fault):
    """Say 200 and JSON, send neither."""

    kind: Literal["garbage"] = "garbage"
    body: bytes = b'\xff\xfe{"half": <html>\x00'


class Truncate(_Fault):
    """Send only the first bytes of the real answer, which therefore has taken effect."""

    kind: Literal["truncate"] = "truncate"
    keep: int = 16
    ending: Literal["short", "chunked", "reset"] = "short"


class Drip(_Fault):
    """Send the real answer one byte per interval; endless headers never come to the answer."""

    kind: Literal["drip"] = "drip"
    interval: float = 0.2
    part: Literal["body", "headers", "endless_headers"] = "body"


class CommitThen(_Fault):
    """The request takes effect, then its answer meets this fault."""

    kind: Literal["commit_then"] = "commit_then"
    fault: "Fault"


Fault = Annotated[
    Delay | Hang | Reset | Status | Redirect | Garbage | Truncate | Drip | CommitThen, Field(discriminator="kind")
]
CommitThen.model_rebuild()


class Rule(BaseModel):
    """One fault for the requests whose path (without query) the expression matches; `times` None means always."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    fault: Fault
    method: str | None = None
    times: Annotated[int, Field(ge=1)] | None = 1

    def hits(self, method: str, path: str) -> bool:
        return self.method in (None, method) and re.search(self.path, path) is not None


class Faults:
    """The faults waiting for their request, first come first served, and a count of those that struck."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._struck: Counter[str] = Counter()
        self._released = threading.Event()

    def add(self, path: str, fault: Fault, *, method: str | None = None, times: int | None = 1) -> None:
        self.add_rule(Rule(path=path, fault=fault, method=method, times=times))

    def add_rule(self, rule: Rule) -> None:
        with self._lock:
            self._rules.append(rule)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault this request meets, used up by one."""
        with self._lock:
            for position, rule in enumerate(self._rules):
                if rule.hits(method, path):
                    self._use_up(position, rule)
                    self._struck[rule.fault.kind] += 1
                    return rule.fault
        return None

    def _use_up(self, position: int, rule: Rule) -> None:
        if rule.times == 1:
            del self._rules[position]
        elif rule.times is not None:
            self._rules[position] = rule.model_copy(update={"times": rule.times - 1})

    def clear(self) -> None:
        """Forget the waiting faults and let go what hangs; the count stays."""
        with self._lock:
            self._rules.clear()
            held, self._released = self._released, threading.Event()
        held.set()

    @property
    def waiting(self) -> list[Rule]:
        with self._lock:
            return list(self._rules)

    @property
    def injected(self) -> int:
        with self._lock:
            return self._struck.total()

    @property
    def injected_by_kind(self) -> dict[str, int]:
        with self._lock:
            return dict(self._struck)

    def hold(self) -> threading.Event:
        """What a waiting fault waits on, so that stopping a server never waits for its faults."""
        with self._lock:
            return self._released


def answer_with(
    fault: Fault,
    app: "WSGIApplication",
    environ: "WSGIEnvironment",
    start_response: "StartResponse",
    held: threading.Event,
) -> Iterable[bytes]:
    """Answer the request with the fault; `app` gives the real answer and is run only where the fault needs it."""
    match fault:
        case CommitThen(fault=after):
            committed = Response.from_app(app, environ, buffered=True)
            return answer_with(after, committed, environ, start_response, held)
        case Delay(seconds=seconds):
            held.wait(seconds)
            return app(environ, start_response)
        case Hang(seconds=seconds):
            held.wait(seconds)
            raise ConnectionAbortedError("hung up after hanging")
        case Reset():
            raise _reset(environ)
        case Truncate():
            return _truncated(fault, Response.from_app(app, environ, buffered=True), environ, start_response)
        case Drip():
            return _dripped(fault, Response.from_app(app, environ, buffered=True), environ, start_response, held)
        case Status() | Redirect() | Garbage():
            return _instead(fault)(environ, start_response)


def _instead(fault: Status | Redirect | Garbage) -> Response:
    match fault:
        case Status(code=code, body=body, headers=headers):
            # Afterwards, so that a Content-Length given on purpose may lie.
            response = Response(body, code)
            response.headers.update(headers)
            return response
        case Redirect(location=location, code=code):
            # The location is sent as given: werkzeug would make a relative or odd one proper.
            response = Response(b"", code, {"Location": location})
            response.autocorrect_location_header = False
            return response
        case Garbage(body=body):
            return Response(body, 200, content_type="application/json")


def _reset(environ: "WSGIEnvironment") -> ConnectionAbortedError:
    connection: socket.socket = environ["werkzeug.socket"]
    # A linger time of zero makes close() send RST; the server then skips its polite FIN.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return ConnectionAbortedError("reset on purpose")


def _truncated(
    fault: Truncate, answer: Response, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterator[bytes]:
    body = answer.get_data()
    sent = body[: fault.keep]
    if fault.ending == "chunked":
        del answer.headers["Content-Length"]
    else:
        answer.headers["Content-Length"] = str(max(len(body), len(sent) + 1))
    start_response(answer.status, answer.headers.to_wsgi_list())
    yield sent
    if fault.ending == "reset":
        raise _reset(environ)
    raise ConnectionAbortedError("cut on purpose")


def _dripped(
    fault: Drip,
    answer: Response,
    environ: "WSGIEnvironment",
    start_response: "StartResponse",
    held: threading.Event,
) -> Iterator[bytes]:
    if fault.part == "body":
        start_response(answer.status, answer.headers.to_wsgi_list())
        yield from _one_by_one(answer.get_data(), fault.interval, held)
        return
    connection: socket.socket = environ["werkzeug.socket"]
    head = f"HTTP/1.1 {answer.status}\r\n".encode()
    if fault.part == "endless_headers":
        while not held.is_set():
            head += b"X-Drip: "
            for byte in _one_by_one(head, fault.interval, held):
                connection.sendall(byte)
            head = b"more\r\n"
    else:
        fields = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.to_wsgi_list())
        for byte in _one_by_one(head + fields.encode() + b"\r\n", fault.interval, held):
            connection.sendall(byte)
        connection.sendall(answer.get_data())
    raise ConnectionAbortedError("answered on the bare socket")


def _one_by_one(content: bytes, interval: float, held: threading.Event) -> Iterator[bytes]:
    for position in range(len(content)):
        yield content[position : position + 1]
        if held.wait(interval):
            raise ConnectionAbortedError("let go")
