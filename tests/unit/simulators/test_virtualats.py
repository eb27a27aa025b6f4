import re
import wave
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import Client

from simulators.timeline import SteppedTime
from simulators.virtualats import VirtualAts
from simulators.virtualats_exchange import CallScript
from simulators.virtualats_signature import HEADER, KeyPair

CALL = "/vats/api/call"
HISTORY = "/vats/api/callRecord/history"
ACCOUNTS = "/vats/api/account/list"
DOWNLOAD = "/vats/api/storageFile/download"


class Caller:
    """Signs as the document asks and sends GET."""

    def __init__(self, simulator):
        self.simulator = simulator
        self.client = Client(simulator.wsgi_app)

    def authentication(self, signed=""):
        return self.simulator.keys.authentication(signed.encode(), self.simulator.timeline.now())

    def get(self, path, query=None, *, signed=""):
        query_string = urlencode(query or {})
        return self.client.get(path, query_string=query_string, headers={HEADER: self.authentication(signed)})

    def history(self, **query):
        return self.get(HISTORY, {name.rstrip("_"): value for name, value in query.items()})


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def exchange(timeline):
    simulator = VirtualAts(timeline=timeline)
    simulator.use_script(CallScript(ring_after=1, ring_seconds=4, talk_seconds=20))
    return simulator


@pytest.fixture
def caller(exchange):
    return Caller(exchange)


def dial(caller, **query):
    return caller.get(f"{CALL}/originate", {"to": "0124886606", "number": "102", **query})


# Refusals


@pytest.mark.parametrize("path", [HISTORY, ACCOUNTS, f"{CALL}/originate", f"{CALL}/create", f"{CALL}/hangup/a"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_only_get_is_allowed(caller, path, method):
    answer = caller.client.open(path, method=method, headers={HEADER: caller.authentication()})

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize("path", ["/", "/call/originate", "/vats/api", "/vats/api/call/Originate", f"{DOWNLOAD}/1/2"])
def test_another_path_is_not_found(caller, path):
    assert caller.get(path).status_code == 404


@pytest.mark.parametrize("path", [HISTORY, ACCOUNTS, f"{CALL}/originate", f"{CALL}/create"])
@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "1234567:1:2"}])
def test_a_request_without_a_right_signature_is_refused(caller, path, headers):
    answer = caller.client.get(path, headers=headers)

    assert answer.status_code == 401
    assert answer.mimetype == "text/plain"
    assert HEADER not in answer.headers


def test_a_stale_signature_is_refused(caller, timeline):
    stale = {HEADER: caller.authentication()}
    timeline.advance(301)

    assert caller.client.get(ACCOUNTS, headers=stale).status_code == 401


def test_the_signature_must_be_made_with_the_secret(caller, exchange, timeline):
    stranger = KeyPair(exchange.keys.public_key, "another secret")

    answer = caller.client.get(ACCOUNTS, headers={HEADER: stranger.authentication(b"", timeline.now())})

    assert answer.status_code == 401


def test_the_query_authenticates_only_downloads(caller):
    assert caller.client.get(ACCOUNTS, query_string={HEADER: caller.authentication()}).status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        {"to": ""},
        {"to": "+994557967473"},
        {"to": "12"},
        {"to": "055 796 74 73"},
        {"number": "999"},
        {"number": "999", "defaultNumber": "998"},
        {"number": ""},
        {"extension": "102"},
    ],
)
def test_a_wrong_dial_is_refused_and_dials_nothing(caller, exchange, query):
    assert dial(caller, **query).status_code == 400
    assert exchange.exchange.calls() == []
    assert not exchange.requests.all()[0].committed


@pytest.mark.parametrize("query", ["number=102", "to=0124886606", "to=0124886606&number=102&number=103"])
def test_a_missing_or_repeated_parameter_is_refused(caller, query):
    headers = {HEADER: caller.authentication()}

    assert caller.client.get(f"{CALL}/originate", query_string=query, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"offset": "-1"},
        {"order": "ASC"},
        {"direction": "inbound"},
        {"disposition": "NO_ANSWER"},
        {"from_": "2019-01-01"},
        {"from_": "01012019000000 0300"},
        {"to": "32012019000000+0300"},
        {"from_": "01012019000000"},
        {"page": "1"},
    ],
)
def test_a_wrong_history_question_is_refused_even_with_no_calls(caller, query):
    assert caller.history(**query).status_code == 400


def test_a_plus_sent_bare_is_refused(caller):
    headers = {HEADER: caller.authentication()}

    assert caller.client.get(f"{HISTORY}?from=01012019000000+0300", headers=headers).status_code == 400
    assert caller.client.get(f"{HISTORY}?from=01012019000000%2B0300", headers=headers).status_code == 200


# What is signed


@pytest.mark.parametrize(
    ("sign_query", "signed"),
    [
        ("empty", ""),
        ("query_string", "from=01012026000000%2B0300&limit=5"),
        ("values", "01012026000000+03005"),
        ("first_value", "01012026000000+0300"),
    ],
)
def test_the_option_decides_what_of_a_query_is_signed(timeline, sign_query, signed):
    caller = Caller(VirtualAts(timeline=timeline, sign_query=sign_query))
    query = {"from": "01012026000000+0300", "limit": "5"}

    assert caller.get(HISTORY, query, signed=signed).status_code == 200
    assert caller.get(HISTORY, query, signed=signed + "x").status_code == 401


def test_answers_are_signed_over_their_exact_bytes(caller, exchange, timeline):
    answer = caller.get(ACCOUNTS)

    assert "Əliyeva" in answer.get_data(as_text=True)
    assert exchange.keys.accepts(answer.headers[HEADER], answer.get_data(), timeline.now())
    assert not exchange.keys.accepts(answer.headers[HEADER], answer.get_data() + b" ", timeline.now())


# Accounts and calls


def test_accounts_are_listed_as_in_the_document(caller):
    accounts = caller.get(ACCOUNTS).get_json()

    assert accounts[1] == {"number": "101", "callerId": "Ayşe Yılmaz  <101>", "status": "ONLINE"}
    assert [account["number"] for account in accounts] == ["100", "101", "102", "103", "104"]


def test_originate_answers_at_once_with_a_call_id(caller, exchange):
    answer = dial(caller)

    call_id = answer.get_json()["value"]
    assert re.fullmatch(r"[0-9a-f]{32}", call_id)
    assert exchange.exchange.calls()[0].state == "NEW"
    assert exchange.requests.all()[0].committed


def test_every_originate_is_a_call_of_its_own(caller, exchange):
    first, second = dial(caller).get_json()["value"], dial(caller).get_json()["value"]

    assert first != second
    assert len(exchange.exchange.calls()) == 2


def test_the_default_number_stands_in_for_an_unknown_one(caller, exchange):
    dial(caller, number="999", defaultNumber="103")

    assert exchange.exchange.calls()[0].extension == "103"


def test_create_answers_only_once_the_call_was_dialled(caller, exchange, timeline):
    start = timeline.now()

    answer = caller.get(f"{CALL}/create", {"to": "994557967473", "number": "101"})

    assert answer.get_json()["value"] == exchange.exchange.calls()[0].call_id
    assert exchange.exchange.calls()[0].disposition == "ANSWERED"
    assert timeline.now() - start == timedelta(seconds=5)


def test_history_has_the_documents_shape(caller, timeline):
    call_id = dial(caller).get_json()["value"]
    timeline.advance(25)

    assert caller.history().get_json() == [
        {
            "callDate": "5.01.2026 12:00:00+0300",
            "callerId": "Mehmet Öztürk  <102>",
            "callId": call_id,
            "source": "102",
            "destination": "0124886606",
            "answeredNumber": "102",
            "duration": "25",
            "talkTime": "20",
            "direction": "OUTBOUND",
            "disposition": "ANSWERED",
            "recordConversation": "http://simulator.invalid/vats/api/storageFile/download/12345",
        }
    ]


def test_a_call_that_is_going_on_is_not_in_the_history(caller, timeline):
    dial(caller)
    timeline.advance(24)

    assert caller.history().get_json() == []


@pytest.mark.parametrize("outcome", ["NO_ANSWERED", "BUSY", "FAILED"])
def test_an_unanswered_call_has_no_talk_no_extension_and_no_recording(caller, exchange, timeline, outcome):
    exchange.place_inbound_call(source="994557967473", extension="103", outcome=outcome, caller_name="Hüseyn")
    timeline.advance(5)

    [record] = caller.history().get_json()
    assert record["disposition"] == outcome
    assert record["direction"] == "INBOUND"
    assert record["callerId"] == "Hüseyn  <994557967473>"
    assert (record["duration"], record["talkTime"]) == ("5", "0")
    assert (record["answeredNumber"], record["recordConversation"]) == ("", "")


def test_history_filters_sorts_and_pages(caller, exchange, timeline):
    for outcome in ("ANSWERED", "BUSY", "NO_ANSWERED"):
        exchange.place_inbound_call(outcome=outcome)
        timeline.advance(3600)
    dial(caller)
    timeline.advance(3600)

    def listed(**query):
        return [record["disposition"] for record in caller.history(**query).get_json()]

    assert listed() == ["ANSWERED", "BUSY", "NO_ANSWERED", "ANSWERED"]
    assert listed(order="desc") == ["ANSWERED", "NO_ANSWERED", "BUSY", "ANSWERED"]
    assert listed(offset="1", limit="2") == ["BUSY", "NO_ANSWERED"]
    assert listed(direction="OUTBOUND") == ["ANSWERED"]
    assert listed(disposition="BUSY") == ["BUSY"]
    assert listed(disposition="RING") == []
    # 12:00, 13:00, 14:00 and 15:00 at +0300; an offset of its own is honoured, both ends count
    assert listed(from_="05012026130000+0300", to="05012026150000+0400") == ["BUSY", "NO_ANSWERED"]


def test_history_gives_fifty_calls_unless_asked_for_more(caller, exchange, timeline):
    for _ in range(51):
        exchange.place_inbound_call()
    timeline.advance(60)

    assert len(caller.history().get_json()) == 50
    assert len(caller.history(limit="1000").get_json()) == 51


# Hanging up


def hang_up(caller, call_id):
    return caller.get(f"{CALL}/hangup/{call_id}", signed=call_id)


def test_hanging_up_while_it_rings_leaves_the_call_unanswered(caller, timeline):
    call_id = dial(caller).get_json()["value"]
    timeline.advance(2)

    assert hang_up(caller, call_id).status_code == 200
    timeline.advance(60)
    [record] = caller.history().get_json()
    assert (record["disposition"], record["duration"]) == ("NO_ANSWERED", "2")


def test_hanging_up_while_they_talk_keeps_the_recording_so_far(caller, timeline):
    call_id = dial(caller).get_json()["value"]
    timeline.advance(12)

    hang_up(caller, call_id)
    timeline.advance(60)

    [record] = caller.history().get_json()
    assert (record["disposition"], record["talkTime"]) == ("ANSWERED", "7")
    assert record["recordConversation"]


def test_a_call_ends_only_once(caller, timeline):
    call_id = dial(caller).get_json()["value"]
    timeline.advance(12)

    assert [hang_up(caller, call_id).status_code for _ in range(2)] == [200, 404]


def test_hanging_up_is_signed_over_the_call_id(caller):
    call_id = dial(caller).get_json()["value"]

    assert caller.get(f"{CALL}/hangup/{call_id}", signed="").status_code == 401
    assert caller.get(f"{CALL}/hangup/{call_id}", signed="0" * 32).status_code == 401


@pytest.mark.parametrize(("call_id", "status"), [("0" * 32, 404), ("12", 400), ("0" * 31 + "G", 400)])
def test_an_unknown_call_cannot_be_hung_up(caller, call_id, status):
    assert hang_up(caller, call_id).status_code == status


# Recordings


@pytest.fixture
def recording_id(caller, timeline):
    dial(caller)
    timeline.advance(25)
    return caller.history().get_json()[0]["recordConversation"].rsplit("/", 1)[1]


def test_a_recording_is_as_long_as_the_talk(caller, recording_id):
    answer = caller.get(f"{DOWNLOAD}/{recording_id}", signed=recording_id)

    assert answer.status_code == 200
    assert answer.content_length == len(answer.get_data())
    with wave.open(BytesIO(answer.get_data())) as file:
        assert file.getnframes() / file.getframerate() == 20


def test_a_download_is_signed_over_its_id(caller, recording_id):
    assert caller.get(f"{DOWNLOAD}/{recording_id}", signed="").status_code == 401


def test_the_query_authenticates_a_download(caller, recording_id):
    url = f"{DOWNLOAD}/{recording_id}?{HEADER}={quote(caller.authentication(recording_id), safe='')}"

    assert "%3A" in url
    assert caller.client.get(url).status_code == 200


def test_a_wrong_header_counts_before_a_right_query(caller, recording_id):
    right = {HEADER: caller.authentication(recording_id)}

    answer = caller.client.get(f"{DOWNLOAD}/{recording_id}", query_string=right, headers={HEADER: "1:2:3"})

    assert answer.status_code == 401


def test_a_download_takes_no_other_parameter(caller, recording_id):
    assert caller.get(f"{DOWNLOAD}/{recording_id}", {"listen": "1"}, signed=recording_id).status_code == 400


def test_an_unknown_recording_is_not_found(caller):
    assert caller.get(f"{DOWNLOAD}/1", signed="1").status_code == 404


def test_a_recording_may_need_a_while(caller, exchange, timeline):
    exchange.use_script(CallScript(ring_after=0, ring_seconds=1, talk_seconds=1, recording_ready_after=900))
    dial(caller)
    timeline.advance(2)

    assert caller.get(f"{DOWNLOAD}/12345", signed="12345").status_code == 404
    timeline.advance(900)
    assert caller.get(f"{DOWNLOAD}/12345", signed="12345").status_code == 200


# The control plane


def test_an_inbound_call_is_placed_over_the_control_plane(caller, exchange, timeline):
    arguments = {"source": "994701112233", "extension": "102", "outcome": "NO_ANSWERED", "ring_seconds": 9}

    call_id = caller.client.post("/_control/actions/place_inbound_call", json=arguments).get_json()

    timeline.advance(10)
    [call] = caller.client.get("/_control/state").get_json()["calls"]
    assert (call["callId"], call["source"], call["state"]) == (call_id, "994701112233", "HANGUP")
    assert call["disposition"] == "NO_ANSWERED"


def test_an_inbound_call_to_nobody_is_refused(caller):
    answer = caller.client.post("/_control/actions/place_inbound_call", json={"extension": "999"})

    assert answer.status_code == 400


def test_a_caller_hangs_up_over_the_control_plane(caller, exchange):
    call_id = exchange.place_inbound_call()

    answers = [caller.client.post("/_control/actions/hang_up", json={"call_id": call_id}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 400]


def test_the_script_and_the_delivery_are_set_over_the_control_plane(caller, exchange):
    script = {"script": {"outcome": "BUSY", "ring_seconds": 2}}
    policy = {"policy": {"tries": 1, "copies": 2, "dropped": ["NEW"], "delays": {"UPDATE": 5}}}

    assert caller.client.post("/_control/actions/use_script", json=script).status_code == 200
    assert caller.client.post("/_control/actions/use_delivery", json=policy).status_code == 200

    assert (exchange.exchange.script.outcome, exchange.exchange.script.ring_seconds) == ("BUSY", 2)
    assert exchange.webhooks.policy.dropped == {"NEW"}
    assert exchange.webhooks.policy.delays == {"UPDATE": 5}


def test_the_control_plane_shows_no_secret(caller, exchange):
    assert exchange.keys.secret_key not in caller.client.get("/_control/state").get_data(as_text=True)
