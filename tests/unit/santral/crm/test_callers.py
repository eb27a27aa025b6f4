"""Whose number it is, is asked once in a while and remembered by all workers."""

from datetime import timedelta

import pytest

from santral.calls import RecordLink
from santral.crm.callers import find_callers, remember, settled
from santral.errors import Busy

NUMBER = "+905321234567"
OTHER = "+905339876543"
LEAD = RecordLink(module="Leads", id="9", name="Unknown caller")


def found(number=NUMBER, record_id="1", **fields):
    return {"id": record_id, "Full_Name": f"Person {record_id}", "Phone": number, **fields}


@pytest.fixture
def searched(zoho):
    """How many searches were made since last asked."""

    def since():
        count = len(zoho.requests)
        zoho.requests.clear()
        return count

    return since


def later(tenant, seconds):
    now = tenant.clock()
    tenant.matches._clock = lambda: now + timedelta(seconds=seconds)


def test_a_number_is_asked_for_once_and_others_with_it_share_the_request(tenant, zoho, searched):
    zoho.found["Contacts"] = [found()]
    first = find_callers(tenant, [NUMBER])
    assert (first[NUMBER][0].id, searched()) == ("1", 1)

    assert find_callers(tenant, [NUMBER]) == first
    assert searched() == 0
    assert find_callers(tenant, [NUMBER, OTHER]) == {NUMBER: first[NUMBER], OTHER: ()}
    assert searched() == 1


@pytest.mark.parametrize(
    ("module", "good_for"), [("Contacts", 300), ("Accounts", 300), ("Leads", 60), (None, 60)], ids=str
)
def test_a_contact_is_remembered_for_minutes_a_lead_or_nobody_for_one(tenant, zoho, searched, module, good_for):
    zoho.found = {module: [found()]} if module else {}
    find_callers(tenant, [NUMBER])
    searched()
    later(tenant, good_for - 1)
    find_callers(tenant, [NUMBER])
    assert searched() == 0
    later(tenant, good_for)
    find_callers(tenant, [NUMBER])

    assert searched() == 1


def test_a_lead_just_made_is_known_before_any_search_finds_it(tenant, searched):
    find_callers(tenant, [NUMBER])
    searched()
    remember(tenant, NUMBER, (LEAD,))

    assert find_callers(tenant, [NUMBER]) == {NUMBER: (LEAD,)}
    assert searched() == 0


def test_that_the_crm_could_not_be_asked_is_not_remembered(tenant, zoho):
    zoho.found["Leads"] = {"code": "TOO_MANY_REQUESTS", "status": "error"}
    with pytest.raises(Busy):
        find_callers(tenant, [NUMBER])
    zoho.found["Leads"] = [found(record_id="2")]

    assert find_callers(tenant, [NUMBER])[NUMBER][0].id == "2"


def test_a_lead_is_not_settled_since_it_may_be_converted_while_they_talk():
    contact, account = RecordLink(module="Contacts", id="1"), RecordLink(module="Accounts", id="3")

    assert [settled(each) for each in ((contact, LEAD), (account,), (LEAD, account), ())] == [True, True, False, False]
