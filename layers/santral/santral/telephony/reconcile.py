"""Holding the ledger against the providers' own call records: a webhook that never came cannot be missed otherwise.

Whatever the ledger lacks goes into the events queue like any webhook's event, so there is one way in, and what was told
twice is folded once. A run reads page by page and keeps its place after each, so it may stop anywhere and the next goes
on. Long windows are read a day at a time, newest first. A row that moves to another page while we read (a long call
ends) is met by the next pass: windows overlap, and looking twice is harmless.

A provider joins by implementing `CallHistory` (see `santral.providers.ports`) and naming Ability.HISTORY in its row of
the registry; nothing is to be changed here. One without webhooks has all its calls found here first: of these only the
late ones are worth an alarm. What `poll_live_calls` sees takes the same way, and the two are folded into one call.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from santral.calls import CallEvent, CallState, iso
from santral.errors import SantralError
from santral.phone import to_e164
from santral.providers.ports import CallHistory
from santral.providers.registry import PROVIDERS, Ability
from santral.store.calls import Entry
from santral.store.cursors import Cursor, Figures, Pass
from santral.store.table import Row
from santral.telemetry import count, logger
from santral.telephony.erasure import erased
from santral.telephony.joining import keeps_conversations, known_call
from santral.tenant import Tenant


@dataclass(frozen=True)
class Window:
    """How far back calls are compared, by their start, and how often."""

    name: str
    reaches_back: timedelta
    every: timedelta


NEWEST = Window("hours", timedelta(hours=2), timedelta(0))
DAILY = Window("days", timedelta(days=3), timedelta(days=1))
WEEKLY = Window("weeks", timedelta(days=35), timedelta(weeks=1))
WINDOWS = (NEWEST, DAILY, WEEKLY)

_STRETCH = timedelta(days=1)
_OVERLAP = NEWEST.reaches_back
_LEFT_TO_WEBHOOKS = timedelta(minutes=2)
# How long a conversation waits for the PBX to tell of its call, so that the call is logged with all the PBX knows.
_LEFT_TO_THE_PBX = timedelta(minutes=30)
_LATE = timedelta(minutes=30)
_ONE_CALL_WITHIN = timedelta(minutes=2)
_LEDGER_ROWS = 500
# Less than the share of one of four providers in a run, or none of them would ever begin.
_SECONDS_FOR_ONE_PAGE = 40


def reconcile(tenant: Tenant, seconds: float) -> None:
    """Compare call records of all providers that have them with the ledger, for at most `seconds`.

    A provider that fails is left for the next run, and holds up no other.
    """
    ends_at = time.monotonic() + seconds
    names = [name for name in tenant.settings.providers if Ability.HISTORY in PROVIDERS[name].abilities]
    for done, name in enumerate(names):
        now = time.monotonic()
        share = (ends_at - now) / (len(names) - done)
        try:
            _reconcile(tenant, name, ends_at=now + share)
        except SantralError as error:
            count("reconcile_failures")
            logger.warning("reconciling goes on later", provider=name, code=error.code, reason=str(error))


@dataclass(frozen=True)
class _Run:
    """One provider in one run. `fed` remembers what was queued: windows overlap, and the worker may not be done yet."""

    tenant: Tenant
    provider: str
    source: CallHistory
    fed: set[str] = field(default_factory=set)


def _reconcile(tenant: Tenant, provider: str, *, ends_at: float) -> None:
    run = _Run(tenant, provider, tenant.provider(provider, Ability.HISTORY))
    cursor = tenant.cursors.get(provider)
    requests = run.source.history_budget.requests
    for window in WINDOWS:
        walk = _opened(tenant, cursor, window)
        while not walk.done:
            if not requests or time.monotonic() + _SECONDS_FOR_ONE_PAGE > ends_at:
                return
            requests -= 1
            walk, found = _one_page(run, window, walk)
            kept = tenant.cursors.keep(_moved(tenant, cursor, window, walk, found), now=_epoch(tenant))
            if kept is None:
                logger.info("another run is reconciling", provider=provider)
                return
            cursor = kept


def _opened(tenant: Tenant, cursor: Cursor, window: Window) -> Pass:
    """Return the window's pass to go on with, a new one when it is time for one."""
    last = cursor.passes.get(window.name)
    until = _now(tenant) - _LEFT_TO_WEBHOOKS
    if last and (not last.done or last.until + window.every > until):
        return last
    since = until - window.reaches_back
    if last:
        # After days without an answer the newest window reaches back to where it last got through.
        since = max(min(since, last.until - _OVERLAP), until - WEEKLY.reaches_back)
    first = _first_day(tenant)
    return Pass(since=max(since, first) if first else since, until=until, reached=until)


def _one_page(run: _Run, window: Window, walk: Pass) -> tuple[Pass, Figures]:
    tenant, limit = run.tenant, run.source.history_budget.rows
    since = max(walk.since, walk.reached - _STRETCH)
    # Whoever counts pages needs whole ones, also when the budget is another than the last run's.
    offset = walk.offset - walk.offset % limit
    page = run.source.history(since=since, until=walk.reached, offset=offset, limit=limit)
    events = [event for event in page.events if _ours_to_tell(tenant, event) and not _held_back(tenant, event)]
    ledger = _ledger(tenant, run.provider, events)
    found = _fed(run, events, ledger)
    if window is DAILY:
        found = found.model_copy(update={"doubled": _doubled(tenant, events, ledger)})
    _count(found, polled=_polled(run.provider))
    place = {"offset": offset + limit} if page.rows >= limit else {"reached": since, "offset": 0}
    return walk.model_copy(update={**place, "found": walk.found.plus(found)}), found


def _count(found: Figures, *, polled: bool) -> None:
    # Zeros too: an alarm tells "none missing" from "nobody looked".
    count("calls_checked", found.checked)
    # Who tells of its calls in its records alone misses none that are found there in time.
    count("calls_missing", found.late if polled else found.missing)
    count("calls_late", found.late)
    count("calls_different", found.different)
    count("calls_doubled", found.doubled)


def _ours_to_tell(tenant: Tenant, event: CallEvent) -> bool:
    """Tell whether a call is settled, and not from before the tenant's first day."""
    ended_at, first = event.ended_at or event.started_at, _first_day(tenant)
    if ended_at and ended_at > _now(tenant) - _LEFT_TO_WEBHOOKS:
        return False
    return not (first and event.started_at and event.started_at < first)


def _held_back(tenant: Tenant, event: CallEvent) -> bool:
    """Tell whether a conversation of a call nobody else has told of is to wait, or is not wanted as a call at all."""
    if not keeps_conversations(event.provider) or known_call(tenant, event.call_id):
        return False
    ended_at = event.ended_at or event.started_at
    waited = ended_at is None or ended_at <= _now(tenant) - _LEFT_TO_THE_PBX
    return not (tenant.settings.wap_crm_calls and waited)


def _fed(run: _Run, events: Sequence[CallEvent], ledger: Mapping[str, Entry]) -> Figures:
    """Queue what the ledger does not know yet, and return what was found."""
    tenant = run.tenant
    missing = late = different = 0
    for event in events:
        known = ledger.get(event.call_id)
        if event.fingerprint() in run.fed or (known and _tells_nothing_new(event, known)):
            continue
        # The index may lag behind the row.
        known = known_call(tenant, event.call_id)
        if (known and _tells_nothing_new(event, known)) or erased(tenant, event):
            continue
        if known and known.facts.state is CallState.ENDED:
            different += 1
        else:
            missing += 1
            late += _is_late(tenant, event)
        tenant.event_queue.send(event)
        run.fed.add(event.fingerprint())
        logger.info("told by the call records", call_id=event.call_id, known=known is not None)
    return Figures(checked=len(events), missing=missing, late=late, different=different)


def _tells_nothing_new(event: CallEvent, known: Entry) -> bool:
    return bool(known.erased_at) or known.told(event) == known


def _is_late(tenant: Tenant, event: CallEvent) -> bool:
    ended_at = event.ended_at or event.started_at
    waited = _LEFT_TO_THE_PBX if keeps_conversations(event.provider) else timedelta(0)
    return ended_at is not None and _now(tenant) - ended_at > _LATE + waited


def _doubled(tenant: Tenant, events: Sequence[CallEvent], ledger: Mapping[str, Entry]) -> int:
    """Return how many calls were logged under an id the provider does not know, beside one it does.

    That is all the ledger can show: it holds one CRM id for each call id. That the CRM has one record for each id is
    held where records are written (see `santral.crm.call_log`).
    """
    told = {event.call_id for event in events}
    logged = [entry for entry in ledger.values() if entry.crm_call_id]
    doubled = 0
    for entry in logged:
        if entry.call_id in told:
            continue
        twin = next((other for other in logged if other.call_id in told and _one_call(tenant, entry, other)), None)
        if twin:
            doubled += 1
            logger.error("one call under two ids", call_id=entry.call_id, beside=twin.call_id)
    return doubled


def _one_call(tenant: Tenant, one: Entry, other: Entry) -> bool:
    numbers = [to_e164(entry.facts.counterpart or "", tenant.settings.country) for entry in (one, other)]
    extensions = [entry.facts.text("extension") for entry in (one, other)]
    return (
        numbers[0] is not None
        and numbers[0] == numbers[1]
        and extensions[0] == extensions[1]
        and abs(one.listed_at - other.listed_at) <= _ONE_CALL_WITHIN
    )


def _ledger(tenant: Tenant, provider: str, events: Sequence[CallEvent]) -> dict[str, Entry]:
    """Return what the ledger lists of the time of these events: one read for many rows."""
    starts = sorted(iso(event.started_at) for event in events if event.started_at)
    # A stretch is no longer than a day, so it lies in one UTC day or in two.
    days = sorted({moment[:10] for moment in (*starts[:1], *starts[-1:])})
    listed = (entry for day in days for entry in _listed(tenant, day, starts[0], starts[-1]))
    return {entry.call_id: entry for entry in listed if entry.provider == provider}


def _listed(tenant: Tenant, day: str, since: str, until: str) -> Iterator[Entry]:
    start: Row | None = None
    while True:
        page = tenant.calls.on_day(day, since=since, until=until, newest_first=False, limit=_LEDGER_ROWS, start=start)
        yield from page.entries
        if page.next_key is None:
            return
        start = page.next_key


def _moved(tenant: Tenant, cursor: Cursor, window: Window, walk: Pass, found: Figures) -> Cursor:
    """Return the cursor after one more page."""
    day = local_day(tenant)
    moved = cursor.having(
        passes={**cursor.passes, window.name: walk},
        day=day,
        today=found.plus(cursor.today) if cursor.day == day else found,
        read_at=_now(tenant),
    )
    if window is not NEWEST or not walk.done:
        return moved
    missed = walk.found.late if _polled(cursor.provider) else walk.found.missing
    return moved.having(missing_since=(cursor.missing_since or _now(tenant)) if missed else None)


def _polled(provider: str) -> bool:
    return Ability.CALL_WEBHOOK not in PROVIDERS[provider].abilities


def local_day(tenant: Tenant) -> str:
    """Return today's date where the tenant is."""
    return tenant.clock().astimezone(tenant.settings.time_zone).date().isoformat()


def _first_day(tenant: Tenant) -> datetime | None:
    first = tenant.settings.log_calls_from
    if first is None:
        return None
    return (first if first.tzinfo else first.replace(tzinfo=tenant.settings.time_zone)).astimezone(UTC)


def _now(tenant: Tenant) -> datetime:
    # In UTC: an hour before the clocks change is an hour, where local time would make it two or none.
    return tenant.clock().astimezone(UTC).replace(microsecond=0)


def _epoch(tenant: Tenant) -> int:
    return int(tenant.clock().timestamp())
