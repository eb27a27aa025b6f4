"""One call under several ids: into which row an event is folded, and what was known of its call under other ids.

A PBX that gives no ids (Kobikom) answers a dial with "done", lists what goes on by channels, and writes a record when
it is over. So one call may be told of as `dial-…`, then as `live-…`, at last under the id its record has. Earlier rows
are joined to later ones: a row that names the call it was joined to only leads there. That one conditional write is the
decision, so two workers cannot give one dial to two calls; it comes first, so a crash after it costs nothing: whoever
folds the event again finds what was joined to its call, and takes it over again.

WapCRM keeps conversations about calls of a PBX under the PBX's ids. One whose call is known is that call. Of others an
alias says once and for all which id came first, and everything else told under either is told of that call.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from santral.calls import CallEvent, CallState, Direction, iso
from santral.errors import UnknownCall
from santral.phone import to_e164
from santral.providers.registry import PROVIDERS, Ability
from santral.store.calls import Entry
from santral.telemetry import count
from santral.tenant import Tenant

_DIAL = "dial-"
_LIVE = "live-"
_STARTS_BEFORE_DIAL = timedelta(seconds=5)
_STARTS_AFTER_DIAL = timedelta(seconds=120)
# A live call tells for how long it has been going on, which is as exact as the moment we asked.
_ONE_CHANNEL_WITHIN = timedelta(seconds=120)


def dial_id(provider: str, unique: str) -> str:
    """Return the id of a dial whose provider tells none."""
    return f"{provider}:{_DIAL}{unique}"


def live_id(provider: str, channel: str) -> str:
    """Return the id of a call that goes on, by its channel. The name may come back for a later call."""
    return f"{provider}:{_LIVE}{hashlib.sha256(channel.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Place:
    """Where an event is folded: a row, the rows its call had before, and who carried it where the id does not say."""

    call_id: str
    earlier: tuple[Entry, ...] = ()
    carrier: str | None = None

    def told(self, entry: Entry, event: CallEvent) -> Entry:
        """Return the row after the event and all that was known of its call under other ids."""
        for other in self.earlier:
            entry = entry.taking_over(other)
        return entry.having(carrier=self.carrier or entry.carrier).told(event)


def place_of(tenant: Tenant, event: CallEvent) -> Place | None:
    """Decide into which row an event is folded, and join its call's earlier rows to it; None when it tells nothing.

    Deciding again gives the same.

    Raises:
        Conflict: Others kept writing one of the rows.
    """
    if keeps_conversations(event.provider):
        return _of_conversation(tenant, event)
    if event.channel is None:
        return _of_call_with_id(tenant, event)
    if event.call_id == live_id(event.provider, event.channel):
        return _of_live_call(tenant, event)
    return Place(event.call_id, tuple(_earlier_rows(tenant, event)))


# --- calls without ids -----------------------------------------------------------------------------------------------


def _earlier_rows(tenant: Tenant, event: CallEvent) -> Iterator[Entry]:
    """Join the rows this call had before its record came, and yield them."""
    live = tenant.calls.peek(live_id(event.provider, event.channel or ""))
    if live and same_time(live, event):
        joined = _joined(tenant, live, event.call_id)
        if joined.joined_to == event.call_id:
            yield joined
        elif joined.joined_to and (dial := tenant.calls.peek(joined.joined_to)):
            # It went on as the call of that dial, so the record is the dial's as well.
            if dial.provisional and (taken := _taken(tenant, dial, event, event.call_id)):
                yield taken
            return
    if dial := _dial_of(tenant, event, joined_to=event.call_id):
        count("dials_joined")
        yield dial


def _joined(tenant: Tenant, row: Entry, call_id: str) -> Entry:
    """Join a row to a call unless it is joined already, and return it. Nothing is joined of who is to be forgotten."""
    return tenant.calls.change(row.call_id, lambda now: now if now.joined_to else now.having(joined_to=call_id))


def _of_live_call(tenant: Tenant, event: CallEvent) -> Place | None:
    row = tenant.calls.peek(event.call_id)
    if row and not same_time(row, event):
        # The PBX was restarted and begins its channels' names anew.
        row = tenant.calls.change(event.call_id, lambda now: now if same_time(now, event) else _begun_anew(tenant, now))
    if row and row.joined_to:
        return _where_it_leads(tenant, row.joined_to)
    if _is_recorded(tenant, event):
        return None
    dial = _dial_of(tenant, event, joined_to=None)
    if dial is None:
        return Place(event.call_id)
    # With its facts, by whose start the channel's next call is told from this one.
    joined = tenant.calls.change(
        event.call_id, lambda now: now if now.joined_to else now.told(event).having(joined_to=dial.call_id)
    )
    return _where_it_leads(tenant, joined.joined_to or dial.call_id)


def _begun_anew(tenant: Tenant, row: Entry) -> Entry:
    return Entry(call_id=row.call_id, first_seen_at=tenant.clock())


def _where_it_leads(tenant: Tenant, call_id: str) -> Place | None:
    """Return the call's row; none when it is over: who is told of as going on was only told of late."""
    try:
        entry = tenant.calls.get(call_id)
    except UnknownCall:
        return None
    return None if entry.facts.state is CallState.ENDED else Place(entry.call_id)


def _is_recorded(tenant: Tenant, event: CallEvent) -> bool:
    """Tell whether the call's record has overtaken the news that it goes on."""
    return any(
        not row.provisional and row.facts.text("channel") == event.channel and same_time(row, event)
        for row in _rows_around(tenant, event)
    )


def _dial_of(tenant: Tenant, event: CallEvent, *, joined_to: str | None) -> Entry | None:
    """Return the dial that became this call, now joined to it or, of a live call, marked with its channel.

    It rang the same extension and the same number, and the call started from 5 s before to 120 s after it. The oldest
    counts; when there are several and they were not asked by one user from one record, none does.
    """
    passed: set[str] = set()
    while dial := _chosen(
        [row for row in _rows_around(tenant, event) if _became(tenant, row, event) and row.call_id not in passed],
        event,
        joined_to,
    ):
        if taken := _taken(tenant, dial, event, joined_to):
            return taken
        passed.add(dial.call_id)
    return None


def _chosen(dials: list[Entry], event: CallEvent, joined_to: str | None) -> Entry | None:
    known = [
        dial
        for dial in dials
        if (joined_to is not None and dial.joined_to == joined_to)
        or (dial.joined_to is None and dial.facts.text("channel") == event.channel)
    ]
    if known:
        return known[0]
    free = [dial for dial in dials if dial.joined_to is None and dial.facts.text("channel") is None]
    if len({(dial.acting_user, dial.record) for dial in free}) > 1:
        return None
    return free[0] if free else None


def _taken(tenant: Tenant, dial: Entry, event: CallEvent, joined_to: str | None) -> Entry | None:
    """Take a dial for this call; None when another call was faster."""

    def taken(now: Entry) -> Entry:
        if now.joined_to or now.facts.text("channel") not in (None, event.channel):
            return now
        return now.having(joined_to=joined_to) if joined_to else now.told(event)

    after = tenant.calls.change(dial.call_id, taken)
    if joined_to:
        return after if after.joined_to == joined_to else None
    return after if after.joined_to is None and after.facts.text("channel") == event.channel else None


def _became(tenant: Tenant, dial: Entry, event: CallEvent) -> bool:
    requested_at = dial.facts.times.get("requested_at")
    if not dial.call_id.startswith(f"{event.provider}:{_DIAL}") or dial.erased_at:
        return False
    if event.direction is Direction.INBOUND or event.started_at is None or requested_at is None:
        return False
    return (
        requested_at - _STARTS_BEFORE_DIAL <= event.started_at <= requested_at + _STARTS_AFTER_DIAL
        and dial.facts.text("extension") in (event.extension, event.from_, event.to)
        and _comparable(tenant, dial.facts.text("to")) in _numbers(tenant, event)
    )


def _rows_around(tenant: Tenant, event: CallEvent) -> list[Entry]:
    if event.started_at is None:
        return []
    since, until = iso(event.started_at - _STARTS_AFTER_DIAL), iso(event.started_at + _ONE_CHANNEL_WITHIN)
    rows = [row for number in _numbers(tenant, event) for row in tenant.calls.around(number, since=since, until=until)]
    return sorted(rows, key=lambda row: (row.facts.times.get("requested_at", row.listed_at), row.call_id))


def _numbers(tenant: Tenant, event: CallEvent) -> list[str]:
    numbers = (_comparable(tenant, text) for text in (event.from_, event.to))
    return list(dict.fromkeys(filter(None, numbers)))


def _comparable(tenant: Tenant, text: str | None) -> str | None:
    return (to_e164(text, tenant.settings.country) or text) if text else None


def same_time(row: Entry, event: CallEvent) -> bool:
    """Tell whether a row and an event of one channel can be of one call."""
    return event.started_at is None or abs(row.listed_at - event.started_at) <= _ONE_CHANNEL_WITHIN


# --- conversations about calls of a PBX ------------------------------------------------------------------------------


def keeps_conversations(provider: str) -> bool:
    """Tell whether a provider's calls are conversations about calls, under the ids of the PBX that carried them."""
    row = PROVIDERS.get(provider)
    return row is not None and Ability.OUTCOMES in row.abilities


def known_call(tenant: Tenant, call_id: str) -> Entry | None:
    """Return the call an id stands for: its own, or the one a conversation is about; None when there is none yet."""
    provider, _, provider_id = call_id.partition(":")
    others = [name for name in tenant.settings.providers if name != provider] if keeps_conversations(provider) else []
    for candidate in (call_id, *(f"{name}:{provider_id}" for name in others)):
        try:
            return tenant.calls.get(candidate)
        except UnknownCall:
            continue
    return None


def _of_conversation(tenant: Tenant, event: CallEvent) -> Place | None:
    known = known_call(tenant, event.call_id)
    if known is not None:
        if known.call_id != event.call_id:
            tenant.calls.remember_alias(event.call_id, known.call_id)
        return Place(known.call_id)
    if not tenant.settings.wap_crm_calls:
        return None
    return Place(_first_told_as(tenant, event.call_id, event.call_id))


def _of_call_with_id(tenant: Tenant, event: CallEvent) -> Place:
    """Let a call of a PBX be the conversation that was logged when nobody else told of it for so long."""
    if not tenant.settings.wap_crm_calls:
        return Place(event.call_id)
    for name in filter(keeps_conversations, tenant.settings.providers):
        conversation = f"{name}:{event.call_id.partition(':')[2]}"
        if _first_told_as(tenant, conversation, event.call_id) == conversation:
            tenant.calls.remember_alias(event.call_id, conversation)
            return Place(conversation, carrier=event.provider)
    return Place(event.call_id)


def _first_told_as(tenant: Tenant, conversation: str, call_id: str) -> str:
    """Return the id that a conversation's call goes by, which is `call_id` when none was settled before."""
    led = tenant.calls.led_to(conversation)
    if led is None and not tenant.calls.remember_alias(conversation, call_id):
        led = tenant.calls.led_to(conversation)
    return led or call_id
