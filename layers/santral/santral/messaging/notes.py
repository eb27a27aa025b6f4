"""Each message to or from someone in the CRM becomes a note there, within a minute or as soon as the CRM takes it.

A message we sent belongs to the record its button was pressed on, a customer's to the record with their number. That
is looked for here and not in the webhook, which shall answer at once. Who is in no record gets no note, and no lead:
a stranger's first message is often nothing but noise.
"""

import time
from functools import partial

from santral.calls import RecordLink
from santral.crm.matching import match_all
from santral.crm.message_notes import create_notes
from santral.crm.waiting import SWEEP, away, pause_seconds, sweep_pause
from santral.errors import SantralError
from santral.phone import to_e164
from santral.store.messages import Kept
from santral.telemetry import count, logger
from santral.tenant import Tenant
from santral.zoho.client import RecordRefused

LEASE_SECONDS = 90
_BATCH = 100
_SECONDS_FOR_A_BATCH = 12


def write_due_notes(tenant: Tenant, seconds: float) -> None:
    """Write the notes that are due, longest waiting first, for at most `seconds`; stop when the CRM is away."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() + _SECONDS_FOR_A_BATCH <= ends_at and tenant.leases.take(SWEEP, int(seconds) + 1):
        pause, more = 0, False
        try:
            pause, more = _write_some(tenant)
        finally:
            tenant.leases.give_back(SWEEP, pause=pause)
        if not more:
            return


def _write_some(tenant: Tenant) -> tuple[int, bool]:
    """Write some notes; return how long to leave the CRM alone, in seconds, and whether more may be due."""
    due = [kept for message_id in tenant.messages.due(limit=_BATCH) if (kept := _claimed(tenant, message_id))]
    try:
        claimed = _with_their_records(tenant, due)
    except SantralError as error:
        for kept in due:
            _settle(tenant, kept, error)
        is_away = away([error])
        return (sweep_pause(is_away) if is_away else 0), False
    # Our own first try may not have been answered either, so whoever has been claimed before is looked for.
    for group, tried_before in (
        ([kept for kept in claimed if kept.attempts == 1], False),
        ([kept for kept in claimed if kept.attempts > 1], True),
    ):
        if not group:
            continue
        outcomes = _written(tenant, group, tried_before=tried_before)
        for kept in group:
            _settle(tenant, kept, outcomes[kept.message.message_id])
        is_away = away(each for each in outcomes.values() if isinstance(each, SantralError))
        if is_away:
            logger.warning("notes wait", code=is_away.code)
            return sweep_pause(is_away), False
    return 0, len(due) == _BATCH


def _with_their_records(tenant: Tenant, due: list[Kept]) -> list[Kept]:
    """Return the messages that belong to a record; a customer's belongs to the one with their number."""
    country = tenant.settings.country
    numbers = {
        kept.message.message_id: number
        for kept in due
        if kept.message.record is None and (number := to_e164(kept.message.from_ or "", country))
    }
    records = match_all(tenant, numbers.values()) if numbers else {}
    ours = []
    for kept in due:
        if kept.message.record is not None:
            ours.append(kept)
            continue
        record = records.get(numbers.get(kept.message.message_id, ""))
        # Kept at once: were another record to hold the number by the next attempt, the note would stand in both.
        known = tenant.messages.change(kept.message.message_id, partial(_belonging_to, record=record))
        if known and record:
            ours.append(known)
        else:
            count("messages_of_strangers")
    return ours


def _belonging_to(kept: Kept, *, record: RecordLink | None) -> Kept:
    if record is None:
        return kept.having(note_due_at=None)
    return kept.having(message=kept.message.model_copy(update={"record": record}))


def _claimed(tenant: Tenant, message_id: str) -> Kept | None:
    """Return a message whose note is due, now ours for a while, or None when another worker was faster."""
    ours = False
    now = _now(tenant)

    def claimed(kept: Kept) -> Kept:
        nonlocal ours
        ours = kept.note_due_at is not None and kept.note_due_at <= now
        return kept.having(note_due_at=now + LEASE_SECONDS, attempts=kept.attempts + 1) if ours else kept

    kept = tenant.messages.change(message_id, claimed)
    return kept if ours else None


def _written(tenant: Tenant, group: list[Kept], *, tried_before: bool) -> dict[str, str | SantralError]:
    messages = [kept.message for kept in group]
    try:
        return create_notes(tenant, messages, tried_before=tried_before)
    except SantralError as error:
        return {message.message_id: error for message in messages}


def _settle(tenant: Tenant, kept: Kept, outcome: str | SantralError) -> None:
    message_id = kept.message.message_id
    if isinstance(outcome, RecordRefused) and outcome.field == "Parent_Id":
        # The record is gone; the message itself stays in our table.
        logger.warning("note given up", message_id=message_id, code=outcome.zoho_code)
        count("notes_given_up")
    elif isinstance(outcome, SantralError):
        logger.warning("note stays due", message_id=message_id, code=outcome.code, reason=str(outcome))
        count("notes_postponed")
        due_at = _now(tenant) + pause_seconds(outcome, kept.attempts)
        tenant.messages.change(message_id, lambda now: now.having(note_due_at=due_at))
        return
    else:
        count("notes_written")
    tenant.messages.change(message_id, lambda now: now.having(note_due_at=None))


def _now(tenant: Tenant) -> int:
    return int(tenant.clock().timestamp())
