from functions.messages.list_messages import handler as list_messages
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
