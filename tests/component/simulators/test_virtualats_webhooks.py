"""A call's whole life, as a CRM on the other side of a socket hears of it."""

import json

import pytest
import requests
from werkzeug.wrappers import Response

from simulators.faults import Hang, Reset, Status
from simulators.frame import Simulator
from simulators.serving import serving
from simulators.timeline import SteppedTime
from simulators.virtualats import VirtualAts
from simulators.virtualats_exchange import CallScript
from simulators.virtualats_signature import HEADER
from simulators.virtualats_webhooks import DeliveryPolicy
from tests.eventually import eventually


class Crm(Simulator):
    """Keeps what it is told and says so in the document's words."""

    name = "crm"

    def __init__(self):
        super().__init__()
        self.reply = '{"result":"success","errors":[]}'

    def answer(self, request):
        return Response(self.reply, content_type="application/json")

    def events(self):
        return [entry.json() for entry in self.requests.all() if entry.fault is None]

    def states(self):
        return [event["state"] for event in self.events()]


@pytest.fixture
def crm():
    return Crm()


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def virtualats(crm, timeline):
    with serving(crm) as crm_url:
        simulator = VirtualAts(crm_url=f"{crm_url}/webhooks/virtualats/token", timeline=timeline)
        simulator.use_script(CallScript(ring_after=1, ring_seconds=4, talk_seconds=20))
        with serving(simulator):
            yield simulator


def signed_get(virtualats, path, signed="", **params):
    headers = {HEADER: virtualats.keys.authentication(signed.encode(), virtualats.timeline.now())}
    return requests.get(virtualats.api_url + path, params=params, headers=headers, timeout=10)


def test_an_answered_call_is_told_in_three_events(virtualats, crm, timeline):
    call_id = signed_get(virtualats, "/call/originate", to="0124886606", number="102").json()["value"]

    told = []
    for seconds in (1, 4, 20):
        timeline.advance(seconds)
        told.append(crm.events()[-1])

    assert [(event["state"], event["disposition"]) for event in told] == [
        ("NEW", "RING"),
        ("UPDATE", "ANSWERED"),
        ("HANGUP", "ANSWERED"),
    ]
    assert {event["callId"] for event in told} == {call_id}
    assert [event["answeredNumber"] for event in told] == ["", "102", "102"]
    assert [(event["duration"], event["talkTime"]) for event in told] == [("0", "0"), ("0", "0"), ("25", "20")]
    assert virtualats.webhooks.delivered == {(call_id, "NEW"), (call_id, "UPDATE"), (call_id, "HANGUP")}
    assert all(delivery.as_documented for delivery in virtualats.webhooks.log)


def test_an_event_is_json_in_the_documents_shape(virtualats, crm, timeline):
    call_id = virtualats.place_inbound_call(caller_name="Hüseyn", extension="100")
    timeline.advance(25)

    [entry] = crm.requests.all()[2:]
    assert entry.path == "/webhooks/virtualats/token"
    assert entry.headers["Content-Type"].startswith("application/json")
    assert "Hüseyn".encode() in entry.body
    assert entry.json() == {
        "apiKey": "1234567890abcdef",
        "callDate": "5.01.2026 12:00:00+0300",
        "callerId": "Hüseyn  <994557967473>",
        "callId": call_id,
        "source": "994557967473",
        "destination": "994124886606",
        "answeredNumber": "100",
        "duration": "25",
        "talkTime": "20",
        "direction": "INBOUND",
        "disposition": "ANSWERED",
        "recordConversation": f" {virtualats.api_url}/storageFile/download/12345 ",
        "state": "HANGUP",
    }


def test_the_recording_named_in_the_event_can_be_downloaded(virtualats, crm, timeline):
    virtualats.place_inbound_call(talk_seconds=3)
    timeline.advance(25)

    recording_id = crm.events()[-1]["recordConversation"].strip().rsplit("/", 1)[1]
    answer = signed_get(virtualats, f"/storageFile/download/{recording_id}", signed=recording_id)

    assert answer.content[:4] == b"RIFF"
    assert int(answer.headers["Content-Length"]) == len(answer.content) == 44 + 3 * 16000


@pytest.mark.parametrize("outcome", ["NO_ANSWERED", "BUSY", "FAILED"])
def test_an_unanswered_call_is_told_in_two_events(virtualats, crm, timeline, outcome):
    virtualats.place_inbound_call(outcome=outcome)
    timeline.advance(60)

    assert [(event["state"], event["disposition"]) for event in crm.events()] == [("NEW", "RING"), ("HANGUP", outcome)]


def test_hanging_up_early_is_told_at_once_and_only_once(virtualats, crm, timeline):
    call_id = virtualats.place_inbound_call()
    timeline.advance(2)
    signed_get(virtualats, f"/call/hangup/{call_id}", signed=call_id)
    timeline.advance(60)

    assert [(event["state"], event["disposition"]) for event in crm.events()] == [
        ("NEW", "RING"),
        ("HANGUP", "NO_ANSWERED"),
    ]


def test_an_event_is_signed_over_its_raw_bytes_unless_told_otherwise(virtualats, crm, timeline):
    virtualats.place_inbound_call()
    timeline.advance(1)
    virtualats.use_delivery(DeliveryPolicy(signed=False))
    timeline.advance(4)

    signed, unsigned = crm.requests.all()
    assert virtualats.keys.accepts(signed.headers[HEADER], signed.body, timeline.now())
    assert HEADER not in unsigned.headers


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [(Status(code=500), 500, None), (Status(code=404), 404, None), (Reset(), None, "ConnectionError")],
)
def test_an_event_that_got_no_2xx_is_tried_again(virtualats, crm, timeline, fault, status, error):
    crm.faults.add("/webhooks", fault)
    virtualats.place_inbound_call(outcome="BUSY")
    timeline.advance(4)

    first, second = virtualats.webhooks.log
    assert (first.attempt, first.status, first.error, first.accepted) == (1, status, error, False)
    assert (second.attempt, second.status, second.accepted) == (2, 200, True)


def test_an_event_nobody_answers_is_given_up_after_three_tries(virtualats, crm, timeline):
    virtualats.use_delivery(DeliveryPolicy(timeout=0.05))
    crm.faults.add("/webhooks", Hang(), times=None)
    call_id = virtualats.place_inbound_call(outcome="BUSY")
    timeline.advance(60)

    new = [delivery for delivery in virtualats.webhooks.log if delivery.state == "NEW"]
    assert [delivery.error for delivery in new] == ["ReadTimeout"] * 3
    assert (call_id, "NEW") not in virtualats.webhooks.delivered


def test_one_try_is_one_try(virtualats, crm, timeline):
    virtualats.use_delivery(DeliveryPolicy(tries=1))
    crm.faults.add("/webhooks", Status(code=500))
    virtualats.place_inbound_call(outcome="BUSY")
    timeline.advance(60)

    assert [(delivery.state, delivery.status) for delivery in virtualats.webhooks.log] == [
        ("NEW", 500),
        ("HANGUP", 200),
    ]


@pytest.mark.parametrize("reply", ["", "ok", '{"result":"error","errors":["x"]}', '{"result":"success"}'])
def test_the_log_tells_a_2xx_in_other_words_from_a_documented_answer(virtualats, crm, timeline, reply):
    crm.reply = reply
    virtualats.place_inbound_call(outcome="BUSY")
    timeline.advance(60)

    assert all(delivery.accepted and not delivery.as_documented for delivery in virtualats.webhooks.log)


def test_events_may_come_twice(virtualats, crm, timeline):
    virtualats.use_delivery(DeliveryPolicy(copies=2))
    virtualats.place_inbound_call(outcome="BUSY")
    timeline.advance(60)

    assert crm.states() == ["NEW", "NEW", "HANGUP", "HANGUP"]
    assert crm.requests.all()[0].body == crm.requests.all()[1].body


def test_events_may_overtake_each_other(virtualats, crm, timeline):
    virtualats.use_delivery(DeliveryPolicy(delays={"NEW": 90, "UPDATE": 60}))
    virtualats.place_inbound_call()
    timeline.advance(120)

    assert crm.states() == ["HANGUP", "UPDATE", "NEW"]


def test_events_may_be_lost_and_repeated_later(virtualats, crm, timeline):
    virtualats.use_delivery(DeliveryPolicy(dropped=frozenset({"NEW", "HANGUP"})))
    call_id = virtualats.place_inbound_call()
    timeline.advance(60)
    assert crm.states() == ["UPDATE"]

    assert virtualats.repeat_events(call_id, "HANGUP") == 1
    timeline.advance(0)
    assert crm.states() == ["UPDATE", "HANGUP"]


def test_it_is_busy_while_an_event_is_due_and_not_told_and_no_sooner(virtualats, timeline):
    virtualats.use_delivery(DeliveryPolicy(delays={"NEW": 90}))
    call_id = virtualats.place_inbound_call()
    timeline.advance(60)
    assert not virtualats.busy

    virtualats.repeat_events(call_id, "HANGUP")
    assert virtualats.busy
    timeline.advance(0)
    assert not virtualats.busy


def test_a_call_lives_in_real_time_too(crm):
    with serving(crm) as crm_url:
        virtualats = VirtualAts(crm_url=crm_url)
        virtualats.use_script(CallScript(ring_after=0, ring_seconds=0.01, talk_seconds=0.01))
        with serving(virtualats):
            call_id = signed_get(virtualats, "/call/create", to="994557967473", number="101").json()["value"]
            eventually(lambda: len(virtualats.webhooks.log) == 3)

    assert sorted(crm.states()) == ["HANGUP", "NEW", "UPDATE"]
    assert {json.loads(entry.body)["callId"] for entry in crm.requests.all()} == {call_id}
