from functions.messages.list_users import handler
from tests.fakes.doors import call, sample


def test_who_can_send_messages_is_listed(tenant):
    users = call(handler, sample("messages/list_users")).json["users"]

    assert users == [{"user_id": "1", "name": "Ayşe Kaya", "login": "ayse@example.com"}]
