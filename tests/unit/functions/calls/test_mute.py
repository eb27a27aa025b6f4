import pytest

from functions.calls.mute import handler
from santral.calls import CallEvent, CallState
from tests.fakes.doors import call, http, sample


@pytest.fixture
def call_id(tenant):
    call_id = sample("calls/mute")["pathParameters"]["call_id"]
    event = CallEvent(call_id=call_id, provider="verimor", state=CallState.ANSWERED)
    tenant.calls.change(call_id, lambda entry: entry.told(event))
    return call_id


@pytest.mark.parametrize("on", [True, False])
def test_a_call_is_muted_and_unmuted_by_its_id(cloud_pbx, call_id, on):
    heard = call(handler, http("calls/mute", body={"on": on}))

    assert (heard.status, heard.json) == (200, {"call_id": call_id, "on": on})
    assert cloud_pbx.done == [("mute", call_id.partition(":")[2], on)]


def test_whether_on_or_off_has_to_be_said(call_id):
    heard = call(handler, http("calls/mute", body={}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "on")
