"""What a call owes the CRM and the archive, and how it is paid: each kind of debt for all calls at hand together."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from santral.calls import RecordLink
from santral.crm.call_log import RecordGone, Unlogged, log_calls, update_call
from santral.crm.callers import find_callers, remember, settled
from santral.crm.follow_ups import create_tasks, is_missed
from santral.crm.leads import create_leads
from santral.crm.matching import MATCHED_TOGETHER, Records
from santral.errors import SantralError
from santral.phone import to_e164
from santral.store.calls import Entry, Owed
from santral.telemetry import count, logger
from santral.telephony.permalinks import call_handle, permalink
from santral.tenant import Tenant

SECONDS_FOR_SOME = 12
"""With less time than this nothing more is asked of the CRM."""
# The archiver works from its own queue; only when that got nowhere is it asked again.
_ARCHIVE_SECONDS = 600


class OutOfTimeError(SantralError):
    code = "out_of_time"


@dataclass(frozen=True)
class Claim:
    """A call that is ours for a while, and which of its debts are to be paid now.

    Attributes:
        entry: The call as it was when it became ours.
        owed: What is to be paid.
        place: Its place in the line, epoch seconds, which it gets back when the CRM is away.
        tried_before: An earlier try may have had effects in the CRM.
        began: It began to ring or to be talked on just now, and nobody has looked yet who the other one is.
    """

    entry: Entry
    owed: frozenset[Owed]
    place: int = 0
    tried_before: bool = False
    began: bool = False

    @property
    def call_id(self) -> str:
        return self.entry.call_id

    def after(self, other: "Claim") -> "Claim":
        """Return it together with an earlier one of the same call."""
        return replace(self, owed=self.owed | other.owed, began=self.began or other.began)


Failures = dict[str, SantralError]
"""Why debts of calls stay due, by call id."""
Found = dict[str, Records | SantralError]
"""By number (E.164): the records that hold it, or why that is not known now."""


def pay_debts(tenant: Tenant, claims: Sequence[Claim], *, ends_at: float | None) -> Failures:
    """Pay the debts of these calls, each kind together, and return what stays due."""
    failures: Failures = {}
    for kind, payer in _PAYERS.items():
        payable = [claim for claim in claims if kind in claim.owed]
        if payable:
            failed = _attempt(tenant, payer, payable, ends_at)
            for call_id, error in failed.items():
                logger.warning("stays due", call_id=call_id, owed=kind, code=error.code, reason=str(error))
            failures |= failed
    return failures


def _attempt(tenant: Tenant, payer: "Payer", claims: Sequence[Claim], ends_at: float | None) -> Failures:
    try:
        return payer(tenant, claims, ends_at)
    except SantralError as error:
        return {claim.call_id: error for claim in claims}
    except Exception:  # noqa: BLE001 (one call we stumble over must not hold up the others; it stays due)
        logger.exception("stumbled", call_ids=[claim.call_id for claim in claims])
        count("unexpected_errors")
        if len(claims) == 1:
            return {claims[0].call_id: SantralError("unexpected")}
    failures: Failures = {}
    for claim in claims:
        failures |= _attempt(tenant, payer, [replace(claim, tried_before=True)], ends_at)
    return failures


def _pay_records(tenant: Tenant, claims: Sequence[Claim], ends_at: float | None) -> Failures:
    failures = _log(tenant, claims, _records_of(tenant, claims, ends_at), with_record=True)
    gone = {call_id: error.record for call_id, error in failures.items() if isinstance(error, RecordGone)}
    if not gone:
        return failures
    count("crm_matches_outdated", len(gone))
    anew = [_matched_anew(tenant, claim) for claim in claims if claim.call_id in gone]
    records = _records_of(tenant, anew, ends_at, gone=gone.values())
    return {call_id: error for call_id, error in failures.items() if call_id not in gone} | _log(
        tenant, anew, records, with_record=False
    )


def _matched_anew(tenant: Tenant, claim: Claim) -> Claim:
    """Forget to which record a call was to belong."""
    if number := _number(tenant, claim.entry):
        tenant.matches.forget(number)
    entry = tenant.calls.change(claim.call_id, lambda now: now.having(record=None, matches=()))
    return replace(claim, entry=entry)


def _log(
    tenant: Tenant,
    claims: Sequence[Claim],
    records: Sequence[Records | SantralError],
    *,
    with_record: bool,
) -> Failures:
    failures: Failures = {}
    unlogged: list[Unlogged] = []
    for claim, found in zip(claims, records, strict=True):
        try:
            if isinstance(found, SantralError):
                failures[claim.call_id] = found
            elif not found and tenant.settings.unknown_caller == "skip":
                tenant.calls.change(claim.call_id, lambda now: now.settled(Owed.RECORD))
                count("calls_skipped")
            else:
                entry = claim.entry if claim.entry.record else claim.entry.having(matches=found)
                unlogged.append(
                    Unlogged(
                        entry,
                        next(iter(found), None),
                        recording_url=_recording_url(tenant, claim.entry),
                        tried_before=claim.tried_before,
                        with_record=with_record,
                    )
                )
        except SantralError as error:
            failures[claim.call_id] = error
    for call, outcome in zip(unlogged, log_calls(tenant, unlogged), strict=True):
        try:
            if isinstance(outcome, SantralError):
                failures[call.entry.call_id] = outcome
            else:
                _logged(tenant, call, outcome)
        except SantralError as error:
            failures[call.entry.call_id] = error
    return failures


def _logged(tenant: Tenant, call: Unlogged, crm_call_id: str) -> None:
    def logged(now: Entry) -> Entry:
        after = now.settled(Owed.RECORD, crm_call_id=crm_call_id, record=call.record, matches=call.entry.matches)
        if now.facts == call.entry.facts:
            return after
        # An event came in while the CRM was writing what we knew before it.
        return after.owing(frozenset({Owed.UPDATE}), next_attempt_at=_now(tenant))

    tenant.calls.change(call.entry.call_id, logged)
    count("calls_logged")


def _records_of(
    tenant: Tenant, claims: Sequence[Claim], ends_at: float | None, *, gone: Iterable[RecordLink] = ()
) -> list[Records | SantralError]:
    """Return the CRM records of each call, the one it belongs to first: it was dialled from it, or it has its number.

    Args:
        tenant: The tenant.
        claims: The calls.
        ends_at: When our time is over.
        gone: Records that are no longer there, though the CRM's index may still know them.
    """
    known = [_known(claim.entry) for claim in claims]
    numbers = [None if records else _number(tenant, claim.entry) for claim, records in zip(claims, known, strict=True)]
    found = _matched(tenant, dict.fromkeys(filter(None, numbers)), ends_at)
    _leave_out(tenant, found, {(record.module, record.id) for record in gone})
    if tenant.settings.unknown_caller == "lead":
        _make_leads(tenant, found, list(zip(claims, numbers, strict=True)))
    return [found[number] if number else records for number, records in zip(numbers, known, strict=True)]


def _leave_out(tenant: Tenant, found: Found, gone: Collection[tuple[str, str]]) -> None:
    for number, records in found.items():
        if isinstance(records, SantralError):
            continue
        there = tuple(record for record in records if (record.module, record.id) not in gone)
        if there != records:
            found[number] = there
            remember(tenant, number, there)


def _make_leads(tenant: Tenant, found: Found, callings: Sequence[tuple[Claim, str | None]]) -> None:
    """Make a lead of each number that nobody in the CRM has."""
    unknown = {number: claim.entry for claim, number in callings if number and found[number] == ()}
    for number, lead in _leads(tenant, unknown).items():
        if isinstance(lead, SantralError):
            found[number] = lead
            continue
        found[number] = (lead,)
        remember(tenant, number, (lead,))
        for claim, caller in callings:
            if caller == number:
                # Kept at once: until the CRM's index knows the lead, the next attempt would create a second one.
                _keep(tenant, claim.call_id, lead)


def _known(entry: Entry) -> Records:
    """Return what needs no other look: where the call was dialled from, or who it was found to be when it began."""
    if entry.record:
        return (entry.record,)
    return entry.matches if settled(entry.matches) else ()


def _number(tenant: Tenant, entry: Entry) -> str | None:
    return to_e164(entry.facts.counterpart or "", tenant.settings.country)


def _keep(tenant: Tenant, call_id: str, record: RecordLink) -> None:
    tenant.calls.change(call_id, lambda now: now.having(record=record))


def _matched(tenant: Tenant, numbers: Iterable[str], ends_at: float | None) -> Found:
    found: Found = {}
    left = list(numbers)
    while left:
        some, left = left[:MATCHED_TOGETHER], left[MATCHED_TOGETHER:]
        if found and ends_at is not None and time.monotonic() + SECONDS_FOR_SOME > ends_at:
            return found | dict.fromkeys([*some, *left], OutOfTimeError())
        try:
            found |= find_callers(tenant, some)
        except SantralError as error:
            return found | dict.fromkeys([*some, *left], error)
    return found


def _leads(tenant: Tenant, callers: Mapping[str, Entry]) -> Mapping[str, RecordLink | SantralError]:
    try:
        return create_leads(tenant, callers)
    except SantralError as error:
        return dict.fromkeys(callers, error)


def _pay_updates(tenant: Tenant, claims: Sequence[Claim], _ends_at: float | None) -> Failures:
    return _one_by_one(tenant, claims, _pay_update)


def _pay_update(tenant: Tenant, entry: Entry) -> None:
    update_call(tenant, entry, recording_url=_recording_url(tenant, entry))

    def updated(now: Entry) -> Entry:
        return now.settled(Owed.UPDATE) if now.facts == entry.facts else now.having(next_attempt_at=_now(tenant))

    tenant.calls.change(entry.call_id, updated)


def _pay_tasks(tenant: Tenant, claims: Sequence[Claim], _ends_at: float | None) -> Failures:
    needed: list[Entry] = []
    # Read again: by now each call may have got its record, and more may be known of it.
    for entry in (tenant.calls.get(claim.call_id) for claim in claims):
        if Owed.RECORD in entry.owed:
            continue
        if entry.crm_call_id and is_missed(entry):
            needed.append(entry)
        else:
            # Taken after all, or from a caller whom the tenant does not want in the CRM.
            _settle_task(tenant, entry.call_id)
    if not needed:
        return {}
    failures: Failures = {}
    created = create_tasks(tenant, needed, tried_before=any(claim.tried_before for claim in claims))
    for call_id, outcome in created.items():
        if isinstance(outcome, SantralError):
            failures[call_id] = outcome
        else:
            _settle_task(tenant, call_id)
            count("tasks_created")
    return failures


def _settle_task(tenant: Tenant, call_id: str) -> None:
    tenant.calls.change(call_id, lambda now: now.settled(Owed.TASK))


def _pay_recordings(tenant: Tenant, claims: Sequence[Claim], _ends_at: float | None) -> Failures:
    return _one_by_one(tenant, claims, _pay_recording)


def _pay_recording(tenant: Tenant, entry: Entry) -> None:
    # What the archiver could not fetch has a time of its own, which other debts of the call must not bring forward.
    due_at = entry.recording.due_at or 0
    if due_at <= _now(tenant):
        tenant.recording_queue.send(entry.call_id)
        due_at = _now(tenant) + _ARCHIVE_SECONDS
    tenant.calls.change(
        entry.call_id, lambda now: now.having(next_attempt_at=due_at) if now.owed == {Owed.RECORDING} else now
    )


def _one_by_one(tenant: Tenant, claims: Sequence[Claim], pay_one: Callable[[Tenant, Entry], None]) -> Failures:
    failures: Failures = {}
    for claim in claims:
        try:
            pay_one(tenant, claim.entry)
        except SantralError as error:
            failures[claim.call_id] = error
    return failures


def _recording_url(tenant: Tenant, entry: Entry) -> str | None:
    if entry.facts.text("recording_ref") is None:
        return None
    tenant.calls.remember_alias(call_handle(entry.call_id), entry.call_id)
    return f"{tenant.settings.public_url}/recordings/{permalink(tenant, entry.call_id)}"


Payer = Callable[[Tenant, Sequence[Claim], float | None], Failures]
_PAYERS: Mapping[Owed, Payer] = {
    Owed.RECORDING: _pay_recordings,
    Owed.RECORD: _pay_records,
    Owed.UPDATE: _pay_updates,
    Owed.TASK: _pay_tasks,
}


def _now(tenant: Tenant) -> int:
    return int(tenant.clock().timestamp())
