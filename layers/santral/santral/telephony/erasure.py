"""Forgetting a person's calls: what was known of a phone number is erased, and nothing brings it back.

A tombstone says since when. Whatever is told of a call that started before it is dropped; a call that starts after it
is a new one, and welcome.
"""

from collections.abc import Iterator

from santral.calls import CallEvent, Direction
from santral.forgotten import forgotten
from santral.tenant import Tenant


def erased(tenant: Tenant, event: CallEvent) -> bool:
    """Tell whether an event is about a call whose person is to be forgotten.

    An event without a start counts as new, unless the ledger knows its call as erased and so refuses it anyway.
    """
    return any(forgotten(tenant, number, event.started_at) for number in _outside(event))


def _outside(event: CallEvent) -> Iterator[str | None]:
    """Yield the numbers of those outside; our own line, the other side of most calls, need not be looked up."""
    yield event.transferred_to
    if event.direction is not Direction.OUTBOUND:
        yield event.from_
    if event.direction is not Direction.INBOUND:
        yield event.to
