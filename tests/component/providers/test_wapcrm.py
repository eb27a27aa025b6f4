"""The WapCRM client against the simulated service, which refuses what the document does not allow."""

import socket

import pytest

from santral.errors import Busy, CredentialsRefused, OutcomeUnknown, OutsideFailure, Rejected, Unreachable
from santral.http import Http
from santral.providers.ports import OutgoingMessage
from santral.providers.wapcrm import WapCrm
from simulators.demo_data import Channel
from simulators.faults import CommitThen, Drip, Garbage, Hang, Redirect, Reset, Status, Truncate
from simulators.serving import serving
from simulators.wapcrm import WapCrm as Service

KEY = "wapcrm-demo-secret"


class Impatient(Http):
    """The same client with a shorter deadline, for tests that wait it out."""

    def call(self, *args, **more):
        return super().call(*args, **{**more, "deadline": 0.5})


@pytest.fixture
def start():
    """Return a function that starts a service and gives it with a client of it."""
    running = []

    def start(*, http=Http, secret_key=KEY, **service_settings):
        service = Service(**service_settings)
        server = serving(service)
        running.append(server)
        server.__enter__()
        credentials = WapCrm.Credentials.model_validate(
            {"base_url": service.api_url, "secret_key": secret_key, "default_channel_id": "15"}
        )
        return service, WapCrm(credentials, http=http("wapcrm", credentials.base_url))

    yield start
    for server in running:
        server.__exit__(None, None, None)


def text_message(**changes):
    return OutgoingMessage(**{"user": "ayse@example.com", "to": "+905321234567", "text": "Görüşürüz 👋", **changes})


def test_a_text_reaches_the_customer_in_the_name_of_its_sender(start):
    service, wapcrm = start()

    message_id = wapcrm.send(text_message())

    (message,) = service.sent
    assert message.message_id == message_id
    assert (message.phone, message.text, message.user_id, message.instance_id) == (
        "905321234567",
        "Görüşürüz 👋",
        1,
        15,
    )


def test_a_file_reaches_the_customer(start):
    service, wapcrm = start()

    wapcrm.send(text_message(text=None, file_url="https://files.example/a.jpeg?sig=1", file_name=" a.jpeg ", user=2))

    (message,) = service.sent
    assert (message.file_url, message.file_name, message.user_id) == ("https://files.example/a.jpeg?sig=1", "a.jpeg", 2)


def test_a_social_channel_takes_an_account_id(start):
    service, wapcrm = start(channels=[Channel(20, "@santral", "Telegram", instance_type=4)])

    wapcrm.send(text_message(to=None, account_id="-1001585485053", channel_id="20"))

    assert service.sent[0].account_id == "-1001585485053"


LOST = {
    "hang": Hang(),
    "server error": Status(code=500),
    "maintenance page": Status(code=200, body=b"<html>maintenance</html>"),
    "reset": Reset(),
    "short": Truncate(keep=4),
    "drip": Drip(interval=0.1),
    "redirect": Redirect(location="/elsewhere"),
    "garbage": Garbage(),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_a_message_whose_answer_is_lost_is_sent_once_and_its_outcome_is_unknown(start, fault):
    service, wapcrm = start(http=Impatient)
    service.faults.add("/api/chatoperation", CommitThen(fault=fault), times=None)

    with pytest.raises(OutcomeUnknown):
        wapcrm.send(text_message())

    assert len(service.requests) == 1
    assert len(service.sent) == 1


def test_a_message_that_reaches_nobody_says_so():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    credentials = WapCrm.Credentials.model_validate(
        {"base_url": address, "secret_key": KEY, "default_channel_id": "15"}
    )

    with pytest.raises(Unreachable):
        WapCrm(credentials).send(text_message())


@pytest.mark.parametrize(
    ("service_settings", "changes", "error"),
    [
        ({"allowed_ips": []}, {}, CredentialsRefused),
        ({"allowed_ips": ["192.0.2.1"]}, {}, CredentialsRefused),
        ({"per_minute": 0}, {}, Busy),
        ({"per_day": 0}, {}, Busy),
        ({"channels": []}, {}, Rejected),
        ({}, {"channel_id": "99"}, Rejected),
        ({}, {"user": "nobody@example.com"}, Rejected),
        ({}, {"user": 99}, Rejected),
    ],
)
def test_what_the_service_refuses_is_told_in_a_sentence_and_not_repeated(start, service_settings, changes, error):
    service, wapcrm = start(**service_settings)

    with pytest.raises(OutsideFailure) as refusal:
        wapcrm.send(text_message(**changes))

    assert type(refusal.value) is error
    assert KEY not in f"{refusal.value} {refusal.value.sentence}"
    assert (len(service.requests), service.sent) == (1, [])


def test_check_reads_the_users(start):
    service, wapcrm = start()

    wapcrm.check()

    assert [entry.path for entry in service.requests.all()] == ["/api/users"]


def test_check_names_a_refused_key(start):
    _, wapcrm = start(secret_key="another")

    with pytest.raises(CredentialsRefused) as refusal:
        wapcrm.check()

    assert "another" not in f"{refusal.value} {refusal.value.sentence}"
