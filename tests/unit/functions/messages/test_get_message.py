from functions.messages.get_message import handler
from santral.calls import Direction
from santral.messages import MessageEvent, MessageState
from tests.fakes.doors import call, sample


def test_a_message_is_told_as_far_as_it_has_come(tenant):
    event = sample("messages/get_message")
    message_id = event["pathParameters"]["message_id"]
    for state in (MessageState.DELIVERED, MessageState.SENT):
        tenant.messages.tell(
            MessageEvent(message_id=message_id, provider="wapcrm", state=state, direction=Direction.OUTBOUND)
        )
    heard = call(handler, event)

    assert (heard.status, heard.json["message_id"], heard.json["state"]) == (200, message_id, "delivered")


def test_an_unknown_message_is_not_found(tenant):
    heard = call(handler, sample("messages/get_message"))

    assert (heard.status, heard.json["code"]) == (404, "unknown_message")
