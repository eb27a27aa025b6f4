from datetime import timedelta

import pytest

from functions.calls.list_calls import handler
from santral.calls import CallEvent, CallState, Direction, Disposition
from tests.fakes.doors import call, http

FROM, TO = "2026-01-10T00:00:00+03:00", "2026-01-15T23:59:59+03:00"


@pytest.fixture
def ledger(tenant):
    """Forty calls, one each three hours back from now; every fourth outbound, every other one answered."""
    for number in range(40):
        event = CallEvent(
            call_id=f"virtualats:{number:032x}",
            provider="virtualats",
            state=CallState.ENDED,
            direction=Direction.OUTBOUND if number % 4 == 0 else Direction.INBOUND,
            disposition=Disposition.ANSWERED if number % 2 else Disposition.NO_ANSWER,
            from_="101" if number % 4 == 0 else f"90532123{4500 + number}",
            to=f"90532123{4500 + number}" if number % 4 == 0 else "902121112233",
            caller_name="Elif Yılmaz" if number == 7 else None,
            started_at=tenant.clock() - timedelta(hours=3 * number),
        )
        tenant.calls.change(event.call_id, lambda entry, event=event: entry.told(event))
    return tenant


def listed(**query):
    heard = call(handler, http("calls/list_calls", query={"from": FROM, "to": TO, **query}))
    assert heard.status == 200, heard.text
    return heard.json


def numbers(page):
    return [int(call["call_id"].partition(":")[2], 16) for call in page["calls"]]


def test_calls_of_a_period_come_newest_first(ledger):
    assert numbers(listed(limit="5")) == [0, 1, 2, 3, 4]


def test_or_oldest_first(ledger):
    assert numbers(listed(order="asc", limit="200"))[-1] == 0


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_hold_every_call_once(ledger, order):
    seen, cursor = [], {}
    while cursor is not None:
        page = listed(limit="7", order=order, **cursor)
        seen += numbers(page)
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None

    assert sorted(seen) == list(range(40))
    assert seen == sorted(seen, reverse=order == "asc")


def test_the_cursor_pins_the_end_of_the_period(ledger):
    first = listed(limit="5")
    later = listed(limit="5", cursor=first["next_cursor"], to="2026-01-12T00:00:00+03:00")

    assert numbers(later) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"direction": "outbound"}, lambda n: n % 4 == 0),
        ({"disposition": "answered"}, lambda n: n % 2 == 1),
        ({"caller_name": "elif"}, lambda n: n == 7),
        ({"from_number": "0532 123 45 09"}, lambda n: n == 9),
        ({"to_number": "0532 123 45 08"}, lambda n: n == 8),
        ({"provider": "virtualats"}, lambda n: True),
        ({"provider": "verimor"}, lambda n: False),
        ({"phone": "0532 123 45 11"}, lambda n: n == 11),
    ],
)
def test_filters_keep_what_fits(ledger, query, fits):
    assert sorted(numbers(listed(limit="200", **query))) == [n for n in range(40) if fits(n)]


def test_a_listing_by_phone_goes_on_where_it_stopped(tenant):
    for number in range(5):
        event = CallEvent(
            call_id=f"virtualats:{number:032x}",
            provider="virtualats",
            state=CallState.ENDED,
            direction=Direction.INBOUND,
            from_="905321234567",
            started_at=tenant.clock() - timedelta(days=10 * number),
        )
        tenant.calls.change(event.call_id, lambda entry, event=event: entry.told(event))

    asked = {"phone": "0532 123 45 67", "from": "2025-01-01T00:00:00+03:00", "limit": "2"}
    first = listed(**asked)
    second = listed(**asked, cursor=first["next_cursor"])

    assert (numbers(first), numbers(second)) == ([0, 1], [2, 3])


@pytest.mark.parametrize(
    "spoil", [lambda c: c[:-2] + "AA", lambda c: "not a cursor", lambda c: c[4:], lambda c: "AAAA"]
)
def test_a_tampered_cursor_is_refused(ledger, spoil):
    cursor = listed(limit="5")["next_cursor"]
    heard = call(handler, http("calls/list_calls", query={"from": FROM, "to": TO, "cursor": spoil(cursor)}))

    assert (heard.status, heard.json["code"]) == (400, "invalid_cursor")


def test_a_cursor_of_other_filters_is_refused(ledger):
    cursor = listed(limit="5")["next_cursor"]
    heard = call(
        handler, http("calls/list_calls", query={"from": FROM, "to": TO, "cursor": cursor, "direction": "inbound"})
    )

    assert heard.json["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-01-10T00:00:00"}, "from"),
        ({"direction": "sideways"}, "direction"),
        ({"source": "crm"}, "source"),
        ({"from": "2025-01-01T00:00:00+03:00"}, "from"),
        ({"phone": "nobody"}, "phone"),
    ],
)
def test_a_wrong_query_names_the_field(ledger, query, field):
    heard = call(handler, http("calls/list_calls", query={"to": TO, **query}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, field)


def test_without_a_period_the_last_seven_days_are_listed(ledger):
    heard = call(handler, http("calls/list_calls", query={"limit": "200"}))

    assert len(heard.json["calls"]) == 40
