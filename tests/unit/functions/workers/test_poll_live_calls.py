"""What goes on at a PBX without webhooks is queued once per state."""

from datetime import timedelta

import pytest

import functions.workers.poll_live_calls as module
from santral.calls import CallState, Direction
from santral.errors import Unreachable
from santral.providers.ports import LiveCall
from santral.telephony.outbox import fold
from tests.fakes.doors import Context, sample

RINGING = LiveCall(
    channel="SIP/101-0000a3f2",
    state=CallState.RINGING,
    direction=Direction.OUTBOUND,
    extension="101",
    number="+905321234567",
    seconds=7,
)


@pytest.fixture
def goes_on(call_center, monkeypatch):
    calls = [RINGING]
    monkeypatch.setattr(call_center, "live_calls", lambda: calls, raising=False)
    return calls


def poll(tenant):
    tenant.event_queue.sent.clear()
    module.handler(sample("workers/poll_live_calls"), Context())
    told = list(tenant.event_queue.sent)
    for event in told:
        fold(tenant, event)
    return told


def test_a_call_that_goes_on_is_told_with_its_start_and_never_as_ended(tenant, goes_on):
    [event] = poll(tenant)

    assert (event.state, event.from_, event.to) == (CallState.RINGING, "101", "+905321234567")
    assert event.started_at == tenant.clock() - timedelta(seconds=7)
    assert tenant.calls.get(event.call_id).owed == frozenset()


def test_a_state_is_told_once_and_the_next_one_again(tenant, goes_on):
    assert len(poll(tenant)) == 1
    tenant.clock.pass_seconds(60)
    goes_on[:] = [LiveCall(**{**vars(RINGING), "seconds": 67})]
    assert poll(tenant) == []
    goes_on[:] = [LiveCall(**{**vars(RINGING), "state": CallState.ANSWERED, "seconds": 67})]

    assert [event.state for event in poll(tenant)] == [CallState.ANSWERED]


def test_a_channel_name_that_comes_back_later_is_news(tenant, goes_on):
    poll(tenant)
    tenant.clock.pass_seconds(3600)

    assert len(poll(tenant)) == 1


@pytest.mark.parametrize(
    ("direction", "ends"),
    [
        (Direction.INBOUND, ("+905321234567", None)),
        (Direction.INTERNAL, ("101", "+905321234567")),
        (None, ("+905321234567", None)),
    ],
)
def test_who_called_whom_follows_the_direction(tenant, goes_on, direction, ends):
    goes_on[:] = [LiveCall(**{**vars(RINGING), "direction": direction})]
    [event] = poll(tenant)

    assert (event.from_, event.to) == ends


def test_a_pbx_that_does_not_answer_is_asked_again_in_a_minute(tenant, call_center, monkeypatch):
    def away():
        raise Unreachable("no route", system="kobikom")

    monkeypatch.setattr(call_center, "live_calls", away)

    assert poll(tenant) == []
