"""Who asked to be forgotten: tombstones of phone numbers, named so that nobody can read whose they are.

Their names come from a keyed hash of the number: phone numbers are few enough to try them all, so a bare hash would be
a readable list of those who asked. The keys are those of the permalinks, which are never removed; were one removed,
late news of what was erased under it alone would be taken in again.
"""

from datetime import datetime

from santral.keys import Keys, pseudonym, pseudonyms
from santral.phone import to_e164
from santral.tenant import Tenant

_PURPOSE = "erased"


def forgotten(tenant: Tenant, number: str | None, at: datetime | None) -> bool:
    """Tell whether what happened with a phone number at a moment is to be forgotten. Without a moment it is new."""
    e164 = to_e164(number, tenant.settings.country) if number else None
    if e164 is None or at is None:
        return False
    return any(
        at <= erased_at
        for name in pseudonyms(tenant, _PURPOSE, e164)
        if (erased_at := tenant.tombstones.erased_at(name))
    )


def bury(tenant: Tenant, number: str) -> None:
    """Put up the tombstone of an E.164 number: everything until now is to be forgotten.

    Raises:
        NotConfigured: There is no key to name it by.
    """
    now = tenant.clock()
    for key in tenant.secrets.get("permalinks", Keys).keys.values():
        tenant.tombstones.put(pseudonym(key, _PURPOSE, number), now)
