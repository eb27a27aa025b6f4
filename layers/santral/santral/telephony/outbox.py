"""The way of an event into the CRM: fold it into the ledger, then pay what the call now owes.

The ledger row is the outbox. What is owed is written together with the fold, already claimed by us for a while; so
whatever happens next (a crash, a CRM that is down for a week) the row comes up again and `retry_pending` pays it.

What many calls owe is paid together: a hundred calls cost Zoho about sixty requests instead of two hundred. While Zoho
is away calls keep their places in the line; only what Zoho has against one call sends that call back in it.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from santral.calls import CallEvent, CallState, RecordingState, RecordLink
from santral.crm.call_log import Unlogged, log_calls, update_call, wanted
from santral.crm.follow_ups import create_tasks, is_missed, needs_follow_up
from santral.crm.matching import MATCHED_TOGETHER, create_leads, match_all
from santral.crm.waiting import INDEX_LAG_SECONDS, SWEEP, away, pause_seconds
from santral.errors import Busy, OutcomeUnknown, SantralError, Unanswered, Unintelligible
from santral.phone import to_e164
from santral.store.calls import Entry, Owed
from santral.telemetry import count, gauge, logger
from santral.telephony.erasure import erased
from santral.telephony.permalinks import call_handle, permalink
from santral.tenant import Tenant
from santral.zoho.users import current_user

LEASE_SECONDS = 90
"""Longer than any worker runs, so that what it sent last has arrived when the next one looks for it."""
# The archiver works from its own queue; only when that got nowhere is it asked again.
_ARCHIVE_SECONDS = 600
_FIRST_BATCH = 10
_BATCH = 100
_TRIES_TOGETHER = 3
_SECONDS_FOR_A_BATCH = 12
# Left for calls as they come in and for the customer's other integrations: a tenth of the smallest edition's day.
_CREDITS_RESERVE = 500


# One call may be the reason for these as well as the CRM.
_DOUBTFUL = (Unanswered, Unintelligible, OutcomeUnknown)


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
    """

    entry: Entry
    owed: frozenset[Owed]
    place: int = 0
    tried_before: bool = False

    @property
    def call_id(self) -> str:
        return self.entry.call_id


Failures = dict[str, SantralError]
"""Why debts of calls stay due, by call id."""


def record(tenant: Tenant, event: CallEvent) -> None:
    """Fold an event into its call and pay what the call owes since then. Telling it again does nothing.

    When this returns, the event is safe: what could not be paid stays due in the ledger.

    Raises:
        Conflict: Others kept writing this call; nothing was folded.
    """
    pay(tenant, [fold(tenant, event)])


def fold(tenant: Tenant, event: CallEvent) -> Claim | None:
    """Fold an event into its call; return what the call owes since then, or None when it is of an erased call.

    When this returns, the event is safe, whether or not anybody pays.

    Raises:
        Conflict: Others kept writing this call; nothing was folded.
    """
    if erased(tenant, event):
        count("events_of_erased_calls")
        return None
    owed: frozenset[Owed] = frozenset()

    def folded(before: Entry) -> Entry:
        nonlocal owed
        after = before.told(event)
        owed = _new_debts(tenant, before, after)
        return after.owing(owed, next_attempt_at=_now(tenant) + LEASE_SECONDS) if owed else after

    entry = tenant.calls.change(event.call_id, folded)
    if entry.erased_at:
        count("events_of_erased_calls")
        return None
    count("events_folded")
    if Owed.RECORD not in owed:
        count("events_merged")
    return Claim(entry, owed)


def pay(tenant: Tenant, claims: Iterable[Claim | None]) -> None:
    """Pay together what was folded together. What fails stays due: it comes up when our lease is over."""
    ours: dict[str, Claim] = {}
    for claim in claims:
        if claim is None:
            continue
        before = ours.get(claim.call_id)
        ours[claim.call_id] = replace(claim, owed=claim.owed | before.owed) if before else claim
    failures = _paid(tenant, list(ours.values()), ends_at=None)
    if failures:
        count("debts_postponed", len(failures))
    for call_id, failure in failures.items():
        if isinstance(failure, OutcomeUnknown):
            _postpone(tenant, call_id, INDEX_LAG_SECONDS)
    _tell_credits(tenant)


def retry_pending(tenant: Tenant, seconds: float) -> None:
    """Pay what is due, longest waiting first, for at most `seconds`; stop early when the CRM wants to be left alone.

    One sweep runs at a time and makes one request at a time. It starts with a few calls, to see whether the CRM is
    there, and goes on with a hundred at a time.
    """
    ends_at = time.monotonic() + seconds
    if not tenant.leases.take(SWEEP, int(seconds) + 1):
        return
    pause = 0
    try:
        pause = _sweep(tenant, ends_at)
    finally:
        tenant.leases.give_back(SWEEP, pause=pause)
        _tell_credits(tenant)


def _sweep(tenant: Tenant, ends_at: float) -> int:
    """Sweep until the time or the line ends or the CRM is away; return how long to wait then, in seconds."""
    size = _FIRST_BATCH
    while time.monotonic() + _SECONDS_FOR_A_BATCH <= ends_at:
        left = tenant.zoho.credits_left
        if left is not None and left < _CREDITS_RESERVE:
            logger.warning("sweep leaves the last credits to others")
            return 0
        claims = [claim for call_id in tenant.calls.due(limit=size) if (claim := _claimed(tenant, call_id))]
        if not claims:
            return 0
        together = [claim for claim in claims if claim.entry.attempts <= _TRIES_TOGETHER]
        failures = _paid(tenant, together, ends_at=ends_at)
        is_away = away(failures.values()) or _answers_nothing(tenant, together, failures)
        if is_away is None:
            alone = _better_alone(claims, failures)
            for claim in alone:
                failures.pop(claim.call_id, None)
            failures |= _each_alone(tenant, alone, ends_at=ends_at)
            is_away = away(failures.values())
        else:
            failures = dict.fromkeys((claim.call_id for claim in claims if claim not in together), is_away) | failures
        for claim in claims:
            if claim.call_id in failures:
                _back_into_line(tenant, claim, failures[claim.call_id], keeps_its_place=is_away is not None)
        if is_away is not None:
            logger.warning("sweep ends early", code=is_away.code)
            return is_away.retry_after or 0 if isinstance(is_away, Busy) else 0
        size = _BATCH
    return 0


def _claimed(tenant: Tenant, call_id: str) -> Claim | None:
    """Return a due call, now ours for a while, or None when another worker was faster."""
    place: int | None = None

    def claimed(entry: Entry) -> Entry:
        nonlocal place
        due_at = entry.next_attempt_at or 0
        place = due_at if entry.owed and due_at <= _now(tenant) else None
        if place is None:
            return entry
        return entry.having(next_attempt_at=_now(tenant) + LEASE_SECONDS, attempts=entry.attempts + 1)

    entry = tenant.calls.change(call_id, claimed)
    return None if place is None else Claim(entry, entry.owed, place=place, tried_before=True)


def _answers_nothing(tenant: Tenant, claims: Sequence[Claim], failures: Failures) -> SantralError | None:
    """When nothing could be paid, ask the CRM for the simplest thing; return why it cannot answer even that."""
    if not claims or not all(isinstance(failures.get(claim.call_id), _DOUBTFUL) for claim in claims):
        return None
    try:
        current_user(tenant.zoho)
    except SantralError as error:
        return error
    return None


def _better_alone(claims: Sequence[Claim], failures: Failures) -> list[Claim]:
    """Return those that may have made the CRM stumble over all of them, or have failed too often to risk it."""
    return [
        claim
        for claim in claims
        if claim.entry.attempts > _TRIES_TOGETHER
        or (len(claims) > 1 and isinstance(failures.get(claim.call_id), Unanswered | Unintelligible))
    ]


def _back_into_line(tenant: Tenant, claim: Claim, failure: SantralError, *, keeps_its_place: bool) -> None:
    count("debts_postponed")
    unsure = isinstance(failure, OutcomeUnknown)
    if isinstance(failure, OutOfTimeError) or (keeps_its_place and not unsure):
        place, attempts = claim.place, claim.entry.attempts - 1
        tenant.calls.change(
            claim.call_id, lambda now: now.having(next_attempt_at=place, attempts=attempts) if now.owed else now
        )
        return
    _postpone(tenant, claim.call_id, pause_seconds(failure, claim.entry.attempts))


def _postpone(tenant: Tenant, call_id: str, pause: int) -> None:
    tenant.calls.change(call_id, lambda now: now.having(next_attempt_at=_now(tenant) + pause) if now.owed else now)


def _tell_credits(tenant: Tenant) -> None:
    if tenant.zoho.credits_left is not None:
        gauge("zoho_credits_left", tenant.zoho.credits_left)


def _new_debts(tenant: Tenant, before: Entry, after: Entry) -> frozenset[Owed]:
    debts = set()
    if wanted(tenant, after) and not wanted(tenant, before):
        debts.add(Owed.RECORD)
        if needs_follow_up(tenant, after):
            debts.add(Owed.TASK)
    if after.crm_call_id and after.facts != before.facts:
        debts.add(Owed.UPDATE)
    if _to_archive(after) and not _to_archive(before):
        debts.add(Owed.RECORDING)
    return frozenset(debts)


def _to_archive(entry: Entry) -> bool:
    return entry.facts.state is CallState.ENDED and entry.recording.state is RecordingState.PENDING


def _paid(tenant: Tenant, claims: Sequence[Claim], *, ends_at: float | None) -> Failures:
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


def _each_alone(tenant: Tenant, claims: Sequence[Claim], *, ends_at: float) -> Failures:
    failures: Failures = {}
    for claim in claims:
        if is_away := away(failures.values()):
            failures[claim.call_id] = is_away
        elif time.monotonic() + _SECONDS_FOR_A_BATCH > ends_at:
            failures[claim.call_id] = OutOfTimeError()
        else:
            failures |= _paid(tenant, [claim], ends_at=ends_at)
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
    failures: Failures = {}
    unlogged: list[Unlogged] = []
    for claim, record in zip(claims, _records_of(tenant, claims, ends_at), strict=True):
        if isinstance(record, SantralError):
            failures[claim.call_id] = record
        elif record is None and tenant.settings.unknown_caller == "skip":
            tenant.calls.change(claim.call_id, lambda now: now.settled(Owed.RECORD))
            count("calls_skipped")
        else:
            url = _recording_url(tenant, claim.entry)
            unlogged.append(Unlogged(claim.entry, record, recording_url=url, tried_before=claim.tried_before))
    for call, outcome in zip(unlogged, log_calls(tenant, unlogged), strict=True):
        if isinstance(outcome, SantralError):
            failures[call.entry.call_id] = outcome
        else:
            _logged(tenant, call, outcome)
    return failures


def _logged(tenant: Tenant, call: Unlogged, crm_call_id: str) -> None:
    def logged(now: Entry) -> Entry:
        after = now.settled(Owed.RECORD, crm_call_id=crm_call_id, record=call.record)
        if now.facts == call.entry.facts:
            return after
        # An event came in while the CRM was writing what we knew before it.
        return after.owing(frozenset({Owed.UPDATE}), next_attempt_at=_now(tenant))

    tenant.calls.change(call.entry.call_id, logged)
    count("calls_logged")


def _records_of(
    tenant: Tenant, claims: Sequence[Claim], ends_at: float | None
) -> list[RecordLink | SantralError | None]:
    """Return the CRM record of each call: the one it was dialled from, else the one with its number."""
    numbers = [
        None if claim.entry.record else to_e164(claim.entry.facts.counterpart or "", tenant.settings.country)
        for claim in claims
    ]
    found = _matched(tenant, dict.fromkeys(filter(None, numbers)), ends_at)
    if tenant.settings.unknown_caller == "lead":
        unknown = {
            number: claim.entry
            for claim, number in zip(claims, numbers, strict=True)
            if number and found[number] is None
        }
        made = _leads(tenant, unknown)
        for claim, number in zip(claims, numbers, strict=True):
            lead = made.get(number or "")
            if isinstance(lead, RecordLink):
                # Kept at once: until the CRM's index knows the lead, the next attempt would create a second one.
                _keep(tenant, claim.call_id, lead)
        found |= made
    return [found[number] if number else claim.entry.record for claim, number in zip(claims, numbers, strict=True)]


def _keep(tenant: Tenant, call_id: str, record: RecordLink) -> None:
    tenant.calls.change(call_id, lambda now: now.having(record=record))


def _matched(
    tenant: Tenant, numbers: Iterable[str], ends_at: float | None
) -> dict[str, RecordLink | SantralError | None]:
    found: dict[str, RecordLink | SantralError | None] = {}
    left = list(numbers)
    while left:
        some, left = left[:MATCHED_TOGETHER], left[MATCHED_TOGETHER:]
        if found and ends_at is not None and time.monotonic() + _SECONDS_FOR_A_BATCH > ends_at:
            return found | dict.fromkeys([*some, *left], OutOfTimeError())
        try:
            found |= match_all(tenant, some)
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
