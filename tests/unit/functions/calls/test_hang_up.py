from dataclasses import replace
from datetime import timedelta

import pytest

from functions.calls.hang_up import handler
from santral.calls import CallEvent, CallState, Direction
from santral.errors import OutcomeUnknown, Unreachable
from santral.providers.ports import LiveCall
from santral.telephony.joining import live_id
from tests.fakes.doors import call, http, sample

CALL = "kobikom:0123456789abcdef"


@pytest.fixture
def told(tenant):
    def told(call_id=CALL, **facts):
        given = {"state": CallState.ANSWERED, "direction": Direction.OUTBOUND, "to": "+905321234567", **facts}
        event = CallEvent(call_id=call_id, provider=call_id.partition(":")[0], **given)
        tenant.calls.change(call_id, lambda entry: entry.told(event))

    return told


def on_the_line(number):
    return LiveCall(channel="SIP/101-2a", state=CallState.ANSWERED, extension="101", number=number)


def hang_up(call_id=CALL, **body):
    return call(handler, http("calls/hang_up", path={"call_id": call_id}, body=body))


def test_a_call_is_ended_by_its_own_id_where_the_provider_knows_ids(cloud_pbx, told):
    told("verimor:call-1")
    heard = hang_up("verimor:call-1")

    assert (heard.status, heard.json) == (200, {"call_id": "verimor:call-1", "state": "ended"})
    assert cloud_pbx.done == [("hang up", "call-1")]


def test_a_call_that_is_over_is_ended_without_asking_anyone(cloud_pbx, told):
    told("verimor:call-1", state=CallState.ENDED)

    assert hang_up("verimor:call-1").status == 200
    assert cloud_pbx.done == []


def test_an_unknown_call_is_not_found(tenant):
    heard = call(handler, sample("calls/hang_up"))

    assert (heard.status, heard.json["code"]) == (404, "unknown_call")


def test_ending_by_id_may_be_tried_again_at_once_after_a_failure(cloud_pbx, told):
    told("verimor:call-1")
    cloud_pbx.failure = Unreachable("refused", system="verimor")
    assert hang_up("verimor:call-1").status == 503
    cloud_pbx.failure = None

    assert hang_up("verimor:call-1").status == 200


def test_a_live_call_that_the_ledger_learns_of_with_the_next_poll_is_ended_already(call_center, tenant):
    call_center.going_on = [on_the_line("05321234567")]
    call_id = live_id("kobikom", "SIP/101-2a")

    heard = hang_up(call_id)

    assert (heard.status, heard.json) == (200, {"call_id": call_id, "state": "ended"})
    assert call_center.done == [("hang up", "101")]


@pytest.mark.parametrize(
    ("hours_ago", "done"), [(0, [("hang up", "101")]), (3, [])], ids=["this call", "an older one of that channel"]
)
def test_a_live_call_is_known_by_its_channel_and_start_when_first_it_told_no_number(
    call_center, told, tenant, hours_ago, done
):
    call_id = live_id("kobikom", "SIP/101-2a")
    began = tenant.clock() - timedelta(hours=hours_ago)
    told(call_id, state=CallState.RINGING, direction=None, to=None, extension="101", started_at=began)
    call_center.going_on = [replace(on_the_line("05321234567"), seconds=1)]

    hang_up(call_id)

    assert call_center.done == done


def test_a_live_call_that_is_gone_is_not_found(call_center, tenant):
    call_center.going_on = [on_the_line("05321234567")]

    assert hang_up(live_id("kobikom", "SIP/102-2b")).status == 404
    assert call_center.done == []


@pytest.mark.parametrize("number", ["05321234567", "905321234567", "+90 532 123 45 67", "5321234567"])
def test_an_extension_is_cut_only_while_it_is_on_this_very_call(call_center, told, number):
    told(extension="101")
    call_center.going_on = [on_the_line(number)]

    assert hang_up().status == 200
    assert call_center.done == [("hang up", "101")]


def test_an_extension_on_another_call_is_left_alone(call_center, told):
    told(extension="101")
    call_center.going_on = [on_the_line("05339999999")]
    heard = hang_up()

    assert (heard.status, heard.json["code"]) == (409, "extension_on_other_call")
    assert call_center.done == []


def test_an_extension_whose_counterpart_nobody_knows_is_left_alone(call_center, told):
    told(extension="101")
    call_center.going_on = [on_the_line(None)]

    assert hang_up().json["code"] == "extension_on_other_call"
    assert call_center.done == []


def test_an_extension_on_no_call_has_ended_it(call_center, told):
    told(extension="101")

    assert hang_up().json["state"] == "ended"
    assert call_center.done == []


@pytest.mark.parametrize(
    ("body", "facts", "cut"),
    [
        ({"extension": "103"}, {"extension": "102"}, "103"),
        ({}, {"extension": "102"}, "102"),
        ({}, {}, "101"),
    ],
    ids=["from the body", "from the ledger", "of the acting user"],
)
def test_the_extension_comes_from(call_center, told, body, facts, cut):
    told(**facts)
    call_center.going_on = [
        LiveCall(channel=f"SIP/{extension}-1", state=CallState.ANSWERED, extension=extension, number="05321234567")
        for extension in ("101", "102", "103")
    ]
    hang_up(**body)

    assert call_center.done == [("hang up", cut)]


def test_without_any_extension_it_is_asked_for(told):
    told()
    event = http("calls/hang_up", path={"call_id": CALL}, body={}, headers={"x-crm-user": None})
    heard = call(handler, event)

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "extension")


def test_a_lost_answer_is_final_and_the_extension_is_not_cut_twice(call_center, told):
    told(extension="101")
    call_center.going_on = [on_the_line("05321234567")]
    call_center.failure = OutcomeUnknown("no answer", system="kobikom")
    first, second = hang_up(), hang_up()

    assert (first.status, second.status) == (504, 504)
    assert len(call_center.done) == 1
