"""Providers' rate limits, counted in the table: one minute of one limit is one row for all functions of the tenant."""

from collections.abc import Callable
from datetime import datetime

from santral.errors import Busy
from santral.store.table import SINGLE, Row, Table, rewrite

_MINUTE = 60
_KEPT_SECONDS = 10 * _MINUTE


class ProviderBudget:
    """What is left of one provider's rate limits; see `santral.providers.ports.Budget`."""

    def __init__(self, table: Table, provider: str, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._provider = provider
        self._clock = clock

    def take(self, limit: str, *, per_minute: int) -> None:
        """Take one request from this minute's share of a limit.

        Raises:
            Busy: The share is used up; `retry_after` is the number of seconds to the next minute.
            Conflict: Others kept taking from it at this very moment.
        """
        now = int(self._clock().timestamp())
        key = f"BUDGET#{self._provider}#{limit}#{now // _MINUTE}"

        def taken(row: Row | None) -> tuple[Row | None, bool]:
            requests = row["requests"] if row else 0
            if requests >= per_minute:
                return None, False
            more = {"pk": key, "sk": SINGLE, "v": 1, "requests": requests + 1, "expires_at": now + _KEPT_SECONDS}
            return more, True

        if not rewrite(self._table, key, taken, now=now):
            raise Busy(f"{limit} is used up", system=self._provider, retry_after=_MINUTE - now % _MINUTE)
