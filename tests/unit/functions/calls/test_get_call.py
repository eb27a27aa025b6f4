import pytest

from functions.calls.get_call import handler
from santral.calls import CallEvent, CallState, Direction, Disposition
from tests.fakes.doors import call, http, sample

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"


def told(tenant, **facts):
    event = CallEvent(call_id=CALL_ID, provider="virtualats", **facts)
    return tenant.calls.change(CALL_ID, lambda entry: entry.told(event))


def test_a_call_is_shown_as_far_as_it_has_come(tenant):
    told(
        tenant,
        state=CallState.ENDED,
        direction=Direction.INBOUND,
        disposition=Disposition.ANSWERED,
        from_="994557967473",
        talk_seconds=50,
        recording_ref="12345",
    )

    heard = call(handler, sample("calls/get_call"))

    assert heard.status == 200
    assert heard.json | {"state": "ended", "from": "994557967473", "recording": "pending"} == heard.json
    assert heard.json["talk_seconds"] == 50


def test_an_alias_leads_to_the_call(tenant):
    told(tenant, state=CallState.RINGING)
    tenant.calls.remember_alias("virtualats:dial-1", CALL_ID)

    heard = call(handler, http("calls/get_call", path={"call_id": "virtualats:dial-1"}))

    assert heard.json["call_id"] == CALL_ID


def test_a_call_nobody_told_of_is_unknown(tenant):
    heard = call(handler, sample("calls/get_call"))

    assert (heard.status, heard.json["code"]) == (404, "unknown_call")


@pytest.mark.parametrize("call_id", ["x", "virtualats:a/b", "VIRTUALATS:1", "virtualats:" + "a" * 200])
def test_what_is_no_call_id_names_the_field(tenant, call_id):
    heard = call(handler, http("calls/get_call", path={"call_id": call_id}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "call_id")
