import json
from datetime import date, time

import pytest

from functions.campaigns.create_campaign import handler as create_campaign
from santral.errors import OutcomeUnknown, Rejected
from tests.fakes.doors import call, http, sample

IVR = "campaigns/create_campaign"


QUEUE = "campaigns/create_campaign_queue"


def body(name, **changes):
    return {**json.loads(sample(name)["body"]), **changes}


ADVERTISING = {"recipient_type": "individual", "brand_code": "612345"}


def test_the_sample_creates_a_campaign_whose_results_are_told_to_us(tenant, cloud_pbx):
    heard = call(create_campaign, sample(IVR))

    assert (heard.status, heard.json["campaign_id"]) == (201, "verimor:20212")
    assert heard.json["contacts"] == [
        {"phone": "+905321234567", "state": "added"},
        {"phone": "+905331234567", "state": "added"},
    ]
    [(_, campaign, results_url)] = cloud_pbx.done
    assert results_url == "https://phone.example/webhooks/verimor/campaigns/good-token"
    assert (campaign.name, campaign.start_date, campaign.start_time) == (
        "Randevu hatırlatma",
        date(2026, 12, 1),
        time(9),
    )
    assert campaign.targets == {"1": "queue/200", "0": "hangup/hangup", "timeout": "restart"}
    assert campaign.contacts[0].phrase == "#457 25/12/2026 73.56"


def test_contacts_follow_one_by_one_where_the_provider_takes_them_so(tenant, call_center):
    call_center.failures = {
        "+905331234567": Rejected("no", system="kobikom"),
        "+905341234567": OutcomeUnknown("no answer", system="kobikom"),
    }
    contacts = [{"phone": number} for number in ("05321234567", "05331234567", "05341234567", "05351234567")]
    heard = call(create_campaign, http(QUEUE, body=body(QUEUE, contacts=contacts)))

    assert [contact["state"] for contact in heard.json["contacts"]] == ["added", "failed", "unknown", "added"]
    assert [done[0] for done in call_center.done] == ["create campaign", *["add contact"] * 4]
    assert call_center.done[0][2] is None


@pytest.mark.parametrize("hours", [{"end_time": "21:00"}, {"start_time": None, "end_time": None}])
def test_advertising_at_night_is_refused_with_the_hours_and_nothing_is_created(tenant, cloud_pbx, hours):
    heard = call(create_campaign, http(IVR, body=body(IVR, commercial=ADVERTISING, **hours)))

    assert (heard.status, heard.json["code"]) == (422, "outside_calling_hours")
    assert "from 09:00 to 20:00" in heard.json["detail"]
    assert cloud_pbx.done == []


def test_advertising_by_day_is_created(tenant, cloud_pbx):
    heard = call(create_campaign, http(IVR, body=body(IVR, commercial=ADVERTISING, end_time="19:00")))

    assert heard.status == 201


def test_a_campaign_calls_no_denied_number(tenant, cloud_pbx):
    contacts = [{"phone": "05321234567"}, {"phone": "0900 123 45 67"}]
    heard = call(create_campaign, http(IVR, body=body(IVR, contacts=contacts)))

    assert (heard.status, heard.json["code"]) == (422, "destination_not_allowed")
    assert cloud_pbx.done == []


def test_what_takes_too_long_is_left_and_said(tenant, call_center, monkeypatch):
    monkeypatch.setattr("santral.telephony.campaigns._ADDING_SECONDS", 0)
    heard = call(create_campaign, sample(QUEUE))

    assert heard.json["contacts"] == [{"phone": "+905321234567", "state": "failed"}]
    assert [done[0] for done in call_center.done] == ["create campaign"]


@pytest.mark.parametrize("key", [None, "create-1"])
def test_a_campaign_is_created_once_however_often_it_is_asked_for(tenant, cloud_pbx, key):
    event = http(IVR, headers={"idempotency-key": key})
    first, second = call(create_campaign, event), call(create_campaign, event)

    assert (first.json, len(cloud_pbx.done)) == (second.json, 1)


def test_a_lost_answer_is_final_and_nothing_is_created_twice(tenant, cloud_pbx):
    cloud_pbx.failure = OutcomeUnknown("no answer", system="verimor")
    first = call(create_campaign, sample(IVR))
    cloud_pbx.failure = None
    second = call(create_campaign, sample(IVR))

    assert (first.status, second.status, len(cloud_pbx.done)) == (504, 504, 1)


def test_what_the_provider_cannot_do_is_refused_by_its_field_and_nothing_is_created(tenant, cloud_pbx):
    cloud_pbx.cannot = ["ring_seconds", "targets.1"]
    heard = call(create_campaign, sample(IVR))

    assert (heard.status, [wrong["field"] for wrong in heard.json["errors"]]) == (422, ["ring_seconds", "targets.1"])
    assert cloud_pbx.done == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contacts": [{"phone": "Ayşe"}]}, "contacts.0.phone"),
        ({"contacts": []}, "contacts"),
        ({"targets": {"10": "queue/200"}}, "targets.10"),
        ({"days": [8]}, "days.0"),
        ({"colour": "red"}, "colour"),
        ({"kind": "fax"}, "kind"),
    ],
)
def test_a_wrong_field_is_named(tenant, cloud_pbx, changes, field):
    heard = call(create_campaign, http(IVR, body=body(IVR, **changes)))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, field)
    assert cloud_pbx.done == []


def test_more_contacts_than_fit_in_one_request_are_refused_before_the_campaign_exists(tenant, call_center):
    contacts = [{"phone": f"0532123{number:04}"} for number in range(51)]
    heard = call(create_campaign, http(QUEUE, body=body(QUEUE, contacts=contacts)))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "contacts")
    assert call_center.done == []
