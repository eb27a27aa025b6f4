"""What WapCRM posts to a door of ours: the simulated service on one side, the client that reads it on the other."""

import pytest
from werkzeug.wrappers import Response

from santral.calls import Direction
from santral.messages import MessageState, message_id
from santral.providers.ports import OutgoingMessage, Webhook
from santral.providers.wapcrm import WapCrm
from simulators.faults import Status
from simulators.frame import Simulator
from simulators.notifications import DeliveryPolicy
from simulators.serving import serving
from simulators.timeline import SteppedTime
from simulators.wapcrm import WapCrm as Service
from simulators.wapcrm_chats import MessageScript


class Door(Simulator):
    """Reads what is posted as our webhook does, and acknowledges it."""

    name = "door"

    def __init__(self, wapcrm):
        super().__init__()
        self.wapcrm = wapcrm
        self.told = []

    def answer(self, request):
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.told += self.wapcrm.events(Webhook(headers, request.get_data()))
        acknowledgement = self.wapcrm.acknowledgement()
        return Response(acknowledgement.body, 200, dict(acknowledgement.headers))

    def states(self):
        return [event.state for event in self.told]


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def service(timeline):
    service = Service(timeline=timeline)
    with serving(service):
        yield service


@pytest.fixture
def wapcrm(service):
    return WapCrm(
        WapCrm.Credentials.model_validate(
            {"base_url": service.api_url, "secret_key": "wapcrm-demo-secret", "default_channel_id": 15}
        )
    )


@pytest.fixture
def door(service, wapcrm):
    door = Door(wapcrm)
    with serving(door) as url:
        service.notify_crm_at(f"{url}/webhooks/wapcrm/token")
        yield door


def send(wapcrm):
    return wapcrm.send(OutgoingMessage(user=1, to="+905321234567", text="Merhaba"))


def test_a_message_comes_further_step_by_step(service, wapcrm, door, timeline):
    sent = send(wapcrm)

    timeline.advance(60)

    assert door.states() == [MessageState.SENT, MessageState.DELIVERED, MessageState.READ]
    assert {event.message_id for event in door.told} == {message_id("wapcrm", sent)}
    assert all(delivery.as_documented for delivery in service.webhooks.log)


def test_a_message_that_was_not_sent_says_why(service, wapcrm, door, timeline):
    service.use_script(MessageScript(ends_as="not sent", reason="905321234567 is not registered"))
    send(wapcrm)

    timeline.advance(60)

    (event,) = door.told
    assert (event.state, event.reason) == (MessageState.FAILED, "[number …67] is not registered")


def test_acknowledgements_may_come_twice_and_overtake_each_other(service, wapcrm, door, timeline):
    service.use_delivery(DeliveryPolicy(copies=2, delays={"SENT": 30, "DELIVERED": 20}))
    send(wapcrm)

    timeline.advance(60)

    assert door.states() == [
        *(MessageState.READ, MessageState.READ, MessageState.DELIVERED, MessageState.DELIVERED),
        *(MessageState.SENT, MessageState.SENT),
    ]


def test_what_was_not_acknowledged_is_posted_again(service, wapcrm, door, timeline):
    door.faults.add("/webhooks/", Status(code=503))
    service.customer_writes("905321234567", "Selam")

    timeline.advance(60)

    assert [delivery.status for delivery in service.webhooks.log] == [503, 200]
    assert door.states() == [MessageState.RECEIVED]


def test_what_customers_write_is_told_at_once(service, door, timeline):
    ids = service.customer_writes("905321234567", ["Selam", "Orada mısınız?"], sender_name="Hüseyin Kaya")

    timeline.advance(1)

    assert [event.message_id for event in door.told] == [message_id("wapcrm", one) for one in ids]
    assert [(event.text, event.phone, event.name, event.channel_id) for event in door.told] == [
        ("Selam", "905321234567", "Hüseyin Kaya", "15"),
        ("Orada mısınız?", "905321234567", "Hüseyin Kaya", "15"),
    ]
    assert {event.sent_at for event in door.told} == {timeline._start}


def test_a_file_is_told_without_its_address(service, door, timeline):
    service.customer_sends_file("905321234567", "https://files.example.com/8f0c/fatura.pdf")

    timeline.advance(1)

    (event,) = door.told
    assert (event.text, event.file_name) == (None, "fatura.pdf")
    assert "files.example.com" not in event.written()


def test_what_a_colleague_writes_on_the_phone_is_ours(service, door, timeline):
    service.colleague_writes("905321234567", "Şimdi arıyorum")

    timeline.advance(1)

    (event,) = door.told
    assert (event.direction, event.state, event.phone) == (Direction.OUTBOUND, MessageState.SENT, "905321234567")


def test_a_system_event_is_acknowledged_and_tells_nothing(service, door, timeline):
    service.tell_system_event(data={"phone": "905321234567"})

    timeline.advance(1)

    assert door.told == []
    assert [delivery.status for delivery in service.webhooks.log] == [200]
    assert "X-Invekto-Signature" in door.requests.all()[0].headers


def test_a_dropped_event_may_be_repeated(service, wapcrm, door, timeline):
    service.use_delivery(DeliveryPolicy(dropped=frozenset({"DELIVERED"})))
    sent = send(wapcrm)
    timeline.advance(60)

    assert service.repeat_events(sent, "DELIVERED") == 1
    timeline.advance(1)

    assert door.states() == [MessageState.SENT, MessageState.READ, MessageState.DELIVERED]
