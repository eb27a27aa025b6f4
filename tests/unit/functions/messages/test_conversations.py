from functions.messages.list_channels import handler as list_channels
from functions.messages.list_messages import handler as list_messages
from functions.messages.list_users import handler as list_users
from tests.fakes.doors import call, http, sample


def test_a_conversation_is_read_by_the_number_as_a_person_writes_it(tenant, messenger):
    heard = call(list_messages, sample("messages/list_messages"))

    assert messenger.asked == ("+905321234567", "15")
    assert heard.json == {
        "messages": [
            {
                "direction": "inbound",
                "text": "Merhaba",
                "sent_at": "2026-01-15T09:00:00Z",
                "channel_account": "905551112233",
                "phone": "905321234567",
            }
        ]
    }


def test_what_is_no_number_is_refused(tenant):
    heard = call(list_messages, http("messages/list_messages", query={"phone": "Ayşe"}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "phone")


def test_channels_and_users_are_listed(tenant):
    channels = call(list_channels, sample("messages/list_channels")).json["channels"]
    users = call(list_users, sample("messages/list_users")).json["users"]

    assert channels == [{"channel_id": "15", "name": "Satış", "account": "905551112233", "kind": "whatsapp"}]
    assert users == [{"user_id": "1", "name": "Ayşe Kaya", "login": "ayse@example.com"}]
