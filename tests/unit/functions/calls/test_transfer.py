import pytest

from functions.calls.transfer import handler
from santral.calls import CallEvent, CallState, Direction
from santral.errors import OutcomeUnknown
from santral.providers.ports import LiveCall
from tests.fakes.doors import call, http, sample

CALL = "kobikom:0123456789abcdef"


@pytest.fixture
def told(tenant):
    def told(call_id, **facts):
        given = {"state": CallState.ANSWERED, "direction": Direction.INBOUND, "from_": "05321234567", **facts}
        event = CallEvent(call_id=call_id, provider=call_id.partition(":")[0], **given)
        tenant.calls.change(call_id, lambda entry: entry.told(event))

    return told


def transfer(call_id=CALL, **body):
    return call(handler, http("calls/transfer", path={"call_id": call_id}, body={"to_extension": "102", **body}))


def test_the_sample_hands_a_call_over_by_its_id(cloud_pbx, told):
    event = sample("calls/transfer")
    call_id = event["pathParameters"]["call_id"]
    told(call_id)
    heard = call(handler, event)

    assert (heard.status, heard.json) == (200, {"call_id": call_id, "to_extension": "102"})
    assert cloud_pbx.done == [("transfer", call_id.partition(":")[2], "102")]


def test_by_extension_only_what_is_meant_is_handed_over(call_center, told):
    told(CALL, extension="101")
    call_center.going_on = [LiveCall("SIP/101-1", CallState.ANSWERED, extension="101", number="05321234567")]

    assert transfer().status == 200
    assert call_center.done == [("transfer", "101", "102")]


def test_an_extension_on_another_call_hands_nothing_over(call_center, told):
    told(CALL, extension="101")
    call_center.going_on = [LiveCall("SIP/101-1", CallState.ANSWERED, extension="101", number="05339999999")]

    assert transfer().json["code"] == "extension_on_other_call"
    assert call_center.done == []


@pytest.mark.parametrize("state", [CallState.ANSWERED, CallState.ENDED])
def test_a_call_that_is_over_cannot_be_handed_over(call_center, told, state):
    told(CALL, extension="101", state=state)
    heard = transfer()

    assert (heard.status, "over" in heard.json["detail"]) == (409, True)
    assert call_center.done == []


def test_a_lost_answer_is_final_and_nothing_is_handed_over_twice(cloud_pbx, told):
    told("verimor:call-1")
    cloud_pbx.failure = OutcomeUnknown("no answer", system="verimor")
    first, second = transfer("verimor:call-1"), transfer("verimor:call-1")

    assert (first.status, second.status) == (504, 504)
    assert len(cloud_pbx.done) == 1


def test_a_provider_that_cannot_says_who_can(told):
    told("virtualats:call-1")
    heard = transfer("virtualats:call-1")

    assert (heard.status, heard.json["code"]) == (422, "not_supported")
    assert "verimor" in heard.json["detail"]
