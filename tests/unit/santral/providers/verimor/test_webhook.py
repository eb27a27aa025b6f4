# The numbers M5 to M11 are those of the open points in santral.providers.verimor.
import json
from urllib.parse import urlencode

import pytest

from santral.calls import CallState, Direction, Disposition, Facts
from santral.campaigns import CampaignResultEvent
from santral.errors import NotAuthentic, NotUnderstood
from santral.providers.ports import Acknowledgement, Webhook
from santral.providers.verimor.calls import CallNotification

CALL = "358c20bc-fd86-11e5-87a2-157d41a07454"
FORM = "application/x-www-form-urlencoded"

HANGUP = {
    "event_type": "hangup",
    "domain_id": "429",
    "direction": "inbound",
    "caller_id_number": "02123205062",
    "outbound_caller_id_number": "",
    "destination_number": "902129876543",
    "dialed_user": "1001",
    "connected_user": "1001",
    "call_uuid": CALL,
    "start_stamp": "2026-01-15 12:30:32",
    "answer_stamp": "2026-01-15 12:30:40",
    "end_stamp": "2026-01-15 12:31:15",
    "duration": "35",
    "recording_present": "true",
    "answered": "true",
    "queue": "",
    "queue_wait_duration": "",
    "sip_hangup_disposition": "caller",
    "hangup_cause": "NORMAL_CLEARING",
    "failure_status": "",
    "failure_phrase": "",
}
OUTBOUND = {
    **HANGUP,
    "direction": "outbound",
    "caller_id_number": "1001",
    "outbound_caller_id_number": "902129876543",
    "destination_number": "05321234567",
    "dialed_user": "",
    "connected_user": "",
}


def form(fields):
    return urlencode(fields).encode()


def told(pbx, fields):
    (event,) = pbx.events(Webhook({"content-type": FORM}, form(fields)))
    return event


def call_event(**changes):
    return CallNotification.model_validate({**HANGUP, **changes}).event()


# --- call events ------------------------------------------------------------------------------------------------------


@pytest.mark.operation("verimor call event webhook")
def test_the_end_of_a_call_in_our_words(make_pbx):
    event = told(make_pbx(), HANGUP)

    assert event.model_dump(by_alias=True, exclude_none=True, mode="json") == {
        "v": 1,
        "kind": "call",
        "call_id": f"verimor:{CALL}",
        "provider": "verimor",
        "state": "ended",
        "direction": "inbound",
        "disposition": "answered",
        "from": "+902123205062",
        "to": "+902129876543",
        "extension": "1001",
        "line": "+902129876543",
        "started_at": "2026-01-15T09:30:32+00:00",
        "answered_at": "2026-01-15T09:30:40+00:00",
        "ended_at": "2026-01-15T09:31:15+00:00",
        "ring_seconds": 8,
        "talk_seconds": 35,
        "recording_ref": CALL,
    }


def test_an_event_written_without_encoding_is_read(make_pbx):
    body = (
        b"event_type=ringing&domain_id=101&direction=inbound&caller_id_number=02123205062&outbound_caller_id_number="
        b"&destination_number=1001&dialed_user=1001&call_uuid=1234&start_stamp=2016-01-01 00:00:00"
    )

    (event,) = make_pbx().events(Webhook({}, body))

    assert (event.call_id, event.state, event.extension, event.disposition) == (
        "verimor:1234",
        CallState.RINGING,
        "1001",
        None,
    )


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ringing", CallState.RINGING),
        ("answer", CallState.ANSWERED),
        ("answered", CallState.ANSWERED),
        ("Answer", CallState.ANSWERED),
        ("hangup", CallState.ENDED),
    ],
)
def test_how_far_each_event_says_the_call_is(word, state):
    assert call_event(event_type=word).state is state


def test_an_answer_tells_when_and_no_end():
    event = call_event(event_type="answer")

    assert (event.disposition, event.answered_at.isoformat()) == (Disposition.ANSWERED, "2026-01-15T09:30:40+00:00")
    assert (event.ended_at, event.talk_seconds, event.recording_ref) == (None, None, None)


def test_a_leg_that_ends_is_never_the_calls_end():
    leg = call_event(event_type="user_hangup", answered="false", hangup_cause="LOSE_RACE", connected_user="1005")

    assert (leg.state, leg.disposition, leg.extension, leg.ended_at) == (CallState.RINGING, None, None, None)
    before = Facts.of(call_event(event_type="answer"))
    assert before.joined(Facts.of(leg)) == before


@pytest.mark.parametrize(
    ("connected", "dialed", "extension"), [("1002", "1001", "1002"), ("", "1001", "1001"), ("", "", None)]
)
def test_who_picked_the_call_up_wins_over_who_was_dialled(connected, dialed, extension):
    assert call_event(connected_user=connected, dialed_user=dialed).extension == extension


def test_an_outgoing_call_has_our_line_and_the_callers_extension():
    event = CallNotification.model_validate(OUTBOUND).event()

    assert (event.direction, event.extension, event.line, event.from_, event.to) == (
        Direction.OUTBOUND,
        "1001",
        "+902129876543",
        "1001",
        "+905321234567",
    )


@pytest.mark.parametrize(
    ("changes", "campaign_id"),
    [
        ({"caller_id_number": "902129876543"}, "verimor:-"),
        ({"caller_id_number": "02129876543", "connected_user": "1001"}, "verimor:-"),
        ({}, None),
        ({"caller_id_number": "02129876543", "outbound_caller_id_number": ""}, None),
        ({"caller_id_number": "", "outbound_caller_id_number": ""}, None),
        ({"caller_id_number": "1001", "outbound_caller_id_number": "1001"}, None),
        ({"caller_id_number": "902129876543", "direction": "inbound"}, None),
    ],
)
def test_a_call_from_our_own_outside_number_is_a_campaigns(changes, campaign_id):
    assert CallNotification.model_validate({**OUTBOUND, **changes}).event().campaign_id == campaign_id


def test_an_internal_call_has_no_line():
    event = call_event(direction="internal", caller_id_number="1002", destination_number="1001")

    assert (event.direction, event.line, event.extension) == (Direction.INTERNAL, None, "1001")


def test_a_queues_number_is_nobodys_extension():
    event = call_event(destination_number="201", queue="201", dialed_user="", connected_user="")

    assert (event.queue, event.extension) == ("201", None)


@pytest.mark.parametrize(
    ("changes", "disposition", "reason"),
    [
        ({}, Disposition.ANSWERED, None),
        ({"answered": "t"}, Disposition.ANSWERED, None),
        ({"answered": "false"}, Disposition.NO_ANSWER, None),
        ({"answered": "f", "hangup_cause": "USER_BUSY"}, Disposition.BUSY, None),
        ({"answered": "f", "hangup_cause": "ORIGINATOR_CANCEL"}, Disposition.NO_ANSWER, "canceled"),
        ({"answered": "f", "failure_status": "CALL_REJECTED"}, Disposition.REJECTED, None),
        ({"answered": "f", "failure_status": "486", "failure_phrase": "Meşgul"}, Disposition.BUSY, None),
        ({"answered": "f", "failure_phrase": "Hatalı Numara"}, Disposition.FAILED, "wrong_number"),
        ({"answered": "f", "hangup_cause": "WARP_DRIVE"}, Disposition.UNKNOWN, "WARP_DRIVE"),
        ({"answered": "f", "hangup_cause": ""}, Disposition.NO_ANSWER, None),
        ({"answered": "", "hangup_cause": "LOSE_RACE"}, Disposition.ANSWERED, None),
        ({"answered": "", "duration": "0", "answer_stamp": ""}, Disposition.NO_ANSWER, None),
        ({"answered": "", "duration": "", "answer_stamp": ""}, Disposition.ANSWERED, None),
        ({"answered": "", "duration": "", "answer_stamp": "", "hangup_cause": ""}, None, None),
    ],
)
def test_the_answered_flag_counts_first_then_talk_then_the_words(changes, disposition, reason):
    event = call_event(**changes)

    assert (event.disposition, event.reason) == (disposition, reason)


def test_a_missed_call_talked_to_nobody_however_long_the_greeting_was():
    event = call_event(answered="false")

    assert (event.answered_at, event.talk_seconds, event.ring_seconds) == (None, 0, 43)
    assert Facts.of(event).disposition is Disposition.NO_ANSWER


@pytest.mark.parametrize("present", ["false", "f", "deleted", ""])
def test_m5_without_a_recording_there_is_no_reference(present):
    assert call_event(recording_present=present).recording_ref is None


@pytest.mark.parametrize(
    ("stamp", "utc"),
    [
        ("2026-01-15 12:30:40", "2026-01-15T09:30:40+00:00"),
        ("2026-01-15 12:30:40 +0200", "2026-01-15T10:30:40+00:00"),
        ("2026-01-15 12:30:40 -0330", "2026-01-15T16:00:40+00:00"),
        ("2026-01-15 12:30:40  0300", "2026-01-15T09:30:40+00:00"),
        ("2026-01-15 12:30:40 UTC", "2026-01-15T12:30:40+00:00"),
        ("2026-01-15T12:30:40Z", "2026-01-15T12:30:40+00:00"),
        ("2026-01-15T12:30:40.123+03:00", "2026-01-15T09:30:40+00:00"),
    ],
)
def test_m6_times_in_every_form_and_istanbuls_without_a_zone(stamp, utc):
    assert call_event(answer_stamp=stamp).answered_at.isoformat() == utc


@pytest.mark.parametrize("stamp", ["yesterday", "2026-02-30 00:00:00", "2026-01-15 25:00:00", "0000-00-00 00:00:00"])
def test_m6_a_time_that_cannot_be_read_is_left_out(stamp):
    event = call_event(start_stamp=stamp)

    assert (event.started_at, event.state) == (None, CallState.ENDED)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("35", 35), (35, 35), ("00:00:35", 35), ("0:0:35", 35), ("1:02:03", 3723), (35.0, 35), (" 35 ", 35)],
)
def test_m7_durations_in_seconds_or_as_a_clock_shows_them(duration, seconds):
    assert call_event(duration=duration).talk_seconds == seconds


@pytest.mark.parametrize("duration", ["", "soon", "-5", None, True, "1:2", [35]])
def test_m7_a_duration_that_cannot_be_read_is_left_out(duration):
    assert call_event(duration=duration).talk_seconds is None


def test_the_payload_examples_names_mean_the_same():
    ringing = {
        "event": "ringing",
        "call_id": "call-123456",
        "caller_number": "+905111111112",
        "called_number": "1001",
        "timestamp": "2026-01-01T12:00:00Z",
    }
    answered = {**ringing, "event": "answered", "answer_time": "2026-01-01T12:00:05Z"}
    ended = {**ringing, "event": "hangup", "duration": 120, "hangup_cause": "NORMAL_CLEARING"}

    events = [CallNotification.model_validate(fields).event() for fields in (ringing, answered, ended)]

    assert [event.state for event in events] == [CallState.RINGING, CallState.ANSWERED, CallState.ENDED]
    assert {event.call_id for event in events} == {"verimor:call-123456"}
    assert {(event.direction, event.from_, event.extension) for event in events} == {
        (Direction.INBOUND, "+905111111112", "1001")
    }
    assert events[1].answered_at.isoformat() == "2026-01-01T12:00:05+00:00"
    assert (events[2].disposition, events[2].talk_seconds) == (Disposition.ANSWERED, 120)


@pytest.mark.parametrize(
    ("caller", "called", "direction"),
    [
        ("1001", "05321234567", Direction.OUTBOUND),
        ("05321234567", "1001", Direction.INBOUND),
        ("1001", "1002", Direction.INTERNAL),
        ("05321234567", "02129876543", None),
        ("", "1001", None),
    ],
)
def test_without_a_direction_the_numbers_tell_it(caller, called, direction):
    assert call_event(direction="", caller_id_number=caller, destination_number=called).direction is direction


# --- forms, JSON and whose they are -----------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{}", b" { }\r\n", b"\n"])
def test_a_probe_tells_nothing(make_pbx, body):
    assert make_pbx(domain_id="429").events(Webhook({"content-type": FORM}, body)) == []


@pytest.mark.parametrize("content_type", [FORM, "application/json", ""])
def test_m10_json_means_the_same_as_a_form_whatever_the_header_says(make_pbx, content_type):
    pbx, headers = make_pbx(), {"content-type": content_type}

    as_json = pbx.events(Webhook(headers, json.dumps({**HANGUP, "duration": 35, "answered": True}).encode()))

    assert as_json == pbx.events(Webhook(headers, form(HANGUP)))


def test_m10_of_a_field_that_comes_twice_the_first_counts(make_pbx):
    (event,) = make_pbx().events(Webhook({}, form(HANGUP) + b"&event_type=ringing&duration=99"))

    assert (event.state, event.talk_seconds) == (CallState.ENDED, 35)


def test_unknown_fields_are_passed_over(make_pbx):
    assert told(make_pbx(), {**HANGUP, "weather": "fine"}) == told(make_pbx(), HANGUP)


@pytest.mark.parametrize(
    ("token", "ours"), [("new-token", True), ("old-token", True), ("", False), ("new-toke", False), ("\udcff", False)]
)
def test_every_configured_path_token_opens_the_door(make_pbx, token, ours):
    assert make_pbx().authentic(token) is ours


def test_addresses_told_from_now_on_carry_the_newest_token(make_pbx):
    assert make_pbx().newest_token == "new-token"


@pytest.mark.parametrize("fields", [HANGUP, {"notification_id": "1", "domain_id": "429"}])
def test_another_pbx_is_not_authentic(make_pbx, fields):
    with pytest.raises(NotAuthentic):
        told(make_pbx(domain_id="430"), fields)


@pytest.mark.parametrize("domain_id", [None, "429"])
def test_the_pbx_itself_is_authentic_and_one_that_is_not_named_too(make_pbx, domain_id):
    pbx = make_pbx(domain_id=domain_id)

    assert told(pbx, HANGUP) == told(pbx, {**HANGUP, "domain_id": ""})


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"hello",
        b"null",
        b"[]",
        b'{"event_type": "hangup"',
        b'{"a": 1, "a": 2}',
        b'{"a":' * 100_000,
        b"&".join(b"a=1" for _ in range(300)),
        b"event_type=hangup",
    ],
)
def test_a_body_that_cannot_be_read_is_not_understood(make_pbx, body):
    with pytest.raises(NotUnderstood):
        make_pbx().events(Webhook({}, body))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"call_uuid": "../secret"}, "call_uuid"),
        ({"event_type": "secret"}, "event_type"),
        ({"caller_id_number": "9" * 1001}, "caller_id_number"),
    ],
)
def test_what_is_not_understood_names_its_fields_and_quotes_nothing(make_pbx, changes, fields):
    with pytest.raises(NotUnderstood) as refusal:
        told(make_pbx(), {**HANGUP, **changes})

    assert str(refusal.value) == f"not understood: {fields}"


def test_a_body_kept_from_long_ago_is_read_as_it_would_have_been(make_pbx):
    pbx = make_pbx(domain_id="429")

    assert pbx.events_kept(form(HANGUP)) == [told(pbx, HANGUP)]
    with pytest.raises(NotAuthentic):
        pbx.events_kept(form({**HANGUP, "domain_id": "430"}))


def test_the_acknowledgement_is_a_plain_ok(make_pbx):
    assert make_pbx().acknowledgement() == Acknowledgement("OK", {"content-type": "text/plain"})


def test_equal_notifications_are_equal_events(make_pbx):
    pbx = make_pbx()

    assert told(pbx, HANGUP).fingerprint() == told(pbx, HANGUP).fingerprint()


# --- campaign results -------------------------------------------------------------------------------------------------

RESULT = {
    "notification_id": "5",
    "notification_date": "2017-05-10 13:18:56 UTC",
    "domain_id": "429",
    "ivr_campaign_id": "131",
    "ivr_campaign_name": "Memnuniyet anketi",
    "ivr_lead_id": "1878",
    "phone": "905321234567",
    "digit": "2",
    "status": "Başarılı",
    "call_uuid": "aacdb242-364b-11e7-8bed-c9aec7093786",
}


@pytest.mark.operation("verimor ivr_campaigns result webhook")
def test_the_documents_result_as_printed(make_pbx, printed):
    (event,) = make_pbx(domain_id="429").events(Webhook({}, printed("campaign_result")))

    assert isinstance(event, CampaignResultEvent)
    assert event.model_dump(exclude_none=True, mode="json") == {
        "v": 1,
        "kind": "campaign_result",
        "provider": "verimor",
        "campaign_id": "verimor:131",
        "notification_id": "5",
        "lead_id": "1878",
        "phone": "+905321234567",
        "name": "Memnuniyet anketi",
        "status": "Başarılı",
        "disposition": "answered",
        "digit": "2",
        "call_id": "verimor:aacdb242-364b-11e7-8bed-c9aec7093786",
        "told_at": "2017-05-10T13:18:56+00:00",
    }
    assert told(make_pbx(), RESULT) == event


@pytest.mark.parametrize(
    ("digit", "status", "expected"),
    [
        *(((str(digit), "Cevaplandı", (str(digit), None, Disposition.ANSWERED))) for digit in range(10)),
        ("-", "Cevaplandı", (None, "no_digit", Disposition.ANSWERED)),
        ("-", "", (None, "no_digit", Disposition.ANSWERED)),
        ("-", "Hata", (None, "error", Disposition.FAILED)),
        ("!4", "Cevaplandı", ("4", "invalid_digit", Disposition.ANSWERED)),
        ("!*", "Cevaplandı", ("star", "invalid_digit", Disposition.ANSWERED)),
        ("*", "Cevaplandı", ("star", None, Disposition.ANSWERED)),
        ("star", "Cevaplandı", ("star", None, Disposition.ANSWERED)),
        ("#", "Cevaplandı", ("square", None, Disposition.ANSWERED)),
        ("square", "Cevaplandı", ("square", None, Disposition.ANSWERED)),
        ("7", "Hata", ("7", None, Disposition.ANSWERED)),
        ("", "Cevaplandı", (None, None, Disposition.ANSWERED)),
        ("", "Meşgul", (None, None, Disposition.BUSY)),
        ("", "Cevapsız", (None, None, Disposition.NO_ANSWER)),
        ("", "Ulaşılamıyor", (None, "unreachable", Disposition.NO_ANSWER)),
        ("", "İYS izni yok", (None, "no_consent", Disposition.REJECTED)),
        ("", "", (None, None, Disposition.UNKNOWN)),
        ("", "Yeni bir durum", (None, "Yeni bir durum", Disposition.UNKNOWN)),
    ],
)
def test_every_form_of_digit_and_status(make_pbx, digit, status, expected):
    event = told(make_pbx(), {**RESULT, "digit": digit, "status": status})

    assert (event.digit, event.reason, event.disposition) == expected


def test_a_result_without_a_digit_at_all_is_one_of_a_queue_campaign(make_pbx):
    fields = {name: value for name, value in RESULT.items() if name != "digit"}

    assert told(make_pbx(), {**fields, "status": "Cevaplandı"}).disposition is Disposition.ANSWERED


@pytest.mark.parametrize("call_uuid", ["", "../x", None])
def test_a_result_without_a_usable_call_has_none(make_pbx, call_uuid):
    assert told(make_pbx(), {**RESULT, "call_uuid": call_uuid or ""}).call_id is None


@pytest.mark.parametrize("field", ["notification_id", "ivr_campaign_id", "ivr_lead_id"])
def test_a_result_that_cannot_be_placed_is_not_understood(make_pbx, field):
    with pytest.raises(NotUnderstood, match=field):
        told(make_pbx(), {**RESULT, field: "../1"})


@pytest.mark.parametrize("digit", ["12", "!", "--", "x"])
def test_an_unknown_digit_is_not_understood(make_pbx, digit):
    with pytest.raises(NotUnderstood, match="digit"):
        told(make_pbx(), {**RESULT, "digit": digit})


def test_m10_a_result_may_come_as_json_with_numbers(make_pbx):
    as_json = {**RESULT, "notification_id": 5, "ivr_campaign_id": 131, "ivr_lead_id": 1878, "domain_id": 429}

    (event,) = make_pbx(domain_id="429").events(Webhook({}, json.dumps(as_json).encode()))

    assert event == told(make_pbx(), RESULT)
