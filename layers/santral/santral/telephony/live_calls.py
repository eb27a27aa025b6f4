"""What goes on right now at a PBX without webhooks, asked each minute: so a call is known before its record comes."""

from datetime import timedelta

from santral.calls import CallEvent, Direction
from santral.errors import SantralError
from santral.providers.ports import LiveCall, LiveCalls
from santral.providers.registry import Ability, can
from santral.telemetry import logger
from santral.telephony.joining import live_id, same_time
from santral.tenant import Tenant


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
    row = tenant.calls.peek(event.call_id)
    if row is None or not same_time(row, event):
        return False
    entry = tenant.calls.peek(row.joined_to) if row.joined_to else row
    return entry is not None and entry.facts.state.rank >= event.state.rank
