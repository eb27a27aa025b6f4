"""Intents: the record that something a customer feels is about to be done, so that it is done at most once.

INTENT -> DONE(answer) or UNKNOWN. Neither frees the key before it expires; an INTENT nobody finished reads as UNKNOWN.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from santral.errors import IdempotencyMismatch, QuotaExceeded
from santral.store.quotas import Quota
from santral.store.table import SINGLE, Row, Table

# No function lives longer, so an intent still open after this was cut off and its outcome is unknown.
LONGEST_EFFECT_SECONDS = 30


class IntentState(StrEnum):
    OPEN = "intent"
    DONE = "done"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Intent:
    """One intended effect.

    Args:
        route: The action, e.g. "POST /calls".
        key: The caller's idempotency key, or a digest of what a person would call the same click.
        request: Digest of the whole request; another one under the same key is refused.
        seconds: How long the key stands, from the first request.
    """

    route: str
    key: str
    request: str
    seconds: int


@dataclass(frozen=True)
class Held:
    """An intent as it stands in the table."""

    state: IntentState
    ours: bool
    began_at: int = 0
    status: int = 0
    body: str = ""


class Intents:
    """The intents of all actions."""

    def __init__(self, table: Table, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock

    def begin(self, intent: Intent, quotas: Sequence[Quota] = ()) -> Held:
        """Claim an intent. When it is `ours` we may act, exactly once; otherwise someone did or does.

        What it counts against is counted by the same write, so that a second click is never counted.

        Raises:
            IdempotencyMismatch: The key stands for another request.
            QuotaExceeded: A quota is used up; `retry_after` is the number of seconds to its next stretch.
        """
        now = self._now()
        nonce = uuid.uuid4().hex
        row: Row = {
            "pk": _pk(intent),
            "sk": SINGLE,
            "v": 1,
            "state": IntentState.OPEN,
            "request": intent.request,
            "nonce": nonce,
            "began_at": now,
            # While the effect is under way the key must not expire, however short its window.
            "expires_at": now + max(intent.seconds, LONGEST_EFFECT_SECONDS),
        }
        counters = {quota.counter(now): quota for quota in quotas}
        in_the_way = self._table.add_counted(row, tuple(counters), now=now)
        if in_the_way is None:
            return Held(IntentState.OPEN, ours=True, began_at=now)
        for counter, quota in counters.items():
            if counter.pk == in_the_way:
                reason = f"{quota.action}: {quota.most} in {quota.seconds} s"
                raise QuotaExceeded(reason, sentence=quota.sentence, retry_after=counter.expires_at - now)
        held = self._table.get(_pk(intent))
        if held is None:
            return Held(IntentState.UNKNOWN, ours=False)
        if held["request"] != intent.request:
            raise IdempotencyMismatch("same key, other request")
        # The write may have succeeded and only its answer been lost, then retried by the AWS client.
        return self._read(held, ours=held["nonce"] == nonce)

    def look(self, intent: Intent) -> Held:
        """Return how an intent claimed by someone else stands."""
        held = self._table.get(_pk(intent))
        return self._read(held, ours=False) if held else Held(IntentState.UNKNOWN, ours=False)

    def finish(self, intent: Intent, held: Held, state: IntentState, *, status: int, body: str) -> None:
        """Store the final answer of an intent that was ours."""
        # Ours alone since `begin`, so the version we wrote is still 1: no need to read it back.
        self._table.replace(
            {
                "pk": _pk(intent),
                "sk": SINGLE,
                "v": 1,
                "version": 1,
                "state": state,
                "request": intent.request,
                "nonce": "",
                "status": status,
                "body": body,
                "began_at": held.began_at,
                "expires_at": held.began_at + intent.seconds,
            }
        )

    def _read(self, row: Row, *, ours: bool) -> Held:
        state = IntentState(row["state"])
        if state is IntentState.OPEN and not ours and row.get("began_at", 0) + LONGEST_EFFECT_SECONDS < self._now():
            state = IntentState.UNKNOWN
        # Rows of an older version may lack what was added since.
        began_at, status, body = row.get("began_at", 0), row.get("status", 0), row.get("body", "")
        return Held(state, ours=ours, began_at=began_at, status=status, body=body)

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _pk(intent: Intent) -> str:
    return f"INTENT#{intent.route}#{intent.key}"
