"""Attempts to make a lead of a caller, known to all workers at once: Zoho's search finds a new lead only later."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from santral.store.table import SINGLE, Row, Table

IN_FLIGHT_SECONDS = 90
"""Longer than any worker runs, so that an insert it sent last has arrived when the next one looks for it."""
# As long as the calls it was made for: where a customer's search is refused, only this tells that there is a lead.
_REMEMBERED_SECONDS = 400 * 86_400


@dataclass(frozen=True)
class Attempt:
    """An attempt at one caller's lead.

    Attributes:
        name: Stands for the caller and tells nothing; see `santral.keys`.
        version: Of its row, so that nobody writes over what they have not seen.
        in_flight_until: Until when (epoch seconds) its insert may be on its way.
        is_ours: It began just now, by us.
    """

    name: str
    version: int
    in_flight_until: int
    is_ours: bool


class LeadAttempts:
    """The attempts at leads of one tenant."""

    def __init__(self, table: Table, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock

    def begin(self, name: str) -> Attempt:
        """Begin the first attempt at a caller's lead, or return the last one of somebody else."""
        ends = self._now() + IN_FLIGHT_SECONDS
        if self._table.add(self._row(name, ends), now=self._now()):
            return Attempt(name, version=1, in_flight_until=ends, is_ours=True)
        # One that was erased since has no version: whoever begins after it has not seen what is there now.
        row = self._table.get(row_key(name)) or {"version": 0, "in_flight_until": 0}
        return Attempt(name, version=row["version"], in_flight_until=row["in_flight_until"], is_ours=False)

    def begin_after(self, last: Attempt) -> Attempt | None:
        """Begin another attempt; None while the last one's insert may be on its way or when somebody was faster."""
        if last.in_flight_until > self._now():
            return None
        ends = self._now() + IN_FLIGHT_SECONDS
        if not self._table.replace({**self._row(last.name, ends), "version": last.version}):
            return None
        return Attempt(last.name, version=last.version + 1, in_flight_until=ends, is_ours=True)

    def end(self, attempt: Attempt) -> None:
        """Note that nothing of our attempt is on its way any more: from now on looking tells what became of it."""
        # When somebody else has written the row since, it is no longer about our attempt.
        self._table.replace({**self._row(attempt.name, 0), "version": attempt.version})

    def _row(self, name: str, in_flight_until: int) -> Row:
        return {
            "pk": row_key(name),
            "sk": SINGLE,
            "v": 1,
            "in_flight_until": in_flight_until,
            "expires_at": self._now() + _REMEMBERED_SECONDS,
        }

    def _now(self) -> int:
        return int(self._clock().timestamp())


def row_key(name: str) -> str:
    """Return the key of the row about a caller's lead."""
    return f"LEAD_ATTEMPT#{name}"
