"""Serves a simulator on loopback, for the length of a test or for as long as the sandbox runs."""

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from simulators.frame import WIRE_HEADERS, Simulator

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LOOPBACK = "127.0.0.1"


class _RequestHandler(WSGIRequestHandler):
    def make_environ(self) -> "WSGIEnvironment":
        return {**super().make_environ(), WIRE_HEADERS: self.headers.items()}

    def connection_dropped(self, error: BaseException, environ: "WSGIEnvironment | None" = None) -> None:  # noqa: ARG002 (werkzeug's signature)
        # Without this the handler would wait for a next request on a connection a fault has given up.
        self.close_connection = True

    def log(self, *_: object) -> None:
        """The request log has it; a simulator's own defects still reach stderr through the server."""


class _LoopbackServer(ThreadedWSGIServer):
    def shutdown_request(self, request: Any) -> None:
        if _is_to_be_reset(request):
            self.close_request(request)
        else:
            super().shutdown_request(request)


def _is_to_be_reset(connection: socket.socket) -> bool:
    lingering, seconds = struct.unpack("ii", connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
    return bool(lingering) and seconds == 0


class Server:
    """One simulator on one port of this machine; port 0 takes a free one."""

    def __init__(self, simulator: Simulator, port: int = 0, ssl_context: ssl.SSLContext | None = None) -> None:
        self._simulator = simulator
        self._server = _LoopbackServer(LOOPBACK, port, simulator.wsgi_app, _RequestHandler, ssl_context=ssl_context)
        self.url = f"{'https' if ssl_context else 'http'}://{LOOPBACK}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name=f"simulator-{simulator.name}", daemon=True
        )

    def start(self) -> None:
        self._simulator.url = self.url
        self._thread.start()

    def stop(self) -> None:
        self._simulator.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def serving(simulator: Simulator, port: int = 0, ssl_context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The simulator's base URL, as long as the block lasts."""
    server = Server(simulator, port, ssl_context)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
