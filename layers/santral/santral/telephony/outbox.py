"""The way of an event into the CRM: fold it into the ledger, then pay what the call now owes.

The ledger row is the outbox. What is owed is written together with the fold, already claimed by us for a minute; so
whatever happens next (a crash, a CRM that is down for a week) the row comes up again and `retry_pending` pays it.
"""

import random
import time
from collections.abc import Callable, Mapping

from santral.calls import CallEvent, CallState, RecordingState, RecordLink
from santral.crm.call_log import log_call, update_call, wanted
from santral.crm.matching import create_lead, match
from santral.errors import Busy, CredentialsRefused, SantralError, Unreachable
from santral.phone import to_e164
from santral.store.calls import Entry, Owed
from santral.telemetry import count, logger
from santral.telephony.erasure import erased
from santral.telephony.permalinks import call_handle, permalink
from santral.tenant import Tenant

LEASE_SECONDS = 60
# The archiver works from its own queue; only when that got nowhere is it asked again.
_ARCHIVE_SECONDS = 600
_SHORTEST_PAUSE_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 3600
_SWEEP_LIMIT = 100
_SECONDS_FOR_ONE_CALL = 12


def record(tenant: Tenant, event: CallEvent) -> None:
    """Fold an event into its call and pay what the call owes since then. Telling it again does nothing.

    When this returns, the event is safe: what could not be paid stays due in the ledger.

    Raises:
        Conflict: Others kept writing this call; nothing was folded.
    """
    if erased(tenant, event):
        count("events_of_erased_calls")
        return
    owed: frozenset[Owed] = frozenset()

    def folded(before: Entry) -> Entry:
        nonlocal owed
        after = before.told(event)
        owed = _new_debts(tenant, before, after)
        return after.owing(owed, next_attempt_at=_now(tenant) + LEASE_SECONDS) if owed else after

    entry = tenant.calls.change(event.call_id, folded)
    if entry.erased_at:
        count("events_of_erased_calls")
        return
    count("events_folded")
    _pay(tenant, entry, owed, tried_before=False)


def retry_pending(tenant: Tenant, seconds: float) -> None:
    """Pay what is due, longest waiting first, for at most `seconds`; stop early when the CRM wants to be left alone."""
    ends_at = time.monotonic() + seconds
    for call_id in tenant.calls.due(limit=_SWEEP_LIMIT):
        if time.monotonic() + _SECONDS_FOR_ONE_CALL > ends_at:
            return
        entry = _claimed(tenant, call_id)
        if entry is None:
            continue
        error = _pay(tenant, entry, entry.owed, tried_before=True)
        if isinstance(error, Busy | CredentialsRefused | Unreachable):
            logger.warning("sweep ends early", code=error.code)
            return


def _claimed(tenant: Tenant, call_id: str) -> Entry | None:
    """Return a due call, now ours for a minute, or None when another worker was faster."""
    ours = False

    def claimed(entry: Entry) -> Entry:
        nonlocal ours
        ours = bool(entry.owed) and (entry.next_attempt_at or 0) <= _now(tenant)
        if not ours:
            return entry
        return entry.having(next_attempt_at=_now(tenant) + LEASE_SECONDS, attempts=entry.attempts + 1)

    entry = tenant.calls.change(call_id, claimed)
    return entry if ours else None


def _new_debts(tenant: Tenant, before: Entry, after: Entry) -> frozenset[Owed]:
    debts = set()
    if wanted(tenant, after) and not wanted(tenant, before):
        debts.add(Owed.RECORD)
    if after.crm_call_id and after.facts != before.facts:
        debts.add(Owed.UPDATE)
    if _to_archive(after) and not _to_archive(before):
        debts.add(Owed.RECORDING)
    return frozenset(debts)


def _to_archive(entry: Entry) -> bool:
    return entry.facts.state is CallState.ENDED and entry.recording.state is RecordingState.PENDING


def _pay(tenant: Tenant, entry: Entry, owed: frozenset[Owed], *, tried_before: bool) -> SantralError | None:
    """Pay these debts; what fails stays owed and is postponed. Return the last failure, for the sweep to heed."""
    failure: SantralError | None = None
    for kind in (Owed.RECORDING, Owed.RECORD, Owed.UPDATE):
        if kind not in owed:
            continue
        try:
            _PAYERS[kind](tenant, entry, tried_before)
        except SantralError as error:
            failure = error
            logger.warning("stays due", call_id=entry.call_id, owed=kind, code=error.code, reason=str(error))
        except Exception:  # noqa: BLE001 (one call we stumble over must not hold up the others; it stays due)
            failure = SantralError("unexpected")
            logger.exception("stays due", call_id=entry.call_id, owed=kind)
            count("unexpected_errors")
        else:
            continue
        _postpone(tenant, entry, failure)
        count("debts_postponed")
    return failure


def _postpone(tenant: Tenant, entry: Entry, error: SantralError) -> None:
    pause = max(_pause_seconds(entry.attempts), error.retry_after or 0)
    tenant.calls.change(entry.call_id, lambda now: now.having(next_attempt_at=_now(tenant) + pause))


def _pause_seconds(attempts: int) -> int:
    """Return a pause that doubles with each attempt, spread so that a crowd does not come back together."""
    ceiling = min(_LONGEST_PAUSE_SECONDS, _SHORTEST_PAUSE_SECONDS << min(attempts, 10))
    return ceiling // 2 + random.randrange(ceiling // 2 + 1)  # noqa: S311 (spread, not secrecy)


def _pay_record(tenant: Tenant, entry: Entry, tried_before: bool) -> None:  # noqa: FBT001 (one shape for all payers)
    record = _record_for(tenant, entry)
    if record is None and tenant.settings.unknown_caller == "skip":
        tenant.calls.change(entry.call_id, lambda now: now.settled(Owed.RECORD))
        count("calls_skipped")
        return
    crm_call_id = log_call(
        tenant, entry, record, recording_url=_recording_url(tenant, entry), tried_before=tried_before
    )

    def logged(now: Entry) -> Entry:
        after = now.settled(Owed.RECORD, crm_call_id=crm_call_id, record=record)
        if now.facts == entry.facts:
            return after
        # An event came in while the CRM was writing what we knew before it.
        return after.owing(frozenset({Owed.UPDATE}), next_attempt_at=_now(tenant))

    tenant.calls.change(entry.call_id, logged)
    count("calls_logged")


def _record_for(tenant: Tenant, entry: Entry) -> RecordLink | None:
    """Return the CRM record the call belongs to: the one it was dialled from, else the one with its number."""
    if entry.record:
        return entry.record
    number = to_e164(entry.facts.counterpart or "", tenant.settings.country)
    if number is None:
        return None
    record = match(tenant, number)
    if record is None and tenant.settings.unknown_caller == "lead":
        record = create_lead(tenant, entry)
        if record is None:
            return None
        # Kept at once: until the CRM's index knows the lead, the next attempt would create a second one.
        tenant.calls.change(entry.call_id, lambda now: now.having(record=record))
        count("leads_created")
    return record


def _pay_update(tenant: Tenant, entry: Entry, _tried_before: bool) -> None:  # noqa: FBT001 (one shape for all payers)
    update_call(tenant, entry, recording_url=_recording_url(tenant, entry))

    def updated(now: Entry) -> Entry:
        return now.settled(Owed.UPDATE) if now.facts == entry.facts else now.having(next_attempt_at=_now(tenant))

    tenant.calls.change(entry.call_id, updated)


def _pay_recording(tenant: Tenant, entry: Entry, _tried_before: bool) -> None:  # noqa: FBT001 (likewise)
    tenant.recording_queue.send(entry.call_id)
    tenant.calls.change(
        entry.call_id,
        lambda now: (
            now.having(next_attempt_at=_now(tenant) + _ARCHIVE_SECONDS) if now.owed == {Owed.RECORDING} else now
        ),
    )


def _recording_url(tenant: Tenant, entry: Entry) -> str | None:
    if entry.facts.text("recording_ref") is None:
        return None
    tenant.calls.remember_alias(call_handle(entry.call_id), entry.call_id)
    return f"{tenant.settings.public_url}/recordings/{permalink(tenant, entry.call_id)}"


_PAYERS: Mapping[Owed, Callable[[Tenant, Entry, bool], None]] = {
    Owed.RECORD: _pay_record,
    Owed.UPDATE: _pay_update,
    Owed.RECORDING: _pay_recording,
}


def _now(tenant: Tenant) -> int:
    return int(tenant.clock().timestamp())
