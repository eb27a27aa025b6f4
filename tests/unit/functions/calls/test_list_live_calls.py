import pytest

from functions.calls.list_live_calls import handler
from santral.calls import CallEvent, CallState, Direction, RecordLink
from santral.errors import Unreachable
from santral.providers.ports import LiveCall
from tests.fakes.doors import call, http


@pytest.fixture
def told(tenant):
    def told(call_id, state=CallState.RINGING, **facts):
        given = {"extension": "101", "from_": "05321234567", "direction": Direction.INBOUND, **facts}
        given.setdefault("started_at", tenant.clock())
        event = CallEvent(call_id=call_id, provider=call_id.partition(":")[0], state=state, **given)
        record = RecordLink(module="Contacts", id="1", name="Elif")
        tenant.calls.change(call_id, lambda entry: entry.told(event).having(record=record))

    return told


def live(**query):
    return call(handler, http("calls/list_live_calls", query=query)).json["calls"]


def going_on(**changes):
    return LiveCall(
        **{"channel": "SIP/101-1", "state": CallState.ANSWERED, "extension": "101", "seconds": 5, **changes}
    )


def test_what_rings_or_is_talked_on_is_listed_with_its_record_and_what_is_over_is_not(tenant, told):
    told("virtualats:1")
    told("verimor:2", CallState.ANSWERED)
    told("verimor:3", CallState.ENDED)

    calls = {found["call_id"]: found for found in live()}
    assert calls.keys() == {"virtualats:1", "verimor:2"}
    assert calls["virtualats:1"]["record"] == {"module": "Contacts", "id": "1", "name": "Elif"}


def test_a_call_that_ends_leaves_the_list(tenant, told):
    told("virtualats:1")
    told("virtualats:1", CallState.ENDED)

    assert live() == []


def test_only_one_extensions_or_one_providers_are_listed_when_asked_so(tenant, told):
    told("virtualats:1", extension="101")
    told("verimor:2", extension="102")

    assert [found["call_id"] for found in live(extension="102")] == ["verimor:2"]
    assert [found["call_id"] for found in live(provider="virtualats")] == ["virtualats:1"]


def test_a_call_without_an_end_is_dropped_after_four_hours(tenant, told):
    told("virtualats:1")
    tenant.clock.pass_seconds(4 * 3600 + 1)

    assert live() == []


def test_a_pbx_without_webhooks_is_asked(tenant, call_center):
    call_center.going_on = [going_on(number="05321234567", direction=Direction.INBOUND)]
    [found] = live(provider="kobikom")

    assert (found["state"], found["extension"], found["from"]) == ("answered", "101", "05321234567")
    assert found["call_id"].startswith("kobikom:live-")


def test_a_call_nobody_has_told_of_is_told_to_the_ledger_and_shows_its_record_once_that_knows(tenant, call_center):
    call_center.going_on = [going_on(state=CallState.RINGING, number="05321234567", direction=Direction.INBOUND)]
    [found] = live(provider="kobikom")
    [event] = tenant.event_queue.sent
    assert (found["record"], event.call_id, event.state) == (None, found["call_id"], CallState.RINGING)

    record = RecordLink(module="Contacts", id="1", name="Elif")
    tenant.calls.change(event.call_id, lambda entry: entry.told(event).having(matches=(record,)))
    tenant.clock.pass_seconds(2)

    assert [call["record"]["name"] for call in live(provider="kobikom")] == ["Elif"]
    assert tenant.event_queue.sent == [event]


def test_keys_of_a_pbx_that_is_not_asked_are_not_read(tenant, told, call_center, monkeypatch):
    told("virtualats:1")
    monkeypatch.setattr(tenant, "provider", lambda name, _: {"kobikom": call_center}[name])

    assert [found["call_id"] for found in live()] == ["virtualats:1"]


@pytest.mark.parametrize("provider", ["wapcrm", "acme"])
def test_a_provider_that_tells_of_no_calls_is_refused(tenant, provider):
    heard = call(handler, http("calls/list_live_calls", query={"provider": provider}))

    assert (heard.status, heard.json["code"]) == (422, "not_supported")


def test_a_provider_the_company_has_not_is_refused(tenant, monkeypatch):
    monkeypatch.setattr(tenant, "settings", tenant.settings.model_copy(update={"providers": ("virtualats",)}))
    heard = call(handler, http("calls/list_live_calls", query={"provider": "verimor"}))

    assert (heard.status, heard.json["code"]) == (422, "not_configured")


def test_fifty_widgets_cost_it_one_reading_in_two_seconds(tenant, call_center, monkeypatch):
    readings = []
    monkeypatch.setattr(call_center, "live_calls", lambda: readings.append(1) or [going_on()])
    for _ in range(50):
        assert len(live(extension="101")) == 1
        tenant.clock.pass_seconds(0.03)
    assert len(readings) == 1

    tenant.clock.pass_seconds(1)
    live()
    assert len(readings) == 2


@pytest.mark.parametrize("query", [{}, {"extension": "101"}, {"provider": "kobikom"}, {"provider": "virtualats"}])
def test_who_looks_on_costs_one_round_trip_to_the_table(tenant, call_center, told, query):
    call_center.going_on = [going_on()]
    told("virtualats:1")
    live()
    before = tenant.table.reads + tenant.table.writes
    assert live(**query)

    assert tenant.table.reads + tenant.table.writes - before == 1


def test_a_dial_whose_provider_tells_no_id_is_listed_under_the_id_it_was_given(tenant, call_center, told):
    call_center.going_on = [going_on(number="05321234567", direction=Direction.OUTBOUND)]
    [found] = live(provider="kobikom")
    told("kobikom:dial-1", CallState.REQUESTED, direction=Direction.OUTBOUND, to="+905321234567")
    tenant.calls.change(found["call_id"], lambda entry: entry.having(joined_to="kobikom:dial-1"))
    tenant.clock.pass_seconds(2)

    [known] = live(provider="kobikom")
    assert (known["call_id"], known["state"], known["record"]["name"]) == ("kobikom:dial-1", "answered", "Elif")


def test_a_pbx_that_cannot_be_read_is_said_so(tenant, call_center, monkeypatch):
    def failing():
        raise Unreachable("refused", system="kobikom")

    monkeypatch.setattr(call_center, "live_calls", failing)
    heard = call(handler, http("calls/list_live_calls", query={"provider": "kobikom"}))

    assert (heard.status, heard.json["code"]) == (503, "unreachable")


def test_a_provider_that_tells_of_no_calls_says_so(tenant):
    heard = call(handler, http("calls/list_live_calls", query={"provider": "wapcrm"}))

    assert (heard.status, heard.json["code"]) == (422, "not_supported")


def own(**query):
    return call(handler, http("calls/list_live_calls", query={"extension": "me", **query})).json


def test_who_asks_for_their_own_gets_those_of_all_their_extensions_and_theirs_as_an_agent(tenant, told):
    told("virtualats:1", extension="101")
    told("verimor:2", extension="101")
    told("verimor:3", extension="102")
    told("verimor:4", extension=None, agent="100")

    assert {found["call_id"] for found in own()["calls"]} == {"virtualats:1", "verimor:2", "verimor:4"}
    assert [found["call_id"] for found in own(provider="virtualats")["calls"]] == ["virtualats:1"]


def test_what_rings_at_nobody_knows_whose_extension_is_everybodys_until_it_is_answered(tenant, told):
    told("virtualats:1", extension=None)
    told("virtualats:2", extension=None, direction=Direction.OUTBOUND)
    assert [found["call_id"] for found in own()["calls"]] == ["virtualats:1"]

    told("virtualats:1", CallState.ANSWERED, extension="102")
    tenant.clock.pass_seconds(2)
    assert own()["calls"] == []


def test_a_user_is_told_their_phones_and_what_each_can_do(tenant):
    told = own()

    assert told["agent"] == "100"
    assert {phone["provider"]: (phone["extensions"], phone["can"]) for phone in told["phones"]} == {
        "virtualats": (["101"], ["dial", "hang_up", "list_extensions"]),
        "kobikom": (["101"], ["dial", "hang_up", "transfer"]),
        "verimor": (["101"], ["dial", "hang_up", "transfer", "mute", "list_extensions"]),
    }
    assert call(handler, http("calls/list_live_calls")).json["phones"] is None


def test_phones_of_a_pbx_the_company_has_not_are_not_told(tenant, monkeypatch):
    monkeypatch.setattr(tenant, "settings", tenant.settings.model_copy(update={"providers": ("virtualats",)}))

    assert [phone["provider"] for phone in own()["phones"]] == ["virtualats"]
    assert own()["agent"] is None


@pytest.mark.parametrize("user", [None, "nobody@example.com"])
def test_an_unknown_user_has_neither_calls_nor_phones(tenant, told, user):
    told("virtualats:1")
    heard = call(handler, http("calls/list_live_calls", query={"extension": "me"}, headers={"x-crm-user": user}))

    assert heard.json == {"calls": [], "phones": [], "agent": None, "unread": []}


def test_a_pbx_that_cannot_be_read_hides_neither_the_calls_at_another_nor_the_phones(
    tenant, told, call_center, monkeypatch
):
    def failing():
        raise Unreachable("refused", system="kobikom")

    monkeypatch.setattr(call_center, "live_calls", failing)
    told("verimor:2")

    heard = own()
    assert [found["call_id"] for found in heard["calls"]] == ["verimor:2"]
    assert heard["unread"] == ["kobikom"]
    assert len(heard["phones"]) == 3
