from datetime import UTC, date, datetime, time

import pytest

from santral.campaigns import CampaignContact, CampaignKind, CommercialConsent, NewCampaign
from santral.errors import InvalidRequest
from santral.providers.kobikom import campaigns
from tests.fakes import answering

POSSIBLE = NewCampaign(
    name="Ocak",
    kind=CampaignKind.QUEUE,
    start_date=date(2026, 1, 15),
    end_date=date(2026, 1, 31),
    start_time=time(9, 30),
    end_time=time(18),
    retries=3,
    contacts=(CampaignContact(phone="+905321234567", name="Ayşe", surname="Yılmaz"),),
)
IMPOSSIBLE = {
    "days": (1, 2),
    "ring_seconds": 30,
    "concurrency": 2,
    "agents_multiplier": 1.5,
    "caller_id": "08502221111",
    "announcement_id": "7",
    "targets": {"1": "10000"},
    "digit_retries": 1,
    "digit_seconds": 5,
    "commercial": CommercialConsent(recipient_type="individual", brand_code="1"),
    "record": False,
}


def refused(campaign):
    with pytest.raises(InvalidRequest) as refusal:
        campaigns.refuse_impossible(campaign)
    return [error.field for error in refusal.value.errors]


def test_what_the_document_has_parameters_for_is_possible():
    campaigns.refuse_impossible(POSSIBLE)
    campaigns.refuse_impossible(POSSIBLE.model_copy(update={"queue": "10000"}))


@pytest.mark.parametrize(("field", "value"), IMPOSSIBLE.items(), ids=IMPOSSIBLE)
def test_what_it_has_none_for_is_refused_by_name(field, value):
    assert refused(POSSIBLE.model_copy(update={field: value})) == [field]


def test_all_of_it_is_named_at_once():
    assert refused(POSSIBLE.model_copy(update=IMPOSSIBLE)) == list(IMPOSSIBLE)


def test_every_field_of_a_campaign_is_sent_or_refused():
    sent = {"name", "queue", "start_date", "end_date", "start_time", "end_time", "retries", "contacts"}

    assert NewCampaign.model_fields.keys() == sent | {"kind"} | IMPOSSIBLE.keys()


def test_a_campaign_that_plays_an_announcement_is_refused():
    assert refused(POSSIBLE.model_copy(update={"kind": CampaignKind.IVR})) == ["kind"]


@pytest.mark.parametrize("field", ["start_date", "end_date", "start_time", "end_time", "retries"])
def test_what_kobikom_asks_for_is_needed(field):
    assert refused(POSSIBLE.model_copy(update={field: None})) == [field]


@pytest.mark.parametrize("field", ["phrase", "lang"])
def test_what_a_contact_cannot_have_is_refused_with_its_place(field):
    contact = CampaignContact(phone="+905321234567", **{field: "tr"})

    assert refused(POSSIBLE.model_copy(update={"contacts": (*POSSIBLE.contacts, contact)})) == [f"contacts.1.{field}"]


def test_nothing_is_sent_of_a_campaign_that_is_refused(make_pbx):
    network = answering()

    with pytest.raises(InvalidRequest):
        make_pbx(network).create_campaign(POSSIBLE.model_copy(update={"days": (1,)}), results_url=None)

    assert network.requests == []


ROW = {
    "name": "Ocak",
    "phone": " 05321234567 ",
    "status": "Success",
    "start_time": "2026-01-15 12:00:00",
    "end_time": "2026-01-15 12:01:00",
    "duration": "50",
    "failure_cause": None,
    "failure_cause_txt": None,
    "agent_number": "1000",
    "agent_name": "Ayşe",
}


def result(**changes):
    return campaigns.result({**ROW, **changes}, campaign_id="kobikom:17", outside_prefix="9")


def test_a_result_in_our_words():
    assert result().model_dump(exclude_none=True) == {
        "phone": "+905321234567",
        "campaign_id": "kobikom:17",
        "name": "Ocak",
        "status": "Success",
        "disposition": "answered",
        "started_at": datetime(2026, 1, 15, 9, 0, tzinfo=UTC),
        "ended_at": datetime(2026, 1, 15, 9, 1, tzinfo=UTC),
        "seconds": 50,
        "agent": "1000",
    }


def test_what_is_dialled_to_get_outside_is_no_part_of_a_contacts_number():
    assert result(phone="905321234567").phone == "+905321234567"


@pytest.mark.parametrize(
    ("changes", "disposition", "reason"),
    [
        ({"status": "Success"}, "answered", None),
        ({"status": "ShortCall"}, "answered", "short"),
        ({"status": "OnHold"}, "answered", None),
        ({"status": "Hangup"}, "answered", None),
        ({"status": "Hangup", "end_time": None}, "unknown", None),
        ({"status": "NoAnswer"}, "no_answer", None),
        ({"status": "Abandoned"}, "no_answer", "abandoned"),
        ({"status": "Failure", "failure_cause": "17", "failure_cause_txt": "User busy"}, "busy", "User busy"),
        ({"status": "Failure", "failure_cause": 21, "failure_cause_txt": "Rejected"}, "rejected", "Rejected"),
        ({"status": "Failure", "failure_cause": "34"}, "failed", None),
        ({"status": "Failure", "failure_cause": None}, "failed", None),
        ({"status": "Placing"}, "unknown", None),
        ({"status": "Ringing"}, "unknown", None),
        ({"status": "OnQueue"}, "unknown", None),
        ({"status": None, "duration": None}, "unknown", None),
        ({"status": "Durum", "duration": "0"}, "unknown", None),
        ({"status": "Durum", "duration": "8"}, "answered", None),
    ],
)
def test_the_dialers_words_in_ours(changes, disposition, reason):
    told = result(**changes)

    assert (told.disposition, told.reason) == (disposition, reason)


def test_a_contact_not_yet_dialled_has_no_status():
    assert result(status=None).status is None
    assert result(status="").status is None
