"""The switchboard behind Verimor's API: phones ring side by side, calls wait in queues, are handed on and end."""

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from simulators.audio import recording
from simulators.demo_data import VerimorQueue, VerimorUser
from simulators.timeline import Timeline
from simulators.verimor_words import TALKED, ResultCode

Direction = Literal["inbound", "outbound", "internal"]
EventType = Literal["ringing", "answer", "hangup", "user_hangup"]
UserStatus = Literal["AVAILABLE", "UNREGISTERED", "SS_DND"]
AgentStatus = Literal["AVAILABLE", "LOGGED_OUT", "ON_BREAK"]
Side = Literal["caller", "callee"]

URL_LASTS = timedelta(hours=1)
QUEUE_LOOKS_EVERY = 1.0


@dataclass(frozen=True)
class CallScript:
    """How the next calls go, in seconds. `outcome` is the result code they end with.

    Of several users ringing `answered_by` answers, or else the first; one in `picked_up_by` picks the call up with *8.
    """

    outcome: ResultCode = "NORMAL_CLEARING"
    ring_after: float = 0.2
    pickup_seconds: float = 1
    ring_seconds: float = 3
    talk_seconds: float = 8
    queue_seconds: float = 2
    patience_seconds: float = 60
    hung_up_by: Side = "caller"
    answered_by: str | None = None
    picked_up_by: str | None = None
    recorded: bool = True


@dataclass
class Leg:
    """One phone that rings, or rang, for a call."""

    number: str
    is_user: bool
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: ResultCode | None = None


@dataclass
class VerimorCall:
    direction: Direction
    caller_number: str
    destination_number: str
    script: CallScript
    started_at: datetime
    origin: Literal["", "API", "IVR"] = ""
    caller_name: str = ""
    shown_number: str = ""
    ring_timeout: float = 60
    queue: str = ""
    call_uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    legs: list[Leg] = field(default_factory=list)
    joined_queue_at: datetime | None = None
    left_queue_at: datetime | None = None
    dialled_user: str = ""
    connected_user: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: ResultCode | None = None
    hung_up_by: Side = "caller"
    muted: bool = False
    is_ending: bool = False
    recording: Literal["none", "present", "deleted"] = "none"
    on_answer: Callable[[], None] | None = None
    on_end: Callable[[], None] | None = None

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def state(self) -> str:
        if self.is_over:
            return "ended"
        return "answered" if self.answered_at is not None else "ringing"

    @property
    def talk_seconds(self) -> int:
        return _seconds(self.answered_at, self.ended_at)

    @property
    def duration(self) -> int:
        return _seconds(self.started_at, self.ended_at)

    @property
    def queue_wait(self) -> int:
        return _seconds(self.joined_queue_at, self.left_queue_at or self.ended_at)

    @property
    def missed(self) -> bool:
        return self.direction == "inbound" and self.answered_at is None


def _seconds(since: datetime | None, until: datetime | None) -> int:
    return round((until - since).total_seconds()) if since and until else 0


class NoSuchCallError(Exception):
    """No call of this id is going on."""


class Listener(Protocol):
    def __call__(self, call: VerimorCall, event: EventType, leg: Leg | None) -> None:
        """Hear what became of a call, or of one phone that rang for it."""


class Exchange:
    """Calls by id. Every step runs on the timeline; a step that comes after the call's end does nothing."""

    def __init__(
        self, timeline: Timeline, users: Iterable[VerimorUser], queues: Iterable[VerimorQueue], listener: Listener
    ) -> None:
        self.users = {user.number: user for user in users}
        self.queues = {queue.number: queue for queue in queues}
        self.user_statuses: dict[str, UserStatus] = {user.number: user.status for user in self.users.values()}
        self.agent_statuses: dict[str, AgentStatus] = dict.fromkeys(self.users, "AVAILABLE")
        self.breaks: dict[str, str] = {}
        self.script = CallScript()
        self.lock = threading.RLock()
        self._timeline = timeline
        self._listener = listener
        self._calls: dict[str, VerimorCall] = {}
        self._running: dict[str, VerimorCall] = {}
        self._recording_urls: dict[str, tuple[VerimorCall, datetime]] = {}

    # Calls come and go.

    def dial(self, call: VerimorCall, *, by_user: str | None = None, picks_up: bool = False) -> None:
        """Place a call to its destination. A user who dials is on the line at once, or picks up first."""
        waits = call.script.ring_after
        with self.lock:
            self._begin(call)
            if by_user is not None:
                own = Leg(by_user, is_user=True, started_at=call.started_at)
                call.legs.append(own)
                waits += call.script.pickup_seconds if picks_up else 0
                self._timeline.call_later(waits, lambda: self._pick_up_own(call, own))
        self._timeline.call_later(waits, lambda: self._dial_out(call, by_user))

    def receive(self, call: VerimorCall, *, extension: str | None) -> None:
        """A call comes in for an extension, or else for its queue."""
        with self.lock:
            self._begin(call)
        if extension is None:
            self._timeline.call_later(call.script.ring_after, lambda: self.join_queue(call, call.queue))
        else:
            self._timeline.call_later(call.script.ring_after, lambda: self._reach(call, extension))

    def hang_up(self, call_uuid: str, by: Side = "caller") -> None:
        with self.lock:
            call = self._going_on(call_uuid)
            cause: ResultCode = "NORMAL_CLEARING" if call.answered_at else "ORIGINATOR_CANCEL"
            self.end(call, cause, by)

    def transfer(self, call_uuid: str, user: str) -> None:
        """The customer's side of a call goes to another user, who rings while the first is let go."""
        with self.lock:
            call = self._going_on(call_uuid)
            if call.answered_at is None:
                raise NoSuchCallError(call_uuid)
            # Of two colleagues the first is the one who dialled, and lets go.
            leaving = next((leg for leg in call.legs if leg.ended_at is None and leg.is_user), None)
            if leaving is not None:
                self._end_leg(call, leaving, "NORMAL_CLEARING")
            self.ring_again(call, [user])

    def mute(self, call_uuid: str, *, on: bool) -> None:
        with self.lock:
            self._going_on(call_uuid).muted = on

    def join_queue(self, call: VerimorCall, queue: str) -> None:
        with self.lock:
            if call.is_over:
                return
            call.queue, call.joined_queue_at = queue, self._timeline.now()
            self._timeline.call_later(call.script.queue_seconds, lambda: self._serve(call))

    def ring_again(self, call: VerimorCall, users: list[str]) -> None:
        """Ring users for a call that has been answered already."""
        with self.lock:
            if not call.is_over:
                self._ring(call, users)

    def end(self, call: VerimorCall, cause: ResultCode, by: Side) -> None:
        with self.lock:
            if call.is_over:
                return
            call.ended_at, call.cause, call.hung_up_by = self._timeline.now(), cause, by
            if call.answered_at is not None and call.script.recorded:
                call.recording = "present"
            del self._running[call.call_uuid]
            for leg in call.legs:
                if leg.ended_at is None:
                    leg.ended_at = call.ended_at
                    leg.cause = "NORMAL_CLEARING" if leg.answered_at else cause
            self._listener(call, "hangup", None)
            if call.on_end is not None:
                call.on_end()

    # What there is.

    def calls(self) -> list[VerimorCall]:
        with self.lock:
            return list(self._calls.values())

    def call(self, call_uuid: str) -> VerimorCall | None:
        with self.lock:
            return self._calls.get(call_uuid)

    def waiting(self) -> list[VerimorCall]:
        """Calls in queues that no user has answered yet, in the order of coming."""
        with self.lock:
            waiting = [call for call in self._running.values() if call.joined_queue_at and not call.left_queue_at]
        return sorted(waiting, key=lambda call: call.joined_queue_at or call.started_at)

    def is_busy(self, user: str) -> bool:
        """Whether a user's phone rings or is talked on."""
        return bool(self._open_legs(user))

    def is_talking(self, user: str) -> bool:
        return any(leg.answered_at is not None for leg in self._open_legs(user))

    def free_agents(self, queue: str) -> list[str]:
        with self.lock:
            return [agent for agent in self.queues[queue].agents if self._can_ring(agent)]

    def forget(self) -> None:
        """Be as if no call had ever been."""
        with self.lock:
            for call in self._running.values():
                call.ended_at = self._timeline.now()
            self._calls.clear()
            self._running.clear()
            self._recording_urls.clear()

    def mint_recording_url(self, call: VerimorCall) -> str:
        """The last segment of an address that plays for an hour."""
        token = f"R{uuid.uuid4()}"
        with self.lock:
            self._recording_urls[token] = (call, self._timeline.now() + URL_LASTS)
        return token

    def audio(self, token: str) -> bytes | None:
        with self.lock:
            call, expires_at = self._recording_urls.get(token, (None, self._timeline.now()))
            if call is None or call.recording != "present" or self._timeline.now() >= expires_at:
                return None
        return recording(call.call_uuid, max(1, call.talk_seconds))

    # Steps.

    def _begin(self, call: VerimorCall) -> None:
        self._calls[call.call_uuid] = self._running[call.call_uuid] = call

    def _going_on(self, call_uuid: str) -> VerimorCall:
        if call_uuid not in self._running:
            raise NoSuchCallError(call_uuid)
        return self._running[call_uuid]

    def _open_legs(self, user: str) -> list[Leg]:
        with self.lock:
            legs = [leg for call in self._running.values() for leg in call.legs]
        return [leg for leg in legs if leg.number == user and leg.ended_at is None]

    def _can_ring(self, user: str) -> bool:
        return (
            self.user_statuses[user] == "AVAILABLE"
            and self.agent_statuses[user] == "AVAILABLE"
            and not self.is_busy(user)
        )

    def _pick_up_own(self, call: VerimorCall, own: Leg) -> None:
        with self.lock:
            if not call.is_over:
                own.answered_at = self._timeline.now()

    def _dial_out(self, call: VerimorCall, by_user: str | None) -> None:
        with self.lock:
            if call.is_over:
                return
            if by_user is not None and self.user_statuses[by_user] == "UNREGISTERED":
                self.end(call, "DESTINATION_OUT_OF_ORDER", "callee")
            else:
                self._reach(call, call.destination_number)

    def _reach(self, call: VerimorCall, number: str) -> None:
        with self.lock:
            if self.user_statuses.get(number) == "UNREGISTERED":
                self.end(call, "DESTINATION_OUT_OF_ORDER", "callee")
            elif self.user_statuses.get(number) == "SS_DND" or self.is_busy(number):
                self.end(call, "USER_BUSY", "callee")
            else:
                self._ring(call, [number])

    def _serve(self, call: VerimorCall) -> None:
        with self.lock:
            if call.is_over or call.joined_queue_at is None:
                return
            if users := self.free_agents(call.queue):
                self._ring(call, users)
            elif (self._timeline.now() - call.joined_queue_at).total_seconds() >= call.script.patience_seconds:
                self.end(call, "NORMAL_CLEARING" if call.answered_at else "ORIGINATOR_CANCEL", "caller")
            else:
                self._timeline.call_later(QUEUE_LOOKS_EVERY, lambda: self._serve(call))

    def _ring(self, call: VerimorCall, numbers: list[str]) -> None:
        with self.lock:
            if call.is_over:
                return
            legs = [self._leg(number) for number in numbers]
            call.legs += legs
            call.dialled_user = legs[0].number if legs[0].is_user else ""
            for leg in legs:
                self._listener(call, "ringing", leg)
            rings = min(call.script.ring_seconds, call.ring_timeout)
            answered = call.script.outcome in TALKED and call.script.ring_seconds <= call.ring_timeout
            step = self._answer if answered or call.answered_at else self._give_up
            self._timeline.call_later(rings, lambda: step(call, legs))

    def _answer(self, call: VerimorCall, legs: list[Leg]) -> None:
        with self.lock:
            if call.is_over or all(leg.ended_at is not None for leg in legs):
                return
            answered = next((leg for leg in legs if leg.number == call.script.answered_by), legs[0])
            for leg in legs:
                if leg is not answered:
                    self._end_leg(call, leg, "LOSE_RACE")
            dialled = answered
            picker = call.script.picked_up_by
            if picker is not None and answered.is_user:
                self._end_leg(call, answered, "PICKED_OFF")
                answered = self._leg(picker)
                call.legs.append(answered)
            answered.answered_at = self._timeline.now()
            self._talk(call, answered, dialled)

    def _leg(self, number: str) -> Leg:
        return Leg(number, number in self.users, self._timeline.now())

    def _talk(self, call: VerimorCall, answered: Leg, dialled: Leg) -> None:
        first_answer = call.answered_at is None
        call.answered_at = call.answered_at or self._timeline.now()
        if answered.is_user:
            call.dialled_user, call.connected_user = dialled.number, answered.number
            if call.joined_queue_at is not None:
                call.left_queue_at = call.left_queue_at or self._timeline.now()
        self._listener(call, "answer", dialled)
        if first_answer and call.on_answer is not None:
            call.on_answer()
        elif not call.is_ending:
            self.end_after_talk(call)

    def end_after_talk(self, call: VerimorCall) -> None:
        """The call ends by itself once the two have talked."""
        script, call.is_ending = call.script, True
        self._timeline.call_later(script.talk_seconds, lambda: self.end(call, script.outcome, script.hung_up_by))

    def _give_up(self, call: VerimorCall, _: list[Leg]) -> None:
        with self.lock:
            ran_out = call.script.ring_seconds > call.ring_timeout
            self.end(call, "ALLOTTED_TIMEOUT" if ran_out else call.script.outcome, "callee")

    def _end_leg(self, call: VerimorCall, leg: Leg, cause: ResultCode) -> None:
        leg.ended_at, leg.cause = self._timeline.now(), cause
        self._listener(call, "user_hangup", leg)
