"""What the simulated exchange posts is understood, and our acknowledgement is what it expects."""

import json

import pytest
from werkzeug.wrappers import Response

from santral.calls import CallState, Facts
from santral.providers.ports import Webhook
from santral.providers.virtualats import VirtualAts
from simulators.frame import Simulator
from simulators.serving import serving
from simulators.timeline import SteppedTime
from simulators.virtualats import VirtualAts as Exchange
from simulators.virtualats_signature import HEADER, KeyPair


class Crm(Simulator):
    """Our webhook's place: hands what is posted to the client and acknowledges it."""

    name = "crm"

    def __init__(self, pbx):
        super().__init__()
        self.pbx = pbx
        self.events = []

    def answer(self, request):
        headers = {name.lower(): value for name, value in request.headers}
        self.events += self.pbx.events(Webhook(headers, request.get_data()))
        acknowledgement = self.pbx.acknowledgement()
        return Response(acknowledgement.body, 200, dict(acknowledgement.headers))


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def crm(timeline):
    secret = {
        "public_key": "1234567",
        "secret_key": "vats-demo-secret",
        "crm_api_key": "1234567890abcdef",
        "webhook_tokens": ["token"],
        "options": {"require_signature": True},
    }
    return Crm(VirtualAts(VirtualAts.Credentials.model_validate(secret), clock=timeline.now))


def test_a_call_is_told_from_ring_to_end_and_every_event_is_acknowledged(crm, timeline):
    exchange = Exchange(timeline=timeline)
    with serving(crm) as crm_url, serving(exchange):
        exchange.notify_crm_at(crm_url)
        call_id = exchange.place_inbound_call(caller_name="Hüseyn", ring_seconds=4, talk_seconds=9)
        timeline.advance(60)

    assert [event.state for event in crm.events] == [CallState.RINGING, CallState.ANSWERED, CallState.ENDED]
    assert {event.call_id for event in crm.events} == {f"virtualats:{call_id}"}
    assert all(delivery.accepted and delivery.as_documented for delivery in exchange.webhooks.log)
    last = Facts.of(crm.events[-1])
    assert (last.seconds["talk_seconds"], last.text("caller_name"), last.text("extension")) == (9, "Hüseyn", "101")


@pytest.mark.parametrize("outcome", ["NO_ANSWERED", "BUSY", "FAILED"])
def test_a_call_nobody_took_ends_without_a_talk(crm, timeline, outcome):
    exchange = Exchange(timeline=timeline)
    with serving(crm) as crm_url, serving(exchange):
        exchange.notify_crm_at(crm_url)
        exchange.place_inbound_call(outcome=outcome, ring_seconds=5)
        timeline.advance(60)

    assert [event.state for event in crm.events] == [CallState.RINGING, CallState.ENDED]
    assert (crm.events[-1].talk_seconds, crm.events[-1].answered_at, crm.events[-1].recording_ref) == (0, None, None)


def test_the_acknowledgements_signature_is_what_the_exchange_computes(crm, timeline):
    acknowledgement = crm.pbx.acknowledgement()
    keys = KeyPair("1234567", "vats-demo-secret")

    assert keys.accepts(acknowledgement.headers[HEADER], acknowledgement.body.encode(), timeline.now())
    assert json.loads(acknowledgement.body) == {"result": "success", "errors": []}
