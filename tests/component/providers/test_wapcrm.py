"""The WapCRM client against the simulated service, which refuses what the document does not allow."""

import socket
from datetime import UTC, datetime
from traceback import format_exception

import pytest

from santral.calls import Direction
from santral.errors import Busy, CredentialsRefused, OutcomeUnknown, OutsideFailure, Rejected, Unreachable
from santral.http import Http
from santral.providers.ports import CallOutcome, Channel, MessageUser, Outcome, OutgoingMessage
from santral.providers.wapcrm import WapCrm
from simulators.demo_data import Channel as Line
from simulators.faults import CommitThen, Reset, Status
from simulators.serving import serving
from simulators.timeline import SteppedTime
from simulators.wapcrm import WapCrm as Service
from simulators.wapcrm_quirks import Quirks
from tests import lost_answers
from tests.lost_answers import impatience

KEY = "wapcrm-demo-secret"
CUSTOMER = "905321234567"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def start():
    """Return a function that starts a service and gives it with a client of it."""
    running = []

    def start(*, secret_key=KEY, **service_settings):
        service = Service(timeline=SteppedTime(NOW), **service_settings)
        server = serving(service)
        running.append(server)
        server.__enter__()
        credentials = WapCrm.Credentials.model_validate(
            {"base_url": service.api_url, "secret_key": secret_key, "default_channel_id": "15"}
        )
        return service, WapCrm(credentials, http=Http("wapcrm", credentials.base_url))

    yield start
    for server in running:
        server.__exit__(None, None, None)


def outcome(**changes):
    values = {
        "provider_call_id": "3489655c982f4e46b9c9ca975b031781",
        "phone": "+905321234567",
        "direction": Direction.OUTBOUND,
        "answered": True,
        "result_id": 23,
        "child_result_id": 21,
        "note": "Yarın aranacak",
        "extension": "101",
        "line": "+908504900290",
        "started_at": NOW,
        "ring_seconds": 5,
        "talk_seconds": 60,
    }
    return CallOutcome(**{**values, **changes})


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
    service, wapcrm = start(channels=[Line(20, "@santral", "Telegram", instance_type=4)])

    wapcrm.send(text_message(to=None, account_id="-1001585485053", channel_id="20"))

    assert service.sent[0].account_id == "-1001585485053"


LOST = {**lost_answers.LOST, "maintenance page": Status(code=200, body=b"<html>maintenance</html>")}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_a_message_whose_answer_is_lost_is_sent_once_and_its_outcome_is_unknown(start, fault):
    service, wapcrm = start()
    service.faults.add("/api/chatoperation", CommitThen(fault=fault), times=None)

    with impatience(), pytest.raises(OutcomeUnknown):
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


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_an_outcome_whose_answer_is_lost_is_saved_once_and_left_in_doubt(start, fault):
    service, wapcrm = start()
    service.faults.add("/api/addconversation", CommitThen(fault=fault), times=None)

    with impatience(), pytest.raises(OutcomeUnknown):
        wapcrm.save_outcome(outcome())

    assert len(service.requests) == 1
    assert len(service.conversations) == 1


PERIOD = {"since": datetime(2026, 1, 5, tzinfo=UTC), "until": datetime(2026, 1, 5, 20, tzinfo=UTC)}
ALL_QUIRKS = [
    Quirks(),
    Quirks(names="pascal"),
    Quirks(numbers="text", status="text", success_code="200"),
    Quirks(dates="turkish", durations="clock", success_code="0"),
    Quirks(last_day="left out"),
    Quirks("pascal", "text", "text", "200", "turkish", "clock", last_day="left out"),
]


@pytest.mark.parametrize("quirks", ALL_QUIRKS)
def test_every_list_is_read_whatever_its_form(start, quirks):
    service, wapcrm = start()
    service.use_quirks(quirks)
    service.customer_writes("905321234567", "Selam")
    service.agent_calls("905321234567", kind=2, customer="Hüseyin Kaya", call_seconds=75)

    (call,) = wapcrm.history(**PERIOD, offset=0, limit=100).events
    (message,) = wapcrm.messages(phone="+905321234567", channel_id="15")

    assert wapcrm.users()[0] == MessageUser("1", "Ayşe Yılmaz", "ayse@example.com")
    assert wapcrm.channels()[0] == Channel("15", "Satış", "908504900290", "whatsapp")
    assert wapcrm.outcomes()[0].children[0] == Outcome(21, "Satıldı")
    assert (message.direction, message.text, message.sent_at) == (Direction.INBOUND, "Selam", NOW)
    assert (call.direction, call.from_, call.caller_name) == (Direction.INBOUND, "+905321234567", "Hüseyin Kaya")
    assert (call.started_at, call.ring_seconds, call.talk_seconds) == (NOW, 5, 75)
    assert all(entry.status == 200 for entry in service.requests.all())


def test_a_saved_outcome_comes_back_with_the_call_it_is_of(start):
    _, wapcrm = start()

    wapcrm.save_outcome(outcome())

    (call,) = wapcrm.history(**PERIOD, offset=0, limit=100).events
    assert call.call_id == "wapcrm:3489655c982f4e46b9c9ca975b031781"
    assert (call.outcome, call.note) == ("Satış: Satıldı", "Yarın aranacak")
    assert (call.started_at, call.ring_seconds, call.talk_seconds) == (NOW, 5, 60)
    assert (call.direction, call.to, call.line) == (Direction.OUTBOUND, "+905321234567", "+908504900290")


@pytest.mark.parametrize(
    "ask",
    [
        lambda wapcrm: wapcrm.users(),
        lambda wapcrm: wapcrm.channels(),
        lambda wapcrm: wapcrm.messages(phone="+905321234567", channel_id=None),
        lambda wapcrm: wapcrm.history(**PERIOD, offset=0, limit=9),
        lambda wapcrm: wapcrm.outcomes(),
    ],
)
def test_a_read_survives_one_lost_answer(start, ask):
    service, wapcrm = start()
    service.faults.add("/api/", Reset())

    ask(wapcrm)

    assert [entry.fault for entry in service.requests.all()] == ["reset", None]


def test_an_outcome_the_service_refuses_is_told_in_a_sentence(start):
    service, wapcrm = start()

    with pytest.raises(Rejected):
        wapcrm.save_outcome(outcome(result_id=99))

    assert (len(service.requests), service.conversations) == (1, [])


ECHO = f'{{"status": false, "statusCode": "500", "message": "Unknown key: {KEY}, {CUSTOMER}"}}'.encode()


@pytest.mark.parametrize("body", [ECHO, KEY.encode(), f"<html>{KEY} {CUSTOMER}</html>".encode()])
@pytest.mark.parametrize("status", [200, 302, 401, 500])
def test_nothing_the_service_echoes_comes_out(start, body, status, capsys):
    service, wapcrm = start()
    service.faults.add("/api/", Status(code=status, body=body), times=None)

    for act in (
        lambda: wapcrm.send(text_message()),
        lambda: wapcrm.save_outcome(outcome()),
        wapcrm.users,
        lambda: wapcrm.messages(phone=CUSTOMER, channel_id=None),
    ):
        with pytest.raises(OutsideFailure) as refusal:
            act()
        told = "".join(format_exception(refusal.value)) + refusal.value.sentence
        assert KEY not in told
        assert CUSTOMER not in told
    written = "".join(capsys.readouterr())
    assert KEY not in written
    assert CUSTOMER not in written


def test_check_reads_the_users(start):
    service, wapcrm = start()

    wapcrm.check()

    assert [entry.path for entry in service.requests.all()] == ["/api/users"]


def test_check_names_a_refused_key(start):
    _, wapcrm = start(secret_key="another")

    with pytest.raises(CredentialsRefused) as refusal:
        wapcrm.check()

    assert "another" not in f"{refusal.value} {refusal.value.sentence}"
