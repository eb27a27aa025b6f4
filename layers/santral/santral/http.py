"""The only module that talks HTTP: time budgets, retries, redaction, typed failures.

Every exchange has one wall-clock deadline, which holds whatever the other side does: a socket's own time-out starts
anew with each byte, so a watchdog cuts the connection when the deadline is over. No redirects are followed and no
answer is read past its cap. Failures are told apart by one question, whether the request may have left: only what
surely did not leave, or was declared `safe`, is ever tried again. A system that is down is left alone for a while
(`santral.breaker`): then nothing leaves, and that is said at once.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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

if TYPE_CHECKING:
    from requests import Response, Session
    from requests.adapters import BaseAdapter

    from santral.wire import Attempt

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
# Who is in a hurry gives up on a system that is merely slow, and may not take it from those who have the time.
_HURRIED_SECONDS = 2.5


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


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
        transport: "BaseAdapter | None" = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._system = system
        self._base_url = base_url.rstrip("/")
        self._transport = transport
        self._breaker = Breaker(system, monotonic=monotonic)

    @cached_property
    def _session(self) -> "Session":
        return self._new_session()

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
        request = _Request(method, self._url(path, query), headers or {}, body)
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
        request = _Request("GET", self._url(path, query), headers or {})
        self._breaker.let_through()
        with self._exchange(request, self._session, ends_at=time.monotonic() + deadline, safe=True) as answer:
            yield answer

    def _try(self, request: _Request, *, safe: bool, ends_at: float, body_limit: int) -> Answer:
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
    def _exchange(self, request: _Request, session: "Session", *, ends_at: float, safe: bool) -> Iterator[BodyStream]:
        from santral.wire import Attempt, current  # noqa: PLC0415 (dear to load, and already there: the session is made)

        attempt = Attempt()
        seconds = ends_at - time.monotonic()
        silence_says_nothing = seconds < _HURRIED_SECONDS or (not safe and seconds > _PATIENT_SECONDS)
        watchdog = threading.Timer(max(0.0, seconds), attempt.expire)
        watchdog.daemon = True
        watchdog.start()
        current.attempt = attempt
        count("outside_requests", system=self._system)
        try:
            with self._failures_typed(attempt, safe=safe):
                seconds_left = max(0.001, ends_at - time.monotonic())
                response = session.request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    data=request.body,
                    timeout=(min(CONNECT_SECONDS, seconds_left), seconds_left),
                    allow_redirects=False,
                    stream=True,
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
            current.attempt = None
            if session is not self._session:
                session.close()
            self._tell_breaker(attempt, silence_says_nothing=silence_says_nothing)

    def _count_refusals(self, status: int) -> None:
        if status in _REFUSED_CREDENTIALS:
            self._count_error(CredentialsRefused.code)
        elif status >= _SERVER_ERROR:
            self._count_error("server_error")

    def _count_error(self, code: str) -> None:
        count("provider_errors", system=self._system, code=code)

    def _tell_breaker(self, attempt: "Attempt", *, silence_says_nothing: bool) -> None:
        if attempt.failed:
            if not (silence_says_nothing and attempt.expired):
                self._breaker.down()
        elif attempt.status is not None:
            (self._breaker.up if attempt.status < _SERVER_ERROR else self._breaker.down)()

    def _refuse_redirects_and_throttling(self, response: "Response", *, safe: bool) -> None:
        if response.status_code in _REDIRECTS:
            raise self._useless("answered with a redirect, which is never followed", safe=safe)
        if response.status_code == _TOO_MANY_REQUESTS:
            wait = response.headers.get("retry-after", "")
            raise Busy("answered 429", system=self._system, retry_after=_seconds(wait))

    def _chunks(self, response: "Response", attempt: "Attempt", *, safe: bool) -> Iterator[bytes]:
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
    def _failures_typed(self, attempt: "Attempt", *, safe: bool) -> Iterator[None]:
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 (see `_new_session`)

        try:
            yield
        except (HTTPError, OSError) as error:  # what requests raises is an OSError
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

    def _new_session(self) -> "Session":
        from santral.wire import new_session  # noqa: PLC0415 (loads requests: only who asks somebody pays for it)

        return new_session(self._transport)


def _seconds(wait: str) -> int | None:
    return int(wait) if wait.isdecimal() and len(wait) <= _LONGEST_WAIT_DIGITS else None
