from functions.campaigns.remove_contact import handler as remove_contact
from tests.fakes.doors import call, sample


def test_a_contact_is_removed_by_its_number(tenant, call_center):
    heard = call(remove_contact, sample("campaigns/remove_contact"))

    assert (heard.status, heard.text) == (204, "")
    assert call_center.done == [("remove contact", "12", "+905321234567")]
