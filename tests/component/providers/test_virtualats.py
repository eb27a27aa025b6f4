"""The VirtualATS client against the simulated exchange, which refuses what the document does not allow."""

import socket
from datetime import timedelta
from traceback import format_exception

import pytest

from santral.calls import Direction, Disposition
from santral.errors import (
    CredentialsRefused,
    NoRecording,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unanswered,
    Unreachable,
)
from santral.http import Http
from santral.providers.ports import DialOrder
from santral.providers.virtualats import VirtualAts
from simulators.demo_data import ACCOUNTS
from simulators.faults import CommitThen, Reset, Status, Truncate
from simulators.serving import serving
from simulators.timeline import SteppedTime
from simulators.virtualats import VirtualAts as Exchange
from tests.lost_answers import LOST, impatience

CUSTOMER = "+994557967473"
SECRET = {
    "public_key": "1234567",
    "secret_key": "vats-demo-secret",
    "crm_api_key": "1234567890abcdef",
    "webhook_tokens": ["token"],
}


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def start(timeline):
    """Return a function that starts an exchange and gives it with a client of it."""
    running = []

    def start(*, sign_query="empty", **secret):
        exchange = Exchange(timeline=timeline, sign_query=sign_query)
        server = serving(exchange)
        running.append(server)
        server.__enter__()
        values = {**SECRET, "base_url": exchange.api_url, "options": {"sign_query": sign_query}, **secret}
        credentials = VirtualAts.Credentials.model_validate(values)
        client = VirtualAts(credentials, http=Http("virtualats", exchange.api_url), clock=timeline.now)
        return exchange, client

    yield start
    for server in running:
        server.__exit__(None, None, None)


def dial(pbx, **changes):
    return pbx.dial(DialOrder(**{"to": "+994557967473", "extension": "101", **changes}))


def history(pbx, timeline, **page):
    since, until = timeline.now() - timedelta(hours=1), timeline.now()
    return pbx.history(**{"since": since, "until": until, "offset": 0, "limit": 1000, **page})


@pytest.mark.parametrize("sign_query", ["empty", "query_string", "values", "first_value"])
def test_every_request_is_signed_as_the_exchange_expects(start, timeline, sign_query):
    exchange, pbx = start(sign_query=sign_query)

    call_id = dial(pbx, fallback_extension="100")
    timeline.advance(60)
    (event,) = history(pbx, timeline).events
    pbx.check()

    assert event.call_id == f"virtualats:{call_id}"
    assert [entry.status for entry in exchange.requests.all()] == [200, 200, 200]


def test_a_wrong_key_is_told_as_such_and_not_tried_again(start):
    exchange, pbx = start(secret_key="another-secret")

    with pytest.raises(CredentialsRefused):
        dial(pbx)
    with pytest.raises(CredentialsRefused):
        pbx.check()

    assert len(exchange.requests) == 2


def test_a_dial_rings_the_extension_and_then_the_number(start):
    exchange, pbx = start()

    call_id = dial(pbx)

    (call,) = exchange.exchange.calls()
    assert (call.call_id, call.source, call.destination) == (call_id, "101", "994557967473")


def test_a_dial_that_waits_answers_once_the_call_was_placed(start):
    exchange, pbx = start()

    call_id = dial(pbx, wait=True)

    (call,) = exchange.exchange.calls()
    assert call.call_id == call_id
    assert call.answered_at is not None


def test_the_fallback_rings_where_the_extension_does_not_exist(start):
    exchange, pbx = start()

    dial(pbx, extension="999", fallback_extension="100")

    (call,) = exchange.exchange.calls()
    assert call.source == "100"


def test_an_extension_that_does_not_exist_is_refused_with_a_sentence(start):
    _, pbx = start()

    with pytest.raises(Rejected) as refusal:
        dial(pbx, extension="999")

    assert "extension" in refusal.value.sentence


@pytest.mark.parametrize("wait", [False, True])
@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_a_dial_whose_answer_is_lost_rings_once_and_its_outcome_is_unknown(start, fault, wait):
    exchange, pbx = start()
    exchange.faults.add("/call/", CommitThen(fault=fault), times=None)

    with impatience(), pytest.raises(OutcomeUnknown):
        dial(pbx, wait=wait)

    assert len(exchange.requests) == 1
    assert len(exchange.exchange.calls()) == 1


def test_a_dial_that_reaches_nobody_says_so():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"

    with pytest.raises(Unreachable):
        dial(VirtualAts(VirtualAts.Credentials.model_validate({**SECRET, "base_url": address})))


def test_a_read_survives_one_lost_answer(start):
    exchange, pbx = start()
    exchange.faults.add("/account/list", Reset())

    assert len(pbx.extensions()) == len(ACCOUNTS)
    assert len(exchange.requests) == 2


def test_extensions_with_names_and_states(start):
    _, pbx = start()

    told = {extension.extension: (extension.name, extension.state) for extension in pbx.extensions()}

    assert told["101"] == ("Ayşe Yılmaz", "available")
    assert told["104"] == ("Çağrı Güneş", "offline")


def test_history_pages_through_all_calls_oldest_first(start, timeline):
    exchange, pbx = start()
    placed = []
    for _ in range(5):
        placed.append(exchange.place_inbound_call(caller_name="Hüseyn", ring_seconds=2, talk_seconds=7))
        timeline.advance(30)

    pages = [history(pbx, timeline, offset=offset, limit=2) for offset in (0, 2, 4, 6)]

    assert [page.rows for page in pages] == [2, 2, 1, 0]
    assert [event.call_id for page in pages for event in page.events] == [f"virtualats:{call_id}" for call_id in placed]
    assert {(event.caller_name, event.talk_seconds) for page in pages for event in page.events} == {("Hüseyn", 7)}


def test_calls_are_found_by_direction_and_disposition_newest_first(start, timeline):
    exchange, pbx = start()
    for outcome in ("ANSWERED", "BUSY", "NO_ANSWERED", "BUSY", "FAILED"):
        exchange.place_inbound_call(outcome=outcome)
        timeline.advance(30)
    dial(pbx)
    timeline.advance(30)
    period = {"since": timeline.now() - timedelta(days=1), "until": timeline.now(), "offset": 0, "limit": 50}

    busy = pbx.find_calls(**period, disposition=Disposition.BUSY, newest_first=True)
    outbound = pbx.find_calls(**period, direction=Direction.OUTBOUND)

    assert [event.disposition for event in busy.events] == [Disposition.BUSY, Disposition.BUSY]
    assert busy.events[0].started_at > busy.events[1].started_at
    assert [event.direction for event in outbound.events] == [Direction.OUTBOUND]


@pytest.mark.parametrize(("seconds", "disposition"), [(1, "NO_ANSWERED"), (6, "ANSWERED")])
def test_hanging_up_ends_the_call_and_doing_so_again_is_no_error(start, timeline, seconds, disposition):
    exchange, pbx = start()
    call_id = dial(pbx)
    timeline.advance(seconds)

    pbx.hang_up(call_id)
    pbx.hang_up(call_id)

    (call,) = exchange.exchange.ended_calls()
    assert (call.call_id, call.disposition) == (call_id, disposition)
    assert [entry.status for entry in exchange.requests.to(f"/call/hangup/{call_id}")] == [200, 404]


def test_a_hang_up_whose_answer_is_lost_is_asked_again_and_ends_the_call_once(start, timeline):
    exchange, pbx = start()
    call_id = dial(pbx)
    timeline.advance(6)
    exchange.faults.add("/call/hangup", CommitThen(fault=Reset()))

    pbx.hang_up(call_id)

    assert [call.call_id for call in exchange.exchange.ended_calls()] == [call_id]


@pytest.mark.parametrize("status", [200, 302, 400, 401, 500])
def test_nothing_the_exchange_echoes_comes_out(start, timeline, status, capsys):
    exchange, pbx = start()
    echo = f"no such key: {SECRET['secret_key']} for {CUSTOMER}"
    exchange.faults.add("/vats/api/", Status(code=status, body=echo.encode()), times=None)

    for act in (
        lambda: pbx.dial(DialOrder(to=CUSTOMER, extension="101")),
        lambda: pbx.dial(DialOrder(to=CUSTOMER, extension="101", wait=True)),
        lambda: history(pbx, timeline),
        pbx.extensions,
    ):
        with pytest.raises(OutsideFailure) as refusal:
            act()
        told = "".join(format_exception(refusal.value)) + refusal.value.sentence
        assert SECRET["secret_key"] not in told
        assert CUSTOMER.removeprefix("+") not in told
    written = "".join(capsys.readouterr())
    assert SECRET["secret_key"] not in written
    assert CUSTOMER.removeprefix("+") not in written


def recorded(exchange, timeline):
    exchange.place_inbound_call(talk_seconds=3)
    timeline.advance(60)
    return exchange.exchange.ended_calls()[0].recording_id


def test_a_recording_arrives_whole_with_its_size(start, timeline):
    exchange, pbx = start()
    ref = recorded(exchange, timeline)
    (event,) = history(pbx, timeline).events

    with pbx.recording(event.recording_ref) as recording:
        content = b"".join(recording.chunks)

    assert event.recording_ref == ref
    assert content == exchange.exchange.audio(ref)
    assert recording.size == len(content)


def test_the_download_link_opens_the_recording_without_a_header(start, timeline):
    exchange, pbx = start()
    ref = recorded(exchange, timeline)

    plain = Http("virtualats", exchange.api_url)
    answer = plain.call("GET", f"/storageFile/download/{ref}", safe=True, query=pbx.download_query(ref))

    assert answer.body == exchange.exchange.audio(ref)


def test_a_recording_that_is_not_there_is_told_as_such(start):
    _, pbx = start()

    with pytest.raises(NoRecording), pbx.recording("99999"):
        pytest.fail("opened")


@pytest.mark.parametrize("ending", ["short", "chunked", "reset"])
def test_a_recording_cut_short_never_looks_whole(start, timeline, ending):
    exchange, pbx = start()
    ref = recorded(exchange, timeline)
    exchange.faults.add("/storageFile/", Truncate(keep=100, ending=ending))

    with pbx.recording(ref) as recording, pytest.raises(Unanswered):
        list(recording.chunks)
