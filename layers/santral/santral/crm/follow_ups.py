"""Following up a missed call: one task per call, for whoever should call back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from santral.calls import Direction, Disposition
from santral.crm.call_record import linked_to, marker, one_line
from santral.crm.degrading import insert_what_is_accepted
from santral.crm.owners import fallback_owner, owner_of
from santral.errors import CredentialsRefused, SantralError
from santral.phone import to_e164
from santral.sentences import Sentence, in_every_language, say, told
from santral.store.calls import Entry
from santral.telemetry import count, logger
from santral.tenant import Tenant
from santral.zoho.client import Json, RecordRefused
from santral.zoho.layout import Layout
from santral.zoho.search import quoted, select, select_any

_MODULE = "Tasks"
# Older ones come from a replay or a long outage of the provider: nobody calls back after days.
_WORTH_A_TASK = timedelta(days=1)
_MOST_ROWS = 2000


def needs_follow_up(tenant: Tenant, entry: Entry) -> bool:
    """Tell whether somebody should call back: the call was missed a short while ago, and the caller has a number."""
    if not tenant.settings.missed_call_task or entry.replayed or not is_missed(entry):
        return False
    return tenant.clock() - entry.listed_at <= _WORTH_A_TASK and _number(tenant, entry) is not None


def is_missed(entry: Entry) -> bool:
    """Tell whether, as far as is known now, nobody took a call that came in."""
    return entry.facts.direction is Direction.INBOUND and entry.facts.disposition is not Disposition.ANSWERED


def create_tasks(tenant: Tenant, entries: Sequence[Entry], *, tried_before: bool) -> dict[str, str | SantralError]:
    """Create a task for each of up to a hundred missed calls; return, by call id, its id or why there is none.

    Args:
        tenant: The tenant.
        entries: Missed calls, with the CRM records they belong to.
        tried_before: An earlier try may have created them already, so they are looked for.

    Raises:
        OutcomeUnknown: Any of them may have been created; try again later with `tried_before`.
        OutsideFailure: None was created.
    """
    layout = tenant.zoho.layout(_MODULE)
    owners = _owners(tenant, entries)
    tasks = {entry.call_id: _task(tenant, layout, entry, owners.get(entry.call_id)) for entry in entries}
    created: dict[str, str | SantralError] = {}
    if tried_before:
        created |= _already_there(tenant, layout, entries)
    new = {call_id: task for call_id, task in tasks.items() if call_id not in created}
    created |= insert_what_is_accepted(
        tenant.zoho,
        _MODULE,
        new,
        minimal=frozenset({"Subject", "Due_Date", "Description"}),
        mandatory=frozenset({"Subject"}),
    )
    return created


def _already_there(tenant: Tenant, layout: Layout, entries: Sequence[Entry]) -> dict[str, str]:
    """Find tasks by their subjects, which name number and minute, and among those by our line in their descriptions.

    The tenant's language may have been changed since the try.
    """
    marked = "Description" in layout.fields
    columns = "id, Subject, Description" if marked else "id, Subject"
    subjects = {entry.call_id: in_every_language(_subject(tenant, entry)) for entry in entries}
    values = set().union(*subjects.values())
    rows = select_any(tenant.zoho, _MODULE, columns, field="Subject", values=values, limit=_MOST_ROWS)
    found: dict[str, str] = {}
    for entry in entries:
        for row in rows:
            ours = not marked or marker(entry.call_id) in str(row.get("Description") or "").splitlines()
            if ours and row.get("Subject") in subjects[entry.call_id]:
                found[entry.call_id] = str(row["id"])
    if found:
        count("crm_tasks_found_again", len(found))
    return found


def _subject(tenant: Tenant, entry: Entry) -> Sentence:
    return say(
        "Call back {number}, missed {moment}",
        number=_number(tenant, entry),
        moment=f"{_missed_at(tenant, entry):%Y-%m-%d %H:%M}",
    )


def _missed_at(tenant: Tenant, entry: Entry) -> datetime:
    return entry.listed_at.astimezone(tenant.settings.time_zone)


def _due_at(tenant: Tenant, entry: Entry) -> datetime:
    """Return when the caller should have been called back: so many hours later, of which none gets lost at night."""
    due_at = entry.listed_at + timedelta(hours=tenant.settings.missed_call_task_due_hours)
    return due_at.astimezone(tenant.settings.time_zone)


def _task(tenant: Tenant, layout: Layout, entry: Entry, owner: str | None) -> Json:
    language = tenant.settings.language
    name = entry.facts.text("caller_name")
    caller = [say("Caller: {text}", text=one_line(name))] if name else []
    task = {
        "Subject": _subject(tenant, entry).in_language(language),
        "Due_Date": f"{_due_at(tenant, entry):%Y-%m-%d}",
        **linked_to(entry.record),
        "Owner": {"id": owner} if owner else None,
        "Description": "\n".join([marker(entry.call_id), *told(caller, language)]),
    }
    known = layout.fields | {"$se_module", "Subject"}
    return {field: value for field, value in task.items() if value is not None and field in known}


def _owners(tenant: Tenant, entries: Sequence[Entry]) -> dict[str, str]:
    """Return the CRM user who should call back.

    Whose extension it rang, else the owner of the caller's record, else whoever the tenant has named for it.
    """
    owners = {entry.call_id: owner for entry in entries if (owner := owner_of(tenant, entry))}
    links = {entry.call_id: entry.record for entry in entries if entry.record and entry.call_id not in owners}
    for module in sorted({link.module for link in links.values()}):
        of_record = _record_owners(tenant, module, {link.id for link in links.values() if link.module == module})
        owners |= {
            call_id: of_record[link.id]
            for call_id, link in links.items()
            if link.module == module and link.id in of_record
        }
    named = fallback_owner(tenant) if len(owners) < len(entries) else None
    return {**{entry.call_id: named for entry in entries if named}, **owners}


def _record_owners(tenant: Tenant, module: str, ids: set[str]) -> dict[str, str]:
    where = f"id in ({', '.join(map(quoted, sorted(ids)))})"
    try:
        rows = select(tenant.zoho, module, "id, Owner", where=where, limit=len(ids))
    except (RecordRefused, CredentialsRefused) as refusal:
        logger.warning("owners cannot be read", of=module, reason=str(refusal))
        return {}
    return {str(row["id"]): str(row["Owner"]["id"]) for row in rows if isinstance(row.get("Owner"), dict)}


def _number(tenant: Tenant, entry: Entry) -> str | None:
    return to_e164(entry.facts.counterpart or "", tenant.settings.country)
