"""What Zoho had against our records of late: kept in the table, so that it is not found out anew with each record.

A customer's layout may ask for fields we know nothing of, or refuse one of ours. Neither stands in the description of
its fields, so it is learnt from refusals. What was learnt is heeded for an hour; then one record tries again, and
what it disproves is forgotten.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from santral.errors import Conflict
from santral.store.table import Row, Table, rewrite
from santral.telemetry import logger

WHOLE = "*"
"""In place of a field: the objection is to the records as such."""
_SORT_KEY = "objections"
_MEMORY_SECONDS = 300
_HEEDED_SECONDS = 3_600
_KEPT_SECONDS = 7 * 86_400


class Objection(BaseModel):
    """What Zoho has against records of a module.

    Attributes:
        code: Zoho's word for it.
        at: When it said so last, epoch seconds.
        wanted: It asks for a value, where it otherwise refuses ours.
        label: What people call the field.
        value: What is filled in; None when nothing harmless is known.
        waits: Records are held back by it.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    code: str
    at: int = 0
    wanted: bool = False
    label: str | None = None
    value: Any = None
    waits: bool = False


@dataclass(frozen=True)
class Allowance:
    """What records of a module do without, and what is filled in because Zoho asks for it."""

    left_out: frozenset[str] = frozenset()
    filled: Mapping[str, Any] = field(default_factory=dict)

    def without(self, fields: Iterable[str]) -> "Allowance":
        """Return it with more left out."""
        return Allowance(self.left_out | frozenset(fields), self.filled)

    def filling(self, name: str, value: Any) -> "Allowance":
        """Return it with one more field filled in."""
        return Allowance(self.left_out, {**self.filled, name: value})

    def unfilled(self, name: str) -> "Allowance":
        """Return it with one field less filled in."""
        return Allowance(self.left_out, {other: value for other, value in self.filled.items() if other != name})

    def applied(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's values as they may be written."""
        return {**self.filled, **{name: value for name, value in values.items() if name not in self.left_out}}


class Objections:
    """The objections to a tenant's records, by module.

    Args:
        table: Where they are kept, beside the layouts.
        clock: Returns the present moment.
    """

    def __init__(self, table: Table, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock
        self._kept: dict[str, tuple[int, Mapping[str, Objection]]] = {}

    def to(self, module: str, *, fresh: bool = False) -> Mapping[str, Objection]:
        """Return the objections to a module's records, by field. Others' are known within minutes, `fresh` at once."""
        now = self._now()
        kept = self._kept.get(module)
        if fresh or kept is None or kept[0] + _MEMORY_SECONDS <= now:
            kept = self._keep(module, _read(self._table.get(_key(module), _SORT_KEY)))
        return {name: each for name, each in kept[1].items() if each.at + _KEPT_SECONDS > now}

    def allowance(self, module: str) -> Allowance:
        """Return what records of a module are to do without for now."""
        recent = {name: each for name, each in self.to(module).items() if each.at + _HEEDED_SECONDS > self._now()}
        return Allowance(
            frozenset(name for name, each in recent.items() if not (each.wanted or each.waits)),
            {name: each.value for name, each in recent.items() if each.wanted and each.value is not None},
        )

    def remember(self, module: str, name: str, objection: Objection) -> None:
        """Keep an objection to a field of ours, or to `WHOLE` records."""
        known = self.to(module).get(name)
        now = self._now()
        if known and known.at + _MEMORY_SECONDS > now and known == objection.model_copy(update={"at": known.at}):
            return
        noted = objection.model_copy(update={"at": now})
        self._change(module, lambda known: {**known, name: noted})

    def withdraw(self, module: str, names: Iterable[str]) -> None:
        """Forget objections: they do not hold any more."""
        gone = frozenset(names)
        if gone & self.to(module).keys():
            self._change(module, lambda known: {name: each for name, each in known.items() if name not in gone})

    def accepted(self, module: str, record: Mapping[str, Any], *, whole: bool) -> None:
        """Forget what is disproved by what Zoho has just taken: a whole record, or some values of one."""

        def disproved(name: str, objection: Objection) -> bool:
            if name == WHOLE or objection.wanted:
                return whole and name not in record
            return name in record

        self.withdraw(module, [name for name, each in self.to(module).items() if disproved(name, each)])

    def _change(self, module: str, change: Callable[[Mapping[str, Objection]], Mapping[str, Objection]]) -> None:
        def changed(row: Row | None) -> tuple[Row, Mapping[str, Objection]]:
            after = change(_read(row))
            told = {name: each.model_dump(exclude_none=True) for name, each in after.items()}
            return {"pk": _key(module), "sk": _SORT_KEY, "v": 1, "objections": told}, after

        try:
            self._keep(module, rewrite(self._table, _key(module), changed, sk=_SORT_KEY, now=self._now()))
        except Conflict:
            # It is learnt again with the next refusal; what was just written must not seem to have failed.
            logger.warning("an objection was not noted", of=module)

    def _keep(self, module: str, objections: Mapping[str, Objection]) -> tuple[int, Mapping[str, Objection]]:
        self._kept[module] = (self._now(), objections)
        return self._kept[module]

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _key(module: str) -> str:
    return f"LAYOUT#{module}"


def _read(row: Row | None) -> Mapping[str, Objection]:
    return {name: Objection.model_validate(told) for name, told in (row or {}).get("objections", {}).items()}
