"""What `santral.http` sends with: sessions of requests whose sockets can be cut.

A module of its own, loaded with the first exchange: who makes none does not pay for requests at a cold start.
"""

import logging
import socket
import threading
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

# urllib3 warns of odd headers, and logs every request at DEBUG, with the URL, and with it the key of two providers.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass
class Attempt:
    """One try of one exchange: where it has got to, and the socket to cut when its time is over."""

    left: bool = False
    expired: bool = False
    status: int | None = None
    failed: bool = False
    # The socket itself: a connection lets go of it once an answer says "Connection: close", and reads on.
    sock: socket.socket | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def expire(self) -> None:
        with self.lock:
            self.expired = True
        if self.sock is not None:
            try:
                # Not SSLSocket's own: it drops the TLS state that the reading thread is using at this moment.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
            except OSError:
                return  # already closed, which is all we wanted


current = threading.local()
"""Its `attempt` is the one under way in this thread."""


class _WatchedConnection:
    """Notes, for the attempt under way in this thread, its connection and the moment the first byte may leave."""

    def send(self, data: Any) -> None:
        attempt: Attempt | None = getattr(current, "attempt", None)
        if attempt is not None:
            if getattr(self, "sock", None) is None:
                self.connect()  # type: ignore[attr-defined]  # the mix-in's host is a connection
            with attempt.lock:
                attempt.sock = self.sock  # type: ignore[attr-defined]  # likewise
                if attempt.expired:
                    raise TimeoutError("deadline passed before anything was sent")
                attempt.left = True
        super().send(data)  # type: ignore[misc]  # likewise


class _WatchedHTTP(_WatchedConnection, HTTPConnection):
    pass


class _WatchedHTTPS(_WatchedConnection, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


def new_session(transport: BaseAdapter | None) -> requests.Session:
    """Return a session that asks nobody but whom it is told to ask, and in `transport`'s way where one is given."""
    session = requests.Session()
    # The environment's proxies and .netrc would send the key elsewhere.
    session.trust_env = False
    adapter = transport or _WatchedAdapter(max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers.update({"User-Agent": "santral", "Accept-Encoding": "identity"})
    return session
