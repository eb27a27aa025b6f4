"""One lead per unknown caller, whoever else is at work on another call of theirs.

Zoho's search index knows a new lead only after a while, so the table remembers that somebody began to make it. Who is
the first inserts at once. Who is not looks by COQL, which reads past the index, and waits as long as it finds nothing
and the other's insert may be on its way.
"""

from collections.abc import Iterable, Mapping

from santral.calls import RecordLink
from santral.crm.degrading import insert_what_is_accepted
from santral.crm.owners import owner_of
from santral.errors import Conflict, CredentialsRefused, OutcomeUnknown, SantralError
from santral.keys import pseudonyms
from santral.phone import to_e164
from santral.sentences import say
from santral.store.calls import Entry
from santral.store.lead_attempts import Attempt, row_key
from santral.telemetry import count, logger
from santral.tenant import Tenant
from santral.zoho.client import Json, RecordRefused
from santral.zoho.layout import Layout
from santral.zoho.records import MOST_RECORDS
from santral.zoho.search import quoted, select

_MODULE = "Leads"
_PURPOSE = "lead"
_MOST_ROWS = 200
_PHONE_SOURCES = frozenset({"phone", "phone call", "telephone", "inbound call", "incoming call", "telefon", "zəng"})
_NAME_LENGTH = 80

Made = dict[str, RecordLink | SantralError]
"""By number (E.164): the lead, or why there is none yet."""


def create_lead(tenant: Tenant, entry: Entry) -> RecordLink | None:
    """Create a lead for an unknown caller, or None when there is no number to call back. See `create_leads`."""
    phone = to_e164(entry.facts.counterpart or "", tenant.settings.country)
    if phone is None:
        return None
    made = create_leads(tenant, {phone: entry})[phone]
    if isinstance(made, SantralError):
        raise made
    return made


def create_leads(tenant: Tenant, callers: Mapping[str, Entry]) -> Made:
    """Create a lead for each unknown caller, by number (E.164), and return what became of each.

    An `OutcomeUnknown` may have been created, and a `Conflict` is being created by somebody else; to try again later is
    safe with both.

    Raises:
        OutsideFailure: Zoho cannot be asked right now.
    """
    made: Made = {}
    phones = tuple(callers)
    for start in range(0, len(phones), MOST_RECORDS):
        made |= _made(tenant, {phone: callers[phone] for phone in phones[start : start + MOST_RECORDS]})
    return made


def attempt_keys(tenant: Tenant, number: str) -> list[str]:
    """Return the keys of all rows that may remember a caller's lead."""
    return [row_key(name) for name in pseudonyms(tenant, _PURPOSE, number)]


def _made(tenant: Tenant, callers: Mapping[str, Entry]) -> Made:
    layout = tenant.zoho.layout(_MODULE)
    attempts = _begun(tenant, callers)
    made = _made_before(tenant, [phone for phone in callers if not (phone in attempts and attempts[phone].is_ours)])
    for phone, attempt in attempts.items():
        if attempt.is_ours or phone in made:
            continue
        if ours := tenant.lead_attempts.begin_after(attempt):
            attempts[phone] = ours
        else:
            left = attempt.in_flight_until - int(tenant.clock().timestamp())
            made[phone] = Conflict("somebody else is making this lead", retry_after=max(left, 1))
    made |= _inserted(tenant, layout, {phone: entry for phone, entry in callers.items() if phone not in made})
    for phone, attempt in attempts.items():
        if attempt.is_ours and not isinstance(made[phone], OutcomeUnknown):
            tenant.lead_attempts.end(attempt)
    return made


def _begun(tenant: Tenant, phones: Iterable[str]) -> dict[str, Attempt]:
    """Begin an attempt at each lead that nobody has tried to make; return the last attempt at each."""
    # The oldest key names them, as it stays the same when another is added. Before there is one, COQL has to do alone.
    names = {phone: pseudonyms(tenant, _PURPOSE, phone)[:1] for phone in phones}
    return {phone: tenant.lead_attempts.begin(name) for phone, some in names.items() for name in some}


def _made_before(tenant: Tenant, phones: list[str]) -> Made:
    """Return the leads that are there although the search index may not know them yet."""
    if not phones:
        return {}
    where = f"Phone in ({', '.join(map(quoted, phones))})"
    try:
        rows = select(tenant.zoho, _MODULE, "id, Full_Name, Phone", where=where, limit=_MOST_ROWS)
    except (RecordRefused, CredentialsRefused) as refusal:
        logger.warning("recent leads cannot be read", reason=str(refusal))
        return {}
    except SantralError as error:
        return dict.fromkeys(phones, error)
    found = {to_e164(str(row.get("Phone")), tenant.settings.country): row for row in reversed(rows)}
    return {phone: _link(found[phone]["id"], found[phone].get("Full_Name")) for phone in phones if phone in found}


def _inserted(tenant: Tenant, layout: Layout, callers: Mapping[str, Entry]) -> Made:
    leads = {phone: _lead(tenant, layout, phone, entry) for phone, entry in callers.items()}
    try:
        inserted = insert_what_is_accepted(
            tenant.zoho,
            _MODULE,
            leads,
            minimal=frozenset({"Last_Name", "Phone", "Company"}),
            mandatory=frozenset({"Last_Name", "Phone"}),
            unique="Phone" if "Phone" in layout.unique else None,
        )
    except SantralError as error:
        return dict.fromkeys(callers, error)
    created = sum(isinstance(outcome, str) for outcome in inserted.values())
    if created:
        count("leads_created", created)
    return {
        phone: _link(outcome, leads[phone]["Last_Name"]) if isinstance(outcome, str) else outcome
        for phone, outcome in inserted.items()
    }


def _lead(tenant: Tenant, layout: Layout, phone: str, entry: Entry) -> Json:
    language = tenant.settings.language
    unknown = say("Unknown caller {number}", number=phone)
    name = (entry.facts.text("caller_name") or unknown.in_language(language))[:_NAME_LENGTH]
    lead = {
        "Last_Name": name,
        "Phone": phone,
        "Company": name,
        "Lead_Source": _phone_source(layout),
        "Owner": {"id": owner} if (owner := owner_of(tenant, entry)) else None,
        "Description": say("Created for the call {call_id}.", call_id=entry.call_id).in_language(language),
    }
    return {field: value for field, value in lead.items() if value is not None and field in layout.fields}


def _phone_source(layout: Layout) -> str | None:
    """Return the customer's own word for a lead from the phone: an unlisted one would be added to their list."""
    options = layout.options.get("Lead_Source", ())
    return next((option for option in options if option.casefold() in _PHONE_SOURCES), None)


def _link(lead_id: str, name: object) -> RecordLink:
    return RecordLink(module=_MODULE, id=str(lead_id), name=name if isinstance(name, str) else None)
