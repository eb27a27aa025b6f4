"""Tells the CRM about calls the way VirtualATS does, and keeps the sender's own log of what was delivered."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import requests

from simulators.timeline import Timeline
from simulators.virtualats_exchange import ExchangeCall, State, written_as_document
from simulators.virtualats_signature import HEADER, KeyPair


@dataclass(frozen=True)
class DeliveryPolicy:
    """What happens to a notification on its way. The document promises no retries; `tries=1` has none.

    A state in `delays` goes out so many seconds late, which is also how events overtake each other.
    """

    tries: int = 3
    retry_after: float = 3
    timeout: float = 10
    copies: int = 1
    signed: bool = True
    dropped: frozenset[State] = frozenset()
    delays: Mapping[State, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Notification:
    call_id: str
    state: State
    body: bytes


@dataclass(frozen=True)
class Delivery:
    """One attempt, as the sender saw it."""

    call_id: str
    state: State
    attempt: int
    status: int | None = None  # None: no answer came
    as_documented: bool = False  # the answer was {"result": "success", "errors": []}
    error: str | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Webhooks:
    def __init__(self, timeline: Timeline, keys: KeyPair, crm_api_key: str, crm_url: str | None) -> None:
        self._timeline = timeline
        self._keys = keys
        self._crm_api_key = crm_api_key
        self.crm_url = crm_url
        self.policy = DeliveryPolicy()
        self._lock = threading.Lock()
        self._sent: list[Notification] = []
        self._log: list[Delivery] = []

    def notify(self, call: ExchangeCall, state: State, base_url: str) -> None:
        notification = Notification(call.call_id, state, self._body(call, state, base_url))
        with self._lock:
            self._sent.append(notification)
        if state in self.policy.dropped:
            return
        for _ in range(self.policy.copies):
            self._schedule(notification, 1, self.policy.delays.get(state, 0))

    def repeat(self, call_id: str, state: State | None = None) -> int:
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
    def delivered(self) -> set[tuple[str, State]]:
        """The events the CRM has said yes to."""
        return {(entry.call_id, entry.state) for entry in self.log if entry.accepted}

    def _body(self, call: ExchangeCall, state: State, base_url: str) -> bytes:
        event = {"apiKey": self._crm_api_key, **written_as_document(call, base_url), "state": state}
        if event["recordConversation"]:
            # The document's own example has these blanks.
            event["recordConversation"] = f" {event['recordConversation']} "
        return json.dumps(event, ensure_ascii=False).encode()

    def _schedule(self, notification: Notification, attempt: int, seconds: float) -> None:
        if self.crm_url is None:
            return
        self._timeline.call_later(seconds, lambda: self._deliver(notification, attempt))

    def _deliver(self, notification: Notification, attempt: int) -> None:
        delivery = self._post(notification, attempt)
        with self._lock:
            self._log.append(delivery)
        if not delivery.accepted and attempt < self.policy.tries:
            self._schedule(notification, attempt + 1, self.policy.retry_after)

    def _post(self, notification: Notification, attempt: int) -> Delivery:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.policy.signed:
            headers[HEADER] = self._keys.authentication(notification.body, self._timeline.now())
        attempted = Delivery(notification.call_id, notification.state, attempt)
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy between two programs on one machine
                answer = session.post(
                    str(self.crm_url),
                    data=notification.body,
                    headers=headers,
                    timeout=self.policy.timeout,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            return replace(attempted, error=type(error).__name__)
        return replace(attempted, status=answer.status_code, as_documented=_as_documented(answer.content))


def _as_documented(answer: bytes) -> bool:
    try:
        return bool(json.loads(answer) == {"result": "success", "errors": []})
    except ValueError:
        return False
