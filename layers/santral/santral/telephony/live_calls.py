"""What goes on right now: as our ledger was told of it, or as a PBX without webhooks says when it is asked."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from santral.calls import Call, CallEvent, CallState, Direction, iso
from santral.errors import NotConfigured, OutsideFailure, SantralError, UnknownCall
from santral.providers.ports import LiveCall, LiveCalls
from santral.providers.registry import Ability, can
from santral.providers.registry import provider as registered
from santral.store.calls import Entry
from santral.store.directory import User
from santral.telemetry import logger
from santral.telephony.joining import live_id, same_time
from santral.tenant import Tenant

_SNAPSHOT_SECONDS = 2
# Of a call that goes on for longer, the end was missed.
_LONGEST_CALL = timedelta(hours=4)
_CLOCKS_DIFFER_BY = timedelta(minutes=5)
_MOST_CALLS = 200
_CALLS = TypeAdapter(list[Call])


# What can be done on a phone, by the abilities of its PBX of which any suffices.
_CONTROLS: dict[str, tuple[Ability, ...]] = {
    "dial": (Ability.DIAL,),
    "hang_up": (Ability.HANG_UP, Ability.HANG_UP_EXTENSION),
    "transfer": (Ability.TRANSFER, Ability.TRANSFER_EXTENSION),
    "mute": (Ability.MUTE,),
    "list_extensions": (Ability.EXTENSIONS,),
}


class OwnPhone(BaseModel):
    """The acting user's extensions at one PBX, the one that rings on a dial first, and what can be done there.

    `can` holds some of dial, hang_up, transfer, mute and list_extensions.
    """

    model_config = ConfigDict(frozen=True)

    provider: str
    extensions: list[str]
    can: list[str]


class LiveCallList(BaseModel):
    """Calls that go on. Whoever asks for their own is told their phones and their number as an agent, too.

    `unread` names the PBXes that could not be asked just now, whose calls are missing from one's own.
    """

    model_config = ConfigDict(frozen=True)

    calls: list[Call]
    phones: list[OwnPhone] | None = None
    agent: str | None = None
    unread: list[str] = []


def list_live_calls(tenant: Tenant, *, provider: str | None, extension: str | None) -> LiveCallList:
    """Return the calls that go on, newest first, of one provider or all, of one extension or all.

    Raises:
        NotSupported: The provider tells of no calls.
        NotConfigured: The provider is not set up.
        OutsideFailure: A PBX that has to be asked cannot be read.
    """
    return LiveCallList(calls=[call for call in _going_on(tenant, provider) if extension in (None, call.extension)])


def list_own_calls(tenant: Tenant, *, provider: str | None, user: str | None) -> LiveCallList:
    """Return the calls that go on at the acting user's own extensions, or with them as an agent.

    Some PBXes tell only with the answer whose telephone rang: until then it may be anybody's who has one there, and is
    among theirs without an extension. A PBX that cannot be read hides neither the calls at another nor the phones. An
    unknown user has neither calls nor phones.

    Raises:
        NotSupported: The provider tells of no calls.
        NotConfigured: The provider is not enabled.
    """
    known = (tenant.directory.user(user) if user else None) or User(email="")
    agent = known.agent_number if any(can(name, Ability.AGENT_SESSIONS) for name in tenant.settings.providers) else None
    calls, unread = _readable(tenant, provider)
    own = [call for call in calls if _is_of(call, known, agent)]
    return LiveCallList(calls=own, phones=_phones(tenant, known), agent=agent, unread=unread)


def _is_of(call: Call, user: User, agent: str | None) -> bool:
    extensions = user.extensions.get(call.provider, ())
    return (
        call.extension in extensions
        or (agent is not None and call.agent == agent)
        or (bool(extensions) and _rings_somewhere(call))
    )


def _phones(tenant: Tenant, user: User) -> list[OwnPhone]:
    return [
        OwnPhone(
            provider=name,
            extensions=list(user.extensions[name]),
            can=[control for control, some in _CONTROLS.items() if any(can(name, ability) for ability in some)],
        )
        for name in tenant.settings.providers
        if user.extensions.get(name)
    ]


def _readable(tenant: Tenant, provider: str | None) -> tuple[list[Call], list[str]]:
    """Return what can be read of what goes on, and the PBXes that cannot."""
    asked = _providers(tenant, provider)
    try:
        return _going_on(tenant, provider), []
    except (OutsideFailure, NotConfigured) as error:
        logger.warning("live calls not read", code=error.code, reason=str(error))
        unread = [name for name in asked if can(name, Ability.LIVE_CALLS)]
        return [call for call in _told_of(tenant) if call.provider in asked], unread


def _rings_somewhere(call: Call) -> bool:
    nobody = call.extension is None and call.agent is None
    return nobody and call.state is CallState.RINGING and call.direction is Direction.INBOUND


def _going_on(tenant: Tenant, provider: str | None) -> list[Call]:
    asked = _providers(tenant, provider)
    calls = _shared(tenant) if any(can(name, Ability.LIVE_CALLS) for name in asked) else _told_of(tenant)
    return [call for call in calls if call.provider in asked]


def _providers(tenant: Tenant, named: str | None) -> list[str]:
    """Return whose calls are listed. Keys are not read: those of a PBX that is not asked are none of ours to see."""
    if not named:
        return [name for name in tenant.settings.providers if _tells_of_calls(name)]
    if not _tells_of_calls(named):
        registered(named, Ability.LIVE_CALLS)
    if named not in tenant.settings.providers:
        raise NotConfigured(f"{named} is not enabled")
    return [named]


def _tells_of_calls(provider: str) -> bool:
    return can(provider, Ability.LIVE_CALLS) or can(provider, Ability.CALL_WEBHOOK)


def _told_of(tenant: Tenant) -> list[Call]:
    now = tenant.clock()
    rows = tenant.calls.going_on(since=iso(now - _LONGEST_CALL), until=iso(now + _CLOCKS_DIFFER_BY), limit=_MOST_CALLS)
    return [row.as_call() for row in rows if not can(row.provider, Ability.LIVE_CALLS)]


def _shared(tenant: Tenant) -> list[Call]:
    """Return everything that goes on, as it was at most two seconds ago: one reading of one row for who looks on."""

    def read() -> Any:
        told = [_told_of(tenant)] if any(not can(name, Ability.LIVE_CALLS) for name in _providers(tenant, None)) else []
        asked = [_asked_for(tenant, name) for name in tenant.settings.providers if can(name, Ability.LIVE_CALLS)]
        calls = [call for some in (*asked, *told) for call in some]
        return _CALLS.dump_python(calls, mode="json", by_alias=True)

    return _CALLS.validate_python(tenant.snapshots.get("live", max_age_seconds=_SNAPSHOT_SECONDS, read=read))


def _asked_for(tenant: Tenant, provider: str) -> list[Call]:
    """Return what a PBX says goes on, with what the ledger knows of each call.

    A call the ledger has not heard of is news for it: once it is told, somebody looks whose number it is, and the next
    reading has the record. Whoever looks on never waits for that.
    """
    source: LiveCalls = tenant.provider(provider, Ability.LIVE_CALLS)
    calls = []
    for event in (_event(tenant, provider, call) for call in source.live_calls()):
        known = _in_ledger(tenant, event)
        if known is None:
            tenant.event_queue.send(event)
            known = Entry(call_id=event.call_id, first_seen_at=tenant.clock())
        calls.append(known.told(event).as_call())
    return calls


def _in_ledger(tenant: Tenant, event: CallEvent) -> Entry | None:
    """Return the call as the ledger knows it, or None. The name of its channel alone may be that of an older call."""
    row = tenant.calls.peek(event.call_id)
    if row is None or not same_time(row, event):
        return None
    return tenant.calls.peek(row.joined_to) if row.joined_to else row


def is_same_call(tenant: Tenant, entry: Entry, call: LiveCall) -> bool:
    """Tell whether a live call is this very one, by its channel and start; what it says of itself may have changed."""
    event = _event(tenant, entry.provider, call)
    return event.call_id == entry.call_id and same_time(entry, event)


def known_or_live(tenant: Tenant, call_id: str) -> Entry:
    """Return a call of the ledger, or one a PBX is asked for, which the ledger learns of only with the next poll.

    Raises:
        UnknownCall: There is no such call.
        OutsideFailure: The PBX cannot be read.
    """
    try:
        return tenant.calls.get(call_id)
    except UnknownCall:
        provider = call_id.partition(":")[0]
        if not can(provider, Ability.LIVE_CALLS):
            raise
        source: LiveCalls = tenant.provider(provider, Ability.LIVE_CALLS)
        events = (_event(tenant, provider, call) for call in source.live_calls())
        event = next((event for event in events if event.call_id == call_id), None)
        if event is None:
            raise
        return Entry(call_id=call_id, first_seen_at=tenant.clock()).told(event)


def poll_live_calls(tenant: Tenant) -> None:
    """Queue what is new about the calls that go on. A PBX that does not answer is asked again in a minute."""
    for name in tenant.settings.providers:
        if not can(name, Ability.LIVE_CALLS) or can(name, Ability.CALL_WEBHOOK):
            continue
        try:
            source: LiveCalls = tenant.provider(name, Ability.LIVE_CALLS)
            going_on = source.live_calls()
        except SantralError as error:
            logger.warning("live calls not read", provider=name, code=error.code, reason=str(error))
            continue
        for call in going_on:
            event = _event(tenant, name, call)
            if not _known(tenant, event):
                tenant.event_queue.send(event)


def _event(tenant: Tenant, provider: str, call: LiveCall) -> CallEvent:
    # An internal call is one of the extension with a colleague; of an unknown direction, the number is who called.
    outgoing = call.direction in (Direction.OUTBOUND, Direction.INTERNAL)
    return CallEvent(
        call_id=live_id(provider, call.channel),
        provider=provider,
        state=call.state,
        direction=call.direction,
        from_=call.extension if outgoing else call.number,
        to=call.number if outgoing else None,
        caller_name=call.caller_name,
        extension=call.extension,
        agent=call.agent,
        queue=call.queue,
        channel=call.channel,
        started_at=None if call.seconds is None else tenant.clock() - timedelta(seconds=call.seconds),
    )


def _known(tenant: Tenant, event: CallEvent) -> bool:
    """Tell whether the ledger has the call in this state. Its start is estimated anew each time, and no news."""
    entry = _in_ledger(tenant, event)
    return entry is not None and entry.facts.state.rank >= event.state.rank
