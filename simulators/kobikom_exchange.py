"""The Asterisk behind Kobikom's API: channels come and go, and every leg of a call leaves a row in the call records."""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from simulators.audio import recording, wav49
from simulators.timeline import Timeline

ISTANBUL = ZoneInfo("Europe/Istanbul")
RECORDING_ROOT = "/var/spool/asterisk/monitor"
TRUNK = "kobikom"
DIAL_OPTIONS = ",300,TtrI"

Disposition = Literal["ANSWERED", "NO ANSWER", "BUSY", "FAILED"]
Outcome = Literal["ANSWERED", "NO ANSWER", "BUSY", "FAILED", "ABANDONED"]
ChannelState = Literal["Ring", "Ringing", "Up"]


@dataclass(frozen=True)
class CallScript:
    """How calls go, in seconds. ABANDONED is a campaign's contact who answers and does not wait for an agent.

    `pick_up_seconds` is what an extension takes that the exchange rings first, and an agent whom a campaign gives a
    contact; `failure_cause` the hang-up cause number of a campaign call that failed. Where `queue_answers`, a queue
    takes the call itself and lets its caller wait: the call then counts as answered, though nobody may ever talk.
    """

    outcome: Outcome = "ANSWERED"
    extension_answers: bool = True
    pick_up_seconds: float = 1
    ring_seconds: float = 3
    talk_seconds: float = 8
    failure_cause: int = 1
    queue_answers: bool = False
    recorded: bool = True
    recording_ready_after: float = 0
    recording_form: Literal["wav49", "wav"] = "wav49"


@dataclass(eq=False)
class Channel:
    """One side of a call, as `core show channels concise` tells it."""

    name: str
    context: str
    exten: str
    priority: int
    state: ChannelState
    application: str
    data: str
    number: str
    started_at: datetime
    extension: str | None = None
    caller_name: str = ""


@dataclass(eq=False)
class Leg:
    """One row of the call records: a channel, and the one it was put through to."""

    near: Channel
    far: Channel | None
    source: str
    destination: str
    started_at: datetime
    context: str = ""
    last_application: str = ""
    last_data: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    disposition: Disposition = "NO ANSWER"
    recording: str | None = None

    @property
    def extensions(self) -> set[str]:
        sides = (self.near, self.far) if self.far else (self.near,)
        return {side.extension for side in sides if side.extension}

    @property
    def going_on(self) -> bool:
        return self.ended_at is None

    @property
    def billed_seconds(self) -> int:
        return _seconds(self.answered_at, self.ended_at)

    @property
    def duration(self) -> int:
        return _seconds(self.started_at, self.ended_at)


@dataclass(eq=False)
class PbxCall:
    """Its legs, oldest first; `agents` are channels of agents whom no row of the call records tells of."""

    unique_id: str
    script: CallScript
    started_at: datetime
    recording_kind: str = "out"
    legs: list[Leg] = field(default_factory=list)
    agents: list[Channel] = field(default_factory=list)
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    on_step: Callable[["PbxCall"], None] = lambda _: None

    @property
    def live_legs(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.going_on]

    @property
    def extensions(self) -> set[str]:
        agents = {channel.extension for channel in self.agents if channel.extension}
        return agents.union(*(leg.extensions for leg in self.live_legs))

    @property
    def recording(self) -> str | None:
        """The path of its recording, there already or not."""
        return next((leg.recording for leg in self.legs if leg.recording), None)

    @property
    def disposition(self) -> Disposition:
        if self.answered_at is not None:
            return "ANSWERED"
        return self.legs[0].disposition


class NotOnACallError(Exception):
    """The extension has no call that this could be done to, or the call is over."""


class Exchange:
    """Calls by their unique ids. Every step runs on the timeline; a step after a leg's end does nothing."""

    def __init__(
        self,
        timeline: Timeline,
        extensions: Mapping[str, str],
        *,
        outside_prefix: str = "",
        recording_root: str = RECORDING_ROOT,
    ) -> None:
        self.lock = threading.RLock()
        self.script = CallScript()
        self.scripts: dict[str, CallScript] = {}
        self.extensions = dict(extensions)
        self.on_free_extension: Callable[[], None] = lambda: None
        self._timeline = timeline
        self._outside_prefix = outside_prefix
        self._recording_root = recording_root
        self._calls: dict[str, PbxCall] = {}
        self._recordings: dict[str, PbxCall] = {}
        self._unique = itertools.count(40633)
        self._channels = itertools.count(42)

    def script_for(self, number: str) -> CallScript:
        return self.scripts.get(number, self.script)

    # Calls begin.

    def dial(self, extension: str, number: str) -> PbxCall:
        """Ring the extension and, once it is picked up, the number."""
        with self.lock:
            call = self._new_call(self.script_for(number), self._kind_of(number))
            near = self._extension_channel(extension, "Ringing")
            near.application, near.data = "AppDial2", "(Outgoing Line)"
            leg = Leg(near, None, extension, number, call.started_at, near.context, near.application, near.data)
            call.legs.append(leg)
            if call.script.extension_answers:
                self._later(call, call.script.pick_up_seconds, leg, self._ring_number)
            else:
                self._later(call, call.script.ring_seconds, leg, self._settle)
            return call

    def call_from_phone(self, extension: str, number: str, script: CallScript) -> PbxCall:
        """Somebody lifts the receiver and dials."""
        with self.lock:
            call = self._new_call(script, self._kind_of(number))
            near = self._extension_channel(extension, "Up")
            leg = Leg(near, None, extension, number, call.started_at, near.context)
            call.legs.append(leg)
            self._ring_number(call, leg)
            return call

    def call_in(self, source: str, caller_name: str, script: CallScript, *, extension: str) -> PbxCall:
        """A customer calls an extension."""
        with self.lock:
            call = self._new_call(script, "external")
            near = self._outside_channel(source, "from-trunk", extension, caller_name)
            self._ring_extension(call, near, extension, source=source, destination=extension, context="from-trunk")
            self._later(call, script.ring_seconds, call.legs[0], self._settle)
            return call

    def call_in_to_queue(
        self,
        source: str,
        caller_name: str,
        script: CallScript,
        *,
        queue: str,
        ringing: Iterable[str],
        answered_by: str | None = None,
    ) -> PbxCall:
        """A customer calls a queue, which rings all these extensions; the first one answers unless another is named."""
        with self.lock:
            call = self._new_call(script, "q")
            near = self._outside_channel(source, "ext-queues", queue, caller_name)
            near.application, near.data = "Queue", f"{queue},t,,,"
            for extension in ringing:
                # The queue takes a moment for each member after the first.
                started_at = call.started_at + timedelta(seconds=1 if call.legs else 0)
                leg = Leg(near, None, source, queue, started_at, "ext-queues", "Queue", near.data)
                leg.far = self._extension_channel(extension, "Ringing", "AppQueue")
                call.legs.append(leg)
            if not call.legs or script.queue_answers:
                wait = Leg(near, None, source, queue, call.started_at, "ext-queues", "Queue", near.data)
                if script.queue_answers:
                    near.state, wait.answered_at = "Up", call.started_at
                call.legs.append(wait)
            chosen = next((leg for leg in call.legs if answered_by in leg.extensions), call.legs[0])
            # Not tied to one leg: the chosen extension may have declined by then.
            self._timeline.call_later(script.ring_seconds, lambda: self._settle_queue(call, chosen))
            return call

    def call_for_campaign(self, number: str, queue: str, on_step: Callable[[PbxCall], None]) -> PbxCall:
        """The dialler calls a contact on its own; `on_step` hears of ringing, answer and end."""
        with self.lock:
            call = self._new_call(self.script_for(number), "out")
            call.on_step = on_step
            near = self._channel(f"Local/{number}@from-internal-{next(self._channels):08x};2", "from-internal", "Ring")
            near.exten, near.number = number, queue
            leg = Leg(near, None, queue, number, call.started_at, near.context)
            call.legs.append(leg)
            self._later(call, call.script.pick_up_seconds, leg, self._ring_number)
            return call

    # Calls are changed and end.

    def put_through(self, call: PbxCall, extension: str) -> None:
        """Connect a campaign's contact to an agent's extension."""
        with self.lock:
            channel = self._extension_channel(extension, "Up", "AppQueue")
            call.agents.append(channel)

    def hang_up(self, unique_id: str) -> None:
        """One of those on the line hangs up."""
        with self.lock:
            call = self._calls.get(unique_id)
            if call is None or call.ended_at is not None:
                raise NotOnACallError(unique_id)
            self.end(call)

    def hang_up_extension(self, extension: str) -> None:
        """End what the extension is on. Where others ring as well it has only declined."""
        with self.lock:
            call, leg = self._current(extension)
            if leg is not None and leg.answered_at is None and len(call.live_legs) > 1:
                self._end_leg(leg, "NO ANSWER")
                self.on_free_extension()
            else:
                self.end(call)

    def redirect(self, extension: str, to_extension: str) -> None:
        """Whoever talks with the extension is put through to another one."""
        with self.lock:
            call, leg = self._current(extension)
            if leg is None:
                call.agents = [channel for channel in call.agents if channel.extension != extension]
                self.put_through(call, to_extension)
                return
            if leg.far is None or leg.answered_at is None:
                raise NotOnACallError(extension)
            stays = leg.far if leg.near.extension == extension else leg.near
            number = stays.extension or stays.number
            self._end_leg(leg, "ANSWERED")
            self._ring_extension(
                call, stays, to_extension, source=number, destination=to_extension, context="from-internal"
            )
            stays.state = "Up"
            self._later(call, call.script.ring_seconds, call.legs[-1], self._settle)
            self.on_free_extension()

    def end(self, call: PbxCall) -> None:
        with self.lock:
            self._end(call)

    # What there is.

    def calls(self) -> list[PbxCall]:
        with self.lock:
            return list(self._calls.values())

    def going_on(self) -> list[PbxCall]:
        return [call for call in self.calls() if call.ended_at is None]

    def busy_extensions(self) -> set[str]:
        with self.lock:
            return set().union(*(call.extensions for call in self.going_on()))

    def live_channels(self) -> list[Channel]:
        """Every channel that exists now, a shared one once."""
        with self.lock:
            return list(dict.fromkeys(self._channels_now()))

    def records(self) -> list[Leg]:
        """The call records: legs that are over, in the order they began."""
        with self.lock:
            legs = [leg for call in self._calls.values() for leg in call.legs if not leg.going_on]
            return sorted(legs, key=lambda leg: leg.started_at)

    def audio(self, path: str) -> bytes | None:
        """The recording, None while (or because) there is none."""
        with self.lock:
            call = self._recordings.get(path)
            if call is None or call.ended_at is None or not self.recorded(path):
                return None
            seconds = max(1, _seconds(call.answered_at, call.ended_at))
        form = wav49 if call.script.recording_form == "wav49" else recording
        return form(call.unique_id, seconds)

    def recorded(self, path: str | None) -> bool:
        """Whether the file is complete."""
        call = self._recordings.get(path or "")
        if call is None or call.ended_at is None:
            return False
        return self._timeline.now() >= call.ended_at + timedelta(seconds=call.script.recording_ready_after)

    def forget(self) -> None:
        """Be as if no call had ever been."""
        with self.lock:
            self._calls.clear()
            self._recordings.clear()

    # How a call goes on.

    def _ring_number(self, call: PbxCall, leg: Leg) -> None:
        near, number = leg.near, leg.destination
        near.state = "Up" if near.extension else "Ring"
        near.exten, near.priority, near.application = number, 3, "Dial"
        if number in self.extensions:
            leg.far = self._extension_channel(number, "Ringing", "AppDial")
            near.data = f"SIP/{number}{DIAL_OPTIONS}"
        elif number.startswith(self._outside_prefix):
            outside = number.removeprefix(self._outside_prefix)
            leg.far = self._channel(self._sip(TRUNK), "from-trunk", "Ringing", "AppDial")
            leg.far.number = outside
            near.data = f"SIP/{TRUNK}/{outside}{DIAL_OPTIONS}"
        else:
            near.application, near.data = "Congestion", "20"
        leg.last_application, leg.last_data = near.application, near.data
        if leg.far is None:
            self._end(call, "FAILED")
            return
        call.on_step(call)
        self._later(call, call.script.ring_seconds, leg, self._settle)

    def _ring_extension(
        self, call: PbxCall, near: Channel, extension: str, *, source: str, destination: str, context: str
    ) -> None:
        near.context, near.exten, near.priority = context, destination, 3
        near.application, near.data = "Dial", f"SIP/{extension}{DIAL_OPTIONS}"
        far = self._extension_channel(extension, "Ringing", "AppDial")
        now = self._timeline.now()
        call.legs.append(Leg(near, far, source, destination, now, context, near.application, near.data))

    def _settle(self, call: PbxCall, leg: Leg) -> None:
        """It has rung long enough: answered, or not."""
        if leg.far is not None and call.script.outcome in ("ANSWERED", "ABANDONED"):
            self._answer(call, leg)
        else:
            self._end(call, _unanswered(call.script.outcome) if leg.far else "NO ANSWER")

    def _settle_queue(self, call: PbxCall, chosen: Leg) -> None:
        with self.lock:
            if call.ended_at is None and call.answered_at is None:
                self._settle(call, chosen if chosen.going_on else call.live_legs[0])

    def _answer(self, call: PbxCall, leg: Leg) -> None:
        now = self._timeline.now()
        for other in call.live_legs:
            if other is not leg:
                self._end_leg(other, "NO ANSWER")
        # Waiting in the queue was no leg of its own when somebody took the call after all.
        call.legs = [one for one in call.legs if one.far is not None]
        leg.answered_at = now
        for channel in filter(None, (leg.near, leg.far)):
            channel.state = "Up"
        if call.answered_at is None:
            call.answered_at = now
            if call.script.recorded:
                leg.recording = self._recording_path(call, leg)
                self._recordings[leg.recording] = call
        call.on_step(call)
        self.on_free_extension()
        self._later(call, call.script.talk_seconds, leg, lambda call, _: self._end(call))

    def _end(self, call: PbxCall, unanswered: Disposition = "NO ANSWER") -> None:
        for leg in call.live_legs:
            self._end_leg(leg, unanswered)
        call.agents.clear()
        call.ended_at = self._timeline.now()
        call.on_step(call)
        self.on_free_extension()

    def _end_leg(self, leg: Leg, unanswered: Disposition) -> None:
        # A queue's later legs begin a moment after the call, which may be over by then.
        leg.ended_at = max(self._timeline.now(), leg.started_at)
        leg.disposition = "ANSWERED" if leg.answered_at else unanswered

    def _current(self, extension: str) -> tuple[PbxCall, Leg | None]:
        """The call an extension is on: the one it talks on, else the last that rang."""
        here = [(call, leg) for call in self.going_on() for leg in call.live_legs if extension in leg.extensions]
        here.sort(key=lambda one: (one[1].answered_at is not None, one[1].started_at))
        if here:
            return here[-1]
        for call in self.going_on():
            if extension in call.extensions:
                return call, None
        raise NotOnACallError(extension)

    def _later(self, call: PbxCall, seconds: float, leg: Leg, step: Callable[[PbxCall, Leg], None]) -> None:
        def act() -> None:
            with self.lock:
                if leg.going_on:
                    step(call, leg)

        self._timeline.call_later(seconds, act)

    def _new_call(self, script: CallScript, recording_kind: str) -> PbxCall:
        now = self._timeline.now()
        call = PbxCall(f"{int(now.timestamp())}.{next(self._unique)}", script, now, recording_kind)
        self._calls[call.unique_id] = call
        return call

    def _kind_of(self, number: str) -> str:
        return "exten" if number in self.extensions else "out"

    def _channels_now(self) -> Iterator[Channel]:
        for call in self.going_on():
            for leg in call.live_legs:
                yield leg.near
                if leg.far is not None:
                    yield leg.far
            yield from call.agents

    def _extension_channel(self, extension: str, state: ChannelState, application: str = "Dial") -> Channel:
        channel = self._channel(self._sip(extension), "from-internal", state, application)
        return replace(channel, number=extension, extension=extension, caller_name=self.extensions.get(extension, ""))

    def _outside_channel(self, number: str, context: str, exten: str, caller_name: str) -> Channel:
        channel = self._channel(self._sip(TRUNK), context, "Ring")
        return replace(channel, number=number, exten=exten, caller_name=caller_name)

    def _channel(self, name: str, context: str, state: ChannelState, application: str = "Dial") -> Channel:
        data = "(Outgoing Line)" if application.startswith("App") else ""
        return Channel(name, context, "", 1, state, application, data, "", self._timeline.now())

    def _sip(self, peer: str) -> str:
        return f"SIP/{peer}-{next(self._channels):08x}"

    def _recording_path(self, call: PbxCall, leg: Leg) -> str:
        local = call.started_at.astimezone(ISTANBUL)
        ending = "WAV" if call.script.recording_form == "wav49" else "wav"
        name = f"{call.recording_kind}-{leg.destination}-{leg.source}-{local:%Y%m%d-%H%M%S}-{call.unique_id}.{ending}"
        return f"{self._recording_root}/{local:%Y/%m/%d}/{name}"


def _seconds(since: datetime | None, until: datetime | None) -> int:
    if since is None or until is None:
        return 0
    return round((until - since).total_seconds())


def _unanswered(outcome: Outcome) -> Disposition:
    return outcome if outcome in ("BUSY", "FAILED") else "NO ANSWER"
