"""How far reconciling has come: one row per provider, written after every page, so that a run may stop anywhere."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from santral.calls import Moment
from santral.store.table import SINGLE, Table


class Figures(BaseModel):
    """What comparing call records with the ledger has found."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    checked: int = 0
    missing: int = 0
    late: int = 0
    different: int = 0
    doubled: int = 0

    def plus(self, other: "Figures") -> "Figures":
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in Figures.model_fields})


class Pass(BaseModel):
    """One way through a window, from `until` back to `since`.

    What started after `reached` is compared; `offset` rows of the stretch before it are, too.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    since: Moment
    until: Moment
    reached: Moment
    offset: int = 0
    found: Figures = Figures()

    @property
    def done(self) -> bool:
        return self.reached <= self.since


class Cursor(BaseModel):
    """Where reconciling one provider stands, and what it found today.

    `day` is the tenant's; `read_at` is when the provider last answered. `missing_since` is when the newest window began
    to lack calls; it is None again once a whole look at it found all of them.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    provider: str
    version: int = 0
    passes: Mapping[str, Pass] = Field(default_factory=dict)
    day: str = ""
    today: Figures = Figures()
    read_at: Moment | None = None
    missing_since: Moment | None = None

    def having(self, **changes: Any) -> "Cursor":
        """Return a copy with other values."""
        return self.model_copy(update=changes)


class Cursors:
    """The cursors of one tenant."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, provider: str) -> Cursor:
        """Return a provider's cursor; one that has been nowhere when there is none."""
        row = self._table.get(_key(provider))
        return Cursor.model_validate(row) if row else Cursor(provider=provider)

    def keep(self, cursor: Cursor, *, now: int) -> Cursor | None:
        """Write a cursor over the version it was read at and return it as written; None when another run was faster."""
        told = cursor.model_dump(mode="json", exclude_none=True)
        row = {"pk": _key(cursor.provider), "sk": SINGLE, "v": 1, **told}
        written = self._table.replace(row) if cursor.version else self._table.add(row, now=now)
        return cursor.having(version=cursor.version + 1) if written else None


def _key(provider: str) -> str:
    return f"RECONCILE#{provider}"
