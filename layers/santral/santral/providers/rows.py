"""Lists of which some rows may be unreadable: one bad row hides no other."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from santral.errors import NotUnderstood
from santral.telemetry import count, logger

T = TypeVar("T")


def understood_of(rows: Iterable[Any], read: Callable[[Any], T]) -> list[T]:
    """Return the rows that `read` understands; the others are left out, counted, and logged by the fields at fault."""
    found, faults = [], []
    for row in rows:
        try:
            found.append(read(row))
        except NotUnderstood as error:
            faults.append(str(error))
    if faults:
        count("rows_not_understood", len(faults))
        logger.warning("rows not understood", rows=len(faults), faults=sorted(set(faults))[:10])
    return found
