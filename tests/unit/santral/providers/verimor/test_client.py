# The numbers M1 to M12 are those of the open points in santral.providers.verimor.
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
import requests
from pydantic import ValidationError

from santral.calls import CallState, Direction, Disposition
from santral.errors import (
    Busy,
    CredentialsRefused,
    InvalidRequest,
    OutcomeUnknown,
    Rejected,
    SantralError,
    Unintelligible,
    UnknownCall,
)
from santral.providers.ports import (
    Announcement,
    DialOrder,
    Extension,
    Queue,
    QueueAgent,
    WaitingCall,
    WebhookSettings,
)
from santral.providers.verimor import Verimor
from tests.fakes import Network, answering

KEY = "K12345678-1234-5678-4321-123456789012"
CALL = "358c20bc-fd86-11e5-87a2-157d41a07454"
FORM = "application/x-www-form-urlencoded"

RECORD = {
    "start_stamp": "2026-01-15 12:30:32 +0300",
    "answer_stamp": "2026-01-15 12:30:40 +0300",
    "end_stamp": "2026-01-15 12:31:15 +0300",
    "direction": "Gelen",
    "caller_id_number": "03121234567",
    "caller_id_name": "Deniz Tekstil",
    "destination_number": "902129876543",
    "destination_name": "Dahili 1",
    "duration": "00:00:43",
    "talk_duration": "00:0:35",
    "queue": "201",
    "result": "Cevaplandı",
    "missed": "false",
    "recording_present": "true",
    "sip_hangup_disposition": "caller",
    "call_uuid": CALL,
}


def dial(pbx, **changes):
    return pbx.dial(DialOrder(**{"to": "+908505320000", "extension": "1001", **changes}))


def listed(*rows):
    return {"cdrs": list(rows), "pagination": {"page": 1, "total_count": len(rows), "total_pages": 1, "limit": 100}}


def january(pbx, **page):
    zone = timezone(timedelta(hours=3))
    since, until = datetime(2026, 1, 15, tzinfo=zone), datetime(2026, 1, 15, 23, 59, 59, tzinfo=zone)
    return pbx.history(**{"since": since, "until": until, "offset": 0, "limit": 100, **page})


def told(**changes):
    return answering(body=listed({**RECORD, **changes}))


# --- dialling ---------------------------------------------------------------------------------------------------------


@pytest.mark.operation("verimor originate")
def test_a_dial_rings_the_extension_and_returns_the_calls_uuid(make_pbx):
    network = answering(body=CALL)

    assert dial(make_pbx(network)) == CALL

    assert network.last.method == "GET"
    assert network.last_target == f"/originate?key={KEY}&extension=1001&destination=908505320000&timeout=30"
    assert network.last.body is None


def test_a_dial_abroad_has_two_zeros_before_the_country(make_pbx):
    network = answering(body=CALL)

    dial(make_pbx(network), to="+493027590915")

    assert "destination=00493027590915&" in network.last_target


def test_a_colleagues_extension_is_dialled_as_it_is(make_pbx):
    network = answering(body=CALL)

    dial(make_pbx(network), to="1002")

    assert "destination=1002&" in network.last_target


@pytest.mark.parametrize(
    ("asked", "default", "sent"),
    [
        ("902129630131", None, "caller_id=902129630131&"),
        ("0212 963 01 31", None, "caller_id=902129630131&"),
        (None, "02129630131", "caller_id=902129630131&"),
        ("+908505320000", "02129630131", "caller_id=908505320000&"),
    ],
)
def test_the_caller_id_asked_for_wins_over_the_tenants(make_pbx, asked, default, sent):
    network = answering(body=CALL)

    dial(make_pbx(network, default_caller_id=default), caller_id=asked)

    assert sent in network.last_target


def test_m9_without_any_caller_id_the_extensions_own_shows(make_pbx):
    network = answering(body=CALL)

    dial(make_pbx(network))

    assert "caller_id" not in network.last_target


@pytest.mark.parametrize("caller_id", ["anonymous", "+", "12", "<script>"])
def test_a_caller_id_that_is_no_number_is_never_sent(make_pbx, caller_id):
    network = answering(body=CALL)

    with pytest.raises(InvalidRequest) as refused:
        dial(make_pbx(network), caller_id=caller_id)

    assert [error.field for error in refused.value.errors] == ["caller_id"]
    assert network.requests == []


def test_m8_how_long_to_ring_is_always_sent(make_pbx):
    network = answering(body=CALL)

    dial(make_pbx(network))

    assert network.last_target.endswith("&timeout=30")


@pytest.mark.parametrize(
    "body",
    [
        CALL,
        f"\n {CALL}\r\n",
        json.dumps(CALL),
        json.dumps({"call_uuid": CALL}),
        json.dumps({"status": "ok", "uuid": CALL}),
    ],
)
def test_m4_an_answer_means_the_same_as_text_as_json_text_and_in_an_object(make_pbx, body):
    assert dial(make_pbx(answering(body=body))) == CALL


@pytest.mark.parametrize(
    "body", ["", "OK", "{}", "[]", "null", "true", "<html>busy</html>", "a/b/c/d/e", '{"call_uuid": null}', "x" * 65]
)
def test_a_dial_answered_without_a_usable_id_may_be_ringing(make_pbx, body):
    with pytest.raises(OutcomeUnknown):
        dial(make_pbx(answering(body=body)))


@pytest.mark.parametrize(
    ("body", "word"), [("extension 1005 not found", "extension"), ("destination is not allowed", "number")]
)
def test_a_refused_dial_is_told_in_a_sentence(make_pbx, body, word):
    with pytest.raises(Rejected) as refused:
        dial(make_pbx(answering(400, body)))

    assert word in refused.value.sentence
    assert body not in refused.value.sentence + str(refused.value)


# --- control of calls -------------------------------------------------------------------------------------------------


@pytest.mark.operation("verimor hangup")
def test_hanging_up_names_the_call(make_pbx):
    network = answering(body="+OK")

    make_pbx(network).hang_up(CALL)

    assert network.last.method == "GET"
    assert network.last_target == f"/hangup/{CALL}?key={KEY}"


@pytest.mark.parametrize(
    ("status", "body"), [(400, "No such channel!"), (200, "-ERR No such channel!"), (404, "no such channel")]
)
def test_hanging_up_what_is_over_is_no_error(make_pbx, status, body):
    make_pbx(answering(status, body)).hang_up(CALL)


def test_a_hang_up_refused_for_another_reason_is_an_error(make_pbx):
    with pytest.raises(Rejected):
        make_pbx(answering(400, "invalid id")).hang_up(CALL)


@pytest.mark.operation("verimor transfer")
def test_a_transfer_names_call_and_extension(make_pbx):
    network = answering(body="+OK")

    make_pbx(network).transfer(CALL, "1000")

    assert network.last.method == "GET"
    assert network.last_target == f"/transfer/{CALL}?key={KEY}&user_number=1000"


def test_a_transfer_of_a_call_that_is_over_says_so(make_pbx):
    with pytest.raises(Rejected, match="over"):
        make_pbx(answering(400, "No such channel!")).transfer(CALL, "1000")


def test_a_refused_transfer_names_the_extension_in_its_sentence(make_pbx):
    with pytest.raises(Rejected) as refused:
        make_pbx(answering(400, "user 1009 is not registered")).transfer(CALL, "1009")

    assert "extension" in refused.value.sentence


@pytest.mark.operation("verimor mute")
@pytest.mark.parametrize(("on", "state"), [(True, "on"), (False, "off")])
def test_muting_names_call_and_state(make_pbx, on, state):
    network = answering(body="+OK")

    make_pbx(network).mute(CALL, on=on)

    assert network.last.method == "GET"
    assert network.last_target == f"/mute/{CALL}?key={KEY}&state={state}"


@pytest.mark.parametrize("body", ["No such channel!", "invalid state"])
def test_a_refused_mute_is_rejected(make_pbx, body):
    with pytest.raises(Rejected):
        make_pbx(answering(400, body)).mute(CALL, on=True)


@pytest.mark.parametrize("body", ["+OK", "OK", "Ok", "+OK\n", '"OK"', "+OK accepted"])
def test_m4_every_spelling_of_ok_confirms(make_pbx, body):
    make_pbx(answering(body=body)).transfer(CALL, "1000")


@pytest.mark.parametrize("body", ["", "<html></html>", "queued", "{}", "okunamadı"])
def test_a_transfer_neither_confirmed_nor_refused_may_have_happened(make_pbx, body):
    with pytest.raises(OutcomeUnknown):
        make_pbx(answering(body=body)).transfer(CALL, "1000")


@pytest.mark.parametrize("provider_id", ["", "..", "a/b", "a b", "x" * 129, "a..b"])
def test_an_id_that_is_none_never_becomes_a_path(make_pbx, provider_id):
    network = answering(body="+OK")
    pbx = make_pbx(network)

    for act in (
        lambda: pbx.hang_up(provider_id),
        lambda: pbx.transfer(provider_id, "1000"),
        lambda: pbx.mute(provider_id, on=True),
        lambda: pbx.call(provider_id),
    ):
        with pytest.raises(UnknownCall):
            act()
    assert network.requests == []


# --- call records -----------------------------------------------------------------------------------------------------


@pytest.mark.operation("verimor cdrs")
def test_history_asks_for_whole_pages_in_utc(make_pbx, budget):
    network = answering(body=listed(RECORD))

    page = january(make_pbx(network), offset=200)

    assert network.last.method == "GET"
    assert network.last_target == (
        f"/cdrs?key={KEY}&start_stamp_from=2026-01-14+21%3A00%3A00+UTC"
        "&start_stamp_to=2026-01-15+20%3A59%3A59+UTC&limit=100&page=3"
    )
    assert budget.taken == [("cdrs", 6)]
    assert page.rows == 1


def test_a_record_in_our_words(make_pbx):
    (event,) = january(make_pbx(told())).events

    assert event.model_dump(by_alias=True, exclude_none=True, mode="json") == {
        "v": 1,
        "kind": "call",
        "call_id": f"verimor:{CALL}",
        "provider": "verimor",
        "state": "ended",
        "direction": "inbound",
        "disposition": "answered",
        "from": "+903121234567",
        "to": "+902129876543",
        "caller_name": "Deniz Tekstil",
        "line": "+902129876543",
        "queue": "201",
        "started_at": "2026-01-15T09:30:32+00:00",
        "answered_at": "2026-01-15T09:30:40+00:00",
        "ended_at": "2026-01-15T09:31:15+00:00",
        "ring_seconds": 8,
        "talk_seconds": 35,
        "recording_ref": CALL,
    }


def test_a_record_with_lost_commas_is_read(make_pbx):
    text = json.dumps(listed(RECORD)).replace('"Deniz Tekstil",', '"Deniz Tekstil"\n').replace('"Dahili 1",', '"x"\n')

    assert len(january(make_pbx(answering(body=text))).events) == 1


def test_an_outgoing_records_parties(make_pbx):
    network = told(direction="Giden (API)", caller_id_number="1001", destination_number="905321234567", queue="")

    (event,) = january(make_pbx(network)).events

    assert (event.direction, event.extension, event.to, event.line, event.caller_name) == (
        Direction.OUTBOUND,
        "1001",
        "+905321234567",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("word", "direction"),
    [
        ("Gelen", Direction.INBOUND),
        ("GELEN", Direction.INBOUND),
        ("inbound", Direction.INBOUND),
        ("Giden", Direction.OUTBOUND),
        ("Giden (API)", Direction.OUTBOUND),
        ("Giden (IVR)", Direction.OUTBOUND),
        ("outbound", Direction.OUTBOUND),
        ("Santral içi", Direction.INTERNAL),
        ("Santral ic\u0327i", Direction.INTERNAL),
        ("internal", Direction.INTERNAL),
        ("sideways", None),
    ],
)
def test_m11_directions_in_english_and_turkish(make_pbx, word, direction):
    (event,) = january(make_pbx(told(direction=word))).events

    assert event.direction is direction


@pytest.mark.parametrize(
    ("word", "campaign_id"),
    [
        ("Giden (IVR)", "verimor:-"),
        ("Giden(ivr)", "verimor:-"),
        ("Giden (API)", None),
        ("Giden", None),
        ("Gelen", None),
    ],
)
def test_a_record_tells_that_a_campaign_called_but_not_which(make_pbx, word, campaign_id):
    (event,) = january(make_pbx(told(direction=word))).events

    assert event.campaign_id == campaign_id


@pytest.mark.parametrize(
    ("changes", "disposition", "reason"),
    [
        ({}, Disposition.ANSWERED, None),
        ({"missed": "true"}, Disposition.ANSWERED, None),
        ({"missed": True, "talk_duration": "00:00:00"}, Disposition.NO_ANSWER, None),
        ({"missed": "true", "talk_duration": "", "result": "Cevapsız"}, Disposition.NO_ANSWER, None),
        ({"talk_duration": 0, "answer_stamp": None}, Disposition.NO_ANSWER, None),
        ({"talk_duration": None, "answer_stamp": None}, Disposition.ANSWERED, None),
        ({"talk_duration": 0, "answer_stamp": None, "result": "Meşgul"}, Disposition.BUSY, None),
        ({"talk_duration": 0, "answer_stamp": None, "result": "Meşgule atıldı"}, Disposition.REJECTED, None),
        ({"talk_duration": 0, "answer_stamp": None, "result": "Vazgeçildi"}, Disposition.NO_ANSWER, "canceled"),
        ({"talk_duration": 0, "answer_stamp": "", "result": "Uzaya gitti"}, Disposition.UNKNOWN, "Uzaya gitti"),
        ({"talk_duration": 0, "answer_stamp": None, "result": ""}, Disposition.NO_ANSWER, None),
        ({"talk_duration": None, "answer_stamp": None, "result": ""}, None, None),
    ],
)
def test_who_talked_was_answered_and_words_decide_the_rest(make_pbx, changes, disposition, reason):
    (event,) = january(make_pbx(told(**changes))).events

    assert (event.disposition, event.reason) == (disposition, reason)


def test_an_unanswered_record_has_no_answer_and_no_talk(make_pbx):
    changes = {"talk_duration": "00:00:00", "answer_stamp": None, "result": "Cevapsız"}

    (event,) = january(make_pbx(told(**changes))).events

    assert (event.answered_at, event.ring_seconds, event.talk_seconds) == (None, 43, 0)


def test_m5_flags_and_numbers_come_as_texts_or_as_themselves(make_pbx):
    as_texts = january(make_pbx(told(queue="201", missed="false", recording_present="true"))).events
    as_values = january(make_pbx(told(queue=201, missed=False, recording_present=True, duration=43, talk_duration=35)))

    assert as_texts == as_values.events


@pytest.mark.parametrize("present", ["false", "deleted", "", None, False])
def test_m5_a_recording_that_is_not_there_or_deleted_has_no_reference(make_pbx, present):
    (event,) = january(make_pbx(told(recording_present=present))).events

    assert event.recording_ref is None


@pytest.mark.parametrize(
    "stamp", ["017-08-03 12:30:52 +0300", "2017-08-02 13:21:35 +030", "2026-13-01 00:00:00", "soon", None, 5]
)
def test_m6_a_time_that_cannot_be_read_makes_nothing_unread(make_pbx, stamp):
    (event,) = january(make_pbx(told(start_stamp=stamp))).events

    assert event.started_at is None
    assert event.ended_at is not None


def test_m7_without_a_readable_end_the_duration_tells_it(make_pbx):
    (event,) = january(make_pbx(told(end_stamp="017-08-03 12:30:52 +0300"))).events

    assert event.ended_at == datetime(2026, 1, 15, 9, 31, 15, tzinfo=UTC)


def test_a_call_that_goes_on_is_a_row_without_an_event(make_pbx):
    page = january(make_pbx(answering(body=listed(RECORD, {**RECORD, "end_stamp": None, "result": None}))))

    assert (len(page.events), page.rows) == (1, 2)


def test_a_row_that_is_not_understood_hides_no_other(make_pbx):
    page = january(make_pbx(answering(body=listed({**RECORD, "call_uuid": "../secret"}, None, RECORD))))

    assert (len(page.events), page.rows) == (1, 3)


@pytest.mark.parametrize("page", [{"limit": 9}, {"limit": 101}, {"limit": 50, "offset": 25}])
def test_only_whole_pages_of_the_documented_size_can_be_asked_for(make_pbx, page):
    with pytest.raises(ValueError, match="limit"):
        january(make_pbx(answering()), **page)


def test_more_than_31_days_are_refused_before_anything_is_asked(make_pbx, budget):
    with pytest.raises(InvalidRequest):
        january(make_pbx(answering()), until=datetime(2026, 3, 1, tzinfo=UTC))

    assert budget.taken == []


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"cdrs": {}}', "null", "nonsense"])
def test_a_list_that_cannot_be_read_is_unintelligible(make_pbx, body):
    with pytest.raises(Unintelligible):
        january(make_pbx(answering(body=body)))


def test_history_leaves_a_share_of_the_limit_to_people():
    assert Verimor.history_budget.rows in range(10, 101)
    assert Verimor.history_budget.requests < 6


LEGS = [
    {"destination_number": "1003", "result": "Diğer dahili cevapladı"},
    {"destination_number": "1001", "result": "Cevaplandı", "read_code": "PCMA"},
    {"destination_number": "1000", "result": "Cevaplandı", "read_codec": " PCMU"},
]


@pytest.mark.operation("verimor cdrs detail")
def test_a_calls_detail_tells_who_took_it_and_to_whom_it_was_handed(make_pbx, budget):
    network = answering(body={"cdr": RECORD, "call_flow": LEGS})

    event = make_pbx(network).call(CALL)

    assert network.last.method == "GET"
    assert network.last_target == f"/cdrs/{CALL}?key={KEY}"
    assert budget.taken == [("cdrs", 6)]
    assert (event.state, event.extension, event.transferred_to) == (CallState.ENDED, "1001", "1000")


def test_a_call_that_nobody_handed_on_has_no_other_extension(make_pbx):
    event = make_pbx(answering(body={"cdr": RECORD, "call_flow": LEGS[:2]})).call(CALL)

    assert (event.extension, event.transferred_to) == ("1001", None)


@pytest.mark.parametrize("flow", [None, [], "x", [None, {"destination_number": {}}]])
def test_a_detail_without_usable_legs_is_still_a_call(make_pbx, flow):
    assert make_pbx(answering(body={"cdr": RECORD, "call_flow": flow})).call(CALL).extension is None


@pytest.mark.parametrize("status", [404, 400])
def test_an_unknown_call_is_told_as_such_whichever_status_says_so(make_pbx, status):
    with pytest.raises(UnknownCall):
        make_pbx(answering(status, f"cannot find call with call_uuid {CALL}")).call(CALL)


def test_a_call_that_goes_on_has_no_record_yet(make_pbx):
    with pytest.raises(UnknownCall):
        make_pbx(answering(body={"cdr": {**RECORD, "end_stamp": "", "result": ""}})).call(CALL)


@pytest.mark.parametrize("body", ["[]", "{}", "null", '{"cdr": 5}', "nonsense"])
def test_a_detail_that_cannot_be_read_is_unintelligible(make_pbx, body):
    with pytest.raises(Unintelligible):
        make_pbx(answering(body=body)).call(CALL)


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.operation("verimor caller_ids")
def test_caller_ids_as_verimor_writes_them(make_pbx, budget):
    network = answering(body=["908501234567", 902121234567])

    assert make_pbx(network).caller_ids() == ["908501234567", "902121234567"]

    assert (network.last.method, network.last_target) == ("GET", f"/caller_ids?key={KEY}")
    assert budget.taken == []


def test_a_check_is_one_read_without_a_limit_of_its_own(make_pbx, budget):
    network = answering(body=[])

    make_pbx(network).check()

    assert (len(network.requests), budget.taken) == (1, [])


@pytest.mark.operation("verimor announcements")
def test_announcements_with_their_numbers(make_pbx):
    network = answering(body=[{"id": 112, "name": "Firmamıza hoşgeldiniz"}, {"id": "113", "name": None}])

    assert make_pbx(network).announcements() == [
        Announcement("112", "Firmamıza hoşgeldiniz"),
        Announcement("113", ""),
    ]

    assert (network.last.method, network.last_target) == ("GET", f"/announcements?key={KEY}")


@pytest.mark.operation("verimor queues")
def test_queues_with_their_numbers(make_pbx, budget):
    network = answering(body=[{"number": 200, "name": "Destek"}])

    assert make_pbx(network).queues() == [Queue("200", "Destek")]

    assert (network.last.method, network.last_target) == ("GET", f"/queues?key={KEY}")
    assert budget.taken == [("queues", 10)]


@pytest.mark.operation("verimor queue/user_list")
def test_a_queues_members_in_their_order(make_pbx, budget):
    network = answering(body=[{"user": 1006, "name": "DAHİLİ-3"}, {"user": 1000, "name": ""}])

    assert make_pbx(network).queue_agents("200") == [QueueAgent("1006", "DAHİLİ-3"), QueueAgent("1000")]

    assert (network.last.method, network.last_target) == ("GET", f"/queue/user_list?key={KEY}&queue_number=200")
    assert budget.taken == [("queues", 10)]


@pytest.mark.operation("verimor queue/manage_users")
def test_members_are_replaced_as_one_ordered_list(make_pbx, budget):
    network = answering(body="OK")

    make_pbx(network).replace_queue_agents("200", ["1001", "1000", "1002"])

    assert network.last.method == "GET"
    assert network.last_target == f"/queue/manage_users?key={KEY}&queue_number=200&user_list=1001,1000,1002"
    assert budget.taken == [("queues", 10)]


def test_the_last_member_cannot_be_removed(make_pbx):
    network = answering(body="OK")

    with pytest.raises(InvalidRequest) as refused:
        make_pbx(network).replace_queue_agents("200", [])

    assert [error.field for error in refused.value.errors] == ["agents"]
    assert network.requests == []


@pytest.mark.parametrize("status", [200, 400, 404])
def test_a_queue_that_is_not_there_is_rejected_whatever_the_status(make_pbx, status):
    pbx = make_pbx(answering(status, "Queue_number value null or none 200"))

    with pytest.raises(Rejected):
        pbx.queue_agents("200")
    with pytest.raises(Rejected):
        pbx.replace_queue_agents("200", ["1001"])


@pytest.mark.operation("verimor queues/pending")
def test_who_waits_in_the_order_of_coming(make_pbx, budget):
    later = {
        "queue_number": "202",
        "uuid": "b",
        "call_uuid": CALL,
        "caller_id": "905320000001",
        "joined_at": "1624947822",
    }
    first = {"queue_number": 200, "uuid": "a-1", "caller_id": "03120000000", "joined_at": 1624947819, "wait_time": 4}
    network = answering(body=[later, first])

    waiting = make_pbx(network).waiting_calls()

    assert waiting == [
        WaitingCall("200", "+903120000000", "verimor:a-1", datetime(2021, 6, 29, 6, 23, 39, tzinfo=UTC)),
        WaitingCall("202", "+905320000001", f"verimor:{CALL}", datetime(2021, 6, 29, 6, 23, 42, tzinfo=UTC)),
    ]
    assert (network.last.method, network.last_target) == ("GET", f"/queues/pending?key={KEY}")
    assert budget.taken == [("queues", 10)]


@pytest.mark.parametrize("joined", ["", "yesterday", None])
def test_m6_who_waits_since_nobody_knows_when_comes_last(make_pbx, joined):
    rows = [{"queue_number": "1", "caller_id": "a", "joined_at": joined}, {"queue_number": "2", "joined_at": "1"}]

    waiting = make_pbx(answering(body=rows)).waiting_calls()

    assert [(call.queue, call.joined_at is None, call.call_id) for call in waiting] == [
        ("2", False, None),
        ("1", True, None),
    ]


def statuses(users, agents):
    bodies = {"/user_statuses": users, "/agent_statuses": agents}
    return Network(lambda request: (200, {}, json.dumps(bodies[request.path_url.partition("?")[0]]).encode()))


@pytest.mark.operation("verimor user_statuses")
@pytest.mark.operation("verimor agent_statuses")
def test_extensions_are_the_states_of_phones_and_of_those_at_them(make_pbx, budget):
    network = statuses(
        [{"user": 1000, "status": "AVAILABLE"}, {"user": "1001", "status": "UNREGISTERED"}],
        [{"agent": "1000", "status": "ON_BREAK", "queues": ["204"]}, {"agent": "1010", "status": "LOGGED_OUT"}],
    )

    assert make_pbx(network).extensions() == [
        Extension("1000", "", "break"),
        Extension("1001", "", "offline"),
        Extension("1010", "", "offline"),
    ]

    assert [(request.method, request.path_url) for request in network.requests] == [
        ("GET", f"/user_statuses?key={KEY}"),
        ("GET", f"/agent_statuses?key={KEY}"),
    ]
    assert budget.taken == [("statuses", 2), ("statuses", 2)]


@pytest.mark.parametrize(
    ("phone", "person", "state"),
    [
        ("AVAILABLE", None, "available"),
        ("TALKING", None, "busy"),
        ("UNREGISTERED", None, "offline"),
        ("SS_DND", None, "break"),
        ("PARKED", None, "unknown"),
        (None, "AVAILABLE", "available"),
        (None, "TALKING", "busy"),
        (None, "ON_BREAK", "break"),
        (None, "LOGGED_OUT", "offline"),
        ("AVAILABLE", "AVAILABLE", "available"),
        ("AVAILABLE", "LOGGED_OUT", "available"),
        ("AVAILABLE", "ON_BREAK", "break"),
        ("AVAILABLE", "TALKING", "busy"),
        ("TALKING", "AVAILABLE", "busy"),
        ("SS_DND", "AVAILABLE", "break"),
        ("UNREGISTERED", "AVAILABLE", "offline"),
        ("available", "available", "available"),
    ],
)
def test_whether_an_extension_can_ring(make_pbx, phone, person, state):
    users = [{"user": 1000, "status": phone}] if phone else []
    agents = [{"agent": "1000", "status": person}] if person else []

    assert make_pbx(statuses(users, agents)).extensions() == [Extension("1000", "", state)]


def test_states_are_kept_for_a_minute(make_pbx, clock):
    network = statuses([], [])
    pbx = make_pbx(network)

    pbx.extensions()
    clock.pass_seconds(59)
    pbx.extensions()
    assert len(network.requests) == 2

    clock.pass_seconds(1)
    pbx.extensions()
    assert len(network.requests) == 4


# --- where webhooks go ------------------------------------------------------------------------------------------------


@pytest.mark.operation("verimor crm_integrations GET")
def test_where_call_events_go_and_which(make_pbx):
    settings = {"ringing": "on", "answered": "off", "hangup": "ON", "notification_url": "https://crm.example/events"}
    network = answering(body=settings)

    assert make_pbx(network).webhook_settings() == WebhookSettings(
        "https://crm.example/events", frozenset({"ringing", "hangup"})
    )

    assert (network.last.method, network.last_target) == ("GET", f"/crm_integrations?key={KEY}")


def test_settings_never_made_are_empty(make_pbx):
    assert make_pbx(answering(body={"notification_url": None})).webhook_settings() == WebhookSettings("", frozenset())


@pytest.mark.operation("verimor crm_integrations POST")
def test_all_call_events_are_sent_to_an_address(make_pbx):
    network = answering(body="Ok")

    make_pbx(network).send_webhooks_to("https://crm.example/webhooks/verimor/calls/t")

    assert (network.last.method, network.last_target) == ("POST", "/crm_integrations")
    assert network.last.headers["Content-Type"] == FORM
    assert (
        network.last.body
        == (
            f"key={KEY}&ringing=on&answered=on&hangup=on"
            "&notification_url=https%3A%2F%2Fcrm.example%2Fwebhooks%2Fverimor%2Fcalls%2Ft"
        ).encode()
    )


def test_an_address_verimor_cannot_reach_is_told_without_it(make_pbx):
    with pytest.raises(Rejected) as refused:
        make_pbx(answering(400, "https://crm.example did not answer 200")).send_webhooks_to("https://crm.example/x")

    assert "crm.example" not in str(refused.value) + refused.value.sentence


# --- the key, limits and failures -------------------------------------------------------------------------------------

READS = {
    "history": january,
    "detail": lambda pbx: pbx.call(CALL),
    "caller ids": lambda pbx: pbx.caller_ids(),
    "announcements": lambda pbx: pbx.announcements(),
    "extensions": lambda pbx: pbx.extensions(),
    "queues": lambda pbx: pbx.queues(),
    "members": lambda pbx: pbx.queue_agents("200"),
    "waiting": lambda pbx: pbx.waiting_calls(),
    "webhook settings": lambda pbx: pbx.webhook_settings(),
}
REPEATABLE = {
    "hang up": lambda pbx: pbx.hang_up(CALL),
    "mute": lambda pbx: pbx.mute(CALL, on=True),
    "replace members": lambda pbx: pbx.replace_queue_agents("200", ["1001"]),
    "register webhook": lambda pbx: pbx.send_webhooks_to("https://crm.example/x"),
    "delete campaign": lambda pbx: pbx.delete_campaign("112"),
    "switch campaign": lambda pbx: pbx.switch_campaign("112", on=True),
}
AT_MOST_ONCE = {"dial": dial, "transfer": lambda pbx: pbx.transfer(CALL, "1000")}
EVERYTHING = {**READS, **REPEATABLE, **AT_MOST_ONCE}


@pytest.mark.parametrize("act", EVERYTHING.values(), ids=EVERYTHING)
def test_m1_an_option_puts_the_key_into_every_query(make_pbx, act):
    network = answering(body="OK")
    pbx = make_pbx(network, options={"key_in_query": True})

    # "OK" is no list and no call; only the request matters here.
    with suppress(SantralError):
        act(pbx)

    assert f"?key={KEY}" in network.last_target
    assert KEY.encode() not in (network.last.body or b"")


@pytest.mark.parametrize("act", EVERYTHING.values(), ids=EVERYTHING)
@pytest.mark.parametrize(
    ("status", "body"),
    [(400, f"Gecersiz anahtar: {KEY}"), (200, f"Geçersiz anahtar: {KEY}"), (401, ""), (401, f"Unauthorized {KEY}")],
)
def test_m3_a_wrong_key_is_refused_credentials_and_never_quoted(make_pbx, act, status, body):
    with pytest.raises(CredentialsRefused) as refused:
        act(make_pbx(answering(status, body)))

    assert KEY not in f"{refused.value!r} {refused.value.sentence}"
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("act", EVERYTHING.values(), ids=EVERYTHING)
def test_a_module_that_was_not_bought_is_told_as_such(make_pbx, act):
    with pytest.raises(Rejected, match="403") as refused:
        act(make_pbx(answering(403, "no module")))

    assert "module" in refused.value.sentence


@pytest.mark.parametrize("act", EVERYTHING.values(), ids=EVERYTHING)
@pytest.mark.parametrize(("header", "wait"), [({}, 60), ({"Retry-After": "7"}, 60), ({"Retry-After": "90"}, 90)])
def test_too_many_requests_wait_a_full_minute(make_pbx, act, header, wait):
    with pytest.raises(Busy) as busy:
        act(make_pbx(answering(429, "Too Many Requests", **header)))

    assert busy.value.retry_after == wait


LIMITED = {
    "cdrs": ("history", "detail"),
    "queues": ("queues", "members", "waiting", "replace members"),
    "statuses": ("extensions",),
}


@pytest.mark.parametrize(("limit", "act"), [(limit, act) for limit, acts in LIMITED.items() for act in acts], ids=str)
def test_nothing_is_sent_when_a_limit_is_used_up(make_pbx, budget, limit, act):
    network = answering(body="OK")
    budget.spent = {limit}

    with pytest.raises(Busy) as busy:
        EVERYTHING[act](make_pbx(network))

    assert busy.value.retry_after == 42
    assert network.requests == []


@pytest.mark.parametrize("act", [*READS.values(), *REPEATABLE.values()], ids=[*READS, *REPEATABLE])
def test_what_may_be_repeated_is_tried_twice_and_then_unintelligible(make_pbx, act):
    network = answering(500, f"<html>{KEY}</html>")

    with pytest.raises(Unintelligible) as failed:
        act(make_pbx(network))

    assert len(network.requests) == 2
    assert KEY not in str(failed.value)


@pytest.mark.parametrize("act", AT_MOST_ONCE.values(), ids=AT_MOST_ONCE)
def test_what_must_not_be_repeated_is_sent_once_and_then_unknown(make_pbx, act):
    network = answering(500, f"<html>{KEY}</html>")

    with pytest.raises(OutcomeUnknown) as failed:
        act(make_pbx(network))

    assert len(network.requests) == 1
    assert KEY not in str(failed.value)


@pytest.mark.parametrize("act", EVERYTHING.values(), ids=EVERYTHING)
def test_a_lost_connection_names_neither_address_nor_key(make_pbx, act):
    def lose(request):
        raise requests.ConnectionError(f"lost {request.url}")

    with pytest.raises(SantralError) as failed:
        act(make_pbx(Network(lose)))

    assert KEY not in f"{failed.value!r}{failed.value.__cause__!r}"
    assert "bulutsantralim" not in repr(failed.value)


def test_m12_nobody_asks_for_undocumented_paths(make_pbx):
    network = answering(body="OK")

    make_pbx(network).switch_campaign("112", on=False)

    assert "/stop" not in network.last_target


# --- the secret -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"api_key": ""}, "api_key"),
        ({"webhook_tokens": []}, "webhook_tokens"),
        ({"base_url": "http://api.bulutsantralim.com"}, "base_url"),
        ({"domain_id": "a"}, "domain_id"),
        ({"default_caller_id": "anonymous"}, "default_caller_id"),
        ({"unknown": 1}, "unknown"),
        ({"options": {"unknown": 1}}, "options"),
    ],
)
def test_a_secret_with_something_wrong_is_refused_by_its_field(changes, field):
    secret = {"api_key": KEY, "webhook_tokens": ["t"], **changes}

    with pytest.raises(ValidationError) as refused:
        Verimor.Credentials.model_validate(secret)

    assert refused.value.errors()[0]["loc"][0] == field


def test_the_secrets_numbers_may_be_numbers():
    secret = {"api_key": KEY, "webhook_tokens": ["t"], "domain_id": 429, "default_caller_id": 902129630131}

    credentials = Verimor.Credentials.model_validate(secret)

    assert (credentials.domain_id, credentials.default_caller_id) == ("429", "902129630131")
    assert KEY not in repr(credentials)
