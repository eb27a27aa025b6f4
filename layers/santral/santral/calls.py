"""A call, what is told about it, and the rule that folds everything told into one call.

Providers tell about a call in pieces: in any order, more than once, sometimes contradicting themselves. Every piece
is a `CallEvent`. `Facts` is what is known so far; `Facts.joined` is a least upper bound (commutative, associative,
idempotent), so neither order nor repetition can change the result, and no message id has to be remembered.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

CallId = Annotated[str, StringConstraints(pattern=r"^[a-z]+:[A-Za-z0-9._-]{1,128}$")]
_SEGMENT = r"\.*[A-Za-z0-9_-][A-Za-z0-9._-]*"
RecordingReference = Annotated[str, StringConstraints(pattern=rf"^{_SEGMENT}(/{_SEGMENT})*$", max_length=256)]
"""What a provider finds a recording by: segments of a path, none of which climbs. Each provider checks its own form."""


def _to_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset")
    # Whole seconds, as stored: a fact must equal itself after a round trip through the table.
    return moment.astimezone(UTC).replace(microsecond=0)


def iso(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC with whole seconds, the way it is stored and sorted."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


Moment = Annotated[datetime, AfterValidator(_to_utc), PlainSerializer(iso, return_type=str)]


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class CallState(StrEnum):
    """How far a call has come. The order of definition is the order of life."""

    REQUESTED = "requested"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"

    @property
    def rank(self) -> int:
        return list(CallState).index(self)


class Disposition(StrEnum):
    """How a call turned out. Later in the definition wins when sources disagree: who talked was answered."""

    UNKNOWN = "unknown"
    FAILED = "failed"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    ANSWERED = "answered"

    @property
    def rank(self) -> int:
        return list(Disposition).index(self)


class RecordingState(StrEnum):
    NONE = "none"
    PENDING = "pending"
    READY = "ready"
    UNAVAILABLE = "unavailable"
    ERASED = "erased"


class RecordLink(BaseModel):
    """A record of the CRM that a call or message belongs to."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    module: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,49}$")
    id: str = Field(pattern=r"^\d{1,32}$")
    name: str | None = None


class CallEvent(BaseModel):
    """One thing told about one call, in our words. What it does not tell is None."""

    # Unknown fields are ignored: during a deploy an older worker reads what a newer webhook wrote.
    model_config = ConfigDict(frozen=True, defer_build=True, populate_by_name=True, extra="ignore")

    v: Literal[1] = 1
    kind: Literal["call"] = "call"
    call_id: CallId
    provider: str
    state: CallState
    direction: Direction | None = None
    disposition: Disposition | None = None
    reason: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    caller_name: str | None = None
    extension: str | None = None
    agent: str | None = None
    line: str | None = None
    queue: str | None = None
    transferred_to: str | None = None
    # A PBX that gives its calls no ids tells them apart by their channels: unique among the calls that go on.
    channel: str | None = None
    campaign_id: str | None = None
    started_at: Moment | None = None
    answered_at: Moment | None = None
    ended_at: Moment | None = None
    ring_seconds: int | None = Field(default=None, ge=0)
    talk_seconds: int | None = Field(default=None, ge=0)
    recording_ref: RecordingReference | None = None
    outcome: str | None = None
    note: str | None = None
    said_at: Moment | None = None
    # Told again on purpose by an integrator, so the tenant's first day does not hold it back.
    replayed: bool | None = None

    @property
    def group(self) -> str:
        """What it is told about: events of one group are taken in their order."""
        return self.call_id

    def written(self) -> str:
        """Return the event as canonical JSON: equal events give equal text."""
        return self.model_dump_json(by_alias=True, exclude_none=True)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the event's content, in hex. A second, different event of the same call differs."""
        return hashlib.sha256(self.written().encode()).hexdigest()


class Told(NamedTuple):
    """A value and how much its source weighs. The heavier one stands; among equals, the greater text."""

    weight: tuple[int, int, int]
    value: str


_TEXTS = (
    "direction", "reason", "from", "to", "caller_name", "extension", "agent", "line", "queue", "transferred_to",
    "channel", "campaign_id", "recording_ref", "outcome", "note",
)  # fmt: skip
_SAID = ("outcome", "note")
_LATEST = ("ended_at",)
_GREATEST = ("ring_seconds", "talk_seconds")


class Facts(BaseModel):
    """All that is known of a call: per field the strongest text, the earliest start, the latest end."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    state: CallState = CallState.REQUESTED
    disposition: Disposition = Disposition.UNKNOWN
    texts: Mapping[str, Told] = Field(default_factory=dict)
    times: Mapping[str, Moment] = Field(default_factory=dict)
    seconds: Mapping[str, int] = Field(default_factory=dict)

    @classmethod
    def of(cls, event: CallEvent) -> Self:
        """Return what one event alone tells."""
        told = event.model_dump(by_alias=True, exclude_none=True)
        disposition = Disposition.ANSWERED if event.talk_seconds else event.disposition or Disposition.UNKNOWN
        weight = (disposition is Disposition.ANSWERED, event.state.rank, event.talk_seconds or 0)
        # What a person says of the call they may say again, and then the last word counts.
        said = (0, 0, int(event.said_at.timestamp()) if event.said_at else 0)
        told_times = {name: getattr(event, name) for name in ("started_at", "answered_at", "ended_at")}
        times: dict[str, datetime] = {name: moment for name, moment in told_times.items() if moment}
        if event.state is CallState.REQUESTED and "started_at" in times:
            # Our own clock at the click must not pull forward the start the provider tells later.
            times["requested_at"] = times.pop("started_at")
        return cls(
            state=event.state,
            disposition=disposition,
            texts={name: Told(said if name in _SAID else weight, str(told[name])) for name in _TEXTS if name in told},
            times=times,
            seconds={name: told[name] for name in _GREATEST if name in told},
        )

    def joined(self, other: "Facts") -> "Facts":
        """Return what both tell together."""
        return Facts(
            state=max(self.state, other.state, key=lambda state: state.rank),
            disposition=max(self.disposition, other.disposition, key=lambda disposition: disposition.rank),
            texts=_per_name(lambda _: max, self.texts, other.texts),
            times=_per_name(lambda name: max if name in _LATEST else min, self.times, other.times),
            seconds=_per_name(lambda _: max, self.seconds, other.seconds),
        )

    def only_said(self) -> "Facts":
        """Return what people say of the call, without what a telephone system tells of it."""
        return Facts(texts={name: told for name, told in self.texts.items() if name in _SAID})

    def without_own_times(self) -> "Facts":
        """Return it with times by which the call was requested at most: they were read off our own clock."""
        requested_at = self.started_at
        return Facts(
            state=self.state,
            disposition=self.disposition,
            texts=self.texts,
            times={"requested_at": requested_at} if requested_at else {},
        )

    def text(self, name: str) -> str | None:
        """Return the strongest text told for a field."""
        told = self.texts.get(name)
        return told.value if told else None

    @property
    def direction(self) -> Direction | None:
        text = self.text("direction")
        return Direction(text) if text else None

    @property
    def started_at(self) -> datetime | None:
        return self.times.get("started_at") or self.times.get("requested_at")

    @property
    def counterpart(self) -> str | None:
        """The number of the one outside: who called us, or whom we called."""
        return self.text("to") if self.direction is Direction.OUTBOUND else self.text("from")


def _per_name(choice: Callable[[str], Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Choose per name, also for names that only a newer version tells: its row may come by here during a deploy."""
    return {
        name: choice(name)(known[name] for known in (mine, theirs) if name in known)
        for name in sorted({*mine, *theirs})
    }


class Call(BaseModel):
    """A call as the HTTP API shows it."""

    model_config = ConfigDict(frozen=True, defer_build=True, populate_by_name=True)

    call_id: CallId
    provider: str
    direction: Direction | None = None
    state: CallState
    disposition: Disposition
    reason: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    caller_name: str | None = None
    extension: str | None = None
    agent: str | None = None
    line: str | None = None
    queue: str | None = None
    transferred_to: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ring_seconds: int | None = None
    talk_seconds: int | None = None
    outcome: str | None = None
    note: str | None = None
    recording: RecordingState = RecordingState.NONE
    record: RecordLink | None = None
