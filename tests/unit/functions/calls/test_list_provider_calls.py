"""GET /calls?source=provider: the provider's own call records."""

from datetime import datetime, timedelta

import pytest

from functions.calls.list_calls import handler
from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.errors import Busy
from santral.providers.ports import HistoryBudget, Page
from tests.fakes.doors import call, http

FROM, TO = "2026-01-14T00:00:00+03:00", "2026-01-15T00:00:00+03:00"
START = datetime.fromisoformat(FROM)


@pytest.fixture
def records(pbx, monkeypatch):
    """Let the PBX have a hundred calls, one a minute; every tenth is outbound. What it was asked is kept."""
    asked = []
    events = [
        CallEvent(
            call_id=f"virtualats:{number:032x}",
            provider="virtualats",
            state=CallState.ENDED,
            direction=Direction.INBOUND if number % 10 else Direction.OUTBOUND,
            disposition=Disposition.ANSWERED,
            from_="905321234567" if number % 10 else "101",
            to="902125550000" if number % 10 else "905321234567",
            started_at=START + timedelta(minutes=number),
        )
        for number in range(100)
    ]

    def history(*, since, until, offset, limit):
        asked.append((since, until, offset, limit))
        page = [event for event in events if since <= event.started_at <= until][offset : offset + limit]
        return Page(page, len(page))

    monkeypatch.setattr(pbx, "history", history, raising=False)
    monkeypatch.setattr(pbx, "history_budget", HistoryBudget(rows=40, requests=10), raising=False)
    return asked


def listed(**query):
    given = {"source": "provider", "from": FROM, "to": TO, **query}
    return call(handler, http("calls/list_calls", query=given))


def numbers(heard):
    return [int(found["call_id"].partition(":")[2], 16) for found in heard.json["calls"]]


def all_pages(**query):
    heard = listed(**query)
    yield heard
    while cursor := heard.json["next_cursor"]:
        heard = listed(**query, cursor=cursor)
        yield heard


@pytest.mark.parametrize("limit", ["1", "7", "10", "40", "64", "200"])
def test_every_record_is_listed_once_whatever_the_size_of_a_page(tenant, records, limit):
    told = [number for heard in all_pages(limit=limit) for number in numbers(heard)]

    assert told == list(range(100))


def test_filters_hold_for_records_too(tenant, records):
    told = [number for heard in all_pages(direction="outbound", limit="3") for number in numbers(heard)]

    assert told == list(range(0, 100, 10))


def test_no_more_than_two_requests_are_made_for_one_page(tenant, records):
    heard = listed(caller_name="nobody has it")

    assert (heard.json["calls"], len(records)) == ([], 2)
    assert heard.json["next_cursor"]


def test_the_cursor_pins_the_period(tenant, records):
    cursor = listed(limit="10").json["next_cursor"]
    tenant.clock.pass_seconds(3600)
    call(handler, http("calls/list_calls", query={"source": "provider", "limit": "10", "cursor": cursor}))

    assert {(since, until) for since, until, _, _ in records} == {(START, START + timedelta(days=1))}


@pytest.mark.parametrize("changes", [{"direction": "inbound"}, {"provider": "kobikom"}, {"source": "ledger"}])
def test_a_cursor_is_good_for_its_own_list_only(tenant, records, changes):
    cursor = listed(limit="10").json["next_cursor"]
    heard = listed(limit="10", cursor=cursor, **changes)

    assert (heard.status, heard.json["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    ("query", "field"), [({"order": "desc"}, "order"), ({"from": "2025-11-01T00:00:00+03:00"}, "from")]
)
def test_what_the_provider_cannot_do_is_refused_by_its_field(tenant, records, query, field):
    heard = listed(**query)

    assert (heard.status, heard.json["errors"][0]["field"], records) == (422, field, [])


def test_a_used_up_budget_says_when_to_come_back(tenant, records, pbx, monkeypatch):
    def busy(**_):
        raise Busy("cdrs is used up", system="verimor", retry_after=42)

    monkeypatch.setattr(pbx, "history", busy)
    heard = listed()

    assert (heard.status, heard.headers["retry-after"]) == (503, "42")
