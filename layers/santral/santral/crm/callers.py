"""Whose numbers these are, as the CRM said a short while ago or says now.

What is remembered grows old: a contact may be merged or deleted, a lead be converted, a stranger be entered while
they are on the line. A contact or an account stays what it is, and Zoho refuses one that is gone; so these are
remembered longest. Of a converted lead nobody promises that Zoho refuses it, so a lead is soon looked for again.
"""

from collections.abc import Iterable

from santral.crm.matching import Records, records_with
from santral.tenant import Tenant

_SECONDS = {"Contacts": 300, "Accounts": 300}
_SECONDS_OF_OTHERS = 60


def find_callers(tenant: Tenant, numbers: Iterable[str]) -> dict[str, Records]:
    """Return the records that hold each number (E.164), the one it belongs to first; asked anew where not remembered.

    Raises:
        OutsideFailure: Zoho cannot be asked right now. See `santral.crm.matching.records_with`.
    """
    found = {number: tenant.matches.of(number) for number in numbers}
    known = {number: records for number, records in found.items() if records is not None}
    asked = records_with(tenant, [number for number in found if number not in known])
    for number, records in asked.items():
        remember(tenant, number, records)
    return known | asked


def remember(tenant: Tenant, number: str, records: Records) -> None:
    """Note whose number it is, e.g. of a lead we have just made, which Zoho's search finds only after a while."""
    seconds = _SECONDS.get(records[0].module, _SECONDS_OF_OTHERS) if records else _SECONDS_OF_OTHERS
    tenant.matches.keep(number, records, seconds=seconds)


def settled(records: Records) -> bool:
    """Tell whether a match made when the call began is good at its end: not a lead, which may be converted by then."""
    return bool(records) and records[0].module in _SECONDS
