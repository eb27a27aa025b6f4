from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from santral.calls import CallState, Direction, Disposition, Facts
from santral.providers.virtualats import call_object
from santral.providers.virtualats.call_object import CallObject, Notification

SAMPLE = {
    "callDate": "1.01.2019 10:05:36+0300",
    "callerId": "Azerizone  <994124886606>",
    "callId": "3489655c982f4e46b9c9ca975b031781",
    "source": "994123102255",
    "destination": "994123102266",
    "answeredNumber": "100",
    "duration": "75",
    "talkTime": "50",
    "direction": "INBOUND",
    "disposition": "ANSWERED",
    "recordConversation": "https://web.vats.az/vats/api/storageFile/download/12345",
}


def call(**changes):
    return CallObject.model_validate({**SAMPLE, **changes}).event()


def told(state, **changes):
    return Notification.model_validate({**SAMPLE, "state": state, **changes}).told()


@pytest.fixture
def counted(monkeypatch):
    names = []
    monkeypatch.setattr(call_object, "count", names.append)
    return names


def test_the_documents_sample_in_our_words():
    event = call()

    assert event.model_dump(by_alias=True, exclude_none=True) == {
        "v": 1,
        "kind": "call",
        "call_id": "virtualats:3489655c982f4e46b9c9ca975b031781",
        "provider": "virtualats",
        "state": CallState.ENDED,
        "direction": Direction.INBOUND,
        "disposition": Disposition.ANSWERED,
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


@pytest.mark.parametrize(
    ("state", "disposition", "expected"),
    [
        ("NEW", "RING", CallState.RINGING),
        ("NEW", "ANSWERED", CallState.RINGING),
        ("UPDATE", "RING", CallState.RINGING),
        ("UPDATE", "BUSY", CallState.RINGING),
        ("UPDATE", "ANSWERED", CallState.ANSWERED),
        ("HANGUP", "RING", CallState.ENDED),
        ("HANGUP", "ANSWERED", CallState.ENDED),
        ("hangup", "ANSWERED", CallState.ENDED),
    ],
)
def test_only_an_update_that_says_answered_is_an_answer(state, disposition, expected):
    assert told(state, disposition=disposition).state is expected


def test_times_are_told_by_finished_calls_alone():
    event = told("UPDATE")

    assert (event.answered_at, event.ended_at, event.ring_seconds, event.talk_seconds) == (None, None, None, None)


@pytest.mark.parametrize(
    ("word", "disposition", "reason"),
    [
        ("ANSWERED", Disposition.ANSWERED, None),
        ("answered", Disposition.ANSWERED, None),
        ("NO_ANSWERED", Disposition.NO_ANSWER, None),
        ("NO ANSWERED", Disposition.NO_ANSWER, None),
        ("NO_ANSWER", Disposition.NO_ANSWER, None),
        ("no-answer", Disposition.NO_ANSWER, None),
        ("NOANSWER", Disposition.NO_ANSWER, None),
        ("BUSY", Disposition.BUSY, None),
        ("FAILED", Disposition.FAILED, None),
        ("RING", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_dispositions_are_known_in_any_spelling(word, disposition, reason):
    event = call(disposition=word)

    assert (event.disposition, event.reason) == (disposition, reason)


def test_t14_an_unknown_disposition_is_unknown_and_kept_as_the_reason():
    event = call(disposition="VOICE_MAIL")

    assert (event.disposition, event.reason) == (Disposition.UNKNOWN, "VOICE_MAIL")


def test_t14_an_unknown_direction_is_left_open_and_counted(counted):
    assert call(direction="SIDEWAYS").direction is None
    assert counted == ["direction_not_understood"]


def test_two_extensions_talking_are_an_internal_call():
    event = call(source="101", destination="102", direction="OUTBOUND")

    assert event.direction is Direction.INTERNAL
    assert event.line is None


def test_an_outbound_call_is_the_calling_extensions():
    event = call(
        source="101", destination="994557967473", direction="OUTBOUND", answeredNumber="", callerId="Ayşe <101>"
    )

    assert (event.direction, event.extension, event.line) == (Direction.OUTBOUND, "101", None)
    assert event.caller_name is None


def test_an_outbound_call_that_shows_a_number_tells_our_line():
    event = call(source="994124886606", destination="994557967473", direction="OUTBOUND")

    assert (event.extension, event.line) == ("100", "+994124886606")


def test_an_outside_number_that_answered_is_no_extension_of_ours():
    assert call(source="101", destination="x", direction="OUTBOUND", answeredNumber="994557967473").extension == "101"


@pytest.mark.parametrize(
    ("caller_id", "name"),
    [
        ("Hüseyn  <994557967473>", "Hüseyn"),
        ("Hüseyn <994557967473>", "Hüseyn"),
        ('"Əli Məmmədov" <994557967473>', "Əli Məmmədov"),
        ("Hüseyn", "Hüseyn"),
        ("<994557967473>", None),
        ("994557967473 <994557967473>", None),
        ("+994 55 796 74 73", None),
        ("", None),
        (None, None),
    ],
)
def test_the_callers_name_is_what_stands_before_the_number(caller_id, name):
    assert call(callerId=caller_id).caller_name == name


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("1.01.2019 10:05:36+0300", datetime(2019, 1, 1, 7, 5, 36, tzinfo=UTC)),
        ("01.01.2019 10:05:36+0300", datetime(2019, 1, 1, 7, 5, 36, tzinfo=UTC)),
        ("1.1.2019 10:05:36+03:00", datetime(2019, 1, 1, 7, 5, 36, tzinfo=UTC)),
        ("31.12.2018 23:59:59 -0130", datetime(2019, 1, 1, 1, 29, 59, tzinfo=UTC)),
        ("1.01.2019 10:05:36Z", datetime(2019, 1, 1, 10, 5, 36, tzinfo=UTC)),
        ("1.01.2019\u00a010:05:36 +0400", datetime(2019, 1, 1, 6, 5, 36, tzinfo=UTC)),
        (" 1.01.2019 9:05:36+0000 ", datetime(2019, 1, 1, 9, 5, 36, tzinfo=UTC)),
    ],
)
def test_t10_dates_come_with_one_or_two_digits_and_any_offset(written, moment):
    assert call(callDate=written).started_at == moment


def test_t9_a_stated_offset_counts_though_it_is_not_bakus():
    assert call(callDate="1.01.2019 10:05:36+0300").started_at == datetime(2019, 1, 1, 7, 5, 36, tzinfo=UTC)


def test_t9_a_time_without_an_offset_is_bakus():
    assert call(callDate="1.01.2019 10:05:36").started_at == datetime(2019, 1, 1, 6, 5, 36, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "seconds"), [("75", 75), (" 75 ", 75), (75, 75), ("", None), (None, None), ("0", 0), (0, 0)]
)
def test_t11_seconds_come_as_text_number_empty_or_null(written, seconds):
    assert CallObject.model_validate({**SAMPLE, "duration": written}).duration == seconds


def test_a_call_nobody_answered_only_rang():
    event = call(duration="30", talkTime="0", disposition="NO_ANSWERED", answeredNumber=None)

    assert (event.ring_seconds, event.talk_seconds, event.answered_at) == (30, 0, None)
    assert event.ended_at == datetime(2019, 1, 1, 7, 6, 6, tzinfo=UTC)


def test_a_talk_longer_than_its_call_rang_no_time():
    event = call(duration="10", talkTime="12")

    assert (event.ring_seconds, event.talk_seconds, event.answered_at) == (0, 12, event.started_at)


def test_a_call_of_unknown_length_tells_no_end():
    event = call(duration="", talkTime="50")

    assert (event.ended_at, event.ring_seconds, event.talk_seconds) == (None, None, 50)


@pytest.mark.parametrize(
    ("url", "ref"),
    [
        ("https://web.vats.az/vats/api/storageFile/download/12345", "12345"),
        (" https://web.vats.az/vats/api/storageFile/download/12345 ", "12345"),
        ("https://web.vats.az/vats/api/storageFile/download/12345?vats-authentication=1%3A2%3A3", "12345"),
        ("https://elsewhere.example/any/where/12345#top", "12345"),
        ("http://169.254.169.254/latest/meta-data", "meta-data"),
        ("12345", "12345"),
        ("", None),
        (None, None),
    ],
)
def test_a_recording_is_kept_as_its_id_whatever_its_url(url, ref, counted):
    assert call(recordConversation=url).recording_ref == ref
    assert counted == []


@pytest.mark.parametrize(
    "url",
    [
        "https://web.vats.az/vats/api/storageFile/download/",
        "https://web.vats.az/download/..",
        "https://web.vats.az/download/.",
        "https://web.vats.az/download/a..b",
        "https://web.vats.az/download/12%2f345",
        "https://web.vats.az/download/çağrı",
        "https://web.vats.az/download/" + "1" * 129,
    ],
)
def test_a_recording_without_a_usable_id_is_left_out_and_counted(url, counted):
    assert call(recordConversation=url).recording_ref is None
    assert counted == ["recording_reference_not_understood"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callId", None),
        ("callId", ""),
        ("callId", "a/b"),
        ("callId", "1" * 129),
        ("callId", "abc\n"),
        ("callDate", None),
        ("callDate", ""),
        ("callDate", "2019-01-01 10:05:36"),
        ("callDate", "32.01.2019 10:05:36+0300"),
        ("callDate", "1.01.0001 10:05:36+0300"),
        ("callDate", "1.01.2019 10:05:36+9900"),
        ("duration", "soon"),
        ("duration", "-1"),
        ("duration", 1.5),
        ("duration", True),
        ("duration", 10**30),
        ("talkTime", "9" * 5000),
        ("talkTime", []),
        ("source", {}),
        ("source", "9" * 1001),
        ("disposition", ["BUSY"]),
    ],
)
def test_an_ill_typed_field_is_named(field, value):
    with pytest.raises(ValidationError) as refusal:
        CallObject.model_validate({**SAMPLE, field: value})

    assert [error["loc"] for error in refusal.value.errors()] == [(field,)]


@pytest.mark.parametrize("state", [None, "", "PAUSED", 1, ["NEW"]])
def test_an_unknown_state_is_not_guessed(state):
    with pytest.raises(ValidationError):
        told(state)


def test_texts_lose_what_no_queue_or_crm_takes():
    event = call(callerId="Hü\x00seyn\ud800 \uffff <99>")

    assert event.caller_name == "Hü seyn"
    assert event.written().isprintable()


def test_unknown_fields_are_ignored():
    assert call(queueName="sales") == call()


def test_events_of_one_call_fold_to_the_same_in_any_order():
    steps = [
        told("NEW", disposition="RING", duration="0", talkTime="0", answeredNumber=""),
        told("UPDATE", duration="25", talkTime="0"),
        told("HANGUP"),
    ]
    facts = [Facts.of(step) for step in steps]

    forward = facts[0].joined(facts[1]).joined(facts[2])
    backward = facts[2].joined(facts[1]).joined(facts[0])

    assert forward == backward
    assert forward.state is CallState.ENDED
    assert forward.seconds == {"ring_seconds": 25, "talk_seconds": 50}


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ("994124886606", "+994124886606"),
        ("0124886606", "+994124886606"),
        ("905321234567", "+905321234567"),
        ("101", "101"),
    ],
)
def test_outside_numbers_are_told_in_e164_and_extensions_as_they_are(told, ours):
    assert call(source=told).from_ == ours
