import json
import re
import wave
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from werkzeug.test import Client

from simulators.frame import ActionRefusedError
from simulators.timeline import SteppedTime
from simulators.verimor import Verimor
from simulators.verimor_api import Doubts
from simulators.verimor_campaigns import ContactScript
from simulators.verimor_company import Company
from simulators.verimor_exchange import CallScript

KEY = "K12345678-1234-5678-4321-123456789012"
FORM = "application/x-www-form-urlencoded"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SCRIPT = CallScript(ring_after=1, ring_seconds=4, talk_seconds=20, queue_seconds=3)

IVR = {
    "key": KEY,
    "call_type": "ivr",
    "name": "Memnuniyet anketi",
    "cli": "902129630131",
    "welcome_announcement_id": 128,
    "digit_target_1": "announcement/421",
    "phone_list": [{"phone": "05512369874"}],
}
QUEUE = {
    "key": KEY,
    "call_type": "queue",
    "name": "Queue Test (API)",
    "thread_multiplier": 1,
    "queue_number": 204,
    "cli": "902129630131",
    "phone_list": [{"phone": "05512369874"}, {"phone": "05651236547"}],
}


class Caller:
    """Puts the key where each example of the documents has it."""

    def __init__(self, simulator):
        self.simulator = simulator
        self.client = Client(simulator.wsgi_app)

    def get(self, path, **query):
        return self.client.get(path, query_string={"key": KEY, **query})

    def post_form(self, path, **form):
        return self.client.post(path, data={"key": KEY, **form})

    def create(self, order=IVR, **changes):
        body = {name: value for name, value in {**order, **changes}.items() if value is not None}
        return self.client.post("/ivr_campaigns.json", json=body)

    def switch(self, campaign_id, status):
        return self.client.patch(f"/ivr_campaigns/{campaign_id}", data={"key": KEY, "status": status})

    def delete(self, campaign_id):
        return self.client.delete(f"/ivr_campaigns/{campaign_id}", query_string={"key": KEY})

    def dial(self, **query):
        return self.get("/originate", **{"extension": "101", "destination": "905321234567", **query})


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def pbx(timeline):
    simulator = Verimor(timeline=timeline, limited=False)
    simulator.use_script(SCRIPT)
    return simulator


@pytest.fixture
def caller(pbx):
    return Caller(pbx)


@pytest.fixture
def results(pbx, monkeypatch):
    """The results that would be posted: digit, status and number of each."""
    told = []
    monkeypatch.setattr(pbx.campaigns, "_listener", told.append)
    return told


def heard(results):
    return [(result.called.lead.phone, result.digit, result.status) for result in results]


def only_record(caller):
    [record] = caller.get("/cdrs").json["cdrs"]
    return record


# The key


READS = ["/cdrs", "/cdrs/x", "/queues", "/queues/pending", "/queue/user_list", "/agent_statuses", "/user_statuses"]
EVERY_GET = [*READS, "/originate", "/hangup/x", "/transfer/x", "/mute/x", "/caller_ids", "/announcements"]


@pytest.mark.parametrize("path", [*EVERY_GET, "/crm_integrations", "/queue/manage_users"])
def test_a_wrong_key_is_echoed(caller, path):
    answer = caller.client.get(path, query_string={"key": "K-wrong"})

    assert (answer.status_code, answer.text) == (400, "Gecersiz anahtar: K-wrong")
    assert answer.mimetype == "text/plain"


def test_a_wrong_key_is_echoed_wherever_it_stood(caller):
    answers = [
        caller.client.post("/recording_url/", data={"key": "K-wrong"}),
        caller.client.post("/crm_integrations", data={"key": "K-wrong"}),
        caller.client.post("/ivr_campaigns.json", json={"key": "K-wrong"}),
        caller.client.patch("/ivr_campaigns/1", data={"key": "K-wrong"}),
        caller.client.delete("/ivr_campaigns/1", query_string={"key": "K-wrong"}),
        caller.client.get("/cdrs"),
    ]

    assert [answer.text for answer in answers] == ["Gecersiz anahtar: K-wrong"] * 5 + ["Gecersiz anahtar: "]


def test_a_wrong_key_may_be_told_with_401(timeline):
    caller = Caller(Verimor(timeline=timeline, doubts=Doubts(bad_key_status=401)))

    assert caller.client.get("/cdrs", query_string={"key": "K-wrong"}).status_code == 401


def test_the_key_may_stand_in_the_query_everywhere(caller):
    query = {"key": KEY}
    order = {name: value for name, value in IVR.items() if name != "key"}

    campaign = caller.client.post("/ivr_campaigns.json", query_string=query, json=order)
    switched = caller.client.patch(f"/ivr_campaigns/{campaign.text}", query_string=query, data={"status": "off"})

    assert (campaign.status_code, switched.status_code) == (200, 200)


# What is refused before anything happens


@pytest.mark.parametrize("path", ["/originate", "/cdrs", "/queues", "/mute/x"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_method_is_not_found(caller, path, method):
    assert caller.client.open(path, method=method, query_string={"key": KEY}).status_code == 404


@pytest.mark.parametrize("path", ["/", "/switch", "/ivr_campaigns", "/ivr_campaigns/1/stop", "/cdrs/1/2", "/Queues"])
def test_another_path_is_not_found(caller, path):
    assert caller.get(path).status_code == 404


def test_parameters_have_one_place(caller):
    in_query = caller.client.post("/recording_url/", query_string={"key": KEY, "call_uuid": "1"})
    in_body = caller.client.get("/originate", query_string={"key": KEY}, data={"extension": "101"})
    as_json = caller.client.patch("/ivr_campaigns/1", json={"key": KEY, "status": "off"})
    misspelt = caller.get("/cdrs", pages="1")
    repeated = caller.client.get(f"/cdrs?key={KEY}&page=1&page=2")

    assert [answer.status_code for answer in (in_query, in_body, as_json, misspelt, repeated)] == [400] * 5


@pytest.mark.parametrize("body", ["", "{", "[]", '{"key": "K" "name": 1}'])
def test_what_is_no_json_object_is_refused_in_the_documents_word(caller, body):
    answer = caller.client.post("/ivr_campaigns.json", data=body, content_type="application/json")

    assert (answer.status_code, answer.text) == (400, "INVALID_JSON")


def test_json_must_say_that_it_is(caller):
    answer = caller.client.post("/ivr_campaigns.json", data=json.dumps(IVR), content_type=FORM)

    assert answer.text == "INVALID_JSON"


# Limits


@pytest.mark.parametrize(
    ("paths", "per_minute"),
    [
        (["/cdrs", "/cdrs/x"], 6),
        (["/queues", "/queues/pending", "/queue/user_list", "/queue/manage_users"], 10),
        (["/agent_statuses", "/user_statuses"], 2),
    ],
)
def test_so_many_requests_are_taken_in_a_minute_and_counted_together(timeline, paths, per_minute):
    caller = Caller(Verimor(timeline=timeline))

    def refused(number):
        return caller.get(paths[number % len(paths)]).status_code == 429

    assert [refused(number) for number in range(per_minute + 1)] == [False] * per_minute + [True]
    timeline.advance(60)
    assert not refused(0)


def test_recording_urls_are_limited_even_for_a_wrong_key(timeline):
    client = Client(Verimor(timeline=timeline).wsgi_app)

    statuses = [client.post("/recording_url/", data={"key": "x"}).status_code for _ in range(6)]

    assert statuses == [400] * 5 + [429]


def test_a_hundred_dials_may_come_at_once_and_then_three_a_second(timeline):
    caller = Caller(Verimor(timeline=timeline))

    assert [caller.dial().status_code for _ in range(101)] == [200] * 100 + [429]
    timeline.advance(1)
    assert [caller.dial().status_code for _ in range(4)] == [200] * 3 + [429]


# Dialling


def test_a_dial_answers_with_a_uuid_and_rings_once(caller, pbx):
    answer = caller.dial()

    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    [call] = pbx.exchange.calls()
    assert answer.text == call.call_uuid
    assert UUID.fullmatch(answer.text)
    assert pbx.requests.all()[0].committed


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"extension": "1005"}, "extension 1005 not found"),
        ({"extension": ""}, "extension can't be blank"),
        ({"destination": ""}, "destination can't be blank"),
        ({"destination": "+905321234567"}, "invalid destination: +905321234567"),
        ({"destination": "05321234567"}, "invalid destination: 05321234567"),
        ({"destination": "105"}, "invalid destination: 105"),
        ({"caller_id": "902120000000"}, "invalid caller_id: 902120000000"),
        ({"manual_answer": "yes"}, "manual_answer is not included in the list"),
        ({"timeout": "9"}, "timeout is invalid"),
        ({"timeout": "61"}, "timeout is invalid"),
        ({"announcement_to_callee": "1"}, "cannot find announcement with id: 1"),
        ({"record": "true"}, "unknown parameter record"),
    ],
)
def test_a_wrong_dial_is_refused_and_dials_nothing(caller, pbx, query, reason):
    answer = caller.dial(**query)

    assert (answer.status_code, answer.text) == (400, reason)
    assert pbx.exchange.calls() == []
    assert not pbx.requests.all()[0].committed


@pytest.mark.parametrize(
    "query",
    [
        {"destination": "00493027590915"},
        {"destination": "904440444"},
        {"caller_id": "908505320000", "timeout": "10", "manual_answer": "true", "announcement_to_caller": "128"},
    ],
)
def test_a_right_dial_is_taken(caller, query):
    assert caller.dial(**query).status_code == 200


def test_a_dialled_call_has_the_documents_record(caller, timeline):
    call_uuid = caller.dial().text
    timeline.advance(60)

    assert only_record(caller) == {
        "start_stamp": "2026-01-05 12:00:00 +0300",
        "direction": "Giden (API)",
        "caller_id_number": "101",
        "caller_id_name": "Ayşe Yılmaz",
        "destination_number": "905321234567",
        "destination_name": "",
        "duration": "00:00:25",
        "talk_duration": "00:0:20",
        "queue_wait_seconds": "00:0:00",
        "queue": "",
        "result": "Cevaplandı",
        "missed": "false",
        "return_uuid": None,
        "recording_present": "true",
        "sip_hangup_disposition": "caller",
        "call_uuid": call_uuid,
        "answer_stamp": "2026-01-05 12:00:05 +0300",
        "end_stamp": "2026-01-05 12:00:25 +0300",
    }


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        ("USER_BUSY", "Meşgul"),
        ("NO_ANSWER", "Cevapsız"),
        ("CALL_REJECTED", "Reddedildi"),
        ("ORIGINATOR_CANCEL", "Vazgeçildi"),
        ("NO_USER_RESPONSE", "Ulaşılamıyor"),
        ("INVALID_NUMBER_FORMAT", "Hatalı Numara"),
    ],
)
def test_an_unanswered_dial_has_no_answer_stamp_and_no_recording(caller, pbx, timeline, outcome, result):
    pbx.use_script(replace(SCRIPT, outcome=outcome))
    call_uuid = caller.dial().text
    timeline.advance(60)

    record = only_record(caller)
    assert (record["result"], record["answer_stamp"], record["talk_duration"]) == (result, None, "00:0:00")
    assert (record["recording_present"], record["missed"]) == ("false", "false")
    assert (
        caller.post_form("/recording_url/", call_uuid=call_uuid).text == f"cannot find call with call_uuid {call_uuid}"
    )


def test_whoever_rings_longer_than_the_timeout_has_not_answered(caller, pbx, timeline):
    pbx.use_script(replace(SCRIPT, ring_seconds=15))
    caller.dial(timeout="10")
    timeline.advance(60)

    record = only_record(caller)
    assert (record["result"], record["duration"]) == ("Cevapsız", "00:00:11")


def test_a_dial_to_a_colleague_is_internal(caller, timeline):
    caller.dial(destination="102")
    timeline.advance(60)

    record = only_record(caller)
    assert (record["direction"], record["destination_name"]) == ("Santral içi", "Mehmet Öztürk")


def test_a_dial_from_a_phone_that_is_off_cannot_be_connected(caller, timeline):
    caller.dial(extension="104")
    timeline.advance(60)

    assert only_record(caller)["result"] == "Cihazla iletişim sorunu"


def test_with_manual_answer_the_agent_picks_up_first(caller, timeline):
    caller.dial(manual_answer="true")
    timeline.advance(60)

    assert only_record(caller)["answer_stamp"] == "2026-01-05 12:00:06 +0300"


# Calls that come in


def test_a_queue_lets_all_free_agents_ring_and_one_answers(caller, pbx, timeline):
    call_uuid = pbx.place_inbound_call(queue="201", script=replace(SCRIPT, answered_by="102"))
    timeline.advance(60)

    record = only_record(caller)
    flow = caller.get(f"/cdrs/{call_uuid}").json["call_flow"]
    assert (record["direction"], record["queue"], record["queue_wait_seconds"]) == ("Gelen", "201", "00:0:07")
    assert (record["destination_number"], record["destination_name"]) == ("902129630131", "Mehmet Öztürk")
    assert [(leg["destination_number"], leg["result"]) for leg in flow] == [
        ("101", "Diğer dahili cevapladı"),
        ("102", "Cevaplandı"),
    ]


def test_a_call_can_be_picked_up_by_a_colleague(pbx, timeline):
    call_uuid = pbx.place_inbound_call(extension="101", script=replace(SCRIPT, picked_up_by="103"))
    timeline.advance(10)

    call = pbx.exchange.call(call_uuid)
    assert (call.dialled_user, call.connected_user) == ("101", "103")
    assert [leg.cause for leg in call.legs] == ["PICKED_OFF", None]


def test_callers_wait_until_an_agent_is_free_or_they_have_had_enough(caller, pbx, timeline):
    for agent in ("101", "102"):
        pbx.set_agent_status(agent, "ON_BREAK")
    patient = pbx.place_inbound_call(queue="201", source="05321111111", script=replace(SCRIPT, patience_seconds=600))
    pbx.place_inbound_call(queue="201", source="05322222222", script=replace(SCRIPT, patience_seconds=30))
    timeline.advance(20)

    waiting = caller.get("/queues/pending").json
    assert [(call["queue_number"], call["caller_id"]) for call in waiting] == [
        ("201", "05321111111"),
        ("201", "05322222222"),
    ]
    assert waiting[0]["call_uuid"] == patient
    assert waiting[0]["joined_at"] == str(int(datetime(2026, 1, 5, 9, 0, 1, tzinfo=UTC).timestamp()))
    timeline.advance(20)
    pbx.set_agent_status("101", "AVAILABLE")
    timeline.advance(60)
    assert caller.get("/queues/pending").json == []
    assert {record["result"]: record["missed"] for record in caller.get("/cdrs").json["cdrs"]} == {
        "Cevaplandı": "false",
        "Vazgeçildi": "true",
    }


@pytest.mark.parametrize(("status", "result"), [("UNREGISTERED", "Cihazla iletişim sorunu"), ("SS_DND", "Meşgul")])
def test_a_phone_that_cannot_ring_misses_the_call(caller, pbx, timeline, status, result):
    pbx.set_user_status("101", status)
    pbx.place_inbound_call(extension="101")
    timeline.advance(60)

    record = only_record(caller)
    assert (record["result"], record["missed"]) == (result, "true")


def test_an_extension_that_presses_busy_is_told_in_other_words(caller, pbx, timeline):
    pbx.place_inbound_call(extension="101", outcome="CALL_REJECTED")
    timeline.advance(60)

    assert only_record(caller)["result"] == "Meşgule atıldı"


def test_a_missed_call_names_the_call_that_returned_it(caller, pbx, timeline):
    pbx.place_inbound_call(extension="101", source="05321234567", outcome="NO_ANSWER")
    timeline.advance(60)
    returned = caller.dial().text
    timeline.advance(60)

    [_, missed] = caller.get("/cdrs").json["cdrs"]
    assert missed["return_uuid"] == returned


@pytest.mark.parametrize(
    "call",
    [{}, {"queue": "201", "extension": "101"}, {"queue": "999"}, {"extension": "999"}],
)
def test_a_call_to_nowhere_cannot_be_placed(pbx, call):
    with pytest.raises(ActionRefusedError):
        pbx.place_inbound_call(**call)


# What is done to a call


def test_hanging_up_while_it_rings_gives_the_call_up(caller, timeline):
    call_uuid = caller.dial().text
    timeline.advance(2)

    assert caller.get(f"/hangup/{call_uuid}").text == "+OK"
    timeline.advance(60)
    record = only_record(caller)
    assert (record["result"], record["duration"]) == ("Vazgeçildi", "00:00:02")


def test_hanging_up_while_they_talk_keeps_the_recording_so_far(caller, timeline):
    call_uuid = caller.dial().text
    timeline.advance(12)
    caller.get(f"/hangup/{call_uuid}")
    timeline.advance(60)

    record = only_record(caller)
    assert (record["result"], record["talk_duration"], record["recording_present"]) == ("Cevaplandı", "00:0:07", "true")


@pytest.mark.parametrize("path", ["/hangup/{}", "/mute/{}?state=on", "/transfer/{}?user_number=102"])
def test_nothing_can_be_done_to_a_call_that_is_over_or_unknown(caller, timeline, path):
    call_uuid = caller.dial().text
    timeline.advance(60)

    for which in (call_uuid, "358c20bc-fd86-11e5-87a2-157d41a07454"):
        path_, _, query = path.format(which).partition("?")
        answer = caller.get(path_, **dict(pair.split("=") for pair in query.split("&") if pair))
        assert (answer.status_code, answer.text) == (400, "No such channel!")


def test_a_call_is_muted_and_heard_again(caller, pbx, timeline):
    call_uuid = caller.dial().text
    timeline.advance(6)

    for state in ("on", "off"):
        assert caller.get(f"/mute/{call_uuid}", state=state).text == "+OK"
        assert pbx.exchange.call(call_uuid).muted is (state == "on")


@pytest.mark.parametrize("state", [None, "", "yes"])
def test_muting_needs_a_state(caller, pbx, timeline, state):
    call_uuid = caller.dial().text
    timeline.advance(6)

    assert caller.get(f"/mute/{call_uuid}", **({} if state is None else {"state": state})).status_code == 400
    assert not pbx.exchange.call(call_uuid).muted


def test_a_transferred_call_goes_on_with_the_other_user(caller, pbx, timeline):
    call_uuid = pbx.place_inbound_call(extension="101")
    timeline.advance(6)

    assert caller.get(f"/transfer/{call_uuid}", user_number="102").text == "+OK"
    timeline.advance(5)
    call = pbx.exchange.call(call_uuid)
    assert call.connected_user == "102"
    assert not pbx.exchange.is_busy("101")
    timeline.advance(60)
    assert only_record(caller)["duration"] == "00:00:25"


def test_a_call_can_be_handed_on_while_the_next_user_still_rings(caller, pbx, timeline):
    call_uuid = pbx.place_inbound_call(extension="101")
    timeline.advance(6)
    caller.get(f"/transfer/{call_uuid}", user_number="102")
    timeline.advance(2)
    caller.get(f"/transfer/{call_uuid}", user_number="103")
    timeline.advance(6)

    assert pbx.exchange.call(call_uuid).connected_user == "103"
    assert not pbx.exchange.is_busy("102")


def test_of_two_colleagues_the_one_who_dialled_hands_the_other_on(caller, pbx, timeline):
    call_uuid = caller.dial(destination="102").text
    timeline.advance(6)
    caller.get(f"/transfer/{call_uuid}", user_number="103")
    timeline.advance(6)

    assert [user for user in ("101", "102", "103") if pbx.exchange.is_talking(user)] == ["102", "103"]


@pytest.mark.parametrize("user", ["", "999", "104"])
def test_a_transfer_needs_a_user_whose_phone_is_on(caller, pbx, timeline, user):
    call_uuid = pbx.place_inbound_call(extension="101")
    timeline.advance(6)

    assert caller.get(f"/transfer/{call_uuid}", user_number=user).status_code == 400
    assert pbx.exchange.is_talking("101")


def test_a_call_that_still_rings_cannot_be_transferred(caller, pbx, timeline):
    call_uuid = pbx.place_inbound_call(extension="101")
    timeline.advance(2)

    assert caller.get(f"/transfer/{call_uuid}", user_number="102").text == "No such channel!"


# Records


def test_records_come_newest_first_in_pages(caller, pbx, timeline):
    for number in range(25):
        pbx.place_inbound_call(extension="101", source=f"0532{number:07}")
        timeline.advance(60)

    first, last = caller.get("/cdrs").json, caller.get("/cdrs", page="3").json
    assert first["pagination"] == {"page": 1, "total_count": 25, "total_pages": 3, "limit": 10}
    assert [record["caller_id_number"][-2:] for record in first["cdrs"]] == [f"{n:02}" for n in range(24, 14, -1)]
    assert len(last["cdrs"]) == 5
    assert caller.get("/cdrs", page="4").json["cdrs"] == []
    assert len(caller.get("/cdrs", limit="100").json["cdrs"]) == 25


def test_a_call_that_is_going_on_has_no_record(caller, timeline):
    call_uuid = caller.dial().text
    timeline.advance(10)

    assert caller.get("/cdrs").json["cdrs"] == []
    assert caller.get(f"/cdrs/{call_uuid}").status_code == 404


def test_records_are_filtered(caller, pbx, timeline):
    pbx.place_inbound_call(queue="201", source="05321111111")
    timeline.advance(3600)
    pbx.place_inbound_call(extension="101", source="05322222222", outcome="NO_ANSWER")
    timeline.advance(3600)
    caller.dial()
    timeline.advance(3600)
    caller.dial(destination="102")
    timeline.advance(3600)

    def listed(**query):
        return [record["start_stamp"][11:13] for record in caller.get("/cdrs", **query).json["cdrs"]]

    assert listed() == ["15", "14", "13", "12"]
    assert listed(direction="inbound") == ["13", "12"]
    assert listed(direction="internal") == ["15"]
    assert listed(missed="true") == ["13"]
    assert listed(queue="201") == ["12"]
    assert listed(caller_id_number="05322222222") == ["13"]
    assert listed(destination_number="905321234567") == ["14"]
    assert listed(recording_present="false") == ["13"]
    assert listed(recording_present="deleted") == []
    assert listed(start_stamp_from="2026-01-05 10:00:00 UTC", start_stamp_to="2026-01-05 11:00:00 UTC") == ["14", "13"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "9"},
        {"limit": "101"},
        {"page": "0"},
        {"direction": "Gelen"},
        {"missed": "1"},
        {"recording_present": "yes"},
        {"start_stamp_from": "2026-01-05 10:00:00"},
        {"start_stamp_from": "2026-01-05T10:00:00Z"},
        {"start_stamp_to": "2026-02-30 10:00:00 UTC"},
        {"start_stamp_from": "2025-12-01 00:00:00 UTC", "start_stamp_to": "2026-01-01 00:00:01 UTC"},
        {"start_stamp_from": "2025-12-01 00:00:00 UTC"},
    ],
)
def test_a_wrong_question_for_records_is_refused(caller, query):
    assert caller.get("/cdrs", **query).status_code == 400


def test_31_days_may_be_asked_for(caller):
    asked = {"start_stamp_from": "2025-12-01 00:00:00 UTC", "start_stamp_to": "2026-01-01 00:00:00 UTC"}

    assert caller.get("/cdrs", **asked).status_code == 200


def test_a_records_detail_tells_the_flow_with_the_samples_misspelt_key(caller, timeline):
    call_uuid = caller.dial().text
    timeline.advance(60)

    detail = caller.get(f"/cdrs/{call_uuid}").json
    own, called = detail["call_flow"]
    assert detail["cdr"]["call_uuid"] == call_uuid
    assert (own["destination_number"], own["read_code"]) == ("101", "PCMA")
    assert (called["destination_number"], called["read_codec"]) == ("905321234567", "PCMA")
    assert (called["start_stamp"], called["duration"]) == ("2026-01-05 12:00:01 +0300", "00:0:24")


@pytest.mark.parametrize("status", [400, 404])
def test_an_unknown_record_is_told_with_either_status(timeline, status):
    caller = Caller(Verimor(timeline=timeline, doubts=Doubts(unknown_call_status=status)))
    call_uuid = "5cfdfb46-776c-11e7-8375-0d58348796d3"

    answer = caller.get(f"/cdrs/{call_uuid}")

    assert (answer.status_code, answer.text) == (status, f"cannot find call with call_uuid {call_uuid}")


# Recordings


@pytest.fixture
def ended_call(caller, timeline):
    call_uuid = caller.dial().text
    timeline.advance(60)
    return call_uuid


@pytest.mark.parametrize("path", ["/recording_url/", "/recording_url"])
def test_a_recording_has_an_address_of_its_own_without_a_key(caller, ended_call, path):
    url = caller.post_form(path, call_uuid=ended_call).text

    assert re.fullmatch(rf"http://localhost/recording/R{UUID.pattern}", url)
    with wave.open(BytesIO(caller.client.get(url.removeprefix("http://localhost")).data)) as audio:
        assert audio.getnframes() == 20 * audio.getframerate()


def test_each_question_gives_another_address_which_lasts_an_hour(caller, timeline, ended_call):
    first = caller.post_form("/recording_url/", call_uuid=ended_call).text
    timeline.advance(3599)
    second = caller.post_form("/recording_url/", call_uuid=ended_call).text
    assert first != second
    assert caller.client.get(first.removeprefix("http://localhost")).status_code == 200

    timeline.advance(1)
    assert caller.client.get(first.removeprefix("http://localhost")).status_code == 404
    assert caller.client.get(second.removeprefix("http://localhost")).status_code == 200


def test_a_deleted_recording_is_known_as_such(caller, pbx, ended_call):
    pbx.delete_recording(ended_call)

    assert only_record(caller)["recording_present"] == "deleted"
    assert len(caller.get("/cdrs", recording_present="deleted").json["cdrs"]) == 1
    assert caller.post_form("/recording_url/", call_uuid=ended_call).status_code == 400


def test_answers_may_come_as_json(timeline):
    pbx = Verimor(timeline=timeline, doubts=Doubts(json_answers=True))
    pbx.use_script(SCRIPT)
    caller = Caller(pbx)

    call_uuid = caller.dial().json["call_uuid"]
    timeline.advance(60)
    minted = caller.post_form("/recording_url/", call_uuid=call_uuid).json

    assert set(minted) == {"url", "expires_at"}
    assert caller.create().json == {"id": "20212"}
    assert caller.get("/cdrs/x").status_code == 404


# Queues, agents, extensions


def test_queues_and_their_members_are_listed(caller):
    assert caller.get("/queues").json == [{"number": 201, "name": "Satış"}, {"number": 204, "name": "Destek"}]
    assert caller.get("/queue/user_list", queue_number="201").json == [
        {"user": 101, "name": "Ayşe Yılmaz"},
        {"user": 102, "name": "Mehmet Öztürk"},
    ]


def test_the_list_of_members_is_replaced_in_its_order(caller):
    answer = caller.get("/queue/manage_users", queue_number="201", user_list="103,101")

    assert answer.text == "OK"
    assert [user["user"] for user in caller.get("/queue/user_list", queue_number="201").json] == [103, 101]


@pytest.mark.parametrize(
    "query", [{"user_list": ""}, {"user_list": "101,999"}, {"user_list": "101,101"}, {"queue_number": "9"}]
)
def test_a_wrong_list_of_members_changes_nothing(caller, query):
    answer = caller.get("/queue/manage_users", **{"queue_number": "201", "user_list": "103", **query})

    assert answer.status_code == 400
    assert [user["user"] for user in caller.get("/queue/user_list", queue_number="201").json] == [101, 102]


@pytest.mark.parametrize(
    ("query", "reason"),
    [({}, "Queue_number value null or none"), ({"queue_number": "9"}, "Queue_number value null or none 9")],
)
def test_an_unknown_queue_is_refused_in_the_documents_words(caller, query, reason):
    assert caller.get("/queue/user_list", **query).text == reason


def test_agents_and_extensions_have_states(caller, pbx, timeline):
    pbx.set_agent_status("103", "ON_BREAK", "Öğle")
    caller.dial()
    timeline.advance(10)

    assert caller.get("/agent_statuses").json == [
        {"agent": "101", "status": "TALKING", "queues": ["201"]},
        {"agent": "102", "status": "AVAILABLE", "queues": ["201", "204"]},
        {"agent": "103", "status": "ON_BREAK", "queues": ["204"], "break_description": "Öğle"},
    ]
    assert caller.get("/user_statuses").json == [
        {"user": 101, "status": "TALKING"},
        {"user": 102, "status": "AVAILABLE"},
        {"user": 103, "status": "AVAILABLE"},
        {"user": 104, "status": "UNREGISTERED"},
    ]


def test_states_are_filtered(caller, pbx):
    pbx.set_user_status("102", "SS_DND")

    assert [user["user"] for user in caller.get("/user_statuses", status="AVAILABLE").json] == [101, 103]
    assert caller.get("/user_statuses", user="102").json == [{"user": 102, "status": "SS_DND"}]
    assert [agent["agent"] for agent in caller.get("/agent_statuses", queue="204").json] == ["102", "103"]
    assert caller.get("/agent_statuses", agent="101", status="TALKING").json == []
    assert caller.get("/agent_statuses", status="BUSY").status_code == 400


def test_numbers_and_announcements_are_listed(caller):
    assert caller.get("/caller_ids").json == ["902129630131", "908505320000"]
    assert caller.get("/announcements").json[0] == {"id": 128, "name": "Firmamıza hoşgeldiniz"}


# Campaigns: what may be ordered


def test_the_documents_example_is_taken_once_its_comma_is_there(caller):
    order = {
        "key": KEY,
        "call_type": "ivr",
        "name": "Memnuniyet anketi",
        "date_range_begin": "2026-09-12",
        "date_range_end": "2026-09-12",
        "time_range_begin": "09:00",
        "time_range_end": "18:00",
        "active_days": [1, 2, 3, 4, 5, 6, 7],
        "max_thread_count": 1,
        "ring_timeout": 30,
        "cli": "902129630131",
        "welcome_announcement_id": 128,
        "call_retries": 2,
        "digit_target_0": "announcement/421",
        "digit_target_1": "announcement/421",
        "digit_target_2": "user/101",
        "digit_target_3": "group/700",
        "digit_target_4": "ivr/10",
        "digit_target_5": "announcement/428",
        "digit_target_6": "external/05321234567",
        "digit_target_7": "voicemail/103",
        "digit_target_8": "queue/201",
        "digit_target_9": "tts/tr-TR/Bu bir test cümlesidir.",
        "digit_target_star": "restart",
        "digit_target_square": "user/101",
        "timeout_target": "",
        "invalid_target": "",
        "digit_retries": 1,
        "digit_timeout": 4,
        "is_commercial": False,
        "phone_list": [
            {"phone": "05512369874", "phrase": "#429 12/05/2017 #430 102.45 #431", "lang": "tr-TR"},
            {"phone": "05651236547", "phrase": "#429 12/05/2017 #430 65.12 #431", "lang": "tr-TR"},
        ],
    }

    answer = caller.create(order)

    assert (answer.status_code, answer.text, answer.mimetype) == (200, "20212", "text/plain")
    assert caller.create(QUEUE).text == "20213"


@pytest.mark.parametrize("name", ["name", "call_type", "cli", "welcome_announcement_id", "phone_list"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_missing_is_named(caller, pbx, name, value):
    if value == "" and name in {"welcome_announcement_id", "phone_list"}:
        value = None

    answer = caller.create(**{name: value})

    assert (answer.status_code, answer.text) == (400, f"{name} can't be blank")
    assert pbx.campaigns.all() == []
    assert not pbx.requests.all()[0].committed


@pytest.mark.parametrize("name", ["queue_number", "thread_multiplier"])
def test_a_queue_campaign_needs_its_queue(caller, name):
    assert caller.create(QUEUE, **{name: None}).text == f"{name} can't be blank"


@pytest.mark.parametrize(
    "changes",
    [
        {"call_type": "predictive"},
        {"name": 5},
        {"cli": "902120000000"},
        {"date_range_begin": "12.09.2026"},
        {"date_range_begin": "2026-02-30"},
        {"date_range_begin": "2026-09-12", "date_range_end": "2026-09-11"},
        {"time_range_begin": "24:00"},
        {"time_range_begin": "9"},
        {"time_range_begin": "18:00", "time_range_end": "9:00"},
        {"active_days": []},
        {"active_days": [0]},
        {"active_days": [8]},
        {"active_days": ["1"]},
        {"active_days": "1,2"},
        {"max_thread_count": 0},
        {"max_thread_count": "1"},
        {"ring_timeout": 24},
        {"ring_timeout": 61},
        {"ring_timeout": "30"},
        {"ring_timeout": True},
        {"welcome_announcement_id": 1},
        {"welcome_announcement_id": "128"},
        {"call_retries": -1},
        {"digit_retries": -1},
        {"digit_timeout": 0},
        {"digit_timeout": 11},
        {"webhook_url": "ftp://example.com"},
        {"is_commercial": "true"},
        {"recording_enabled": True},
        {"recording_enabled": "yes"},
        {"phone_list": ["05512369874"]},
        {"phone_list": [{}]},
        {"phone_list": [{"phone": "+905512369874"}]},
        {"phone_list": [{"phone": 905512369874}]},
        {"phone_list": [{"phone": "05512369874", "name": "Ayşe"}]},
        {"phone_list": [{"phone": "05512369874", "lang": "tr"}]},
        {"phone_list": [{"phone": "05512369874", "phrase": "Merhaba"}]},
        {"phone_list": [{"phone": "05512369874", "phrase": "#1"}]},
        {"phone_list": [{"phone": "05512369874", "phrase": "#429 32/01/2017"}]},
        {"digit_target_1": None},
        {"digit_target_1": ""},
        {"digit_target0": "restart"},
        {"digit_target_10": "restart"},
        {"retry_count": 1},
    ],
)
def test_what_is_out_of_bounds_is_refused(caller, pbx, changes):
    assert caller.create(**changes).status_code == 400
    assert pbx.campaigns.all() == []


@pytest.mark.parametrize(
    "target",
    [
        "queue:201",
        "extension:101",
        "hangup",
        "hangup/now",
        "user/999",
        "user/",
        "queue/999",
        "announcement/1",
        "external/+905321234567",
        "voicemail/999",
        "fax/nobody",
        "tts/de-DE/Hallo",
        "tts/tr-TR/",
        "restart/1",
        5,
    ],
)
def test_a_target_has_the_documents_forms_and_leads_somewhere(caller, target):
    assert caller.create(digit_target_2=target).text == "digit_target_2 is invalid"


@pytest.mark.parametrize("target", ["fax", "fax/isim@firmaadi.com.tr", "hangup/hangup", "hangup/busy"])
@pytest.mark.parametrize("name", ["digit_target_star", "timeout_target", "invalid_target"])
def test_any_one_target_is_enough(caller, target, name):
    assert caller.create(digit_target_1=None, **{name: target}).status_code == 200


@pytest.mark.parametrize("phone", ["905512369874", "05512369874", "5512369874", "00491234567"])
def test_a_number_has_the_documents_forms(caller, pbx, phone):
    assert caller.create(phone_list=[{"phone": phone}]).status_code == 200
    [campaign] = pbx.campaigns.all()
    assert campaign.leads[0].lead.phone == ("00491234567" if phone.startswith("00") else "905512369874")


@pytest.mark.parametrize(
    ("consent", "answer"),
    [
        ({}, "iys_recipient_type can't be blank"),
        ({"iys_recipient_type": "BIREYSEL"}, "iys_brand_code can't be blank"),
        (
            {"iys_recipient_type": "bireysel", "iys_brand_code": "123456"},
            "iys_recipient_type is not included in the list",
        ),
        ({"iys_recipient_type": "TACIR", "iys_brand_code": "1"}, "iys_brand_code is not included in the list"),
        ({"iys_recipient_type": "TACIR", "iys_brand_code": "123456"}, "20212"),
    ],
)
def test_a_commercial_campaign_needs_a_recipient_type_and_a_brand(caller, consent, answer):
    assert caller.create(is_commercial=True, **consent).text == answer


def test_what_was_not_bought_is_forbidden(timeline):
    without_dialler = Caller(Verimor(timeline=timeline, company=Company(modules=frozenset())))
    without_voice = Caller(Verimor(timeline=timeline, company=Company(modules=frozenset({"campaigns"}))))

    assert without_dialler.create().status_code == 403
    assert without_voice.create(digit_target_2="tts/tr-TR/Merhaba").status_code == 403
    assert without_voice.create().status_code == 200


# Campaigns: what becomes of them


def test_a_contact_is_called_and_presses_a_digit(caller, pbx, timeline, results):
    caller.create()
    timeline.advance(120)

    [result] = results
    assert result.fields("429") == {
        "notification_id": "5",
        "notification_date": "2026-01-05 09:00:09 UTC",
        "domain_id": "429",
        "ivr_campaign_id": "20212",
        "ivr_campaign_name": "Memnuniyet anketi",
        "ivr_lead_id": "1878",
        "phone": "905512369874",
        "digit": "1",
        "status": "Cevaplandı",
        "call_uuid": pbx.exchange.calls()[0].call_uuid,
    }
    record = only_record(caller)
    assert (record["direction"], record["caller_id_number"]) == ("Giden (IVR)", "902129630131")
    assert record["recording_present"] == "false"


@pytest.mark.parametrize(
    ("keys", "targets", "digits"),
    [
        (("*",), {"digit_target_star": "hangup/hangup"}, ["*"]),
        (("#",), {"digit_target_square": "fax"}, ["#"]),
        ((), {}, ["-"]),
        (("4",), {}, ["!4"]),
        (("4", "1"), {"digit_retries": 1}, ["1"]),
        (("", "", "1"), {"digit_retries": 1}, ["-"]),
        (("3", "1"), {"digit_target_3": "restart"}, ["3", "1"]),
        (("3", "4", "1"), {"digit_target_3": "restart", "digit_retries": 1}, ["3", "1"]),
        ((), {"timeout_target": "restart"}, ["-"] * 10),
        (("4",), {"invalid_target": "announcement/428"}, ["!4"]),
        (("5",), {"digit_target_5": "user/103"}, ["5"]),
    ],
)
def test_digits_are_told_in_the_documents_forms(caller, pbx, timeline, results, keys, targets, digits):
    pbx.use_contact(ContactScript(keys=keys))
    caller.create(**targets)
    timeline.advance(200)

    assert [result.digit for result in results] == digits
    assert only_record(caller)["result"] == "Cevaplandı"


def test_a_digit_can_lead_to_an_agent(caller, pbx, timeline, results):
    pbx.use_contact(ContactScript(keys=("8",)))
    caller.create(digit_target_8="queue/204")
    timeline.advance(120)

    [call] = pbx.exchange.calls()
    assert (call.queue, call.connected_user) == ("204", "102")
    assert call.is_over


def test_who_hangs_up_before_pressing_anything_pressed_nothing(caller, pbx, timeline, results):
    caller.create()
    timeline.advance(5)
    pbx.hang_up(pbx.exchange.calls()[0].call_uuid, by="callee")
    timeline.advance(60)

    assert heard(results) == [("905512369874", "-", "Cevaplandı")]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("CALL_REJECTED", "Reddedildi"), ("UNALLOCATED_NUMBER", "Hatalı Numara"), ("NOT_ALLOWED_BY_IYS", "İYS izni yok")],
)
def test_what_trying_again_cannot_change_is_tried_once(caller, pbx, timeline, results, outcome, status):
    pbx.use_contact(ContactScript(outcomes=(outcome,)))
    caller.create(call_retries=2)
    timeline.advance(600)

    assert heard(results) == [("905512369874", "", status)]


def test_busy_contacts_are_called_again_as_often_as_asked(caller, pbx, timeline, results):
    pbx.use_contact(ContactScript(outcomes=("USER_BUSY", "NO_ANSWER", "NORMAL_CLEARING")), "905512369874")
    pbx.use_contact(ContactScript(outcomes=("NO_USER_RESPONSE",)))
    caller.create(call_retries=2, phone_list=[{"phone": "05512369874"}, {"phone": "05651236547"}])
    timeline.advance(600)

    by_phone = {phone: [told[1:] for told in heard(results) if told[0] == phone] for phone, *_ in heard(results)}
    assert by_phone == {
        "905512369874": [("", "Meşgul"), ("", "Cevapsız"), ("1", "Cevaplandı")],
        "905651236547": [("", "Ulaşılamıyor")] * 3,
    }
    assert len({result.notification_id for result in results}) == 6


def test_ringing_ends_with_the_ring_timeout(caller, pbx, timeline, results):
    pbx.use_contact(ContactScript(ring_seconds=40))
    caller.create(ring_timeout=25)
    timeline.advance(26)

    assert heard(results) == [("905512369874", "", "Cevapsız")]


def test_no_more_calls_go_on_at_once_than_asked(caller, pbx, timeline):
    caller.create(max_thread_count=2, phone_list=[{"phone": f"0551000000{n}"} for n in range(5)])

    most = 0
    for _ in range(100):
        timeline.advance(1)
        most = max(most, sum(not call.is_over for call in pbx.exchange.calls()))

    assert most == 2
    assert len(pbx.exchange.calls()) == 5


def test_no_more_calls_go_on_at_once_than_the_company_has_channels(caller, pbx, timeline):
    caller.create(max_thread_count=100, phone_list=[{"phone": f"0551000000{n}"} for n in range(9)])
    timeline.advance(1)

    assert len(pbx.exchange.calls()) == pbx.company.channels == 5


def test_a_queue_campaign_calls_as_many_as_agents_are_free(caller, pbx, timeline, results):
    pbx.set_agent_status("103", "LOGGED_OUT")
    caller.create(QUEUE)
    timeline.advance(5)
    assert len(pbx.exchange.calls()) == 1

    timeline.advance(120)
    assert [(call.queue, call.connected_user) for call in pbx.exchange.calls()] == [("204", "102")] * 2
    assert heard(results) == [("905512369874", "", "Cevaplandı"), ("905651236547", "", "Cevaplandı")]


def test_without_free_agents_a_queue_campaign_waits(caller, pbx, timeline):
    for agent in ("102", "103"):
        pbx.set_agent_status(agent, "ON_BREAK")
    caller.create(QUEUE)
    timeline.advance(120)
    assert pbx.exchange.calls() == []

    pbx.set_agent_status("102", "AVAILABLE")
    timeline.advance(5)
    assert len(pbx.exchange.calls()) == 1


def test_campaigns_call_on_their_days_in_their_hours(caller, pbx, timeline):
    # The clock stands at Monday, noon in Istanbul.
    hours = {"time_range_begin": "9:00", "time_range_end": "11:30"}
    caller.create(**hours, date_range_begin="2026-01-05", date_range_end="2026-01-11", active_days=[4, 6])
    timeline.advance(timedelta(days=10).total_seconds())

    assert only_record(caller)["start_stamp"] == "2026-01-08 09:00:00 +0300"


def test_a_campaign_whose_days_are_over_calls_nobody(caller, pbx, timeline):
    caller.create(date_range_begin="2026-01-01", date_range_end="2026-01-04")
    timeline.advance(timedelta(days=10).total_seconds())

    assert pbx.exchange.calls() == []


def test_a_stopped_campaign_calls_nobody_until_it_is_started_again(caller, pbx, timeline):
    campaign_id = caller.create().text
    assert caller.switch(campaign_id, "off").text == "OK"
    timeline.advance(600)
    assert pbx.exchange.calls() == []

    assert caller.switch(campaign_id, "on").text == "OK"
    timeline.advance(60)
    assert len(pbx.exchange.calls()) == 1


@pytest.mark.parametrize("status", ["", "stop", "ON"])
def test_a_campaign_is_on_or_off(caller, pbx, status):
    campaign_id = caller.create().text

    assert caller.switch(campaign_id, status).status_code == 400
    assert pbx.campaigns.all()[0].is_on


def test_a_deleted_campaign_is_gone(caller, pbx, timeline):
    campaign_id = caller.create().text

    assert caller.delete(campaign_id).text == "OK"
    timeline.advance(600)
    assert pbx.exchange.calls() == []
    for answer in (caller.delete(campaign_id), caller.switch(campaign_id, "on")):
        assert (answer.status_code, answer.text) == (400, f"Cannot find ivr_campaign with ID {campaign_id}")


def test_an_answered_contact_may_be_told_in_the_samples_word(timeline, monkeypatch):
    pbx = Verimor(timeline=timeline, doubts=Doubts(answered_as="Başarılı"))
    told = []
    monkeypatch.setattr(pbx.campaigns, "_listener", told.append)
    Caller(pbx).create()
    timeline.advance(120)

    assert [result.status for result in told] == ["Başarılı"]


# The control plane


def test_the_control_plane_places_calls_and_shows_everything(caller, pbx, timeline):
    placed = caller.client.post("/_control/actions/place_inbound_call", json={"queue": "201"})
    caller.create()
    timeline.advance(6)

    state = caller.client.get("/_control/state").json
    [called, inbound] = sorted(state["calls"], key=lambda call: call["direction"], reverse=True)
    assert inbound["call_uuid"] == placed.json
    assert (inbound["state"], called["state"]) == ("ringing", "answered")
    assert state["waiting"][0]["call_uuid"] == placed.json
    assert state["campaigns"][0]["leads"][0]["state"] == "calling"


def test_a_forgotten_exchange_knows_no_calls_and_goes_on_with_none(caller, pbx, timeline):
    caller.create()
    call_uuid = caller.dial().text
    timeline.advance(6)
    pbx.notify_at("http://127.0.0.1:9/nobody")

    pbx.forget()
    timeline.advance(600)

    assert (pbx.exchange.calls(), pbx.campaigns.all(), pbx.webhooks.log) == ([], [], [])
    assert caller.get(f"/hangup/{call_uuid}").text == "No such channel!"
    caller.dial()
    assert len(pbx.exchange.calls()) == 1


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("hang_up", {"call_id": "x"}),
        ("set_user_status", {"user": "999", "status": "AVAILABLE"}),
        ("set_user_status", {"user": "101", "status": "ON_BREAK"}),
        ("set_agent_status", {"agent": "999", "status": "AVAILABLE"}),
        ("delete_recording", {"call_id": "x"}),
        ("use_script", {"script": {"outcome": "ANSWERED"}}),
    ],
)
def test_what_the_control_plane_cannot_do_is_refused(caller, action, arguments):
    assert caller.client.post(f"/_control/actions/{action}", json=arguments).status_code == 400
