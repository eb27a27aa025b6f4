"""Verimor's calls in our words: the records of `cdrs` with their legs, and the notifications of call events.

Bulutsantralim API, "ARAMA KAYITLARINA ERİŞİM" (cdrs.md) and "OLAY BİLDİRME" (report_event.md). `duration` is the whole
call in a record and the talk alone in a notification.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.phone import is_extension
from santral.providers.verimor.notation import (
    PROVIDER,
    Flag,
    Id,
    Moment,
    Seconds,
    Text,
    direction_of,
    in_our_words,
)
from santral.providers.verimor.results import folded, leg_was_answered, outcome_of

_USER_HANGUP = "user_hangup"
_BY_CAMPAIGN = folded("Giden (IVR)")
# Which one is told by the campaign's own notifications, mostly after the call's end.
SOME_CAMPAIGN = f"{PROVIDER}:-"
_STATES = {
    "ringing": CallState.RINGING,
    "answer": CallState.ANSWERED,
    "answered": CallState.ANSWERED,
    "hangup": CallState.ENDED,
    # Not explained by the document: one leg ended, and the call may go on (a colleague picks it up).
    _USER_HANGUP: CallState.RINGING,
}


class _Parties(NamedTuple):
    """Who spoke to whom. `line` is our own outside number, `extension` the colleague's, as far as they are told."""

    direction: Direction | None
    extension: str | None
    line: str | None

    @classmethod
    def of(
        cls, direction: str, caller: str, called: str, *, queue: str, our_number: str = "", user: str = ""
    ) -> "_Parties":
        going = direction_of(direction) or _guessed(caller, called)
        outbound = going is Direction.OUTBOUND
        ours = (our_number or caller) if outbound else called
        colleagues = (caller, user) if outbound else (user, called)
        return cls(
            going,
            next((number for number in colleagues if is_extension(number) and number != queue), None),
            None if going in {None, Direction.INTERNAL} or is_extension(ours) else in_our_words(ours),
        )


def _guessed(caller: str, called: str) -> Direction | None:
    """Return the direction that the numbers alone tell; the payload examples have no field for it."""
    inside = is_extension(caller), is_extension(called)
    known = {
        (True, True): Direction.INTERNAL,
        (True, False): Direction.OUTBOUND,
        (False, True): Direction.INBOUND,
    }
    return known.get(inside) if caller and called else None


class Leg(BaseModel):
    """A row of `call_flow`: one destination the call was led to."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore", coerce_numbers_to_str=True)

    destination_number: Text = ""
    result: Text = ""

    @property
    def answered(self) -> bool:
        return is_extension(self.destination_number) and leg_was_answered(self.result)


class CallRecord(BaseModel):
    """A row of `cdrs`; the field names are the document's."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore", coerce_numbers_to_str=True)

    call_uuid: Id
    direction: Text = ""
    caller_id_number: Text = ""
    caller_id_name: Text = ""
    destination_number: Text = ""
    queue: Text = ""
    result: Text = ""
    missed: Flag = None
    recording_present: Flag = None
    start_stamp: Moment = None
    answer_stamp: Moment = None
    end_stamp: Moment = None
    duration: Seconds = None
    talk_duration: Seconds = None

    @property
    def goes_on(self) -> bool:
        """Neither an end nor a result: the call is under way."""
        return self.end_stamp is None and not self.result

    def event(self, legs: Sequence[Leg] = ()) -> CallEvent:
        """Return what the record tells. Of its legs, the first one that was answered took the call.

        Another answered leg can only be the one it was handed to: who loses a race is not answered.
        """
        parties = _Parties.of(self.direction, self.caller_id_number, self.destination_number, queue=self.queue)
        inbound = parties.direction is Direction.INBOUND
        disposition, reason = outcome_of([self.result], answered=self._answered)
        takers = [leg.destination_number for leg in legs if leg.answered]
        return CallEvent(
            call_id=f"{PROVIDER}:{self.call_uuid}",
            provider=PROVIDER,
            state=CallState.ENDED,
            direction=parties.direction,
            disposition=disposition,
            reason=reason,
            from_=in_our_words(self.caller_id_number),
            to=in_our_words(self.destination_number),
            caller_name=_name(self.caller_id_name) if inbound else None,
            extension=takers[0] if takers else parties.extension,
            transferred_to=takers[-1] if takers and takers[-1] != takers[0] else None,
            line=parties.line,
            queue=self.queue or None,
            campaign_id=SOME_CAMPAIGN if folded(self.direction) == _BY_CAMPAIGN else None,
            recording_ref=self.call_uuid if self.recording_present else None,
            started_at=self.start_stamp,
            **self._course(answered=disposition is Disposition.ANSWERED),
        )

    @property
    def _answered(self) -> bool | None:
        # The document's own example is a missed call of 35 seconds' talk: who talked was answered.
        if self.talk_duration:
            return True
        if self.missed:
            return False
        if self.answer_stamp:
            return True
        return None if self.talk_duration is None else False

    def _course(self, *, answered: bool) -> dict[str, Any]:
        ended_at = self.end_stamp or _later(self.start_stamp, self.duration)
        ring_seconds = _between(self.start_stamp, self.answer_stamp if answered else ended_at)
        if ring_seconds is None and self.duration is not None and self.talk_duration is not None:
            ring_seconds = max(0, self.duration - self.talk_duration)
        return {
            "answered_at": self.answer_stamp if answered else None,
            "ended_at": ended_at,
            "ring_seconds": ring_seconds,
            "talk_seconds": self.talk_duration if answered else 0,
        }


def _known_event(word: str) -> str:
    word = word.lower()
    if word not in _STATES:
        raise ValueError("not ringing, answer, hangup or user_hangup")
    return word


class CallNotification(BaseModel):
    """A call event. The second names are those of the vendor's webhook-payload-examples."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore", coerce_numbers_to_str=True)

    event_type: Annotated[Text, AfterValidator(_known_event)] = Field(
        validation_alias=AliasChoices("event_type", "event")
    )
    call_uuid: Id = Field(validation_alias=AliasChoices("call_uuid", "call_id"))
    direction: Text = ""
    caller_id_number: Text = Field(default="", validation_alias=AliasChoices("caller_id_number", "caller_number"))
    outbound_caller_id_number: Text = ""
    destination_number: Text = Field(default="", validation_alias=AliasChoices("destination_number", "called_number"))
    dialed_user: Text = ""
    connected_user: Text = ""
    queue: Text = ""
    start_stamp: Moment = Field(default=None, validation_alias=AliasChoices("start_stamp", "timestamp"))
    answer_stamp: Moment = Field(default=None, validation_alias=AliasChoices("answer_stamp", "answer_time"))
    end_stamp: Moment = None
    duration: Seconds = None
    recording_present: Flag = None
    answered: Flag = None
    hangup_cause: Text = ""
    failure_status: Text = ""
    failure_phrase: Text = ""

    def event(self) -> CallEvent:
        """Return what the notification tells. A leg that ended tells only that there is such a call."""
        state = _STATES[self.event_type]
        # A pickup connects another extension than was dialled.
        user = "" if self.event_type == _USER_HANGUP else self.connected_user or self.dialed_user
        parties = _Parties.of(
            self.direction,
            self.caller_id_number,
            self.destination_number,
            queue=self.queue,
            our_number=self.outbound_caller_id_number,
            user=user,
        )
        return CallEvent(
            call_id=f"{PROVIDER}:{self.call_uuid}",
            provider=PROVIDER,
            state=state,
            direction=parties.direction,
            from_=in_our_words(self.caller_id_number),
            to=in_our_words(self.destination_number),
            extension=None if self.event_type == _USER_HANGUP else parties.extension,
            line=parties.line,
            queue=self.queue or None,
            campaign_id=SOME_CAMPAIGN if self._dialled_by_machine else None,
            started_at=self.start_stamp,
            **(self._answer() if state is CallState.ANSWERED else {}),
            **(self._end() if state is CallState.ENDED else {}),
        )

    @property
    def _dialled_by_machine(self) -> bool:
        """A colleague calls from an extension and shows an outside number; a campaign calls from that number."""
        number = in_our_words(self.caller_id_number)
        return (
            direction_of(self.direction) is Direction.OUTBOUND
            and not is_extension(self.caller_id_number)
            and number is not None
            and number == in_our_words(self.outbound_caller_id_number)
        )

    def _answer(self) -> dict[str, Any]:
        return {"disposition": Disposition.ANSWERED, "answered_at": self.answer_stamp}

    def _end(self) -> dict[str, Any]:
        """A failure has its own code: the cause is that of our leg, which may have ended in all normality."""
        words = [self.failure_status, self.failure_phrase, self.hangup_cause]
        known_first = [word for word in words if word and not word.isdecimal()]
        disposition, reason = outcome_of(known_first, answered=self._was_answered)
        answered = disposition is Disposition.ANSWERED
        ended_at = self.end_stamp or _later(self.answer_stamp, self.duration)
        return {
            "disposition": disposition,
            "reason": reason,
            "answered_at": self.answer_stamp if answered else None,
            "ended_at": ended_at,
            "ring_seconds": _between(self.start_stamp, self.answer_stamp if answered else ended_at),
            "talk_seconds": self.duration if answered else 0,
            "recording_ref": self.call_uuid if self.recording_present else None,
        }

    @property
    def _was_answered(self) -> bool | None:
        """`answered` is there to tell missed calls apart, so it weighs more than an auto-attendant's talk."""
        if self.answered is not None:
            return self.answered
        if self.duration is None and self.answer_stamp is None:
            return None
        return bool(self.duration or self.answer_stamp)


def _later(moment: datetime | None, seconds: int | None) -> datetime | None:
    return None if moment is None or seconds is None else moment + timedelta(seconds=seconds)


def _between(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else max(0, int((end - start).total_seconds()))


def _name(text: str) -> str | None:
    """A number is nobody's name."""
    return text if any(character.isalpha() for character in text) else None
