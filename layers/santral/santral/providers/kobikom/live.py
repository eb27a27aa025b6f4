"""What goes on right now: Asterisk's channels, two or more to a call, joined to calls.

Document, "Canlı Yönetimler" (columns as in `core show channels concise`; `yon` there holds the channel's state) and
"Aktif Call Center Çağrıları". Nothing but names and numbers says which channels belong together: the caller's channel
names whom it dials, and the called one waits in the application AppDial or AppQueue.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from santral.calls import CallState, Direction
from santral.phone import is_extension
from santral.providers.kobikom.fields import (
    agent_of,
    extension_of,
    in_our_words,
    is_dialled_by_machine,
    moment,
    peer,
    seconds,
    texts,
    word,
)
from santral.providers.ports import LiveCall

_CALLED = frozenset({"APPDIAL", "APPDIAL2", "APPQUEUE"})
_OUTGOING_LINE = "(Outgoing Line)"
_UP = "UP"
# The document calls the column "direction"; a PBX that takes it at its word writes one of these.
_DIRECTIONS = {
    "INBOUND": Direction.INBOUND,
    "GELEN": Direction.INBOUND,
    "OUTBOUND": Direction.OUTBOUND,
    "GIDEN": Direction.OUTBOUND,
    "INTERNAL": Direction.INTERNAL,
}


@dataclass(frozen=True)
class ActiveChannel:
    """One row of activeCalls: `dahili` is what was dialled in the PBX, `arayan_numara` the channel's own number."""

    channel: str
    context: str
    dialled: str
    state: str
    application: str
    data: str
    number: str
    seconds: int | None

    @classmethod
    def read(cls, row: Any) -> Self | None:
        """Read one row; None when it names no channel."""
        said = texts(row)
        if not said.get("kanal"):
            return None
        return cls(
            channel=said["kanal"],
            context=said.get("kaynak", "").lower(),
            dialled=said.get("dahili", ""),
            state=word(said.get("yon", "")),
            application=word(said.get("islem", "")),
            data=said.get("data", ""),
            number=said.get("arayan_numara", ""),
            seconds=seconds(said.get("sure", "")),
        )

    @property
    def is_called(self) -> bool:
        return self.application in _CALLED or self.data == _OUTGOING_LINE

    @property
    def waits(self) -> bool:
        """Whether the caller is in a queue, be it before an agent answers or after."""
        return self.application == "QUEUE"

    @property
    def is_up(self) -> bool:
        return self.state == _UP

    def dials(self, other: "ActiveChannel") -> bool:
        """Tell whether this channel's application names the other's device, `SIP/1004` or `SIP/trunk/0532…`."""
        device = f"{other.channel.partition('/')[0]}/{peer(other.channel)}"
        named = re.split(r"[,&|]", self.data)
        return bool(peer(other.channel)) and any(one == device or one.startswith(f"{device}/") for one in named)

    @property
    def queue(self) -> str | None:
        name = self.data.partition(",")[0].strip() if self.waits else ""
        if not name and "queue" in self.context:
            name = self.dialled
        return name if is_extension(name) else None

    @property
    def target(self) -> str:
        """Whom an extension's channel calls: what was dialled, or else the number at the end of `SIP/trunk/0532…`."""
        if self.dialled.lstrip("+").isdecimal():
            return self.dialled
        found = re.search(r"/(\+?[0-9]{2,18})(?:[,&@|]|$)", self.data)
        return found[1] if found else ""


@dataclass(frozen=True)
class AgentCall:
    """One row of activeCallsCallCenter. `fechainicio` is a moment or a word, the document does not decide."""

    agent: str
    phone: str
    started_at: datetime | None

    @classmethod
    def read(cls, row: Any) -> Self | None:
        """Read one row; None when it names no agent."""
        said = texts(row)
        agent = said.get("agentnumber", "").rpartition("/")[2]
        if not agent:
            return None
        return cls(agent, said.get("phone", ""), moment(said.get("fechainicio", "")))


@dataclass
class _Joined:
    """A call in the making: the channel that began it, and those it calls."""

    caller: ActiveChannel
    called: list[ActiveChannel] = field(default_factory=list)


def live_calls(
    channels: Sequence[ActiveChannel], agent_calls: Sequence[AgentCall], *, outside_prefix: str, now: datetime
) -> list[LiveCall]:
    """Return the calls that channels and agents' calls together tell of."""
    found = [_call(one, outside_prefix) for one in _joined(channels, agent_calls, outside_prefix)]
    for told in agent_calls:
        position = _position(told, found, outside_prefix)
        if position is None:
            lasted = max(0, int((now - told.started_at).total_seconds())) if told.started_at else None
            number = _without_prefix(told.phone, outside_prefix) or None
            alone = LiveCall(f"Agent/{told.agent}", CallState.ANSWERED, number=number, agent=told.agent, seconds=lasted)
            found.append(alone)
        else:
            found[position] = replace(found[position], agent=told.agent, state=CallState.ANSWERED)
    return found


def _joined(channels: Sequence[ActiveChannel], agent_calls: Sequence[AgentCall], prefix: str) -> list[_Joined]:
    calls = [_Joined(channel) for channel in channels if not channel.is_called]
    alone: list[_Joined] = []
    called = [channel for channel in channels if channel.is_called]
    for leg in sorted(called, key=lambda leg: not leg.is_up):
        call = _calling(leg, calls, prefix) or _waiting_for(leg, calls, agent_calls, prefix)
        if call is None:
            alone.append(_Joined(leg))
        else:
            call.called.append(leg)
    return calls + alone


def _calling(leg: ActiveChannel, calls: Sequence[_Joined], prefix: str) -> _Joined | None:
    # A queue's phones ring on AppQueue, even those that somebody else has dialled.
    dialling = [call for call in calls if call.caller.dials(leg) and leg.application != "APPQUEUE"]
    candidates = dialling or [call for call in calls if _numbers_agree(call.caller, leg, prefix)]
    # Calls that go out over one trunk all name it: the number decides, then who has no partner yet.
    return max(candidates, key=lambda call: (_numbers_agree(call.caller, leg, prefix), not call.called), default=None)


def _waiting_for(
    leg: ActiveChannel, calls: Sequence[_Joined], agent_calls: Sequence[AgentCall], prefix: str
) -> _Joined | None:
    """Return the caller in a queue for whom an agent's phone rings, or who talks to the agent.

    A queue names none of those it rings. Phones ring for who has waited longest. Who talks to whom is known when agents
    are called by their extensions, or when there is only one to choose from; a guess could hang up on the wrong one.
    """
    agents = {_comparable(told.phone, prefix): told.agent for told in agent_calls if told.phone}
    waiting = [(call, agents.get(_comparable(call.caller.number, prefix))) for call in calls if call.caller.waits]
    if not leg.is_up:
        unanswered = [call for call, agent in waiting if agent is None and not _is_talking(call)]
        return max(unanswered, key=lambda call: call.caller.seconds or 0, default=None)
    talking = [(call, agent) for call, agent in waiting if agent is not None]
    own = {extension_of(leg.channel), agent_of(leg.channel)}
    possible = [call for call, agent in talking if agent in own] or [call for call, _ in talking or waiting]
    return possible[0] if len(possible) == 1 else None


def _numbers_agree(caller: ActiveChannel, leg: ActiveChannel, prefix: str) -> bool:
    """Tell whether a called channel has the number that was dialled, or shows the caller's."""
    dialled = caller.target if leg.application != "APPQUEUE" else ""
    shown = "" if is_extension(caller.number) else caller.number
    numbers = {_comparable(number, prefix) for number in (dialled, shown) if number}
    return any(_comparable(number, prefix) in numbers for number in (leg.number, leg.dialled) if number)


def _call(joined: _Joined, prefix: str) -> LiveCall:
    caller, called = joined.caller, joined.called
    answering = next((leg for leg in called if leg.is_up), called[0] if called else None)
    told_direction = _DIRECTIONS.get(caller.state)
    own = extension_of(caller.channel)
    if caller.is_called:
        number = caller.number if caller.number != own else ""
        direction, extension = None, own
    elif own or told_direction is Direction.OUTBOUND:
        extension = own or (caller.number if is_extension(caller.number) else None)
        number = caller.target or (answering.number if answering else "")
        direction = (Direction.INTERNAL if is_extension(number) else Direction.OUTBOUND) if number else None
    elif is_dialled_by_machine(caller.channel, caller.dialled):
        # A campaign's call; the number it shows is its queue's.
        direction, number, extension = Direction.OUTBOUND, caller.dialled, None
    else:
        direction, number = Direction.INBOUND, caller.number
        rung = caller.dialled if is_extension(caller.dialled) and caller.queue is None else None
        extension = (extension_of(answering.channel) if answering else None) or rung
    agents = (agent_of(leg.channel) for leg in called)
    return LiveCall(
        channel=caller.channel,
        state=_state(joined),
        direction=told_direction or direction,
        extension=extension,
        number=_without_prefix(number, prefix) or None,
        queue=caller.queue if direction is Direction.INBOUND else None,
        agent=next((agent for agent in agents if agent), None),
        seconds=caller.seconds,
    )


def _state(joined: _Joined) -> CallState:
    """A caller who waits in a queue is up, and so is one who listens to a phone ringing elsewhere."""
    caller, called = joined.caller, joined.called
    alone = not called and caller.is_up and not caller.waits
    return CallState.ANSWERED if alone or _is_talking(joined) else CallState.RINGING


def _is_talking(joined: _Joined) -> bool:
    return joined.caller.is_up and any(leg.is_up for leg in joined.called)


def _position(told: AgentCall, found: Sequence[LiveCall], prefix: str) -> int | None:
    phone = _comparable(told.phone, prefix)
    by_number = [i for i, call in enumerate(found) if phone and call.number and _comparable(call.number, "") == phone]
    by_agent = [i for i, call in enumerate(found) if told.agent in {call.agent, call.extension}]
    both = [i for i in by_number if i in by_agent]
    # Whoever is on a call with somebody else is not on this one.
    unnamed = [i for i in by_agent if not (phone and found[i].number)]
    return next(iter(both or by_number or unnamed), None)


def _comparable(number: str, prefix: str) -> str:
    return in_our_words(number, prefix) or number


def _without_prefix(number: str, prefix: str) -> str:
    """Return an outside number as the PBX writes it, without what it dials to get outside."""
    rest = number.removeprefix(prefix) if prefix else number
    return rest if rest != number and in_our_words(rest, "") != rest else number
