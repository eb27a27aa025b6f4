"""Reading the ledger: calls of a period, filtered, page by page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from santral.calls import Call, Direction, Disposition, iso
from santral.errors import FieldError, InvalidRequest
from santral.phone import to_e164
from santral.sentences import say
from santral.store.calls import Entry, EntryPage
from santral.store.table import SINGLE, Row, index_start
from santral.telephony.list_cursors import seal, unseal
from santral.tenant import Tenant

LONGEST_DAYS = 31
_PAGE_ROWS = 100
_MOST_ROWS_READ = 1000
_MAC_BYTES = 16


class CallFilters(BaseModel):
    """Which calls are asked for. `phone` is the outside number, whichever side it was on; newest first by default."""

    model_config = ConfigDict(frozen=True)

    provider: str | None = None
    direction: Direction | None = None
    disposition: Disposition | None = None
    phone: str | None = Field(default=None, max_length=64)
    from_number: str | None = Field(default=None, max_length=64)
    to_number: str | None = Field(default=None, max_length=64)
    caller_name: str | None = Field(default=None, max_length=128)
    order: Literal["asc", "desc"] | None = None

    def told(self) -> str:
        """Return the filters in a steady text, whatever else a subclass asks."""
        return self.model_dump_json(include=set(CallFilters.model_fields))


class CallPage(BaseModel):
    model_config = ConfigDict(frozen=True)

    calls: list[Call]
    next_cursor: str | None = None


@dataclass(frozen=True)
class _Period:
    since: datetime
    until: datetime


@dataclass(frozen=True)
class _Position:
    """Where a listing stands: the pinned period, the day being read (none for one phone), the row read last."""

    since: str
    until: str
    day: str | None
    after: Row | None

    def period(self) -> _Period:
        return _Period(datetime.fromisoformat(self.since), datetime.fromisoformat(self.until))


def list_calls(
    tenant: Tenant, filters: CallFilters, *, since: datetime, until: datetime, limit: int, cursor: str | None
) -> CallPage:
    """Return calls of the ledger that started in a period, at most `limit`, and the cursor of the next page.

    The cursor pins the period: `since` and `until` of later pages are ignored. A page can hold fewer calls than
    `limit` and still have a next one, since rows that do not fit the filters count as read.

    Raises:
        InvalidRequest: The period is too long to be listed without a phone number, or a number is none.
        InvalidCursor: The cursor was not made by us, or for other filters.
    """
    position = _Position(**unseal(tenant, filters.told(), cursor)) if cursor else None
    period = position.period() if position else _Period(since, until)
    if filters.phone is None and period.until - period.since > timedelta(days=LONGEST_DAYS):
        raise InvalidRequest(
            [FieldError("from", say("is more than {days} days before `to`; name a phone instead", days=LONGEST_DAYS))]
        )
    fits = fitting(tenant, filters)
    found: list[Call] = []
    for read, (entry, here) in enumerate(_walk(tenant, filters, period, position), start=1):
        if fits(entry):
            found.append(entry.as_call())
        if len(found) >= limit or read >= _MOST_ROWS_READ:
            return CallPage(calls=found, next_cursor=seal(tenant, filters.told(), vars(here)))
    return CallPage(calls=found)


def _walk(
    tenant: Tenant, filters: CallFilters, period: _Period, position: _Position | None
) -> Iterator[tuple[Entry, _Position]]:
    newest_first = filters.order != "asc"
    bounds: dict[str, Any] = {"since": iso(period.since), "until": iso(period.until), "newest_first": newest_first}
    if filters.phone is not None:
        phone = _number(tenant, "phone", filters.phone)
        for entry in _pages(partial(tenant.calls.with_phone, phone, **bounds), position.after if position else None):
            yield entry, _Position(bounds["since"], bounds["until"], None, _key("by_phone", entry, phone=phone))
        return
    for day in _days(period, newest_first=newest_first, first=position.day if position else None):
        after = position.after if position and position.day == day else None
        for entry in _pages(partial(tenant.calls.on_day, day, **bounds), after):
            yield entry, _Position(bounds["since"], bounds["until"], day, _key("by_day", entry, day=day))


def _pages(read: Callable[..., EntryPage], start: Row | None) -> Iterator[Entry]:
    while True:
        page = read(limit=_PAGE_ROWS, start=start)
        yield from page.entries
        if page.next_key is None:
            return
        start = page.next_key


def _days(period: _Period, *, newest_first: bool, first: str | None) -> Iterator[str]:
    begin, end = period.since.astimezone(UTC).date(), period.until.astimezone(UTC).date()
    days = [(begin + timedelta(days=offset)).isoformat() for offset in range((end - begin).days + 1)]
    if newest_first:
        days.reverse()
    yield from days[days.index(first) :] if first in days else days


def fitting(tenant: Tenant, filters: CallFilters) -> Callable[[Entry], bool]:
    """Return the test a call has to pass. Numbers are compared in E.164, names without regard to case."""
    wanted: dict[str, Callable[[Call], bool]] = {}
    if filters.provider is not None:
        wanted["provider"] = lambda call: call.provider == filters.provider
    if filters.direction is not None:
        wanted["direction"] = lambda call: call.direction == filters.direction
    if filters.disposition is not None:
        wanted["disposition"] = lambda call: call.disposition == filters.disposition
    if filters.from_number is not None:
        sought_from = _number(tenant, "from_number", filters.from_number)
        wanted["from"] = lambda call: _comparable(tenant, call.from_) == sought_from
    if filters.to_number is not None:
        sought_to = _number(tenant, "to_number", filters.to_number)
        wanted["to"] = lambda call: _comparable(tenant, call.to) == sought_to
    if filters.caller_name is not None:
        sought_name = filters.caller_name.casefold()
        wanted["name"] = lambda call: sought_name in (call.caller_name or "").casefold()

    def fits(entry: Entry) -> bool:
        call = entry.as_call()
        return all(test(call) for test in wanted.values())

    return fits


def _number(tenant: Tenant, field: str, text: str) -> str:
    number = to_e164(text, tenant.settings.country) or text
    if not any(character.isdigit() for character in number):
        raise InvalidRequest([FieldError(field, say("is not a phone number"))])
    return number


def _comparable(tenant: Tenant, text: str | None) -> str | None:
    return (to_e164(text, tenant.settings.country) or text) if text else None


def _key(index: Literal["by_day", "by_phone"], entry: Entry, **hash_key: str) -> Row:
    return index_start(
        index, {"pk": f"CALL#{entry.call_id}", "sk": SINGLE, "started_at": iso(entry.listed_at), **hash_key}
    )
