from functions.campaigns.add_contacts import handler as add_contacts
from santral.errors import OutcomeUnknown
from tests.fakes.doors import call, http, sample


def test_contacts_are_added_one_by_one_and_each_says_what_became_of_it(tenant, call_center):
    call_center.failures = {"+905331234567": OutcomeUnknown("no answer", system="kobikom")}
    heard = call(add_contacts, sample("campaigns/add_contacts"))

    assert heard.json["contacts"] == [
        {"phone": "+905321234567", "state": "added"},
        {"phone": "+905331234567", "state": "unknown"},
    ]
    assert [(done[1], done[2].name) for done in call_center.done] == [("12", "Elif"), ("12", None)]


def test_contacts_are_added_once_however_often_it_is_asked_for(tenant, call_center):
    first = call(add_contacts, sample("campaigns/add_contacts"))
    second = call(add_contacts, sample("campaigns/add_contacts"))

    assert (second.json, len(call_center.done)) == (first.json, 2)


def test_no_more_than_fifty_contacts_are_added_at_a_time(tenant, call_center):
    contacts = [{"phone": f"0532123{number:04}"} for number in range(51)]
    heard = call(add_contacts, http("campaigns/add_contacts", body={"contacts": contacts}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "contacts")
    assert call_center.done == []


def test_a_provider_without_later_contacts_says_so(tenant):
    heard = call(add_contacts, http("campaigns/add_contacts", path={"campaign_id": "verimor:20212"}))

    assert (heard.status, heard.json["code"]) == (422, "not_supported")
