"""Which CRM user a call belongs to."""

from santral.calls import Direction
from santral.errors import CredentialsRefused
from santral.store.calls import Entry
from santral.telemetry import logger
from santral.tenant import Tenant
from santral.zoho.client import RecordRefused


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


def fallback_owner(tenant: Tenant) -> str | None:
    """Return the CRM id of the user who calls back when nobody else is responsible, or None where none is named."""
    email = tenant.settings.missed_call_task_owner
    if not email:
        return None
    user = tenant.directory.user(email)
    if user and user.zoho_user_id:
        return user.zoho_user_id
    try:
        found = tenant.zoho.active_user(email)
    except (RecordRefused, CredentialsRefused) as refusal:
        logger.warning("the users of the CRM cannot be read", reason=str(refusal))
        return None
    if found is None:
        logger.warning("nobody active in the CRM has the address of MissedCallTaskOwner")
    return found
