"""Conditions on a record, shared by search criteria and COQL."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulators.zoho.wire import Json


@dataclass(frozen=True)
class Condition:
    field: str
    operator: str
    value: Any

    def holds(self, record: Json) -> bool:
        return OPERATORS[self.operator](comparable(record.get(self.field)), self.value)


@dataclass(frozen=True)
class Group:
    connective: str
    members: tuple["Expression", ...]

    def holds(self, record: Json) -> bool:
        return (all if self.connective == "and" else any)(member.holds(record) for member in self.members)


Expression = Condition | Group


def conditions_in(expression: Expression) -> Iterable[Condition]:
    if isinstance(expression, Condition):
        yield expression
        return
    for member in expression.members:
        yield from conditions_in(member)


def comparable(value: Any) -> Any:
    """Text without case, lookups by id, times as moments: how both sides are compared."""
    if isinstance(value, dict):
        return value.get("id")
    if isinstance(value, str):
        return _moment(value) or value.casefold()
    return value


def _moment(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda held, wanted: type(held) is type(wanted) and compare(held, wanted)


def _like(held: Any, pattern: str) -> bool:
    expression = ".*".join(re.escape(part) for part in pattern.split("%"))
    return isinstance(held, str) and re.fullmatch(expression, held, re.DOTALL) is not None


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda held, wanted: held is not None and held == wanted,
    "!=": lambda held, wanted: held != wanted,
    "<": _ordered(lambda held, wanted: held < wanted),
    "<=": _ordered(lambda held, wanted: held <= wanted),
    ">": _ordered(lambda held, wanted: held > wanted),
    ">=": _ordered(lambda held, wanted: held >= wanted),
    "in": lambda held, wanted: held in wanted,
    "not in": lambda held, wanted: held not in wanted,
    "like": _like,
    "not like": lambda held, pattern: not _like(held, pattern),
    "starts_with": lambda held, wanted: isinstance(held, str) and held.startswith(wanted),
    "between": lambda held, wanted: type(held) is type(wanted[0]) and wanted[0] <= held <= wanted[1],
    "is null": lambda held, _: held is None,
    "is not null": lambda held, _: held is not None,
}
