"""The switchboard behind VirtualATS's API: calls ring, are answered or not, and end, and a listener hears."""

import itertools
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal

from simulators.audio import recording, wav49
from simulators.timeline import Timeline

Direction = Literal["INBOUND", "OUTBOUND"]
Disposition = Literal["RING", "ANSWERED", "NO_ANSWERED", "FAILED", "BUSY"]
Outcome = Literal["ANSWERED", "NO_ANSWERED", "FAILED", "BUSY"]
State = Literal["NEW", "UPDATE", "HANGUP"]

# The document's samples carry +0300 although Baku is at +0400.
DOCUMENT_ZONE = timezone(timedelta(hours=3))


@dataclass(frozen=True)
class CallScript:
    """How the next calls go, in seconds."""

    outcome: Outcome = "ANSWERED"
    ring_after: float = 0.2
    ring_seconds: float = 3
    talk_seconds: float = 8
    recording_ready_after: float = 0
    recording_form: Literal["wav", "wav49"] = "wav"


@dataclass
class ExchangeCall:
    direction: Direction
    source: str
    destination: str
    caller_name: str
    extension: str
    script: CallScript
    started_at: datetime
    call_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    disposition: Disposition = "RING"
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    recording_id: str = ""
    dialled: threading.Event = field(default_factory=threading.Event)

    @property
    def state(self) -> State:
        if self.ended_at is not None:
            return "HANGUP"
        return "UPDATE" if self.answered_at is not None else "NEW"

    @property
    def talk_seconds(self) -> int:
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(1, round((self.ended_at - self.answered_at).total_seconds()))

    @property
    def duration(self) -> int:
        if self.ended_at is None:
            return 0
        return max(self.talk_seconds, round((self.ended_at - self.started_at).total_seconds()))


class NoSuchCallError(Exception):
    """No call of this id is going on."""


Listener = Callable[[ExchangeCall, State], None]


class Exchange:
    """Calls by id. Every step runs on the timeline; a step that comes after the call's end does nothing."""

    def __init__(self, timeline: Timeline, listener: Listener) -> None:
        self._timeline = timeline
        self._listener = listener
        self._lock = threading.RLock()
        self._calls: dict[str, ExchangeCall] = {}
        self._recordings: dict[str, ExchangeCall] = {}
        self._recording_ids = itertools.count(12345)
        self.script = CallScript()

    def place(self, call: ExchangeCall) -> None:
        with self._lock:
            self._calls[call.call_id] = call
        self._timeline.call_later(call.script.ring_after, lambda: self._ring(call))

    def hang_up(self, call_id: str) -> None:
        with self._lock:
            call = self._calls.get(call_id)
            if call is None or call.ended_at is not None:
                raise NoSuchCallError(call_id)
            self._end(call, "ANSWERED" if call.answered_at else "NO_ANSWERED")

    def calls(self) -> list[ExchangeCall]:
        with self._lock:
            return list(self._calls.values())

    def ended_calls(self) -> list[ExchangeCall]:
        return [call for call in self.calls() if call.ended_at is not None]

    def forget(self) -> None:
        """Be as if no call had ever been."""
        with self._lock:
            self._calls.clear()
            self._recordings.clear()

    def audio(self, recording_id: str) -> bytes | None:
        """The recording, None while (or because) there is none."""
        with self._lock:
            call = self._recordings.get(recording_id)
            if call is None or call.ended_at is None:
                return None
            ready_at = call.ended_at + timedelta(seconds=call.script.recording_ready_after)
            if self._timeline.now() < ready_at:
                return None
        form = wav49 if call.script.recording_form == "wav49" else recording
        return form(call.call_id, call.talk_seconds)

    def _ring(self, call: ExchangeCall) -> None:
        with self._lock:
            if call.ended_at is not None:
                return
            self._listener(call, "NEW")
            step = self._answer if call.script.outcome == "ANSWERED" else self._give_up
            self._timeline.call_later(call.script.ring_seconds, lambda: step(call))

    def _answer(self, call: ExchangeCall) -> None:
        with self._lock:
            if call.ended_at is not None:
                return
            call.disposition = "ANSWERED"
            call.answered_at = self._timeline.now()
            call.dialled.set()
            self._listener(call, "UPDATE")
            self._timeline.call_later(call.script.talk_seconds, lambda: self._give_up(call))

    def _give_up(self, call: ExchangeCall) -> None:
        with self._lock:
            if call.ended_at is None:
                self._end(call, call.script.outcome)

    def _end(self, call: ExchangeCall, disposition: Disposition) -> None:
        call.disposition = disposition
        call.ended_at = self._timeline.now()
        call.dialled.set()
        if call.answered_at is not None:
            call.recording_id = str(next(self._recording_ids))
            self._recordings[call.recording_id] = call
        self._listener(call, "HANGUP")


def written_as_document(call: ExchangeCall, base_url: str, zone: timezone = DOCUMENT_ZONE) -> dict[str, str]:
    """The call object of the history, every value a string."""
    return {
        "callDate": _document_date(call.started_at.astimezone(zone)),
        "callerId": f"{call.caller_name}  <{call.source}>".strip(),
        "callId": call.call_id,
        "source": call.source,
        "destination": call.destination,
        "answeredNumber": call.extension if call.answered_at else "",
        "duration": str(call.duration),
        "talkTime": str(call.talk_seconds),
        "direction": call.direction,
        "disposition": call.disposition,
        "recordConversation": f"{base_url}/storageFile/download/{call.recording_id}" if call.recording_id else "",
    }


def _document_date(moment: datetime) -> str:
    # d.MM.yyyy: only the day goes without its leading zero.
    return f"{moment.day}.{moment:%m.%Y %H:%M:%S%z}"
