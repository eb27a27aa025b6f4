"""The way of an event into the CRM: fold it into the ledger, then pay what the call now owes.

The ledger row is the outbox. What is owed is written together with the fold, already claimed by us for a while; so
whatever happens next (a crash, a CRM that is down for a week) the row comes up again and `retry_pending` pays it.

What many calls owe is paid together: a hundred calls cost Zoho about sixty requests instead of two hundred. While Zoho
is away calls keep their places in the line; only what Zoho has against one call sends that call back in it.
"""

import time
from collections.abc import Iterable, Sequence

from santral.calls import CallEvent, CallState, RecordingState
from santral.crm.call_log import wanted
from santral.crm.follow_ups import needs_follow_up
from santral.crm.waiting import INDEX_LAG_SECONDS, SWEEP, away, pause_seconds, sweep_pause
from santral.errors import OutcomeUnknown, SantralError, Unanswered, Unintelligible
from santral.store.calls import Entry, Owed
from santral.telemetry import count, gauge, logger
from santral.telephony.debts import SECONDS_FOR_SOME, Claim, Failures, OutOfTimeError, pay_debts
from santral.telephony.erasure import erased
from santral.telephony.joining import place_of
from santral.telephony.recognition import recognise, to_be_recognised
from santral.tenant import Tenant
from santral.zoho.users import current_user

LEASE_SECONDS = 90
"""Longer than any worker runs, so that what it sent last has arrived when the next one looks for it."""
_FIRST_BATCH = 10
_BATCH = 100
_TRIES_TOGETHER = 3
# Left for calls as they come in and for the customer's other integrations: a tenth of the smallest edition's day.
_CREDITS_RESERVE = 500
# One call may be the reason for these as well as the CRM.
_DOUBTFUL = (Unanswered, Unintelligible, OutcomeUnknown)


def record(tenant: Tenant, event: CallEvent) -> None:
    """Fold an event into its call and pay what the call owes since then. Telling it again does nothing.

    When this returns, the event is safe: what could not be paid stays due in the ledger.

    Raises:
        Conflict: Others kept writing this call; nothing was folded.
    """
    pay(tenant, [fold(tenant, event)])


def fold(tenant: Tenant, event: CallEvent) -> Claim | None:
    """Fold an event into its call; return what the call owes since then, or None when it tells nothing we may keep.

    When this returns, the event is safe, whether or not anybody pays.

    Raises:
        Conflict: Others kept writing this call; nothing was folded.
    """
    if erased(tenant, event):
        count("events_of_erased_calls")
        return None
    place = place_of(tenant, event)
    if place is None:
        count("events_too_late")
        return None
    owed: frozenset[Owed] = frozenset()
    began = False

    def folded(before: Entry) -> Entry:
        nonlocal owed, began
        if before.joined_to:
            return before
        after = place.told(before, event)
        owed = _new_debts(tenant, before, after)
        began = to_be_recognised(tenant, after) and not to_be_recognised(tenant, before)
        return after.owing(owed, next_attempt_at=_now(tenant) + LEASE_SECONDS) if owed else after

    entry = tenant.calls.change(place.call_id, folded)
    if entry.erased_at:
        count("events_of_erased_calls")
        return None
    if entry.joined_to:
        # Told under an id the call had before its own. Whoever joined the row has read it without this event.
        return None if event.channel else fold(tenant, event.model_copy(update={"call_id": entry.joined_to}))
    count("events_folded")
    if Owed.RECORD not in owed:
        count("events_merged")
    return Claim(entry, owed, began=began)


def pay(tenant: Tenant, claims: Iterable[Claim | None]) -> None:
    """Pay together what was folded together. What fails stays due: it comes up when our lease is over.

    First comes who calls, as long as it rings.
    """
    ours: dict[str, Claim] = {}
    for claim in claims:
        if claim is None:
            continue
        before = ours.get(claim.call_id)
        ours[claim.call_id] = claim.after(before) if before else claim
    try:
        recognise(tenant, [claim.entry for claim in ours.values() if claim.began])
    finally:
        _pay(tenant, list(ours.values()))


def _pay(tenant: Tenant, claims: Sequence[Claim]) -> None:
    failures = pay_debts(tenant, claims, ends_at=None)
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
    while time.monotonic() + SECONDS_FOR_SOME <= ends_at:
        left = tenant.zoho.credits_left
        if left is not None and left < _CREDITS_RESERVE:
            logger.warning("sweep leaves the last credits to others")
            return 0
        claims = [claim for call_id in tenant.calls.due(limit=size) if (claim := _claimed(tenant, call_id))]
        if not claims:
            return 0
        together = [claim for claim in claims if claim.entry.attempts <= _TRIES_TOGETHER]
        failures = pay_debts(tenant, together, ends_at=ends_at)
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
            return sweep_pause(is_away)
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


def _each_alone(tenant: Tenant, claims: Sequence[Claim], *, ends_at: float) -> Failures:
    failures: Failures = {}
    for claim in claims:
        if is_away := away(failures.values()):
            failures[claim.call_id] = is_away
        elif time.monotonic() + SECONDS_FOR_SOME > ends_at:
            failures[claim.call_id] = OutOfTimeError()
        else:
            failures |= pay_debts(tenant, [claim], ends_at=ends_at)
    return failures


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


def _now(tenant: Tenant) -> int:
    return int(tenant.clock().timestamp())
