"""Kobikom's call records, and the calls they tell of.

Document, "Arama Kayıtları" and "SES Kayıtları". A record has no id and is one leg of a call: Asterisk may write one for
each phone it tried, and one more each time the call is handed on. Legs are told by their channels and starts; a call's
id is made of its earliest leg's.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.errors import NotUnderstood
from santral.phone import is_extension
from santral.providers.kobikom.fields import (
    PROVIDER,
    agent_of,
    extension_of,
    in_our_words,
    is_dialled_by_machine,
    moment,
    seconds,
    texts,
    word,
)
from santral.providers.kobikom.recordings import reference
from santral.telemetry import count

LEGS_WITHIN = timedelta(seconds=2)
"""How far apart the legs of one ringing begin."""
HANDED_ON_WITHIN = timedelta(hours=4)
"""How long after its beginning a call's last leg may begin: so far back a period's calls have to be read."""

# A leg's seconds may leave out its ringing (P7), after which the same channel's next leg begins.
_RINGS_AT_MOST = timedelta(seconds=120)
_LONGEST_CHANNEL = 200
_REASON_LENGTH = 100
_DISPOSITIONS = {
    "ANSWERED": Disposition.ANSWERED,
    "NOANSWER": Disposition.NO_ANSWER,
    "CANCEL": Disposition.NO_ANSWER,
    "BUSY": Disposition.BUSY,
    "FAILED": Disposition.FAILED,
    "CONGESTION": Disposition.FAILED,
    "CHANUNAVAIL": Disposition.FAILED,
}
# Which one is told by the list of a campaign's calls alone, which names no call.
SOME_CAMPAIGN = f"{PROVIDER}:-"
_FROM_OUTSIDE = ("from-trunk", "from-pstn", "from-did", "from-sip-external", "ext-did")


@dataclass(frozen=True)
class CallRecord:
    """One record, in the document's order of its columns. `date` is `arama_tarihi` as it was written."""

    date: str
    started_at: datetime
    caller_name: str
    source: str
    destination: str
    context: str
    channel: str
    inner_channel: str
    application: str
    data: str
    seconds: int | None
    result: str
    file: str

    @classmethod
    def read(cls, row: Any) -> Self:
        """Read one row.

        Raises:
            NotUnderstood: It lacks what a call is told by: a start and a channel.
        """
        said = texts(row)
        started_at, channel = moment(said.get("arama_tarihi", "")), said.get("kanal", "")
        faults = [name for name, wrong in (("arama_tarihi", started_at is None), ("kanal", not channel)) if wrong]
        if started_at is None or not 0 < len(channel) <= _LONGEST_CHANNEL:
            raise NotUnderstood("not understood: " + ", ".join(faults or ["kanal"]))
        return cls(
            date=said["arama_tarihi"],
            started_at=started_at,
            caller_name=said.get("arayan_adi", ""),
            source=said.get("arayan_numara", ""),
            destination=said.get("aranan_numara", ""),
            context=said.get("kaynak", "").lower(),
            channel=channel,
            inner_channel=said.get("ic_kanal", ""),
            application=word(said.get("sonislem", "")),
            data=said.get("sondata", ""),
            seconds=seconds(said.get("sure", "")),
            result=said.get("durum", ""),
            file=said.get("dosya", ""),
        )

    @property
    def is_of_campaign(self) -> bool:
        return is_dialled_by_machine(self.channel, self.destination)

    def outcome(self) -> tuple[Disposition, str | None]:
        """Return how this leg turned out, and why where that is worth a word."""
        known = _DISPOSITIONS.get(word(self.result))
        if known is Disposition.ANSWERED and self.application == "QUEUE" and not self.inner_channel:
            return Disposition.NO_ANSWER, "abandoned"
        if known is None:
            return Disposition.UNKNOWN, self.result[:_REASON_LENGTH] or None
        return known, None

    @property
    def is_answered(self) -> bool:
        return self.outcome()[0] is Disposition.ANSWERED

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that may go on in another leg when this one ends; one that did not answer ends with it."""
        return (self.channel, self.inner_channel) if self.inner_channel and self.is_answered else (self.channel,)

    @property
    def ends_by(self) -> datetime:
        return self.started_at + timedelta(seconds=self.seconds or 0) + _RINGS_AT_MOST

    @property
    def queue(self) -> str | None:
        """The queue this leg waited in: `Queue` runs with its number first, as in `10000,t,,`."""
        if self.application == "QUEUE":
            name = self.data.partition(",")[0].strip()
            return name if is_extension(name) else None
        return self.destination if "queue" in self.context and is_extension(self.destination) else None


@dataclass(frozen=True)
class RecordedCall:
    """A call: its legs, earliest first."""

    legs: tuple[CallRecord, ...]

    @property
    def call_id(self) -> str:
        first = self.legs[0]
        return f"{PROVIDER}:{hashlib.sha256(f'{first.date}|{first.channel}'.encode()).hexdigest()[:16]}"

    @property
    def started_at(self) -> datetime:
        return self.legs[0].started_at

    def event(self, *, outside_prefix: str, recording_root: str) -> CallEvent:
        """Return what the records tell of the call: the leg that was answered first, and to whom it was handed on."""
        leg = max(self.legs, key=self._weight)
        disposition, reason = leg.outcome()
        answered = disposition is Disposition.ANSWERED
        direction = _direction(leg)
        to = leg.destination if direction is not Direction.OUTBOUND else in_our_words(leg.destination, outside_prefix)
        return CallEvent(
            call_id=self.call_id,
            provider=PROVIDER,
            state=CallState.ENDED,
            direction=direction,
            disposition=disposition,
            reason=reason,
            from_=in_our_words(leg.source, ""),
            to=in_our_words(to or "", ""),
            caller_name=_name(leg.caller_name) if direction is Direction.INBOUND else None,
            extension=_extension(leg, direction),
            agent=agent_of(leg.inner_channel) or agent_of(leg.channel),
            line=_line(leg, direction),
            queue=leg.queue if direction is Direction.INBOUND else None,
            transferred_to=self._handed_to(leg),
            channel=leg.channel,
            campaign_id=SOME_CAMPAIGN if leg.is_of_campaign else None,
            started_at=self.started_at,
            ended_at=self._ended_at(leg),
            ring_seconds=None if answered else leg.seconds,
            talk_seconds=self._talk_seconds(leg) if answered else 0,
            recording_ref=self._recording(leg, recording_root),
        )

    def _weight(self, leg: CallRecord) -> tuple[int, int, int, bool]:
        handed_on = leg.started_at - self.started_at > LEGS_WITHIN
        later = -int((leg.started_at - self.started_at).total_seconds()) if handed_on else 0
        return leg.outcome()[0].rank, later, leg.seconds or 0, bool(leg.file)

    def _talked(self, taken: CallRecord) -> list[CallRecord]:
        """The legs that were talked on one after the other, each once: with its recording it comes a second time."""
        later = (leg for leg in self.legs if leg.is_answered and leg.started_at - taken.started_at > LEGS_WITHIN)
        return [taken, *{(leg.started_at, leg.channel): leg for leg in later}.values()]

    def _talk_seconds(self, taken: CallRecord) -> int | None:
        told = [leg.seconds for leg in self._talked(taken) if leg.seconds is not None]
        return sum(told) if told else None

    def _ended_at(self, taken: CallRecord) -> datetime | None:
        ends = [
            leg.started_at + timedelta(seconds=leg.seconds) for leg in self._talked(taken) if leg.seconds is not None
        ]
        return max(ends, default=None)

    def _handed_to(self, taken: CallRecord) -> str | None:
        last = self._talked(taken)[-1]
        return last.destination if last is not taken and is_extension(last.destination) else None

    def _recording(self, leg: CallRecord, root: str) -> str | None:
        file = next((one.file for one in (leg, *self.legs) if one.file), None)
        if file is None:
            return None
        ref = reference(file, root)
        if ref is None:
            count("recording_reference_not_understood")
        return ref


def calls(records: Iterable[CallRecord]) -> list[RecordedCall]:
    """Join records to calls, earliest first. A record that comes twice, with its recording and without, is one leg.

    A channel that still exists is still on its call: what begins on it then is that call's next leg. One that was
    called may go on as well, when the caller's side hands it on.
    """
    groups: list[list[CallRecord]] = []
    going_on: dict[str, tuple[datetime, list[CallRecord]]] = {}
    for record in sorted(records, key=lambda record: (record.started_at, record.channel)):
        until, legs = going_on.get(record.channel, (record.started_at, None))
        if legs is None or until < record.started_at:
            legs = []
            groups.append(legs)
        legs.append(record)
        for channel in record.channels:
            known, of_legs = going_on.get(channel, (record.ends_by, legs))
            going_on[channel] = (max(known, record.ends_by) if of_legs is legs else record.ends_by, legs)
    return [RecordedCall(tuple(legs)) for legs in groups]


def newest_first_until(records: Sequence[CallRecord], moment: datetime) -> bool:
    """Tell whether records came newest first, and reach back behind a moment."""
    starts = [record.started_at for record in records]
    return bool(starts) and starts == sorted(starts, reverse=True) and starts[-1] < moment


def _direction(leg: CallRecord) -> Direction | None:
    if leg.context.startswith(_FROM_OUTSIDE) or not (is_extension(leg.source) or extension_of(leg.channel)):
        return Direction.INBOUND
    # A code like *45 is dialled to the PBX itself.
    inside = is_extension(leg.destination) or not leg.destination.lstrip("+").isdecimal()
    return Direction.INTERNAL if inside else Direction.OUTBOUND


def _extension(leg: CallRecord, direction: Direction | None) -> str | None:
    if direction is not Direction.INBOUND:
        return leg.source if is_extension(leg.source) else extension_of(leg.channel)
    answered_by = extension_of(leg.inner_channel)
    rung = leg.destination if is_extension(leg.destination) and leg.queue is None else None
    return answered_by or rung


def _line(leg: CallRecord, direction: Direction | None) -> str | None:
    """Our own outside number."""
    ours = {Direction.INBOUND: leg.destination, Direction.OUTBOUND: leg.source}.get(direction or Direction.INTERNAL, "")
    return None if is_extension(ours) or not ours.lstrip("+").isdecimal() else in_our_words(ours, "")


def _name(caller: str) -> str | None:
    """`"Ayşe" <05321234567>` is Ayşe; a number alone is nobody's name."""
    name = caller.partition("<")[0].strip().strip('"').strip()
    return name if any(character.isalpha() for character in name) else None
