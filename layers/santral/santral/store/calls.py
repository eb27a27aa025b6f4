"""The ledger: one row per call, which is also the outbox of what the CRM and the archive are still owed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from santral.calls import Call, CallEvent, CallState, Facts, Moment, RecordingState, RecordLink, iso
from santral.errors import UnknownCall
from santral.phone import to_e164
from santral.store.table import SINGLE, Row, Table, rewrite

_DUE = _LIVE = "calls"
_DAY_SECONDS = 86_400
_SHORTEST_LIFE_DAYS = 400
_BACKLOG_PAGE = 1000
_BACKLOG_PAGES = 10
_END_OF_TIME = 2**40
_ROWS_AROUND = 100
# By what the ids begin with that we give to calls before their provider tells any.
_PROVISIONAL = {"dial-": timedelta(hours=24), "live-": timedelta(hours=4)}


class Owed(StrEnum):
    """What is still to be done for a call that is safely in the table."""

    RECORD = "record"
    UPDATE = "update"
    TASK = "task"
    RECORDING = "recording"


class Recording(BaseModel):
    """What we know of a call's recording.

    `key` leads to the bytes the provider sent, with their `size` and their `sha256` in hex; `playable_key` to an MP3 of
    what browsers do not play. Before it is there: how often it was tried, since when, when it is due again (`due_at`)
    and when someone last wanted to hear it (`requested_at`), all in epoch seconds. What a newer version keeps beside
    that stays.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="allow")

    state: RecordingState = RecordingState.NONE
    key: str | None = None
    content_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    playable_key: str | None = None
    playable_size: int | None = None
    attempts: int = 0
    first_attempt_at: int | None = None
    due_at: int | None = None
    requested_at: int | None = None


class Entry(BaseModel):
    """A call in the ledger: the facts told by providers, and what we have done about them."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    call_id: str
    version: int = 0
    first_seen_at: Moment
    facts: Facts = Facts()
    record: RecordLink | None = None
    # The CRM's records with the number of the one outside, the preferred first, as they were found.
    matches: tuple[RecordLink, ...] = ()
    acting_user: str | None = None
    recording: Recording = Recording()
    crm_call_id: str | None = None
    owed: frozenset[Owed] = frozenset()
    next_attempt_at: int | None = None
    attempts: int = 0
    # Epoch seconds. It is the CRM that waits: a recording is in the provider's hands, and has its own clock.
    waiting_since: int | None = None
    replayed: bool = False
    erased_at: Moment | None = None
    # The id under which this same call is known by now. Such a row only leads on: it is never listed, logged or told.
    joined_to: str | None = None
    # Whose telephone system carried the call, where another was the first to tell of it.
    carrier: str | None = None

    @property
    def provider(self) -> str:
        return self.call_id.partition(":")[0]

    @property
    def pbx(self) -> str:
        """The provider that has the call's recording, and whose extension took part in it."""
        return self.carrier or self.provider

    @property
    def provisional(self) -> bool:
        """Whether the id is one of ours, given to a call before its provider told any."""
        return self.life is not None

    @property
    def life(self) -> timedelta | None:
        """How long it may wait for the provider's record of it."""
        minted = self.call_id.partition(":")[2]
        return next((life for prefix, life in _PROVISIONAL.items() if minted.startswith(prefix)), None)

    def expired(self, now: datetime) -> bool:
        """Tell whether it waited in vain: no record came of a dial, no end of a call that was going on."""
        life = self.life
        return life is not None and self.joined_to is None and now > self.first_seen_at + life

    @property
    def goes_on(self) -> bool:
        """Whether the call rings or is talked on, as far as anybody told."""
        return self.facts.state in (CallState.RINGING, CallState.ANSWERED) and not (self.joined_to or self.erased_at)

    @property
    def listed_at(self) -> datetime:
        """The moment the call is listed under: its start, or when we first heard of it."""
        return self.facts.started_at or self.first_seen_at

    def having(self, **changes: Any) -> "Entry":
        """Return a copy with other values."""
        return self.model_copy(update=changes)

    def told(self, event: CallEvent) -> "Entry":
        """Return the entry after one more event. Telling it again changes nothing."""
        told = Facts.of(event)
        if event.provider not in (self.provider, self.carrier):
            # Another system's view of our call: only what its users say of it is news.
            told = told.only_said()
        facts = self.facts.joined(told)
        recording = self.recording
        if recording.state is RecordingState.NONE and facts.text("recording_ref"):
            recording = recording.model_copy(update={"state": RecordingState.PENDING})
        return self.having(facts=facts, recording=recording, replayed=self.replayed or bool(event.replayed))

    def taking_over(self, other: "Entry") -> "Entry":
        """Return the entry with what was known of the same call under another id. Again changes nothing."""
        return self.having(
            facts=self.facts.joined(other.facts.without_own_times()),
            acting_user=self.acting_user or other.acting_user,
            record=self.record or other.record,
            matches=self.matches or other.matches,
        )

    def erased(self, at: datetime) -> "Entry":
        """Return what may stay of a call whose person is to be forgotten: that it was, when, whether recorded."""
        told = self.facts
        had_recording = self.recording.state is not RecordingState.NONE
        return Entry(
            call_id=self.call_id,
            version=self.version,
            first_seen_at=self.first_seen_at,
            facts=Facts(state=told.state, disposition=told.disposition, times=told.times, seconds=told.seconds),
            recording=Recording(state=RecordingState.ERASED if had_recording else RecordingState.NONE),
            erased_at=at,
            joined_to=self.joined_to,
        )

    def owing(self, kinds: frozenset[Owed], *, next_attempt_at: int) -> "Entry":
        """Return the entry due for `kinds` as well, first at a moment in epoch seconds."""
        return self.having(owed=self.owed | kinds, next_attempt_at=next_attempt_at, attempts=0)

    def settled(self, kind: Owed, **changes: Any) -> "Entry":
        """Return the entry with one debt paid."""
        owed = self.owed - {kind}
        rest = {} if owed else {"next_attempt_at": None, "attempts": 0}
        return self.having(owed=owed, **rest, **changes)

    def as_call(self) -> Call:
        """Return the call as the HTTP API shows it."""
        facts = self.facts
        return Call(
            call_id=self.call_id,
            provider=self.provider,
            direction=facts.direction,
            state=facts.state,
            disposition=facts.disposition,
            reason=facts.text("reason"),
            from_=facts.text("from"),
            to=facts.text("to"),
            caller_name=facts.text("caller_name"),
            extension=facts.text("extension"),
            agent=facts.text("agent"),
            line=facts.text("line"),
            queue=facts.text("queue"),
            transferred_to=facts.text("transferred_to"),
            started_at=facts.started_at,
            answered_at=facts.times.get("answered_at"),
            ended_at=facts.times.get("ended_at"),
            ring_seconds=facts.seconds.get("ring_seconds"),
            talk_seconds=facts.seconds.get("talk_seconds"),
            outcome=facts.text("outcome"),
            note=facts.text("note") or None,
            recording=self.recording.state,
            record=self.record or next(iter(self.matches), None),
        )


_KNOWN = frozenset(Entry.model_fields) | {
    *("pk", "sk", "v", "phone", "started_at", "day", "live", "due", "expires_at"),
}


@dataclass(frozen=True)
class Backlog:
    """How many calls something is owed for, and since when (epoch seconds) the CRM has waited longest."""

    calls: int
    waiting_since: int | None


@dataclass(frozen=True)
class EntryPage:
    entries: list[Entry]
    next_key: Row | None


class Calls:
    """The ledger of calls.

    Args:
        table: Where the rows live.
        country: The tenant's country, by which numbers are indexed.
        retention_days: How long recordings are kept; rows live at least 400 days.
        clock: Returns the present moment.
    """

    def __init__(self, table: Table, *, country: str, retention_days: int, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._country = country
        self._life_seconds = max(retention_days, _SHORTEST_LIFE_DAYS) * _DAY_SECONDS
        self._clock = clock

    def get(self, call_id: str) -> Entry:
        """Return a call by its id, by one it had before, or by an alias of it.

        Raises:
            UnknownCall: None is known.
        """
        entry = self.peek(call_id) or self.behind(call_id)
        return self.get(entry.joined_to) if entry.joined_to else entry

    def peek(self, call_id: str) -> Entry | None:
        """Return the row of this very id, or None."""
        row = self._table.get(f"CALL#{call_id}")
        entry = _entry(row) if row else None
        return None if entry is None or entry.expired(self._clock()) else entry

    def behind(self, alias: str) -> Entry:
        """Return the call an alias leads to.

        Raises:
            UnknownCall: It leads to none.
        """
        led = self.led_to(alias)
        entry = self.peek(led) if led else None
        if entry is None:
            raise UnknownCall(f"no row for {alias}")
        return entry

    def add(self, entry: Entry) -> bool:
        """Write a call nobody has told of yet; tell whether it was new."""
        return self._table.add(self._row(entry), now=self._now())

    def change(self, call_id: str, change: Callable[[Entry], Entry]) -> Entry:
        """Apply `change` to a call, known or not, against concurrent writers; an unchanged entry is not written.

        `change` may be called more than once and must have no effect of its own. An erased call never changes again,
        whoever still works on it.

        Raises:
            Conflict: Others kept writing this call.
        """

        def changed(row: Row | None) -> tuple[Row | None, Entry]:
            before = _entry(row) if row else None
            if before is None or before.expired(self._clock()):
                before = Entry(call_id=call_id, first_seen_at=self._clock())
            if before.erased_at:
                return None, before
            after = change(before)
            return (None if row and after == before else self._row(after)), after

        return rewrite(self._table, f"CALL#{call_id}", changed, now=self._now(), knows=_KNOWN)

    def erase(self, call_id: str) -> None:
        """Blank a call for good. Erasing it again changes nothing."""

        def erased(row: Row | None) -> tuple[Row | None, None]:
            before = _entry(row) if row else None
            if before is None or before.erased_at:
                return None, None
            return self._row(before.erased(self._clock())), None

        rewrite(self._table, f"CALL#{call_id}", erased, now=self._now())

    def due(self, *, limit: int) -> Iterator[str]:
        """Yield ids of calls whose next attempt is due, longest waiting first."""
        now = self._now()
        page = self._table.query("due", _DUE, between=(0, now), newest_first=False, limit=limit)
        for row in page.rows:
            yield row["pk"].removeprefix("CALL#")

    def backlog(self) -> Backlog:
        """Count what is owed, due or not; of more than ten thousand calls only the first to come due are looked at."""
        calls, since, start = 0, None, None
        for _ in range(_BACKLOG_PAGES):
            page = self._table.query(
                "due", _DUE, between=(0, _END_OF_TIME), newest_first=False, limit=_BACKLOG_PAGE, start=start
            )
            calls += len(page.rows)
            waits = [row["waiting_since"] for row in page.rows if "waiting_since" in row]
            since = min([*waits, *([since] if since else [])], default=None)
            start = page.next_key
            if start is None:
                break
        return Backlog(calls, since)

    def on_day(
        self, day: str, *, since: str, until: str, newest_first: bool, limit: int, start: Row | None
    ) -> EntryPage:
        """Return calls that started on a UTC day (YYYY-MM-DD) between two moments (ISO, UTC), inclusive."""
        return self._page("by_day", day, since=since, until=until, newest_first=newest_first, limit=limit, start=start)

    def with_phone(
        self, phone: str, *, since: str, until: str, newest_first: bool, limit: int, start: Row | None
    ) -> EntryPage:
        """Return calls with an outside number (E.164) between two moments (ISO, UTC), inclusive."""
        return self._page(
            "by_phone", phone, since=since, until=until, newest_first=newest_first, limit=limit, start=start
        )

    def around(self, phone: str, *, since: str, until: str) -> list[Entry]:
        """Return the rows of an outside number between two moments, oldest first: under each id, joined ones too."""
        page = self._table.query(
            "by_phone", phone, between=(since, until), newest_first=False, limit=_ROWS_AROUND, start=None
        )
        entries = map(_entry, page.rows)
        return [entry for entry in entries if not entry.expired(self._clock())]

    def going_on(self, *, since: str, until: str, limit: int) -> list[Entry]:
        """Return calls that ring or are talked on and started between two moments (ISO, UTC), newest first."""
        return self._page("live", _LIVE, since=since, until=until, newest_first=True, limit=limit, start=None).entries

    def remember_alias(self, alias: str, call_id: str) -> bool:
        """Let `alias` lead to a call, unless it leads to one already; tell whether it was new."""
        row = {
            "pk": f"ALIAS#{alias}",
            "sk": SINGLE,
            "v": 1,
            "call_id": call_id,
            "expires_at": self._now() + self._life_seconds,
        }
        return self._table.add(row, now=self._now())

    def led_to(self, alias: str) -> str | None:
        """Return the id an alias leads to, or None."""
        led = self._table.get(f"ALIAS#{alias}")
        return led["call_id"] if led else None

    def _page(self, index: Any, value: str, *, since: str, until: str, **how: Any) -> EntryPage:
        page = self._table.query(index, value, between=(since, until), **how)
        now = self._clock()
        entries = map(_entry, page.rows)
        return EntryPage([it for it in entries if not (it.joined_to or it.expired(now))], page.next_key)

    def _row(self, entry: Entry) -> Row:
        started_at = iso(entry.listed_at)
        counterpart = entry.facts.counterpart
        return {
            "pk": f"CALL#{entry.call_id}",
            "sk": SINGLE,
            "v": 1,
            **entry.model_dump(mode="json", exclude={"owed"}, exclude_none=True, by_alias=True),
            "owed": sorted(entry.owed),
            "waiting_since": self._waiting_since(entry),
            "phone": (to_e164(counterpart, self._country) or counterpart) if counterpart else None,
            "started_at": started_at,
            "day": started_at[:10],
            "live": _LIVE if entry.goes_on else None,
            "due": _DUE if entry.owed else None,
            "expires_at": self._expires_at(entry),
        }

    def _waiting_since(self, entry: Entry) -> int | None:
        if not entry.owed - {Owed.RECORDING}:
            return None
        return entry.waiting_since or self._now()

    def _expires_at(self, entry: Entry) -> int:
        life = entry.life
        if life is None or entry.joined_to:
            return self._now() + self._life_seconds
        return int((entry.first_seen_at + life).timestamp())

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _entry(row: Row) -> Entry:
    return Entry.model_validate(row)
