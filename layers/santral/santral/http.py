"""The only module that talks HTTP: time budgets, retries, redaction, typed failures.

Every exchange has one wall-clock deadline, which holds whatever the other side does: a socket's own time-out starts
anew with each byte, so a watchdog cuts the connection when the deadline is over. No redirects are followed and no
answer is read past its cap. Failures are told apart by one question, whether the request may have left: only what
surely did not leave, or was declared `safe`, is ever tried again. A system that is down is left alone for a while
(`santral.breaker`): then nothing leaves, and that is said at once.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from santral.breaker import Breaker
from santral.errors import (
    Busy,
    CredentialsRefused,
    OutcomeUnknown,
    OutsideFailure,
    Unanswered,
    Unintelligible,
    Unreachable,
)
from santral.telemetry import count

CONNECT_SECONDS = 2.0
DEADLINE_SECONDS = 5.0
BODY_LIMIT = 2 * 1024 * 1024
_RETRY_PAUSE_SECONDS = 0.2
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_REDIRECTS = range(300, 400)
_LONGEST_WAIT_DIGITS = 5
_REFUSED_CREDENTIALS = frozenset({401, 403})
# Who allows longer waits for a person to pick up: silence until then says nothing about the system.
_PATIENT_SECONDS = 10.0

# urllib3 warns of odd headers, and logs every request at DEBUG, with the URL, and with it the key of two providers.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass
class _Attempt:
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


_current = threading.local()


class _WatchedConnection:
    """Notes, for the attempt under way in this thread, its connection and the moment the first byte may leave."""

    def send(self, data: Any) -> None:
        attempt: _Attempt | None = getattr(_current, "attempt", None)
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


@dataclass(frozen=True)
class Answer:
    """What the other side said, whatever its status: clients decide what it means."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class BodyStream:
    """An answer whose body is read piece by piece."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Http:
    """One outside system's door. Construct it once per container and credentials; connections of reads stay warm.

    Args:
        system: The system's name in our words, for errors and metrics.
        base_url: Where every path is appended to; nothing else is ever fetched.
        transport: Replaces the network in tests.
        monotonic: Replaces the breaker's clock in tests.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        *,
        transport: BaseAdapter | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._system = system
        self._base_url = base_url.rstrip("/")
        self._transport = transport
        self._breaker = Breaker(system, monotonic=monotonic)
        self._session = self._new_session()

    def call(
        self,
        method: str,
        path: str,
        *,
        safe: bool,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float = DEADLINE_SECONDS,
        body_limit: int = BODY_LIMIT,
    ) -> Answer:
        """Make one exchange and return the answer, whatever its status.

        Args:
            method: HTTP verb. It says nothing about safety: two providers dial on GET.
            path: Appended to the base URL, already percent-encoded.
            safe: True for what may be done twice. Only then a lost answer is asked for again, once.
            query: Encoded query string without its question mark.
            headers: Request headers.
            body: Request body.
            deadline: Seconds for everything, retries included.
            body_limit: The answer's size cap in bytes.

        Raises:
            Unreachable: The request never left; at once while the system is known to be down.
            OutcomeUnknown: Not safe, and it may have left.
            Unanswered: Safe, and no answer came in time.
            Busy: Answered 429.
            Unintelligible: A redirect, or an answer over the size cap.
        """
        request = requests.Request(method, self._url(path, query), headers=dict(headers or {}), data=body)
        self._breaker.let_through()
        ends_at = time.monotonic() + deadline
        tries = 2 if safe else 1
        for remaining_tries in reversed(range(tries)):
            try:
                answer = self._try(request, safe=safe, ends_at=ends_at, body_limit=body_limit)
            except (Unreachable, Unanswered):
                if not remaining_tries or time.monotonic() + _RETRY_PAUSE_SECONDS >= ends_at:
                    raise
            else:
                if answer.status < _SERVER_ERROR or not remaining_tries:
                    return answer
            time.sleep(_RETRY_PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")

    @contextmanager
    def stream(
        self, path: str, *, headers: Mapping[str, str] | None = None, deadline: float, query: str = ""
    ) -> Iterator[BodyStream]:
        """Open a GET whose body is read in constant memory. The deadline covers the whole body.

        Raises the same errors as a safe `call`, also while the chunks are read: a body cut short raises Unanswered.
        """
        request = requests.Request("GET", self._url(path, query), headers=dict(headers or {}))
        self._breaker.let_through()
        with self._exchange(request, self._session, ends_at=time.monotonic() + deadline, safe=True) as answer:
            yield answer

    def _try(self, request: requests.Request, *, safe: bool, ends_at: float, body_limit: int) -> Answer:
        # A pooled connection may have died while the container was frozen; a request that must not be repeated would
        # then end as "outcome unknown" although nothing happened. A fresh connection costs one handshake.
        session = self._session if safe else self._new_session()
        with self._exchange(request, session, ends_at=ends_at, safe=safe) as answer:
            body = bytearray()
            for chunk in answer.chunks:
                body += chunk
                if len(body) > body_limit:
                    raise self._useless("answer is too large", safe=safe)
            return Answer(answer.status, answer.headers, bytes(body))

    @contextmanager
    def _exchange(
        self, request: requests.Request, session: requests.Session, *, ends_at: float, safe: bool
    ) -> Iterator[BodyStream]:
        attempt = _Attempt()
        patient = not safe and ends_at - time.monotonic() > _PATIENT_SECONDS
        watchdog = threading.Timer(max(0.0, ends_at - time.monotonic()), attempt.expire)
        watchdog.daemon = True
        watchdog.start()
        _current.attempt = attempt
        count("outside_requests", system=self._system)
        try:
            with self._failures_typed(attempt, safe=safe):
                seconds_left = max(0.001, ends_at - time.monotonic())
                response = session.send(
                    session.prepare_request(request),
                    timeout=(min(CONNECT_SECONDS, seconds_left), seconds_left),
                    allow_redirects=False,
                    stream=True,
                    verify=session.verify,
                )
            with response:
                attempt.status = response.status_code
                self._refuse_redirects_and_throttling(response, safe=safe)
                yield BodyStream(response.status_code, response.headers, self._chunks(response, attempt, safe=safe))
        except OutsideFailure as failure:
            self._count_error(failure.code)
            raise
        else:
            self._count_refusals(attempt.status or 0)
        finally:
            watchdog.cancel()
            _current.attempt = None
            if session is not self._session:
                session.close()
            self._tell_breaker(attempt, patient=patient)

    def _count_refusals(self, status: int) -> None:
        if status in _REFUSED_CREDENTIALS:
            self._count_error(CredentialsRefused.code)
        elif status >= _SERVER_ERROR:
            self._count_error("server_error")

    def _count_error(self, code: str) -> None:
        count("provider_errors", system=self._system, code=code)

    def _tell_breaker(self, attempt: _Attempt, *, patient: bool) -> None:
        if attempt.failed:
            if not (patient and attempt.expired):
                self._breaker.down()
        elif attempt.status is not None:
            (self._breaker.up if attempt.status < _SERVER_ERROR else self._breaker.down)()

    def _refuse_redirects_and_throttling(self, response: requests.Response, *, safe: bool) -> None:
        if response.status_code in _REDIRECTS:
            raise self._useless("answered with a redirect, which is never followed", safe=safe)
        if response.status_code == _TOO_MANY_REQUESTS:
            wait = response.headers.get("retry-after", "")
            raise Busy("answered 429", system=self._system, retry_after=_seconds(wait))

    def _chunks(self, response: requests.Response, attempt: _Attempt, *, safe: bool) -> Iterator[bytes]:
        with self._failures_typed(attempt, safe=safe):
            # `raw` with length enforcement notices a body shorter than its Content-Length; no decoding, so the
            # number of bytes is the number the provider stated.
            yield from response.raw.stream(64 * 1024, decode_content=False)
        if attempt.expired:
            # Cutting the socket looks like a clean end to a body of unknown length. The one who reads must hear of
            # it before taking what came for the whole.
            attempt.failed = True
            raise self._lost("deadline passed while the answer came in", safe=safe)

    @contextmanager
    def _failures_typed(self, attempt: _Attempt, *, safe: bool) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            attempt.failed = True
            # `from None`: the cause's text holds the URL, and with it the key of two providers.
            if not attempt.left:
                raise Unreachable(f"not sent ({type(error).__name__})", system=self._system) from None
            raise self._lost(f"no answer ({type(error).__name__})", safe=safe) from None

    def _useless(self, reason: str, *, safe: bool) -> OutsideFailure:
        return (Unintelligible if safe else OutcomeUnknown)(reason, system=self._system)

    def _lost(self, reason: str, *, safe: bool) -> OutsideFailure:
        return (Unanswered if safe else OutcomeUnknown)(reason, system=self._system)

    def _url(self, path: str, query: str) -> str:
        url = f"{self._base_url}{path}" + (f"?{query}" if query else "")
        if urlsplit(url).netloc != urlsplit(self._base_url).netloc:
            raise Unintelligible("path leads to another host", system=self._system)
        return url

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        # The environment's proxies and .netrc would send the key elsewhere.
        session.trust_env = False
        transport = self._transport or _WatchedAdapter(max_retries=0)
        session.mount("http://", transport)
        session.mount("https://", transport)
        session.headers.update({"User-Agent": "santral", "Accept-Encoding": "identity"})
        return session


def _seconds(wait: str) -> int | None:
    return int(wait) if wait.isdecimal() and len(wait) <= _LONGEST_WAIT_DIGITS else None
