"""Whose number it is, known to all workers for a short while: the CRM is asked once per call, not once per event."""

from collections.abc import Callable
from datetime import datetime

from santral.calls import RecordLink
from santral.store.table import SINGLE, Row, Table

# A company's switchboard may stand in hundreds of records; nobody reads more names than these.
_MOST_KEPT = 10


class Matches:
    """What was found of phone numbers in one tenant's CRM."""

    def __init__(self, table: Table, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock

    def of(self, number: str) -> tuple[RecordLink, ...] | None:
        """Return the records that were found with an E.164 number, perhaps none; None when it is not known any more."""
        row = self._table.get(_key(number))
        if row is None or row["expires_at"] <= self._now():
            return None
        return tuple(RecordLink.model_validate(record) for record in row["records"])

    def keep(self, number: str, records: tuple[RecordLink, ...], *, seconds: int) -> None:
        """Remember for some seconds what was found. Who looks at the same moment finds the same, and may be faster."""
        kept = [record.model_dump(exclude_none=True) for record in records[:_MOST_KEPT]]
        self._write(number, {"records": kept, "expires_at": self._now() + seconds})

    def forget(self, number: str) -> None:
        """Let the next who asks look again."""
        self._write(number, {"records": [], "expires_at": self._now() - 1})

    def _write(self, number: str, content: Row) -> None:
        row = {"pk": _key(number), "sk": SINGLE, "v": 1, **content}
        there = self._table.get(_key(number))
        if there:
            self._table.replace({**row, "version": there["version"]})
        else:
            self._table.add(row, now=self._now())

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _key(number: str) -> str:
    return f"MATCH#{number}"
