"""The call object of VirtualATS's history and webhook, and what it means in our words.

Document, "Dövr üzrə zəng siyahısının tələb edilməsi" (the fields) and "Zənglərin CRM sistemə inteqrasiyası" (`state`).
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.phone import is_extension, to_e164
from santral.telemetry import count

PROVIDER = "virtualats"
ID_PATTERN = r"^[A-Za-z0-9._-]{1,128}$"

_BAKU = ZoneInfo("Asia/Baku")
_HOME = "AZ"
# A call of eleven days is a defect; the bound also keeps dates within what can be computed.
_LONGEST_CALL_SECONDS = 1_000_000
_DATE = re.compile(
    r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>20[0-9]{2})\s+"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})\s*"
    r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
# Neither a queue message nor a CRM field takes control characters, lone surrogates or noncharacters.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_REASON_LENGTH = 100

_STATES = {"NEW": CallState.RINGING, "UPDATE": CallState.RINGING, "HANGUP": CallState.ENDED}
_DIRECTIONS = {"INBOUND": Direction.INBOUND, "OUTBOUND": Direction.OUTBOUND, "INTERNAL": Direction.INTERNAL}
_RINGING = "RING"
# The document writes NO_ANSWERED; the other spellings are what engines of this kind also say.
_DISPOSITIONS = {
    "ANSWERED": Disposition.ANSWERED,
    "NOANSWERED": Disposition.NO_ANSWER,
    "NOANSWER": Disposition.NO_ANSWER,
    "BUSY": Disposition.BUSY,
    "FAILED": Disposition.FAILED,
}


def _nothing_is_empty(value: Any) -> Any:
    return "" if value is None else value


def _writable(text: str) -> str:
    return " ".join(_UNWRITABLE.sub(" ", text).split())


def _moment(value: Any) -> Any:
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not d.MM.yyyy HH:mm:ssZ")
    numbers = [int(found[name]) for name in ("year", "month", "day", "hour", "minute", "second")]
    return datetime(*numbers, tzinfo=_zone(found["offset"])).astimezone(UTC)  # type: ignore[misc,arg-type]  # six numbers


def _zone(offset: str | None) -> ZoneInfo | timezone:
    if offset is None:
        return _BAKU
    if offset == "Z":
        return UTC
    digits = offset[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-distance if offset[0] == "-" else distance)


def _seconds(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip() or None
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    raise ValueError("not a number of seconds")


def _folded(word: str) -> str:
    return re.sub(r"[\s_-]", "", word).upper()


def _known_state(word: str) -> str:
    if _folded(word) not in _STATES:
        raise ValueError("not NEW, UPDATE or HANGUP")
    return _folded(word)


Text = Annotated[str, BeforeValidator(_nothing_is_empty), Field(max_length=1000), AfterValidator(_writable)]
Seconds = Annotated[Annotated[int, Field(ge=0, le=_LONGEST_CALL_SECONDS)] | None, BeforeValidator(_seconds)]


class CallObject(BaseModel):
    """A call as VirtualATS tells it; the field names are the document's."""

    # Numbers are texts in the samples; a sender that writes them as numbers means the same.
    model_config = ConfigDict(
        frozen=True, defer_build=True, extra="ignore", alias_generator=to_camel, coerce_numbers_to_str=True
    )

    call_id: Annotated[str, Field(pattern=ID_PATTERN)]
    call_date: Annotated[datetime, BeforeValidator(_moment)]
    caller_id: Text = ""
    source: Text = ""
    destination: Text = ""
    answered_number: Text = ""
    duration: Seconds = None
    talk_time: Seconds = None
    direction: Text = ""
    disposition: Text = ""
    record_conversation: Text = ""

    @property
    def still_rings(self) -> bool:
        """RING, "zəng edilir": the call is under way."""
        return _folded(self.disposition) == _RINGING

    def event(self, state: CallState = CallState.ENDED) -> CallEvent:
        """Return what this object tells, in our words."""
        direction = self._direction()
        disposition, reason = self._disposition()
        return CallEvent(
            call_id=f"{PROVIDER}:{self.call_id}",
            provider=PROVIDER,
            state=state,
            direction=direction,
            disposition=disposition,
            reason=reason,
            from_=_in_our_words(self.source),
            to=_in_our_words(self.destination),
            caller_name=self._caller_name() if direction is Direction.INBOUND else None,
            extension=self._extension(direction),
            line=self._line(direction),
            started_at=self.call_date,
            recording_ref=self._recording_ref(),
            **(self._course() if state is CallState.ENDED else {}),
        )

    def _direction(self) -> Direction | None:
        if is_extension(self.source) and is_extension(self.destination):
            return Direction.INTERNAL
        direction = _DIRECTIONS.get(_folded(self.direction))
        if direction is None and self.direction:
            count("direction_not_understood")
        return direction

    def _disposition(self) -> tuple[Disposition | None, str | None]:
        if not self.disposition or self.still_rings:
            return None, None
        known = _DISPOSITIONS.get(_folded(self.disposition))
        return (known, None) if known else (Disposition.UNKNOWN, self.disposition[:_REASON_LENGTH])

    def _caller_name(self) -> str | None:
        """`Hüseyn  <994557967473>` is Hüseyn; a number alone is nobody's name."""
        name = self.caller_id.partition("<")[0].strip().strip('"').strip()
        return name if any(character.isalpha() for character in name) else None

    def _extension(self, direction: Direction | None) -> str | None:
        if is_extension(self.answered_number):
            return self.answered_number
        if direction is Direction.OUTBOUND and is_extension(self.source):
            return self.source
        return None

    def _line(self, direction: Direction | None) -> str | None:
        """Our own outside number."""
        if direction not in {Direction.INBOUND, Direction.OUTBOUND}:
            return None
        ours = self.destination if direction is Direction.INBOUND else self.source
        return None if is_extension(ours) else _in_our_words(ours)

    def _course(self) -> dict[str, Any]:
        """When a finished call was answered and ended. `duration` counts from the start, ringing included."""
        if self.duration is None:
            return {"talk_seconds": self.talk_time}
        talk_seconds = self.talk_time or 0
        ring_seconds = max(0, self.duration - talk_seconds)
        answered_at = self.call_date + timedelta(seconds=ring_seconds) if talk_seconds else None
        return {
            "answered_at": answered_at,
            "ended_at": self.call_date + timedelta(seconds=self.duration),
            "ring_seconds": ring_seconds,
            "talk_seconds": talk_seconds,
        }

    def _recording_ref(self) -> str | None:
        """The last segment of the recording's URL: the URL itself is never fetched, so its host does not matter."""
        if not self.record_conversation:
            return None
        ref = re.split(r"[?#]", self.record_conversation, maxsplit=1)[0].rsplit("/", 1)[-1]
        if is_reference(ref):
            return ref
        count("recording_reference_not_understood")
        return None


class Notification(CallObject):
    """The webhook's body: a call object and the step it reports."""

    state: Annotated[str, AfterValidator(_known_state)]

    def told(self) -> CallEvent:
        """Return what the webhook tells. An UPDATE reports any change; only ANSWERED among them is an answer."""
        state = _STATES[self.state]
        if self.state == "UPDATE" and self._disposition()[0] is Disposition.ANSWERED:
            state = CallState.ANSWERED
        return self.event(state)


def _in_our_words(number: str) -> str | None:
    """Return E.164 for what is an outside number, and an extension or anything else as it was told.

    The document prints numbers with their country code and without plus; a national one is Azerbaijani.
    """
    return to_e164(number, _HOME) or number or None


def is_reference(text: str) -> bool:
    """Tell whether a text can be a recording's id, and nothing that climbs about in a path."""
    return re.fullmatch(ID_PATTERN[1:-1], text) is not None and ".." not in text and text != "."
