from functions.webhooks.wapcrm import handler
from santral.messages import MessageEvent, MessageState
from tests.fakes.doors import call, sample


def test_what_a_customer_writes_through_wapcrm_is_queued(company):
    assert call(handler, sample("webhooks/wapcrm")).status == 200

    [event] = company.event_queue.sent
    assert isinstance(event, MessageEvent)
    assert (event.state, event.text) == (MessageState.RECEIVED, "Merhaba, siparişim ne zaman gelir?")
