"""The HTTP edge on loopback: reads requests within the gateway's limits, hands them to a site, writes its responses."""

import json
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

LARGEST_BODY = 10 * 1024 * 1024
LARGEST_HEAD = 10_240
# A client still sending cannot read our refusal; up to here we listen it out.
_DRAINED = 64 * 1024 * 1024
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


@dataclass(frozen=True)
class Request:
    method: str
    target: str  # path and query as on the wire
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


Site = Callable[[Request], Response]


def json_response(status: int, value: Any, headers: Iterable[tuple[str, str]] = ()) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, (("content-type", "application/json"), *headers))


def strict_headers(policy: str) -> tuple[tuple[str, str], ...]:
    """The headers of our own files: read anew each time, taken for what they are, and a content security policy."""
    return (
        ("cache-control", "no-cache"),
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
    )


def message(status: int, text: str) -> Response:
    """What API Gateway answers by itself."""
    return json_response(status, {"message": text})


class Listener:
    """A port of this machine; it accepts connections at once and answers them once it is given a site."""

    def __init__(self, port: int) -> None:
        try:
            self._server = _Server(("127.0.0.1", port), _RequestHandler)
        except OSError as error:
            raise OSError(error.errno, f"port {port}: {error.strerror}") from error
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="gateway", daemon=True)

    def serve(self, site: Site) -> None:
        self._server.site = site
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    site: Site

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients may hang up when they like.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # one packet per answer, else Nagle and delayed ACK cost 40 ms
    server_version = "santral-sandbox"
    raw_requestline: bytes  # http.server's own; its type stub leaves it out

    def _respond(self) -> None:
        self._write(self._read_and_answer())

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _respond  # noqa: N815  # http.server's names

    def _read_and_answer(self) -> Response:
        if self._head_size() > LARGEST_HEAD:
            self.close_connection = True
            return message(431, "Request Header Fields Too Large")
        try:
            body = self._body()
        except ValueError:  # a length that is no number
            self.close_connection = True
            return message(400, "Bad Request")
        if body is None:
            return message(413, "Request Entity Too Large")
        request = Request(self.command, self.path, tuple(self.headers.items()), body, self.client_address[0])
        return cast(_Server, self.server).site(request)

    def _head_size(self) -> int:
        return len(self.raw_requestline) + sum(len(name) + len(value) + 4 for name, value in self.headers.items())

    def _body(self) -> bytes | None:
        """The whole body; None if it is too large, once it has been sent."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts: Iterable[bytes] = iter(self._chunk, b"")
        else:
            parts = self._parts(int(self.headers.get("Content-Length") or 0))
        kept, size = [], 0
        for part in parts:
            size += len(part)
            if size <= LARGEST_BODY:
                kept.append(part)
            elif size > _DRAINED:
                self.close_connection = True
                break
        return b"".join(kept) if size <= LARGEST_BODY else None

    def _parts(self, length: int) -> Iterable[bytes]:
        while length > 0 and (part := self.rfile.read(min(length, 1024 * 1024))):
            length -= len(part)
            yield part

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def _write(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        if response.status not in _WITHOUT_BODY:
            self.send_header("content-length", str(len(response.body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status not in _WITHOUT_BODY:
            self.wfile.write(response.body)
        self.wfile.flush()

    def send_error(self, code: int, message_: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        # http.server calls this for what it cannot parse; its own answer would be a page of HTML.
        self.close_connection = True
        self.request_version = self.protocol_version
        self.command = self.command or "GET"
        status = 431 if code in (414, 431) else 400
        self._write(message(status, "Request Header Fields Too Large" if status == 431 else "Bad Request"))

    def log_message(self, *_: object) -> None:
        """The functions' own logs are what counts."""
