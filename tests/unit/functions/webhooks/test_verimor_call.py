from functions.webhooks.verimor_call import handler
from santral.calls import CallEvent, CallState
from tests.fakes.doors import call, sample


def test_a_call_event_of_verimor_is_queued(company):
    assert call(handler, sample("webhooks/verimor_call")).status == 200

    [event] = company.event_queue.sent
    assert isinstance(event, CallEvent)
    assert (event.call_id, event.state) == ("verimor:aacdb242-364b-11e7-8bed-c9aec7093786", CallState.ENDED)
