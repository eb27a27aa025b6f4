"""Kobikom's call records, and the calls they tell of.

Document, "Arama Kayıtları" and "SES Kayıtları". A record has no id and is one leg of a call: Asterisk may write one for
each phone it tried. Legs are told by their channel and start; a call's id is made of its earliest leg's.
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
    moment,
    seconds,
    texts,
    word,
)
from santral.providers.kobikom.recordings import reference
from santral.telemetry import count

LEGS_WITHIN = timedelta(seconds=2)

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

    def outcome(self) -> tuple[Disposition, str | None]:
        """Return how this leg turned out, and why where that is worth a word."""
        known = _DISPOSITIONS.get(word(self.result))
        if known is Disposition.ANSWERED and self.application == "QUEUE" and not self.inner_channel:
            return Disposition.NO_ANSWER, "abandoned"
        if known is None:
            return Disposition.UNKNOWN, self.result[:_REASON_LENGTH] or None
        return known, None

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
        """Return what the records tell of the call. The leg that was answered tells it."""
        leg = max(self.legs, key=_weight)
        disposition, reason = leg.outcome()
        answered = disposition is Disposition.ANSWERED
        direction = _direction(leg)
        to = leg.destination if direction is not Direction.OUTBOUND else in_our_words(leg.destination, outside_prefix)
        lasted = leg.seconds
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
            channel=leg.channel,
            started_at=self.started_at,
            ended_at=None if lasted is None else leg.started_at + timedelta(seconds=lasted),
            ring_seconds=None if answered else lasted,
            talk_seconds=lasted if answered else 0,
            recording_ref=self._recording(leg, recording_root),
        )

    def _recording(self, leg: CallRecord, root: str) -> str | None:
        file = next((one.file for one in (leg, *self.legs) if one.file), None)
        if file is None:
            return None
        ref = reference(file, root)
        if ref is None:
            count("recording_reference_not_understood")
        return ref


def calls(records: Iterable[CallRecord]) -> list[RecordedCall]:
    """Join records to calls, earliest first. A record that comes twice, with its recording and without, is one leg."""
    groups: list[list[CallRecord]] = []
    for record in sorted(records, key=lambda record: (record.channel, record.started_at)):
        first = groups[-1][0] if groups else None
        if first and first.channel == record.channel and record.started_at - first.started_at <= LEGS_WITHIN:
            groups[-1].append(record)
        else:
            groups.append([record])
    return sorted((RecordedCall(tuple(legs)) for legs in groups), key=lambda call: (call.started_at, call.call_id))


def newest_first_until(records: Sequence[CallRecord], moment: datetime) -> bool:
    """Tell whether records came newest first, and reach back behind a moment."""
    starts = [record.started_at for record in records]
    return bool(starts) and starts == sorted(starts, reverse=True) and starts[-1] < moment


def _weight(leg: CallRecord) -> tuple[int, int, bool]:
    return leg.outcome()[0].rank, leg.seconds or 0, bool(leg.file)


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
