"""Whose number is it? One request, and never a false match.

How Zoho's `phone=` search treats punctuation and prefixes is not documented, so the ways people write a number are
searched as well, and every hit is read again here: only a record that holds this very number counts.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from santral.calls import RecordLink
from santral.crm.degrading import write_what_is_accepted
from santral.crm.owners import owner_of
from santral.crm.spellings import spellings
from santral.errors import CredentialsRefused
from santral.phone import national, to_e164
from santral.store.calls import Entry
from santral.telemetry import count, logger
from santral.tenant import Tenant
from santral.zoho.client import Json, RecordRefused, Zoho
from santral.zoho.layout import Layout
from santral.zoho.records import insert
from santral.zoho.search import Refusal, Search, any_of, quoted, search, select

_MODULES = ("Contacts", "Leads", "Accounts")
"""In the order of preference."""
# A note that quotes a number is not a phone field; customers' own phone fields may have any name.
_NUMBER_ALONE = re.compile(r"[+\d][\d\s()./-]{6,29}|\([\d\s()./+-]{6,29}")
_MOST_HITS = "50"
_PHONE_SOURCES = frozenset({"phone", "phone call", "telephone", "inbound call", "incoming call", "telefon", "zəng"})
_NAME_LENGTH = 80


def match(tenant: Tenant, number: str) -> RecordLink | None:
    """Return the record a number belongs to, or None.

    A contact comes before a lead that is not converted, a lead before an account. Of several records of one module the
    one modified last is taken, then the one with the lowest id.

    Raises:
        CredentialsRefused: The authorisation allows none of the searches.
        OutsideFailure: Zoho cannot be asked right now.
    """
    country = tenant.settings.country
    e164 = to_e164(number, country)
    if e164 is None:
        return None
    hits: dict[str, list[Json]] = {module: [] for module in _MODULES}
    searches = _searches(e164, country)
    for asked, answer in zip(searches, _answers(tenant.zoho, searches), strict=True):
        if isinstance(answer, list):
            hits[asked.module] += answer
        else:
            logger.warning("search refused", searched=asked.module, reason=str(answer))
            count("crm_searches_refused")
    for module in _MODULES:
        owners = [hit for hit in hits[module] if _is_open(hit) and _holds(hit, e164, country)]
        if owners:
            return _link(module, max(owners, key=_preference))
    return None


def create_lead(tenant: Tenant, entry: Entry) -> RecordLink | None:
    """Create a lead for an unknown caller, or None when there is no number to call back.

    A lead made a moment ago, for the same caller or by a try whose answer was lost, is found again by COQL: the search
    index does not have it yet.
    """
    phone = to_e164(entry.facts.counterpart or "", tenant.settings.country)
    if phone is None:
        return None
    zoho = tenant.zoho
    made = _lead_made_a_moment_ago(zoho, phone)
    if made:
        return made
    layout = zoho.layout("Leads")
    name = (entry.facts.text("caller_name") or f"Unknown caller {phone}")[:_NAME_LENGTH]
    lead = {
        "Last_Name": name,
        "Phone": phone,
        "Company": name,
        "Lead_Source": _phone_source(layout),
        "Owner": {"id": owner} if (owner := owner_of(tenant, entry)) else None,
        "Description": f"Created for the call {entry.call_id}.",
    }
    known = {field: value for field, value in lead.items() if value is not None and field in layout.fields}
    unique = "Phone" if "Phone" in layout.unique else None
    lead_id = write_what_is_accepted(
        lambda record: insert(zoho, "Leads", record, unique=unique),
        lambda left_out: {field: value for field, value in known.items() if field not in left_out},
        minimal=frozenset({"Last_Name", "Phone", "Company"}),
        mandatory=frozenset({"Last_Name", "Phone"}),
    )
    return RecordLink(module="Leads", id=lead_id, name=name)


def _searches(e164: str, country: str) -> list[Search]:
    spelled = spellings(e164, country)
    common = {"converted": "false", "per_page": _MOST_HITS}
    written = [
        Search("Contacts", {"criteria": any_of(("Phone", "Mobile"), spelled), **common}),
        Search("Leads", {"criteria": any_of(("Phone", "Mobile"), spelled), **common}),
        Search("Accounts", {"criteria": any_of(("Phone",), spelled), **common}),
    ]
    # Two more make five, the most that fit into one request: here also a customer's own phone fields are looked at.
    return written + [Search(module, {"phone": national(e164), **common}) for module in ("Contacts", "Leads")]


def _answers(zoho: Zoho, searches: Sequence[Search]) -> Sequence[list[Json] | Refusal]:
    try:
        answers = search(zoho, searches)
    except RecordRefused as refusal:
        # A call without its contact is worth more than no call.
        return [refusal] * len(searches)
    refusals = [answer for answer in answers if isinstance(answer, CredentialsRefused)]
    if len(refusals) == len(searches):
        raise refusals[0]
    return answers


def _lead_made_a_moment_ago(zoho: Zoho, phone: str) -> RecordLink | None:
    try:
        rows = select(zoho, "Leads", "id, Full_Name", where=f"Phone = {quoted(phone)}", limit=1)
    except (RecordRefused, CredentialsRefused) as refusal:
        logger.warning("recent leads cannot be read", reason=str(refusal))
        return None
    return _link("Leads", rows[0]) if rows else None


def _phone_source(layout: Layout) -> str | None:
    """Return the customer's own word for a lead from the phone: an unlisted one would be added to their list."""
    options = layout.options.get("Lead_Source", ())
    return next((option for option in options if option.casefold() in _PHONE_SOURCES), None)


def _is_open(hit: Json) -> bool:
    return not hit.get("$converted") and not hit.get("Converted__s")


def _holds(hit: Json, e164: str, country: str) -> bool:
    texts = (value for field, value in hit.items() if field != "id" and isinstance(value, str))
    return any(to_e164(text, country) == e164 for text in texts if _NUMBER_ALONE.fullmatch(text.strip()))


def _preference(hit: Json) -> tuple[datetime, int]:
    try:
        modified = datetime.fromisoformat(hit["Modified_Time"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        modified = datetime.min.replace(tzinfo=UTC)
    return modified, -int(hit["id"])


def _link(module: str, hit: Json) -> RecordLink:
    name = hit.get("Account_Name") if module == "Accounts" else hit.get("Full_Name")
    return RecordLink(module=module, id=str(hit["id"]), name=name if isinstance(name, str) else None)
