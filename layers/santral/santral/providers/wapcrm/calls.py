"""Calls in WapCRM: its report of them ("Görüşme Raporları"), and the results agents give them ("Arama Sonuçları")."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.errors import FieldError, InvalidRequest
from santral.phone import to_e164
from santral.providers.ports import CallOutcome, Outcome
from santral.providers.wapcrm.values import HOME, PROVIDER, Name, Number, Seconds, Text, Told, Yes, digits, moment
from santral.sentences import say

_ID_CHARACTERS = re.compile(r"[A-Za-z0-9._-]{1,128}")
_OUTGOING, _INCOMING, _MISSED, _NOT_REACHED = 1, 2, 3, 4
_TYPES = {
    _OUTGOING: (Direction.OUTBOUND, Disposition.ANSWERED),
    _INCOMING: (Direction.INBOUND, Disposition.ANSWERED),
    _MISSED: (Direction.INBOUND, Disposition.NO_ANSWER),
    _NOT_REACHED: (Direction.OUTBOUND, Disposition.NO_ANSWER),
}


def _moment(value: Any) -> datetime:
    found = moment(value)
    if found is None:
        raise ValueError("not a date and time")
    return found


def _no_rows(value: Any) -> Any:
    return [] if value is None else value


class Conversation(Told):
    """A row of the call report. `tu_user` and `target_number` are whom the call was handed to."""

    id: Number = None
    create_date: Annotated[datetime, BeforeValidator(_moment)]
    phone_number: Name = ""
    note: Text = ""
    customer_full_name: Name = ""
    call_result_parent: Name = ""
    call_result_child: Name = ""
    user_name: Name = ""
    conversation_result_direction: Number = None
    call_guid_id: Text = ""
    ring_time: Seconds = None
    call_time: Seconds = None
    transferred_call: Yes = False
    tu_user: Name = ""
    target_number: Name = ""
    pbx_phone_number: Name = ""
    pbx_queue: Name = ""

    @model_validator(mode="after")
    def _has_an_id(self) -> Self:
        if not self.call_guid_id and self.id is None:
            raise ValueError("no id")
        return self

    @property
    def call_id(self) -> str:
        """The PBX's own id of the call where WapCRM knows it, so that the call is found under it; else WapCRM's."""
        return f"{PROVIDER}:{_as_id(self.call_guid_id or str(self.id))}"

    def event(self) -> CallEvent:
        """Return what the row tells: a call that is over, with what was said of it."""
        direction, disposition = _TYPES.get(self.conversation_result_direction or 0, (None, Disposition.UNKNOWN))
        if self.call_time:
            disposition = Disposition.ANSWERED
        customer, line = _in_our_words(self.phone_number), _in_our_words(self.pbx_phone_number)
        ours_calls = direction is Direction.OUTBOUND
        return CallEvent(
            call_id=self.call_id,
            provider=PROVIDER,
            state=CallState.ENDED,
            direction=direction,
            disposition=disposition,
            from_=line if ours_calls else customer,
            to=customer if ours_calls else line,
            caller_name=None if ours_calls else self.customer_full_name or None,
            agent=self.user_name or None,
            line=line,
            queue=self.pbx_queue or None,
            transferred_to=(self.tu_user or self.target_number or None) if self.transferred_call else None,
            outcome=": ".join(name for name in (self.call_result_parent, self.call_result_child) if name) or None,
            note=self.note or None,
            **self._course(disposition),
        )

    def _course(self, disposition: Disposition) -> dict[str, Any]:
        rang = timedelta(seconds=self.ring_time or 0)
        answered_at = self.create_date + rang if disposition is Disposition.ANSWERED else None
        return {
            "started_at": self.create_date,
            "answered_at": answered_at,
            "ended_at": self.create_date + rang + timedelta(seconds=self.call_time or 0),
            "ring_seconds": self.ring_time,
            "talk_seconds": self.call_time,
        }


class Result(Told):
    """A row of the result tree; one without results below it says null."""

    id: int
    name: Name
    child_item: Annotated[list["Result"], BeforeValidator(_no_rows)] = Field(default_factory=list)

    def outcome(self) -> Outcome:
        """Return the result in our words, with those below it."""
        return Outcome(self.id, self.name, tuple(child.outcome() for child in self.child_item))


def between(conversations: Iterable[Conversation], since: datetime, until: datetime) -> list[Conversation]:
    """Return the conversations of a period, bounds included, in a steady order."""
    wanted = [one for one in conversations if since <= one.create_date <= until]
    return sorted(wanted, key=lambda one: (one.create_date, one.call_id))


def written(outcome: CallOutcome) -> dict[str, Any]:
    """Return an outcome as it is saved ("Arama Sonucu Kaydetme"), in the document's words and casing.

    Raises:
        InvalidRequest: It lacks something that we insist on (W6).
    """
    kind = next((code for code, of in _TYPES.items() if of == (outcome.direction, _turned_out(outcome))), None)
    phone = digits(outcome.phone)
    rules = [
        (phone, "phone", say("is no customer's number")),
        (kind, "direction", say("is internal: WapCRM keeps the outcomes of calls with customers")),
        (outcome.provider_call_id, "call_id", say("is needed")),
        (outcome.started_at, "started_at", say("is not known of this call yet")),
    ]
    faults = [FieldError(field, problem) for holds, field, problem in rules if not holds]
    if faults or outcome.started_at is None:
        raise InvalidRequest(faults)
    known = {
        "ExtensionNumber": outcome.extension,
        "Note": outcome.note,
        "PbxPhoneNumber": digits(outcome.line or "") or outcome.line,
        "ChildResultID": outcome.child_result_id,
    }
    return {
        "PhoneNumber": phone,
        "CallID": outcome.provider_call_id,
        "ConversationType": kind,
        "RingSecond": outcome.ring_seconds or 0,
        "CallTimeSecond": outcome.talk_seconds or 0,
        "ConversationDateTimeSpan": int(outcome.started_at.timestamp()),
        "ResultID": outcome.result_id,
        **{name: value for name, value in known.items() if value is not None and value != ""},
    }


def _turned_out(outcome: CallOutcome) -> Disposition:
    return Disposition.ANSWERED if outcome.answered else Disposition.NO_ANSWER


def _as_id(text: str) -> str:
    """Return an id in the characters of ours. One in braces is the same without; any other keeps its own digest."""
    bare = text.strip("{} ")
    return bare if _ID_CHARACTERS.fullmatch(bare) else hashlib.sha256(text.encode()).hexdigest()[:32]


def _in_our_words(number: str) -> str | None:
    return to_e164(number, HOME) or number or None
