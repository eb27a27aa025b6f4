import pytest

from functions.messages.send import handler
from santral.errors import OutcomeUnknown
from santral.providers.ports import OutgoingMessage
from santral.store.directory import User
from tests.fakes.doors import call, http, sample


def test_the_sample_text_goes_out_as_the_acting_user(tenant, messenger):
    heard = call(handler, sample("messages/send"))

    assert (heard.status, heard.json) == (202, {"message_id": "wapcrm:wamid.1", "state": "accepted"})
    assert messenger.sent == [
        OutgoingMessage(user="ayse@example.com", to="+905321234567", text="Merhaba, teklifiniz hazır.")
    ]


def test_the_sample_file_goes_out_as_the_user_named(tenant, messenger):
    assert call(handler, sample("messages/send_file")).status == 202
    assert messenger.sent[0].user == "leyla@example.com"
    assert (messenger.sent[0].file_name, messenger.sent[0].channel_id) == ("teklif.pdf", "15")


def test_the_directory_may_know_another_wapcrm_user(tenant, messenger):
    tenant.directory.remember(User(email="ayse@example.com", wapcrm_user="ayse@wap.example"))
    call(handler, sample("messages/send"))

    assert messenger.sent[0].user == "ayse@wap.example"


def test_the_message_is_kept(tenant):
    call(handler, sample("messages/send"))

    row = tenant.table.get("MESSAGE#wapcrm:wamid.1")
    assert (row["to"], row["state"]) == ("+905321234567", "accepted")


def test_the_same_text_twice_goes_out_once_and_another_text_goes_out(tenant, messenger):
    call(handler, sample("messages/send"))
    call(handler, sample("messages/send"))
    call(handler, http("messages/send", body={"to": "0532 123 45 67", "text": "Something else"}))

    assert [message.text for message in messenger.sent] == ["Merhaba, teklifiniz hazır.", "Something else"]


def test_an_unknown_outcome_is_final(tenant, messenger):
    messenger.failure = OutcomeUnknown("no answer", system="wapcrm")
    first = call(handler, sample("messages/send"))
    messenger.failure = None
    second = call(handler, sample("messages/send"))

    assert (first.status, second.status, len(messenger.sent)) == (504, 504, 1)


@pytest.mark.parametrize(
    ("provider_id", "message_id"),
    [
        ("wamid.HB/gM+OT==", "wapcrm:wamid.HB_gM-OT.."),
        ("4711", "wapcrm:4711"),
        ("a b", "wapcrm:send-"),
        (None, "wapcrm:send-"),
    ],
)
def test_a_messages_id_comes_from_the_provider_and_fits_an_address(
    tenant, messenger, monkeypatch, provider_id, message_id
):
    monkeypatch.setattr(messenger, "send", lambda message: provider_id)

    assert call(handler, sample("messages/send")).json["message_id"].startswith(message_id)


@pytest.mark.parametrize(
    "body",
    [
        {"text": "x"},
        {"to": "0532 123 45 67"},
        {"to": "0532 123 45 67", "account_id": "-1", "text": "x"},
        {"to": "0532 123 45 67", "text": "x", "file_url": "https://a.example/f", "file_name": "f"},
        {"to": "0532 123 45 67", "file_url": "https://a.example/f"},
        {"to": "0532 123 45 67", "file_url": "file:///etc/passwd", "file_name": "f"},
        {"to": "0532 123 45 67", "text": "x" * 1001},
        {"to": "155", "text": "x"},
    ],
)
def test_a_message_without_one_receiver_and_one_content_is_refused(tenant, messenger, body):
    heard = call(handler, http("messages/send", body=body))

    assert (heard.status, heard.json["code"]) == (422, "invalid_request")
    assert messenger.sent == []


def test_beyond_the_quota_nothing_is_sent(tenant, messenger, monkeypatch):
    monkeypatch.setattr(tenant, "settings", tenant.settings.model_copy(update={"messages_per_user_hour": 1}))
    heard = [call(handler, http("messages/send", body={"to": "0532 123 45 67", "text": text})) for text in "ab"]

    assert [it.status for it in heard] == [202, 429]
    assert heard[1].json["code"] == "quota_exceeded"
    assert len(messenger.sent) == 1


def test_a_denied_number_is_not_written_to(tenant, messenger):
    heard = call(handler, http("messages/send", body={"to": "0900 123 45 67", "text": "x"}))

    assert heard.json["code"] == "destination_not_allowed"
    assert messenger.sent == []


@pytest.mark.parametrize(("user", "code"), [("nobody@example.com", "unknown_user"), (None, "invalid_request")])
def test_the_sender_has_to_be_known(tenant, messenger, user, code):
    heard = call(handler, http("messages/send", headers={"x-crm-user": user}))

    assert heard.json["code"] == code
    assert messenger.sent == []
