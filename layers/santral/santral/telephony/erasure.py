"""Forgetting a person: what was known of a phone number is erased, and nothing brings it back.

A tombstone says since when. Whatever is told of a call that started before it is dropped; a call that starts after it
is a new one, and welcome. Tombstones are named by a keyed hash of the number: phone numbers are few enough to try them
all, so a bare hash would be a readable list of those who asked to be forgotten. The keys are those of the permalinks,
which are never removed; were one removed, late news of calls erased under it alone would be taken in again.
"""

from collections.abc import Iterator
from datetime import datetime

from santral.calls import CallEvent, Direction
from santral.keys import Keys, pseudonym, pseudonyms
from santral.phone import to_e164
from santral.tenant import Tenant

_PURPOSE = "erased"


def erased(tenant: Tenant, event: CallEvent) -> bool:
    """Tell whether an event is about a call whose person is to be forgotten.

    An event without a start counts as new, unless the ledger knows its call as erased and so refuses it anyway.
    """
    if event.started_at is None:
        return False
    return any(
        event.started_at <= erased_at for number in _outside(tenant, event) for erased_at in _erased_at(tenant, number)
    )


def bury(tenant: Tenant, number: str) -> None:
    """Put up the tombstone of an E.164 number: everything until now is to be forgotten.

    Raises:
        NotConfigured: There is no key to name it by.
    """
    now = tenant.clock()
    for key in tenant.secrets.get("permalinks", Keys).keys.values():
        tenant.tombstones.put(pseudonym(key, _PURPOSE, number), now)


def _outside(tenant: Tenant, event: CallEvent) -> Iterator[str]:
    """Yield the numbers (E.164) of those outside; our own line, the other side of most calls, need not be looked up."""
    told = [event.transferred_to]
    if event.direction is not Direction.OUTBOUND:
        told.append(event.from_)
    if event.direction is not Direction.INBOUND:
        told.append(event.to)
    for text in told:
        number = to_e164(text, tenant.settings.country) if text else None
        if number:
            yield number


def _erased_at(tenant: Tenant, number: str) -> Iterator[datetime]:
    for name in pseudonyms(tenant, _PURPOSE, number):
        if moment := tenant.tombstones.erased_at(name):
            yield moment
