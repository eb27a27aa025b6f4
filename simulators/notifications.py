"""What every sender of webhooks shares: late, doubled, lost and repeated notifications, and its own log of them."""

import itertools
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import requests

from simulators.timeline import Timeline


@dataclass(frozen=True)
class DeliveryPolicy:
    """What happens to a notification on its way. No document promises retries; `tries=1` has none.

    A state in `delays` goes out so many seconds late, which is also how events overtake each other.
    """

    tries: int = 3
    retry_after: float = 3
    timeout: float = 10
    copies: int = 1
    dropped: frozenset[str] = frozenset()
    delays: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Notification:
    """What is told of a call in one state; `url` None: wherever the CRM is told to be."""

    call_id: str
    state: str
    body: bytes
    url: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One attempt, as the sender saw it."""

    call_id: str
    state: str
    attempt: int
    status: int | None = None  # None: no answer came
    as_documented: bool = False  # the answer was what the document asks for
    error: str | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Notifier(ABC):
    """Posts notifications on the timeline, each as often as the policy says."""

    def __init__(self, timeline: Timeline, crm_url: str | None, policy: DeliveryPolicy) -> None:
        self._timeline = timeline
        self.crm_url = crm_url
        self.policy = policy
        self._lock = threading.Lock()
        self._sent: list[Notification] = []
        self._log: list[Delivery] = []
        self._numbers = itertools.count()
        self._due: dict[int, datetime] = {}

    @abstractmethod
    def headers(self, body: bytes) -> dict[str, str]: ...

    @abstractmethod
    def as_documented(self, status: int, answer: bytes) -> bool:
        """Whether the CRM answered in the document's words."""

    def send(self, notification: Notification) -> None:
        with self._lock:
            self._sent.append(notification)
        if notification.state in self.policy.dropped:
            return
        for _ in range(self.policy.copies):
            self._schedule(notification, 1, self.policy.delays.get(notification.state, 0))

    def repeat(self, call_id: str, state: str | None = None) -> int:
        """Send again what was once due, dropped events too; how many."""
        with self._lock:
            again = [one for one in self._sent if one.call_id == call_id and state in (None, one.state)]
        for notification in again:
            self._schedule(notification, 1, 0)
        return len(again)

    @property
    def log(self) -> list[Delivery]:
        with self._lock:
            return list(self._log)

    @property
    def delivered(self) -> set[tuple[str, str]]:
        """The events the CRM has said yes to."""
        return {(entry.call_id, entry.state) for entry in self.log if entry.accepted}

    @property
    def busy(self) -> bool:
        """Whether anything that is due has not been delivered yet."""
        with self._lock:
            return any(due <= self._timeline.now() for due in self._due.values())

    def _schedule(self, notification: Notification, attempt: int, seconds: float) -> None:
        if self.crm_url is None and notification.url is None:
            return
        number = next(self._numbers)
        with self._lock:
            self._due[number] = self._timeline.now() + timedelta(seconds=seconds)
        self._timeline.call_later(seconds, lambda: self._deliver_due(number, notification, attempt))

    def _deliver_due(self, number: int, notification: Notification, attempt: int) -> None:
        try:
            self._deliver(notification, attempt)
        finally:
            with self._lock:
                del self._due[number]

    def _deliver(self, notification: Notification, attempt: int) -> None:
        delivery = self._post(notification, attempt)
        with self._lock:
            self._log.append(delivery)
        if not delivery.accepted and attempt < self.policy.tries:
            self._schedule(notification, attempt + 1, self.policy.retry_after)

    def _post(self, notification: Notification, attempt: int) -> Delivery:
        attempted = Delivery(notification.call_id, notification.state, attempt)
        url = notification.url or str(self.crm_url)
        try:
            answer = post(url, notification.body, self.headers(notification.body), timeout=self.policy.timeout)
        except requests.RequestException as error:
            return replace(attempted, error=type(error).__name__)
        documented = self.as_documented(answer.status_code, answer.content)
        return replace(attempted, status=answer.status_code, as_documented=documented)


def post(url: str, body: bytes, headers: dict[str, str], *, timeout: float) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # no proxy between two programs on one machine
        return session.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False)
