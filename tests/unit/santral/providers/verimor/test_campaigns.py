# The numbers M1 to M9 are those of the open points in santral.providers.verimor.
import json
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from santral.campaigns import CampaignContact, NewCampaign
from santral.errors import CredentialsRefused, InvalidRequest, OutcomeUnknown, Rejected
from santral.providers import lenient_json
from tests.fakes import answering

KEY = "K12345678-1234-5678-4321-123456789012"
SAMPLES = Path(__file__).parents[5] / "events" / "providers" / "verimor"
RESULTS = "https://sizin.adresiniz.com.tr/bildirim/yolu"

IVR = {
    "name": "Memnuniyet anketi",
    "kind": "ivr",
    "start_date": date(2022, 9, 12),
    "end_date": date(2022, 9, 12),
    "start_time": time(9),
    "end_time": time(18),
    "days": (1, 2, 3, 4, 5, 6, 7),
    "retries": 2,
    "ring_seconds": 30,
    "concurrency": 1,
    "caller_id": "902129630131",
    "announcement_id": "128",
    "targets": {
        "0": "announcement/421",
        "1": "announcement/421",
        "2": "user/1001",
        "3": "group/700",
        "4": "ivr/10",
        "5": "announcement/428",
        "6": "external/05321234567",
        "7": "voicemail/1003",
        "8": "queue/201",
        "9": "tts/tr-TR/Bu bir test cümlesidir.",
        "star": "restart",
        "square": "user/1000",
        "timeout": "",
        "invalid": "",
    },
    "digit_retries": 1,
    "digit_seconds": 4,
    "contacts": (
        CampaignContact(phone="+905512369874", phrase="#429 12/05/2017 #430 102.45 #431", lang="tr-TR"),
        CampaignContact(phone="+905651236547", phrase="#429 12/05/2017 #430 65.12 #431", lang="tr-TR"),
    ),
}
QUEUE = {
    "name": "Queue Test (API)",
    "kind": "queue",
    "start_date": date(2022, 9, 12),
    "end_date": date(2022, 9, 12),
    "start_time": time(0),
    "end_time": time(23, 59),
    "days": (1, 2, 3, 4, 5, 6, 7),
    "concurrency": 1,
    "agents_multiplier": 1.0,
    "queue": "204",
    "ring_seconds": 30,
    "caller_id": "902129630131",
    "retries": 0,
    "contacts": (CampaignContact(phone="+905512369874"), CampaignContact(phone="+905651236547")),
}
SMALLEST = {"name": "a", "kind": "ivr", "targets": {"1": "restart"}, "contacts": [{"phone": "+905512369874"}]}


def ivr(**changes):
    return NewCampaign.model_validate({**IVR, **changes})


def queue(**changes):
    return NewCampaign.model_validate({**QUEUE, **changes})


def smallest(**changes):
    return NewCampaign.model_validate({**SMALLEST, **changes})


def sent(make_pbx, campaign, *, results_url=None, **secret):
    """Return the body a campaign is sent with, the key left out."""
    network = answering(body="20212")
    make_pbx(network, **secret).create_campaign(campaign, results_url=results_url)
    body = json.loads(network.last.body)
    assert body.pop("key") == KEY
    return body


def as_printed(printed, name):
    """Return the body of a sample; the document writes each phone with its trunk zero, and what is off or empty too."""
    body = lenient_json.read(printed(name))
    assert body.pop("key") == KEY
    contacts = [{**contact, "phone": f"9{contact['phone']}"} for contact in body["phone_list"]]
    return {
        name: value for name, value in {**body, "phone_list": contacts}.items() if value != "" and value is not False
    }


def wrong_fields(make_pbx, campaign):
    with pytest.raises(InvalidRequest) as refused:
        make_pbx().refuse_impossible(campaign)
    return [error.field for error in refused.value.errors]


# --- creating ---------------------------------------------------------------------------------------------------------


@pytest.mark.operation("verimor ivr_campaigns POST")
def test_a_campaign_goes_as_json_to_the_documents_path(make_pbx):
    network = answering(body="20212")

    assert make_pbx(network).create_campaign(ivr(), results_url=RESULTS) == "20212"

    assert (network.last.method, network.last_target) == ("POST", "/ivr_campaigns.json")
    assert network.last.headers["Content-Type"] == "application/json"


def test_the_documents_ivr_campaign_as_printed(make_pbx, printed):
    assert sent(make_pbx, ivr(), results_url=RESULTS) == as_printed(printed, "create_ivr_campaign")


def test_the_documents_queue_campaign_as_printed(make_pbx, printed):
    body = sent(make_pbx, queue())

    assert body == as_printed(printed, "create_queue_campaign")
    assert (body["thread_multiplier"], type(body["queue_number"])) == (1, int)


def test_what_is_not_asked_for_is_left_to_verimor(make_pbx):
    assert sent(make_pbx, smallest()) == {
        "call_type": "ivr",
        "name": "a",
        "digit_target_1": "restart",
        "phone_list": [{"phone": "905512369874"}],
    }


@pytest.mark.parametrize(("kind", "iys"), [("individual", "BIREYSEL"), ("merchant", "TACIR")])
def test_a_commercial_campaign_carries_all_three_fields(make_pbx, kind, iys):
    body = sent(make_pbx, smallest(commercial={"recipient_type": kind, "brand_code": "612345"}))

    assert (body["is_commercial"], body["iys_recipient_type"], body["iys_brand_code"]) == (True, iys, "612345")


@pytest.mark.parametrize(("record", "written"), [(True, "true"), (False, None), (None, None)])
def test_recording_is_asked_for_by_a_text(make_pbx, record, written):
    assert sent(make_pbx, smallest(record=record)).get("recording_enabled") == written


def test_agents_may_be_multiplied_by_a_fraction(make_pbx):
    assert sent(make_pbx, queue(agents_multiplier=1.5))["thread_multiplier"] == 1.5


def test_the_tenants_caller_id_shows_where_none_is_asked_for(make_pbx):
    assert sent(make_pbx, smallest(), default_caller_id="02129630131")["cli"] == "902129630131"
    assert sent(make_pbx, ivr(), default_caller_id="02120000000")["cli"] == "902129630131"


def test_m9_a_campaign_may_have_no_caller_id(make_pbx):
    assert "cli" not in sent(make_pbx, smallest())


@pytest.mark.parametrize(
    ("phone", "written"),
    [("+905321234567", "905321234567"), ("+493027590915", "00493027590915"), ("+994124886606", "00994124886606")],
)
def test_numbers_go_in_the_documents_form(make_pbx, phone, written):
    assert sent(make_pbx, smallest(contacts=[{"phone": phone}]))["phone_list"] == [{"phone": written}]


@pytest.mark.parametrize("number", ["05321234567", "+905321234567", "905321234567", "0532 123 45 67"])
def test_a_target_outside_is_written_as_the_document_does(make_pbx, number):
    assert sent(make_pbx, smallest(targets={"1": f"external/{number}"}))["digit_target_1"] == "external/05321234567"


def test_a_target_abroad_has_two_zeros(make_pbx):
    body = sent(make_pbx, smallest(targets={"1": "external/+493027590915"}))

    assert body["digit_target_1"] == "external/00493027590915"


@pytest.mark.parametrize("name", ["create_campaign_done"])
def test_the_documents_answer_as_printed(make_pbx, printed, name):
    assert make_pbx(answering(body=printed(name))).create_campaign(ivr(), results_url=None) == "20212"


@pytest.mark.parametrize("body", ["20212", " 20212\n", '"20212"', '{"id": 20212}', '{"ivr_campaign_id": "20212"}'])
def test_m4_the_campaigns_number_comes_as_text_or_as_json(make_pbx, body):
    assert make_pbx(answering(body=body)).create_campaign(ivr(), results_url=None) == "20212"


@pytest.mark.parametrize("body", ["", "OK", "{}", "-1", "1.5", "[20212]", "true", "<html>", "9" * 19, "9" * 5000])
def test_a_campaign_answered_without_a_number_may_have_been_created(make_pbx, body):
    with pytest.raises(OutcomeUnknown):
        make_pbx(answering(body=body)).create_campaign(ivr(), results_url=None)


def test_the_documents_refusal_as_printed_is_told_in_our_own_words(make_pbx, printed):
    with pytest.raises(Rejected) as refused:
        make_pbx(answering(400, printed("create_campaign_refused"))).create_campaign(ivr(), results_url=None)

    assert "name" in refused.value.sentence
    assert "blank" not in f"{refused.value} {refused.value.sentence}"


@pytest.mark.parametrize("body", ["INVALID_JSON", "cli is not yours"])
def test_any_refusal_means_that_nothing_was_created(make_pbx, body):
    with pytest.raises(Rejected):
        make_pbx(answering(400, body)).create_campaign(ivr(), results_url=None)


def test_a_campaign_is_sent_once_even_when_its_answer_is_lost(make_pbx):
    network = answering(502, "<html>")

    with pytest.raises(OutcomeUnknown):
        make_pbx(network).create_campaign(ivr(), results_url=None)

    assert len(network.requests) == 1


def test_m1_the_key_may_go_into_the_query(make_pbx):
    network = answering(body="20212")

    make_pbx(network, options={"key_in_query": True}).create_campaign(ivr(), results_url=None)

    assert network.last_target == f"/ivr_campaigns.json?key={KEY}"
    assert "key" not in json.loads(network.last.body)


def test_m3_a_wrong_key_is_told_without_it(make_pbx):
    with pytest.raises(CredentialsRefused) as refused:
        make_pbx(answering(400, f"Gecersiz anahtar: {KEY}")).create_campaign(ivr(), results_url=None)

    assert KEY not in repr(refused.value)


def test_what_is_impossible_is_never_sent(make_pbx):
    network = answering(body="20212")

    with pytest.raises(InvalidRequest):
        make_pbx(network).create_campaign(smallest(ring_seconds=10), results_url=None)

    assert network.requests == []


# --- what Verimor cannot do -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("campaign", [ivr(), queue(), smallest()])
def test_the_documents_own_campaigns_are_possible(make_pbx, campaign):
    make_pbx().refuse_impossible(campaign)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": " "}, ["name"]),
        ({"ring_seconds": 24}, ["ring_seconds"]),
        ({"ring_seconds": 61}, ["ring_seconds"]),
        ({"digit_seconds": 0}, ["digit_seconds"]),
        ({"digit_seconds": 11}, ["digit_seconds"]),
        ({"digit_retries": -1}, ["digit_retries"]),
        ({"retries": -1}, ["retries"]),
        ({"concurrency": 0}, ["concurrency"]),
        ({"days": (0,)}, ["days"]),
        ({"days": (8,)}, ["days"]),
        ({"days": (1, 1)}, ["days"]),
        ({"start_date": date(2022, 9, 13), "end_date": date(2022, 9, 12)}, ["end_date"]),
        ({"start_time": time(9, 0, 30)}, ["start_time"]),
        ({"end_time": time(9, 0, 0, 1)}, ["end_time"]),
        ({"caller_id": "anonymous"}, ["caller_id"]),
        ({"announcement_id": "welcome"}, ["announcement_id"]),
        ({"targets": {}}, ["targets"]),
        ({"targets": {"1": "", "timeout": ""}}, ["targets"]),
        ({"targets": {"10": "restart"}}, ["targets.10"]),
        ({"targets": {"1": "restart", "hash": "restart"}}, ["targets.hash"]),
        ({"queue": "200"}, ["queue"]),
        ({"agents_multiplier": 1.0}, ["agents_multiplier"]),
        ({"contacts": []}, ["contacts"]),
        ({"contacts": [{"phone": "112"}]}, ["contacts.0.phone"]),
        ({"contacts": [{"phone": "+905512369874"}, {"phone": "x"}]}, ["contacts.1.phone"]),
        ({"contacts": [{"phone": "x", "lang": "de-DE"}]}, ["contacts.0.phone", "contacts.0.lang"]),
        ({"contacts": [{"phone": "+905512369874", "phrase": "hello"}]}, ["contacts.0.phrase"]),
        ({"ring_seconds": 1, "digit_seconds": 99, "retries": -1}, ["retries", "ring_seconds", "digit_seconds"]),
    ],
)  # fmt: skip
def test_each_wrong_field_of_an_ivr_campaign_is_named(make_pbx, changes, fields):
    assert wrong_fields(make_pbx, smallest(**changes)) == fields


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"queue": None}, ["queue"]),
        ({"queue": "support"}, ["queue"]),
        ({"agents_multiplier": None}, ["agents_multiplier"]),
        ({"agents_multiplier": 0}, ["agents_multiplier"]),
        ({"announcement_id": "128"}, ["announcement_id"]),
        ({"targets": {"1": "restart"}}, ["targets"]),
        ({"digit_retries": 1, "digit_seconds": 4}, ["digit_retries", "digit_seconds"]),
        ({"contacts": [{"phone": "+905512369874", "phrase": "#1"}]}, ["contacts.0.phrase"]),
    ],
)
def test_each_wrong_field_of_a_queue_campaign_is_named(make_pbx, changes, fields):
    assert wrong_fields(make_pbx, queue(**changes)) == fields


@pytest.mark.parametrize(
    "bound", [{"ring_seconds": 25}, {"ring_seconds": 60}, {"digit_seconds": 1}, {"digit_seconds": 10}]
)
def test_the_bounds_themselves_are_possible(make_pbx, bound):
    make_pbx().refuse_impossible(smallest(**bound))


def test_without_a_start_a_campaign_begins_today_in_turkey(make_pbx, clock):
    clock.now = datetime(2026, 1, 14, 21, 30, tzinfo=UTC)

    make_pbx().refuse_impossible(smallest(end_date=date(2026, 1, 15)))
    assert wrong_fields(make_pbx, smallest(end_date=date(2026, 1, 14))) == ["end_date"]


@pytest.mark.parametrize(
    "target",
    [
        "restart",
        "user/1000",
        "group/700",
        "queue/200",
        "ivr/10",
        "external/05321234567",
        "external/+493027590915",
        "voicemail/1000",
        "announcement/456",
        "fax",
        "fax/isim@firmaadi.com.tr",
        "hangup/hangup",
        "hangup/busy",
        "tts/tr-TR/Bu bir test cümlesidir",
        "tts/en-US/a/b",
        "tts/ar-XA/مرحبا",
    ],
)
def test_every_form_of_target_is_sent_as_the_document_writes_it(make_pbx, target):
    assert sent(make_pbx, smallest(targets={"timeout": target}))["timeout_target"] == target.replace("+", "00")


@pytest.mark.parametrize(
    "target",
    [
        "Restart",
        "restart/1",
        "user",
        "user/",
        "user/abc",
        "user/1000/1",
        "extension/1000",
        "queue:200",
        "external/",
        "external/112",
        "announcement/four",
        "fax/",
        "fax/nobody",
        "fax/a@b@c.tr",
        "hangup",
        "hangup/later",
        "tts/de-DE/Hallo",
        "tts/tr-TR/",
        "tts/tr-TR/ ",
        "tts/tr-TR",
        "user/1000\n",
        " restart",
    ],
)
def test_any_other_target_is_refused_at_its_key(make_pbx, target):
    assert wrong_fields(make_pbx, smallest(targets={"star": target})) == ["targets.star"]


@pytest.mark.parametrize(
    "phrase",
    ["#456 15/11/2017 #457 73.56 #458", "#1", "15/11/2017", "1/1/2026", "73", "73.5", "#1  #2", "29/02/2024"],
)
def test_every_word_of_a_phrase_is_possible(make_pbx, phrase):
    body = sent(make_pbx, smallest(contacts=[{"phone": "+905512369874", "phrase": phrase}]))

    assert body["phone_list"][0]["phrase"] == phrase


@pytest.mark.parametrize(
    "phrase", ["Merhaba", "#", "#a", "31/02/2017", "2017-11-15", "73,56", "73.567", "-5", "15/11/17", "#1\t#2", "#1\n"]
)
def test_any_other_phrase_is_refused_at_its_contact(make_pbx, phrase):
    contacts = [{"phone": "+905512369874", "phrase": phrase}]

    assert wrong_fields(make_pbx, smallest(contacts=contacts)) == ["contacts.0.phrase"]


@pytest.mark.parametrize("name", [{"name": "Ayşe"}, {"surname": "Yılmaz"}, {"name": "Ayşe", "surname": "Yılmaz"}])
def test_names_are_refused_once_for_all_contacts_since_verimor_keeps_none(make_pbx, name):
    contacts = [{"phone": "+905512369874", **name}, {"phone": "+905651236547", **name}]

    assert wrong_fields(make_pbx, smallest(contacts=contacts)) == ["contacts"]


# --- deleting, stopping and going on ----------------------------------------------------------------------------------


@pytest.mark.operation("verimor ivr_campaigns DELETE")
def test_m2_a_campaign_is_deleted_at_the_documents_path(make_pbx, printed):
    network = answering(body=printed("delete_campaign_done"))

    make_pbx(network).delete_campaign("112")

    assert (network.last.method, network.last_target) == ("DELETE", f"/ivr_campaigns/112?key={KEY}")
    assert network.last.body is None


def test_the_documents_deletion_as_printed_is_what_we_send(make_pbx):
    network = answering(body="OK")

    make_pbx(network).delete_campaign("112")

    printed = (SAMPLES / "delete_campaign.as_printed.txt").read_text(encoding="utf-8")
    assert f"{network.last.method} {network.last.url}" == printed.splitlines()[0]


@pytest.mark.parametrize("status", [400, 404])
def test_deleting_what_is_gone_is_no_error(make_pbx, printed, status):
    make_pbx(answering(status, printed("delete_campaign_refused"))).delete_campaign("112")


def test_a_deletion_refused_for_another_reason_is_an_error(make_pbx):
    with pytest.raises(Rejected):
        make_pbx(answering(400, "campaign is locked")).delete_campaign("112")


@pytest.mark.operation("verimor ivr_campaigns PATCH")
@pytest.mark.parametrize(("on", "status"), [(False, "off"), (True, "on")])
def test_m2_a_campaign_is_switched_by_a_form_at_the_documents_path(make_pbx, printed, on, status):
    network = answering(body=printed("switch_campaign_done"))

    make_pbx(network).switch_campaign("112", on=on)

    assert (network.last.method, network.last_target) == ("PATCH", "/ivr_campaigns/112")
    assert network.last.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert network.last.body == f"key={KEY}&status={status}".encode()


def test_the_documents_switch_as_printed_is_what_we_send(make_pbx, printed):
    network = answering(body="OK")

    make_pbx(network).switch_campaign("112", on=False)

    assert network.last.body == printed("switch_campaign").strip()


def test_switching_what_is_gone_is_rejected(make_pbx, printed):
    with pytest.raises(Rejected, match="refused") as refused:
        make_pbx(answering(400, printed("switch_campaign_refused"))).switch_campaign("112", on=True)

    assert "no such campaign" in refused.value.sentence


@pytest.mark.parametrize("campaign_id", ["", "..", "112/..", "abc", "1" * 19, "112?x=1"])
def test_what_is_no_number_never_becomes_a_campaigns_path(make_pbx, campaign_id):
    network = answering(body="OK")

    with pytest.raises(Rejected):
        make_pbx(network).delete_campaign(campaign_id)
    with pytest.raises(Rejected):
        make_pbx(network).switch_campaign(campaign_id, on=True)

    assert network.requests == []
