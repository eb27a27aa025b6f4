"""Calls and campaign results, as a CRM on the other side of a socket hears of them."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
import requests
from werkzeug.wrappers import Response

from simulators.faults import Reset, Status
from simulators.frame import Simulator
from simulators.notifications import DeliveryPolicy
from simulators.serving import serving
from simulators.timeline import SteppedTime
from simulators.verimor import Verimor
from simulators.verimor_campaigns import ContactScript
from simulators.verimor_exchange import CallScript
from tests.eventually import eventually

KEY = "K12345678-1234-5678-4321-123456789012"
SCRIPT = CallScript(ring_after=1, ring_seconds=4, talk_seconds=20, queue_seconds=3)


class Crm(Simulator):
    """Keeps what it is told."""

    name = "crm"

    def answer(self, request):
        return Response("noted")

    def told(self, path):
        return [dict(parse_qsl(entry.body.decode(), keep_blank_values=True)) for entry in self.requests.to(path)]

    def events(self):
        return self.told("/calls")

    def types(self):
        return [event["event_type"] for event in self.events()]

    def results(self):
        return [result for result in self.told("/campaigns") if result]


@pytest.fixture
def crm():
    crm = Crm()
    with serving(crm):
        yield crm


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def pbx(crm, timeline):
    simulator = Verimor(notification_url=f"{crm.url}/calls", timeline=timeline)
    simulator.use_script(SCRIPT)
    with serving(simulator):
        yield simulator


def get(pbx, path, **query):
    return requests.get(pbx.api_url + path, params={"key": KEY, **query}, timeout=10)


def dial(pbx):
    return get(pbx, "/originate", extension="101", destination="905321234567").text


def create_campaign(pbx, **changes):
    order = {
        "key": KEY,
        "call_type": "ivr",
        "name": "Memnuniyet anketi",
        "cli": "902129630131",
        "welcome_announcement_id": 128,
        "digit_target_2": "announcement/421",
        "phone_list": [{"phone": "05321234567"}],
        **changes,
    }
    return requests.post(f"{pbx.api_url}/ivr_campaigns.json", json=order, timeout=10)


# Calls


def test_an_answered_dial_is_told_in_three_events(pbx, crm, timeline):
    call_uuid = dial(pbx)
    timeline.advance(60)

    start = {
        "domain_id": "429",
        "direction": "outbound",
        "caller_id_number": "101",
        "outbound_caller_id_number": "902129630131",
        "destination_number": "905321234567",
        "dialed_user": "",
        "call_uuid": call_uuid,
        "start_stamp": "2026-01-05 12:00:00",
    }
    assert crm.events() == [
        {"event_type": "ringing", **start},
        {"event_type": "answer", **start, "connected_user": "", "answer_stamp": "2026-01-05 12:00:05"},
        {
            "event_type": "hangup",
            **start,
            "connected_user": "",
            "answer_stamp": "2026-01-05 12:00:05",
            "end_stamp": "2026-01-05 12:00:25",
            "duration": "20",
            "recording_present": "true",
            "answered": "true",
            "queue": "",
            "queue_wait_duration": "",
            "sip_hangup_disposition": "caller",
            "hangup_cause": "NORMAL_CLEARING",
            "failure_status": "",
            "failure_phrase": "",
        },
    ]
    assert all(delivery.as_documented for delivery in pbx.webhooks.log)


def test_an_event_is_a_form(pbx, crm, timeline):
    dial(pbx)
    timeline.advance(1)

    [entry] = crm.requests.all()
    assert (entry.method, entry.headers["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")
    assert entry.body.startswith(b"event_type=ringing&domain_id=429&direction=outbound&")


def test_of_several_ringing_users_the_others_are_told_to_have_ended(pbx, crm, timeline):
    pbx.place_inbound_call(queue="201", script=replace(SCRIPT, answered_by="102"))
    timeline.advance(60)

    told = [(event["event_type"], event["dialed_user"], event.get("connected_user")) for event in crm.events()]
    assert told == [
        ("ringing", "101", None),
        ("ringing", "102", None),
        ("user_hangup", "101", None),
        ("answer", "102", "102"),
        ("hangup", "102", "102"),
    ]
    assert crm.events()[2]["hangup_cause"] == "LOSE_RACE"
    assert crm.events()[0]["destination_number"] == "101"
    assert (crm.events()[-1]["queue"], crm.events()[-1]["queue_wait_duration"]) == ("201", "7")


def test_a_pickup_is_told_with_both_users(pbx, crm, timeline):
    pbx.place_inbound_call(extension="101", script=replace(SCRIPT, picked_up_by="103"))
    timeline.advance(60)

    told = [(event["event_type"], event["dialed_user"], event.get("connected_user")) for event in crm.events()]
    assert told == [
        ("ringing", "101", None),
        ("user_hangup", "101", None),
        ("answer", "101", "103"),
        ("hangup", "101", "103"),
    ]


def test_a_transfer_is_told_as_one_user_leaving_and_another_answering(pbx, crm, timeline):
    call_uuid = pbx.place_inbound_call(extension="101")
    timeline.advance(6)
    get(pbx, f"/transfer/{call_uuid}", user_number="102")
    timeline.advance(60)

    told = [(event["event_type"], event["dialed_user"], event.get("connected_user")) for event in crm.events()]
    assert told[2:] == [
        ("user_hangup", "101", None),
        ("ringing", "102", None),
        ("answer", "102", "102"),
        ("hangup", "102", "102"),
    ]


@pytest.mark.parametrize(
    ("outcome", "status", "phrase"),
    [
        ("USER_BUSY", "486", "Busy Here"),
        ("NO_ANSWER", "480", "Temporarily Unavailable"),
        ("CALL_REJECTED", "603", "Decline"),
        ("ORIGINATOR_CANCEL", "487", "Request Terminated"),
        ("SERVICE_UNAVAILABLE", "", ""),
    ],
)
def test_an_unanswered_call_is_told_with_its_cause(pbx, crm, timeline, outcome, status, phrase):
    pbx.place_inbound_call(extension="101", outcome=outcome)
    timeline.advance(60)

    assert crm.types() == ["ringing", "hangup"]
    end = crm.events()[-1]
    assert (end["hangup_cause"], end["failure_status"], end["failure_phrase"]) == (outcome, status, phrase)
    assert (end["answered"], end["recording_present"], end["answer_stamp"]) == ("false", "false", "")


# Settings


def test_settings_are_saved_once_the_address_said_yes_to_a_probe(pbx, crm, timeline):
    url = f"{crm.url}/elsewhere"
    saved = requests.post(
        f"{pbx.api_url}/crm_integrations",
        data={"key": KEY, "ringing": "off", "notification_url": url},
        timeout=10,
    )

    assert (saved.status_code, saved.text) == (200, "Ok")
    [probe] = crm.requests.to("/elsewhere")
    assert (probe.body, probe.headers["Content-Type"]) == (b"{}", "application/x-www-form-urlencoded")
    expected = {"ringing": "off", "answered": "on", "hangup": "on", "notification_url": url}
    assert get(pbx, "/crm_integrations").json() == expected
    dial(pbx)
    timeline.advance(60)
    assert [event.get("event_type") for event in crm.told("/elsewhere")] == [None, "answer", "hangup"]


@pytest.mark.parametrize("fault", [Status(code=404), Status(code=204), Reset()])
def test_an_address_that_does_not_say_200_is_refused(pbx, crm, timeline, fault):
    crm.faults.add("/", fault, times=None)
    settings = requests.post(
        f"{pbx.api_url}/crm_integrations", data={"key": KEY, "notification_url": f"{crm.url}/elsewhere"}, timeout=10
    )
    campaign = create_campaign(pbx, webhook_url=f"{crm.url}/campaigns")

    assert (settings.status_code, campaign.status_code) == (400, 400)
    assert pbx.webhooks.settings.notification_url == f"{crm.url}/calls"
    assert pbx.campaigns.all() == []


@pytest.mark.parametrize("settings", [{}, {"ringing": "true"}, {"notification_url": "events"}])
def test_wrong_settings_are_refused_without_a_probe(pbx, crm, settings):
    data = {"key": KEY, **({"notification_url": f"{crm.url}/elsewhere"} if "ringing" in settings else {}), **settings}

    assert requests.post(f"{pbx.api_url}/crm_integrations", data=data, timeout=10).status_code == 400
    assert len(crm.requests) == 0


def test_what_is_off_is_not_told(pbx, crm, timeline):
    pbx.notify_at(f"{crm.url}/calls", ringing="off", answered="off")
    dial(pbx)
    timeline.advance(60)

    assert crm.types() == ["hangup"]


# Campaigns


def test_a_campaigns_address_is_tried_with_an_empty_post(pbx, crm):
    create_campaign(pbx, webhook_url=f"{crm.url}/campaigns")

    [probe] = crm.requests.to("/campaigns")
    assert (probe.method, probe.body) == ("POST", b"")


def test_a_result_is_a_form_with_the_documents_fields(pbx, crm, timeline):
    pbx.use_contact(ContactScript(keys=("2",)))
    campaign_id = create_campaign(pbx, webhook_url=f"{crm.url}/campaigns").text
    timeline.advance(60)

    [result] = crm.results()
    assert result == {
        "notification_id": "5",
        "notification_date": "2026-01-05 09:00:09 UTC",
        "domain_id": "429",
        "ivr_campaign_id": campaign_id,
        "ivr_campaign_name": "Memnuniyet anketi",
        "ivr_lead_id": "1878",
        "phone": "905321234567",
        "digit": "2",
        "status": "Cevaplandı",
        "call_uuid": pbx.exchange.calls()[0].call_uuid,
    }
    # The campaign's calls are told like all others, too.
    assert {event["call_uuid"] for event in crm.events()} == {result["call_uuid"]}


def test_a_campaign_without_an_address_tells_nobody(pbx, crm, timeline):
    create_campaign(pbx)
    timeline.advance(60)

    assert crm.results() == []
    assert pbx.campaigns.all()[0].leads[0].digits == ["!1"]


# Delivery


def test_events_come_twice_late_or_not_at_all_as_the_policy_says(pbx, crm, timeline):
    pbx.use_delivery(DeliveryPolicy(copies=2, delays={"ringing": 90}, dropped=frozenset({"answer"})))
    call_uuid = dial(pbx)
    timeline.advance(120)

    assert crm.types() == ["hangup", "hangup", "ringing", "ringing"]
    pbx.use_delivery(DeliveryPolicy())
    assert pbx.repeat_events(call_uuid, "answer") == 1
    timeline.advance(0)
    assert crm.types()[-1] == "answer"


def test_a_result_nobody_took_is_sent_again(pbx, crm, timeline):
    create_campaign(pbx, webhook_url=f"{crm.url}/campaigns")
    crm.faults.add("/campaigns", Status(code=500))
    timeline.advance(60)

    first, second = [delivery for delivery in pbx.webhooks.log if delivery.state == "campaign_result"]
    assert (first.attempt, first.status, second.attempt, second.status) == (1, 500, 2, 200)
    assert crm.results()[0] == crm.results()[1]


def test_a_call_lives_in_real_time_too(crm):
    pbx = Verimor(notification_url=f"{crm.url}/calls")
    pbx.use_script(CallScript(ring_after=0, ring_seconds=0.01, talk_seconds=0.01, queue_seconds=0.01))
    with serving(pbx):
        call_uuid = pbx.place_inbound_call(queue="204")
        eventually(lambda: len(pbx.webhooks.log) == 5)

        assert get(pbx, f"/cdrs/{call_uuid}").json()["cdr"]["result"] == "Cevaplandı"
    assert sorted(crm.types()) == ["answer", "hangup", "ringing", "ringing", "user_hangup"]
