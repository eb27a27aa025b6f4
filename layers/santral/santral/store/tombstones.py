"""Tombstones: whom the tenant was asked to forget, and since when."""

from datetime import datetime

from santral.calls import iso
from santral.store.table import SINGLE, Row, Table, rewrite


class Tombstones:
    """The tombstones of one tenant.

    They carry names that tell nothing; see `santral.telephony.erasure`. They never expire, since a provider's records
    may be replayed years later.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, name: str, at: datetime) -> None:
        """Remember that everything until `at` is to be forgotten. A later moment moves an earlier one on."""

        def later(row: Row | None) -> tuple[Row | None, None]:
            if row and row["erased_at"] >= iso(at):
                return None, None
            return {"pk": f"ERASED#{name}", "sk": SINGLE, "v": 1, "erased_at": iso(at)}, None

        rewrite(self._table, f"ERASED#{name}", later, now=int(at.timestamp()))

    def erased_at(self, name: str) -> datetime | None:
        """Return until when everything is to be forgotten, or None."""
        row = self._table.get(f"ERASED#{name}")
        return datetime.fromisoformat(row["erased_at"]) if row else None
