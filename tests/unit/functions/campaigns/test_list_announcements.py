from functions.campaigns.list_announcements import handler as list_announcements
from tests.fakes.doors import call, sample


def test_announcements_are_listed(tenant):
    heard = call(list_announcements, sample("campaigns/list_announcements"))

    assert heard.json == {"announcements": [{"id": "456", "name": "Hoş geldiniz"}]}
