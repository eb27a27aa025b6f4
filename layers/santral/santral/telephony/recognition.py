"""Who is calling, known while it still rings, so that the agent's screen can show the record before they pick up.

It is worth something now or never: the CRM has two seconds for all that began to ring together, and what it does not
say by then is asked when the call is over. The events themselves are safe in the ledger before anybody is asked.
"""

from collections.abc import Sequence

from santral.calls import Direction, RecordLink
from santral.crm.callers import find_callers
from santral.errors import SantralError
from santral.phone import to_e164
from santral.store.calls import Entry
from santral.telemetry import count, logger
from santral.tenant import Tenant

SECONDS = 2.0


def to_be_recognised(tenant: Tenant, entry: Entry) -> bool:
    """Tell whether a call that the CRM will hold goes on, and nobody has said yet with whom."""
    facts = entry.facts
    if not entry.goes_on or entry.record or facts.direction not in (Direction.INBOUND, Direction.OUTBOUND):
        return False
    if facts.text("campaign_id") and not tenant.settings.campaign_calls_logged:
        return False
    return _number(tenant, entry) is not None


def recognise(tenant: Tenant, entries: Sequence[Entry]) -> None:
    """Give calls that go on the records of their numbers, if the CRM tells them in time."""
    numbers = {entry.call_id: number for entry in entries if entry.goes_on and (number := _number(tenant, entry))}
    if not numbers:
        return
    try:
        with tenant.zoho.hurried(SECONDS):
            found = find_callers(tenant, numbers.values())
        for call_id, number in numbers.items():
            _show(tenant, call_id, found[number])
    except SantralError as error:
        logger.warning("callers not recognised", code=error.code, reason=str(error))
        count("callers_not_recognised", len(numbers))


def _show(tenant: Tenant, call_id: str, records: tuple[RecordLink, ...]) -> None:
    if records:
        tenant.calls.change(call_id, lambda now: now if now.record else now.having(matches=records))


def _number(tenant: Tenant, entry: Entry) -> str | None:
    return to_e164(entry.facts.counterpart or "", tenant.settings.country)
