"""What a provider said a moment ago, shared by all who ask, so that fifty screens cost it one request.

A snapshot is one row: who finds it too old claims it, asks the provider and writes the answer; the others meanwhile
take what there is, or wait. One strongly consistent read is all that a fresh one costs.
"""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from santral.errors import Busy
from santral.store.table import SINGLE, Row, Table, rewrite

Json = Any
_CLAIM_MS = 6_000
_KEPT_SECONDS = 600
_WAIT_SECONDS = 3.0
_LOOK_SECONDS = 0.2


class Snapshots:
    """The snapshots of one tenant."""

    def __init__(self, table: Table, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock

    def get(self, name: str, *, max_age_seconds: float, read: Callable[[], Json]) -> Json:
        """Return what `read` returned at most so long ago, by us or by another container; JSON values.

        While another is reading, what is up to twice as old is taken for it.

        Raises:
            Busy: Another has been reading for seconds.
            What `read` raises; the next to ask reads again.
        """
        oldest = int(max_age_seconds * 1000)
        row = self._table.get(_key(name))
        if row and self._age(row) < oldest:
            return json.loads(row["content"])
        give_up_at = time.monotonic() + _WAIT_SECONDS
        while not self._claimed(name, oldest):
            row = self._table.get(_key(name))
            if row and self._age(row) < 2 * oldest:
                return json.loads(row["content"])
            if time.monotonic() >= give_up_at:
                raise Busy(f"another still reads {name}", retry_after=1)
            time.sleep(_LOOK_SECONDS)
        return self._taken(name, read)

    def _claimed(self, name: str, oldest: int) -> bool:
        """Claim the next reading; tell whether it is ours."""
        now = self._now()

        def claimed(row: Row | None) -> tuple[Row | None, bool]:
            if row and (self._age(row) < oldest or now - row["claimed_at"] < _CLAIM_MS):
                return None, False
            known = {"taken_at": row["taken_at"], "content": row["content"]} if row else {"taken_at": 0, "content": ""}
            return self._row(name, claimed_at=now, **known), True

        return rewrite(self._table, _key(name), claimed, now=now // 1000)

    def _taken(self, name: str, read: Callable[[], Json]) -> Json:
        content, taken_at = "", 0
        try:
            answer = read()
            content, taken_at = json.dumps(answer, ensure_ascii=False), self._now()
        finally:
            # Also after a failure: nobody shall wait for a claim that will not be kept.
            row = self._row(name, claimed_at=0, taken_at=taken_at, content=content)
            rewrite(self._table, _key(name), lambda _: (row, None), now=self._now() // 1000)
        return json.loads(content)

    def _row(self, name: str, *, claimed_at: int, taken_at: int, content: str) -> Row:
        return {
            "pk": _key(name),
            "sk": SINGLE,
            "v": 1,
            "claimed_at": claimed_at,
            "taken_at": taken_at,
            "content": content,
            "expires_at": self._now() // 1000 + _KEPT_SECONDS,
        }

    def _age(self, row: Row) -> int:
        return self._now() - int(row["taken_at"])

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _key(name: str) -> str:
    return f"SNAPSHOT#{name}"
