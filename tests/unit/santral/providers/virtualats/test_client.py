# The numbers T1 to T14 are those of the open points in santral.providers.virtualats; T15 decides nothing to test.
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import ValidationError

from santral.calls import Direction, Disposition
from santral.errors import (
    Busy,
    CredentialsRefused,
    InvalidRequest,
    NoRecording,
    OutcomeUnknown,
    Rejected,
    SantralError,
    Unintelligible,
)
from santral.providers import lenient_json
from santral.providers.ports import DialOrder, Extension, Page
from santral.providers.virtualats import VirtualAts
from santral.providers.virtualats import client as client_module
from tests.fakes import answering

CALL_ID = "3489655c982f4e46b9c9ca975b031781"
TOKEN = "1546300800000"
MOMENT = datetime(2019, 1, 1, tzinfo=UTC)
ROW = {
    "callDate": "1.01.2019 10:05:36+0300",
    "callId": CALL_ID,
    "source": "994123102255",
    "destination": "994123102266",
    "duration": "75",
    "talkTime": "50",
    "direction": "INBOUND",
    "disposition": "ANSWERED",
}

SAMPLES = Path(__file__).parents[5] / "events" / "providers" / "virtualats"


def signed(text):
    sign = hmac.new(b"secret-key", TOKEN.encode() + text.encode(), hashlib.sha1).hexdigest()
    return f"1234567:{TOKEN}:{sign}"


def dial(pbx, **changes):
    return pbx.dial(DialOrder(**{"to": "+994557967473", "extension": "102", "fallback_extension": "100", **changes}))


def january(pbx, limit=100):
    zone = timezone(timedelta(hours=3))
    since, until = datetime(2019, 1, 1, tzinfo=zone), datetime(2019, 1, 31, 23, 59, 59, tzinfo=zone)
    return pbx.history(since=since, until=until, offset=0, limit=limit)


@pytest.mark.operation("virtualats call/originate")
def test_dial_originates_with_digits_and_returns_the_call_id(make_pbx):
    network = answering(body={"value": CALL_ID})

    assert dial(make_pbx(network)) == CALL_ID

    assert network.last.method == "GET"
    assert network.last_target == "/vats/api/call/originate?to=994557967473&number=102&defaultNumber=100"
    assert network.last.headers["vats-authentication"] == signed("")
    assert network.last.body is None


def test_dial_leaves_out_a_fallback_that_is_not_there(make_pbx):
    network = answering(body={"value": CALL_ID})

    dial(make_pbx(network), fallback_extension=None)

    assert network.last_target == "/vats/api/call/originate?to=994557967473&number=102"


@pytest.mark.operation("virtualats call/create")
def test_dial_that_waits_creates_the_call(make_pbx):
    network = answering(body={"value": CALL_ID})

    assert dial(make_pbx(network), wait=True) == CALL_ID

    assert network.last.method == "GET"
    assert network.last_target == "/vats/api/call/create?to=994557967473&number=102&defaultNumber=100"
    assert network.last.headers["vats-authentication"] == signed("")
    assert network.last.body is None


@pytest.mark.operation("virtualats call/hangup")
def test_a_call_is_hung_up_by_its_id_which_is_signed(make_pbx):
    network = answering()

    make_pbx(network).hang_up(CALL_ID)

    assert (network.last.method, network.last_target) == ("GET", f"/vats/api/call/hangup/{CALL_ID}")
    assert network.last.headers["vats-authentication"] == signed(CALL_ID)
    assert network.last.body is None


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
def test_hanging_up_a_call_that_is_over_is_no_error(make_pbx, status):
    make_pbx(answering(status, "no such call")).hang_up(CALL_ID)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, CredentialsRefused), (403, CredentialsRefused), (429, Busy), (302, Unintelligible), (500, Unintelligible)],
)
def test_a_hang_up_that_failed_says_so(make_pbx, status, error):
    with pytest.raises(error):
        make_pbx(answering(status)).hang_up(CALL_ID)


def test_hanging_up_is_safe_to_repeat(make_pbx):
    network = answering(503)

    with pytest.raises(Unintelligible):
        make_pbx(network).hang_up(CALL_ID)

    assert len(network.requests) == 2


@pytest.mark.parametrize("provider_id", ["", "..", "a/b", "a?b", "a%2f", "1" * 129, "1\n"])
def test_what_is_no_calls_id_is_never_hung_up(make_pbx, provider_id):
    network = answering()

    with pytest.raises(Rejected):
        make_pbx(network).hang_up(provider_id)

    assert network.requests == []


@pytest.mark.parametrize(
    ("sign_query", "text"),
    [
        ("empty", ""),
        ("query_string", "to=994557967473&number=102&defaultNumber=100"),
        ("values", "994557967473102100"),
        ("first_value", "994557967473"),
    ],
)
def test_t1_what_a_query_signs_is_a_setting(make_pbx, sign_query, text):
    network = answering(body={"value": CALL_ID})

    dial(make_pbx(network, sign_query=sign_query))

    assert network.last.headers["vats-authentication"] == signed(text)


def test_t1_a_query_signs_nothing_but_its_token_by_default(make_pbx):
    network = answering(body=[])

    make_pbx(network).extensions()

    assert network.last.headers["vats-authentication"] == signed("")


@pytest.mark.parametrize("sign_query", ["empty", "query_string", "values", "first_value"])
def test_t1_a_request_without_parameters_signs_nothing_under_every_setting(make_pbx, sign_query):
    network = answering(body=[])

    make_pbx(network, sign_query=sign_query).extensions()

    assert network.last.headers["vats-authentication"] == signed("")


def test_t7_every_request_has_its_own_token(make_pbx, clock):
    network = answering(body=[])
    pbx = make_pbx(network)

    pbx.check()
    clock.pass_seconds(1)
    pbx.check()

    assert len({request.headers["vats-authentication"] for request in network.requests}) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b"[]",
        b"null",
        b"{}",
        b'{"value": null}',
        b'{"value": 7}',
        b'{"value": ""}',
        b'{"value": "a/b"}',
        b'{"value": "abc\\n"}',
        b'{"value": "' + b"1" * 129 + b'"}',
    ],
)
def test_a_dial_answered_without_a_usable_id_may_be_ringing(make_pbx, body):
    with pytest.raises(OutcomeUnknown):
        dial(make_pbx(answering(body=body)))


FAILURES = [
    (401, CredentialsRefused, CredentialsRefused),
    (403, CredentialsRefused, CredentialsRefused),
    (400, Rejected, Rejected),
    (404, Rejected, Rejected),
    (422, Rejected, Rejected),
    (429, Busy, Busy),
    (302, OutcomeUnknown, Unintelligible),
    (405, OutcomeUnknown, Unintelligible),
    (409, OutcomeUnknown, Unintelligible),
    (500, OutcomeUnknown, Unintelligible),
    (503, OutcomeUnknown, Unintelligible),
]


@pytest.mark.parametrize(("status", "on_dial", "on_read"), FAILURES)
def test_failures_are_told_apart(make_pbx, status, on_dial, on_read):
    network = answering(status, "no: 994557967473 secret-key")

    with pytest.raises(SantralError) as dialling:
        dial(make_pbx(network))
    assert len(network.requests) == 1
    with pytest.raises(SantralError) as reading:
        make_pbx(network).extensions()

    assert (type(dialling.value), type(reading.value)) == (on_dial, on_read)
    for error in (dialling.value, reading.value):
        assert "994557967473" not in str(error) + error.sentence
        assert "secret-key" not in str(error) + error.sentence


@pytest.mark.operation("virtualats callRecord/history")
def test_history_asks_as_the_documents_example(make_pbx):
    network = answering(body=[])

    january(make_pbx(network))

    assert network.last_target == (
        "/vats/api/callRecord/history?from=01012019000000%2B0300&to=31012019235959%2B0300&offset=0&limit=100&order=asc"
    )
    assert network.last.method == "GET"
    assert network.last.headers["vats-authentication"] == signed("")
    assert network.last.body is None


def test_t13_a_value_the_page_wraps_is_whole_on_the_wire(make_pbx):
    network = answering(body=[])

    january(make_pbx(network))

    # The document's example reads "…&to=31012019235", and "959%2B0300&…" on the next line.
    assert "&to=31012019235959%2B0300&" in network.last_target


def test_calls_are_found_as_in_the_documents_second_example(make_pbx):
    network = answering(body=[])
    zone = timezone(timedelta(hours=3))

    make_pbx(network).find_calls(
        since=datetime(2019, 2, 10, tzinfo=zone),
        until=datetime(2019, 3, 15, 23, 59, 59, tzinfo=zone),
        offset=100,
        limit=200,
        newest_first=True,
    )

    assert network.last_target == (
        "/vats/api/callRecord/history"
        "?from=10022019000000%2B0300&to=15032019235959%2B0300&offset=100&limit=200&order=desc"
    )


@pytest.mark.parametrize(
    ("filters", "asked"),
    [
        ({"direction": Direction.INBOUND}, "direction=INBOUND"),
        ({"direction": Direction.OUTBOUND}, "direction=OUTBOUND"),
        ({"disposition": Disposition.ANSWERED}, "disposition=ANSWERED"),
        ({"disposition": Disposition.NO_ANSWER}, "disposition=NO_ANSWERED"),
        ({"disposition": Disposition.FAILED}, "disposition=FAILED"),
        ({"disposition": Disposition.BUSY}, "disposition=BUSY"),
        (
            {"direction": Direction.INBOUND, "disposition": Disposition.BUSY},
            "direction=INBOUND&disposition=BUSY",
        ),
    ],
)
def test_calls_are_found_by_direction_and_disposition(make_pbx, filters, asked):
    network = answering(body=[ROW])

    page = make_pbx(network).find_calls(since=MOMENT, until=MOMENT, offset=0, limit=50, **filters)

    assert network.last_target.endswith(f"&order=asc&{asked}")
    assert [event.call_id for event in page.events] == [f"virtualats:{CALL_ID}"]


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"direction": Direction.INTERNAL}, "direction"),
        ({"disposition": Disposition.REJECTED}, "disposition"),
        ({"disposition": Disposition.UNKNOWN}, "disposition"),
    ],
)
def test_what_virtualats_has_no_word_for_is_not_asked_for(make_pbx, filters, field):
    network = answering(body=[])

    with pytest.raises(InvalidRequest) as refusal:
        make_pbx(network).find_calls(since=MOMENT, until=MOMENT, offset=0, limit=50, **filters)

    assert [error.field for error in refusal.value.errors] == [field]
    assert network.requests == []


def test_history_writes_the_offset_of_the_moment_given(make_pbx):
    network = answering(body=[])
    moment = datetime(2019, 1, 1, tzinfo=UTC)

    make_pbx(network).history(since=moment, until=moment, offset=0, limit=1)

    assert "from=01012019000000%2B0000" in network.last_target


@pytest.mark.parametrize("limit", [0, 1001])
def test_history_has_pages_of_at_most_a_thousand(make_pbx, limit):
    with pytest.raises(ValueError):
        january(make_pbx(answering(body=[])), limit=limit)


def test_history_tells_finished_calls(make_pbx):
    (event,) = january(make_pbx(answering(body=[ROW]))).events

    assert (event.call_id, event.state, event.talk_seconds) == (f"virtualats:{CALL_ID}", "ended", 50)


def test_history_leaves_out_a_call_that_still_rings_and_counts_its_row(make_pbx):
    assert january(make_pbx(answering(body=[{**ROW, "disposition": "RING"}]))) == Page([], 1)


def test_a_bad_row_hides_no_other_and_is_counted(make_pbx, counted):
    rows = [{**ROW, "callId": "a"}, {**ROW, "callId": "../"}, "row", {**ROW, "callId": "b", "duration": "x"}, None]

    page = january(make_pbx(answering(body=[*rows, {**ROW, "callId": "c"}])))

    assert [event.call_id for event in page.events] == ["virtualats:a", "virtualats:c"]
    assert page.rows == 6
    assert counted == {"rows_not_understood": 4}


@pytest.mark.parametrize("body", [b'{"errors": ["no"]}', b"null", b'"x"', b"", b"<html>", b"[" * 100_000])
def test_an_answer_that_is_no_list_is_unintelligible(make_pbx, body):
    with pytest.raises(Unintelligible):
        january(make_pbx(answering(body=body)))


def printed(name):
    """Return a sample of the document as it is printed there."""
    return (SAMPLES / f"{name}.as_printed.txt").read_bytes()


@pytest.mark.operation("virtualats account/list")
def test_t12_extensions_are_read_in_the_documents_typography(make_pbx):
    network = answering(body=printed("extensions"))

    assert make_pbx(network).extensions() == [
        Extension("100", "Mamed", "available"),
        Extension("101", "Əli", "offline"),
    ]
    assert (network.last.method, network.last_target, network.last.body) == ("GET", "/vats/api/account/list", None)
    assert network.last.headers["vats-authentication"] == signed("")


def test_t12_the_sample_of_one_extension_is_read(make_pbx):
    assert make_pbx(answering(body=b"[" + printed("extension") + b"]")).extensions() == [
        Extension("100", "Mamed", "available")
    ]


def test_t12_the_sample_of_a_call_is_read(make_pbx):
    (event,) = january(make_pbx(answering(body=b"[" + printed("call_record") + b"]"))).events

    # +0300 is not Baku's offset, but it is stated (T9); two of the document's numbers are 994123102255 and -66.
    assert json.loads(event.written()) == {
        "v": 1,
        "kind": "call",
        "call_id": f"virtualats:{CALL_ID}",
        "provider": "virtualats",
        "state": "ended",
        "direction": "inbound",
        "disposition": "answered",
        "from": "+994123102255",
        "to": "+994123102266",
        "caller_name": "Azerizone",
        "extension": "100",
        "line": "+994123102266",
        "started_at": "2019-01-01T07:05:36+00:00",
        "answered_at": "2019-01-01T07:06:01+00:00",
        "ended_at": "2019-01-01T07:06:51+00:00",
        "ring_seconds": 25,
        "talk_seconds": 50,
        "recording_ref": "12345",
    }


@pytest.mark.parametrize(("sample", "wait"), [("originate", False), ("create", True)])
def test_t12_the_samples_of_a_placed_call_are_read(make_pbx, sample, wait):
    assert dial(make_pbx(answering(body=printed(sample))), wait=wait) == CALL_ID


def test_t12_the_sample_of_our_answer_has_the_form_we_answer_in():
    assert lenient_json.read(printed("webhook_answer")) == {"result": "", "errors": []}
    assert json.loads(client_module.ACKNOWLEDGED) == {"result": "success", "errors": []}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("ONLINE", "available"),
        ("OFFLINE", "offline"),
        ("DISCONNECTED", "offline"),
        ("UNMONITORED", "unknown"),
        ("ASLEEP", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_extensions_state_in_our_words(make_pbx, status, state):
    (extension,) = make_pbx(answering(body=[{"number": 100, "callerId": "A  <100>", "status": status}])).extensions()

    assert extension == Extension("100", "A", state)


def test_a_bad_extension_hides_no_other_and_is_counted(make_pbx, counted):
    pbx = make_pbx(answering(body=[{"number": ""}, {"number": "100"}]))

    assert pbx.extensions() == [Extension("100", "", "unknown")]
    assert counted == {"rows_not_understood": 1}


@pytest.mark.parametrize("header", [signed("[] "), "nonsense", "7654321:1:2"])
def test_t5_a_wrongly_signed_answer_is_reported_and_used(make_pbx, counted, header):
    assert make_pbx(answering(body=b"[]", **{"vats-authentication": header})).extensions() == []
    assert counted == {"answer_signature_wrong": 1}


def test_t5_a_wrongly_signed_answer_is_refused_where_signatures_are_required(make_pbx, counted):
    wrong = {"vats-authentication": signed("other")}

    with pytest.raises(Unintelligible):
        make_pbx(answering(body=b"[]", **wrong), require_signature=True).extensions()
    with pytest.raises(OutcomeUnknown):
        dial(make_pbx(answering(body={"value": CALL_ID}, **wrong), require_signature=True))

    assert counted == {"answer_signature_wrong": 2}


@pytest.mark.parametrize("headers", [{}, {"vats-authentication": signed("[]")}])
def test_t5_a_rightly_signed_or_unsigned_answer_is_accepted(make_pbx, counted, headers):
    assert make_pbx(answering(body=b"[]", **headers), require_signature=True).extensions() == []
    assert counted == {}


@pytest.mark.operation("virtualats storageFile/download")
def test_a_recording_is_opened_by_its_id_which_is_signed(make_pbx):
    network = answering(body=b"RIFFaudio", **{"Content-Length": "9", "Content-Type": "audio/x-wav"})

    with make_pbx(network).recording("12345") as recording:
        content = b"".join(recording.chunks)

    assert (content, recording.size) == (b"RIFFaudio", 9)
    assert (network.last.method, network.last_target) == ("GET", "/vats/api/storageFile/download/12345")
    assert network.last.body is None
    assert network.last.headers["vats-authentication"] == signed("12345")


def test_t6_the_download_link_carries_all_three_parts(make_pbx):
    assert make_pbx().download_query("12345") == (
        f"vats-authentication=1234567%3A{TOKEN}%3Afbec3fb2b2696e7f63fb5df8adabf08e2c6e22a1"
    )


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (404, {}, NoRecording),
        (401, {}, CredentialsRefused),
        (500, {}, Unintelligible),
        (302, {"Location": "https://elsewhere.example/"}, Unintelligible),
        (200, {"Content-Type": "text/html; charset=utf-8"}, Unintelligible),
        (200, {"Content-Type": "application/json"}, Unintelligible),
        (200, {"Content-Length": str(3 * 1024**3)}, Unintelligible),
    ],
)
def test_what_is_no_recording_is_not_opened(make_pbx, status, headers, error):
    with pytest.raises(error), make_pbx(answering(status, b"x", **headers)).recording("12345"):
        pytest.fail("opened")


@pytest.mark.parametrize("ref", ["", ".", "..", "a..b", "a/b", "a?b", "a%2f", "1" * 129, "1\n"])
def test_a_reference_that_is_no_id_is_never_asked_for(make_pbx, ref):
    network = answering()

    with pytest.raises(NoRecording), make_pbx(network).recording(ref):
        pytest.fail("opened")

    assert network.requests == []


def test_a_recording_of_unknown_size_is_capped_while_it_streams(make_pbx, monkeypatch):
    monkeypatch.setattr("santral.providers.downloads.DOWNLOAD_LIMIT", 100)

    with make_pbx(answering(body=b"x" * 101)).recording("12345") as recording, pytest.raises(Unintelligible):
        list(recording.chunks)


SECRET = {"public_key": "p", "secret_key": "s", "crm_api_key": "c", "webhook_tokens": ["t"]}


def test_the_documents_address_is_the_default():
    assert VirtualAts.Credentials.model_validate(SECRET).base_url == "https://web.vats.az/vats/api"


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_tokens": []},
        {"webhook_tokens": [""]},
        {"crm_api_key": ""},
        {"allow_http": True},
        {"base_url": "http://web.vats.az/vats/api"},
        {"options": {"sign_query": "all"}},
        {"options": {"strict": True}},
    ],
)
def test_a_secret_with_wrong_or_unknown_keys_is_refused(changes):
    with pytest.raises(ValidationError):
        VirtualAts.Credentials.model_validate(SECRET | changes)


def test_credentials_print_without_their_secrets():
    credentials = VirtualAts.Credentials.model_validate_json(json.dumps(SECRET | {"secret_key": "hush-hush"}))

    assert "hush-hush" not in repr(credentials)
