"""Leases: who does what must not be done twice at the same time. A worker that dies holds its lease until it ends."""

from collections.abc import Callable
from datetime import datetime

from santral.store.table import SINGLE, Row, Table, rewrite


class Leases:
    """The leases of one tenant."""

    def __init__(self, table: Table, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock

    def take(self, name: str, seconds: int) -> bool:
        """Take a lease for some seconds; tell whether it was free."""
        return self._table.add(self._row(name, seconds), now=self._now())

    def give_back(self, name: str, *, pause: int = 0) -> None:
        """End a lease we hold; nobody gets it before `pause` seconds are over."""

        def ended(_: Row | None) -> tuple[Row, None]:
            # An end in the past is the only one that frees it within this second.
            return self._row(name, pause or -1), None

        rewrite(self._table, f"LEASE#{name}", ended, now=self._now())

    def _row(self, name: str, seconds: int) -> Row:
        return {"pk": f"LEASE#{name}", "sk": SINGLE, "v": 1, "expires_at": self._now() + seconds}

    def _now(self) -> int:
        return int(self._clock().timestamp())
