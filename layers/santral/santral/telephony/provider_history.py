"""Reading a provider's own call records: page by page, in its own order, filtered here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from santral.errors import FieldError, InvalidRequest
from santral.providers.ports import CallHistory
from santral.providers.registry import Ability
from santral.sentences import say
from santral.store.calls import Entry
from santral.telephony.history import LONGEST_DAYS, CallFilters, CallPage, fitting
from santral.telephony.list_cursors import seal, unseal
from santral.tenant import Tenant

# Providers allow few such requests a minute, and a button waits for the answer.
_MOST_REQUESTS = 2
_SMALLEST_PAGE = 10


@dataclass(frozen=True)
class _Position:
    """Where a listing stands: the pinned period and page size, the page to be read, and how many of it are told."""

    since: str
    until: str
    rows: int
    offset: int = 0
    told: int = 0


def list_provider_calls(
    tenant: Tenant, filters: CallFilters, *, since: datetime, until: datetime, limit: int, cursor: str | None
) -> CallPage:
    """Return finished calls as the provider's own records tell them, oldest first as far as it keeps that order.

    The cursor pins the period. A page can hold fewer calls than `limit`, even none, and still have a next one: only so
    many of the provider's own pages are read for each.

    Raises:
        InvalidRequest: The period is too long, or another order is asked for than the provider's.
        InvalidCursor: The cursor was not made by us, or for other filters.
        NotSupported: The provider keeps no call records we can read.
        NotConfigured: The provider is not set up.
        OutsideFailure: It cannot be read right now.
    """
    name = filters.provider or tenant.default_for(Ability.HISTORY)
    source: CallHistory = tenant.provider(name, Ability.HISTORY)
    if filters.order == "desc":
        raise InvalidRequest([FieldError("order", say("has to be asc, or left out, with source=provider"))])
    if until - since > timedelta(days=LONGEST_DAYS):
        raise InvalidRequest([FieldError("from", say("is more than {days} days before `to`", days=LONGEST_DAYS))])
    pinned = f"provider {name} {filters.told()}"
    position = _Position(since.isoformat(), until.isoformat(), _page_rows(source, limit))
    if cursor:
        position = _Position(**unseal(tenant, pinned, cursor))
    fits = fitting(tenant, filters)
    found = []
    for _ in range(_MOST_REQUESTS):
        page = source.history(
            since=datetime.fromisoformat(position.since),
            until=datetime.fromisoformat(position.until),
            offset=position.offset,
            limit=position.rows,
        )
        for number, event in enumerate(page.events[position.told :], start=position.told + 1):
            entry = Entry(call_id=event.call_id, first_seen_at=tenant.clock()).told(event)
            if fits(entry):
                found.append(entry.as_call())
            if len(found) >= limit:
                here = _Position(position.since, position.until, position.rows, position.offset, number)
                return CallPage(calls=found, next_cursor=seal(tenant, pinned, vars(here)))
        if page.rows < position.rows:
            return CallPage(calls=found)
        position = _Position(position.since, position.until, position.rows, position.offset + position.rows)
    return CallPage(calls=found, next_cursor=seal(tenant, pinned, vars(position)))


def _page_rows(source: CallHistory, limit: int) -> int:
    return min(max(limit, _SMALLEST_PAGE), source.history_budget.rows)
