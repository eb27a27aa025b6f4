"""Which CRM user a call belongs to."""

from santral.calls import Direction
from santral.store.calls import Entry
from santral.tenant import Tenant


def owner_of(tenant: Tenant, entry: Entry) -> str | None:
    """Return the CRM id of the user whose call it was, or None: then it falls to the user who connected Zoho.

    Whoever pressed the button owns the call they made; any other call belongs to the extension that took part in it.
    """
    if entry.facts.direction is Direction.OUTBOUND and entry.acting_user:
        user = tenant.directory.user(entry.acting_user)
        if user and user.zoho_user_id:
            return user.zoho_user_id
    extension = entry.facts.text("extension")
    if extension is None:
        return None
    user = tenant.directory.owner_of(entry.pbx, extension)
    return user.zoho_user_id if user else None
