import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from santral.calls import Direction
from santral.errors import NotUnderstood
from santral.messages import MessageEvent, MessageState, message_id
from santral.providers.ports import OutgoingMessage, Webhook
from tests.fakes import answering
from tests.fakes.wapcrm import envelope, wapcrm

SAMPLES = Path(__file__).parents[5] / "events" / "webhooks"
WAMID = "wamid.HBgMOTA1MzIxMjM0NTY3FQIAEhgUM0VCMA=="
ITEM = {
    "id": WAMID,
    "body": "Merhaba 👋\nOrada mısınız?",
    "type": "chat",
    "time": 1767603600,
    "chatId": "905321234567@c.us",
    "fromMe": False,
    "senderName": "Hüseyin Kaya",
}
ACK = {"InstanceID": 15, "InstanceMessageID": WAMID, "Status": 2, "StatusText": "Delivered"}


def told(body):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return wapcrm(webhook_tokens=["new-token", "old-token"]).events(Webhook({}, content))


def message(**changes):
    (event,) = told({"InstanceID": "15", "messages": [{**ITEM, **changes}]})
    return event


def acknowledged(**changes):
    return told({**ACK, **changes})


@pytest.mark.operation("wapcrm message webhook")
def test_a_customers_message_is_told_in_our_words():
    assert message() == MessageEvent(
        message_id="wapcrm:wamid.HBgMOTA1MzIxMjM0NTY3FQIAEhgUM0VCMA..",
        provider="wapcrm",
        state=MessageState.RECEIVED,
        direction=Direction.INBOUND,
        channel_id="15",
        phone="905321234567",
        name="Hüseyin Kaya",
        text="Merhaba 👋\nOrada mısınız?",
        sent_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("sample", ["message", "file", "acknowledgement"])
def test_the_samples_of_the_webhook_are_understood(sample):
    assert len(told((SAMPLES / f"wapcrm_{sample}.body.json").read_bytes())) == 1


def test_a_message_we_wrote_elsewhere_is_told_as_ours():
    event = message(fromMe="true")

    assert (event.state, event.direction, event.phone, event.name) == (
        MessageState.SENT,
        Direction.OUTBOUND,
        "905321234567",
        None,
    )


def test_several_messages_in_one_body_are_all_told():
    events = told({"InstanceID": "15", "messages": [{**ITEM, "id": "a"}, {**ITEM, "id": "b"}, {**ITEM, "id": "a"}]})

    assert [event.message_id for event in events] == ["wapcrm:a", "wapcrm:b", "wapcrm:a"]
    assert events[0] == events[2]


@pytest.mark.parametrize(
    ("body", "kind", "file_name"),
    [
        ("https://cdn.wapcrm.example/f/8f0c/fatura.pdf?sig=canary-signature", "document", "fatura.pdf"),
        ("https://cdn.wapcrm.example/f/tekl%C4%B1f%20son.pdf", "document", "teklıf son.pdf"),
        ("https://cdn.wapcrm.example/", "image", "image"),
        ("https://cdn.wapcrm.example/a.jpeg", "", "a.jpeg"),
        ("http://[broken/x", "image", "image"),
    ],
)
def test_a_file_is_told_by_its_name_and_its_address_is_not_kept(body, kind, file_name):
    event = message(body=body, type=kind)

    assert (event.text, event.file_name) == (None, file_name)
    assert "canary" not in event.written()
    assert "https" not in event.written()


def test_a_link_somebody_wrote_is_a_text():
    event = message(body="https://example.com/?q=1", type="chat")

    assert (event.text, event.file_name) == ("https://example.com/?q=1", None)


@pytest.mark.parametrize(
    ("chat_id", "phone", "account_id"),
    [
        ("994557967473@c.us", "994557967473", None),
        ("-1001585485053", None, "-1001585485053"),
        ("1203630@g.us", None, "1203630@g.us"),
        ("", None, None),
    ],
)
def test_a_chat_is_a_number_or_an_account(chat_id, phone, account_id):
    event = message(chatId=chat_id)

    assert (event.phone, event.account_id) == (phone, account_id)


@pytest.mark.parametrize(
    ("time", "sent_at"),
    [
        (1767603600, datetime(2026, 1, 5, 9, 0, tzinfo=UTC)),
        ("1767603600", datetime(2026, 1, 5, 9, 0, tzinfo=UTC)),
        (1767603600123, datetime(2026, 1, 5, 9, 0, tzinfo=UTC)),
        (None, None),
        ("yesterday", None),
        (0, None),
        (-5, None),
        (True, None),
        (10**30, None),
    ],
)
def test_a_message_is_of_its_time_or_of_none(time, sent_at):
    assert message(time=time).sent_at == sent_at


def test_w7_names_are_read_in_any_casing():
    item = {name.upper(): value for name, value in ITEM.items()}

    assert told({"instanceId": 15, "Messages": [item]}) == [message()]
    assert told({name.lower(): value for name, value in ACK.items()}) == acknowledged()


def test_a_message_without_an_id_is_the_same_each_time_it_is_told():
    first, again, other = message(id=None), message(id=""), message(id=None, body="Başka")

    assert first.message_id == again.message_id != other.message_id


def test_what_no_queue_takes_is_taken_out_of_a_text():
    assert message(body="a\x00b\ud800c\td").text == "a b c\td"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (1, MessageState.SENT),
        (2, MessageState.DELIVERED),
        ("3", MessageState.READ),
        (4, MessageState.FAILED),
    ],
)
@pytest.mark.operation("wapcrm message webhook")
def test_an_acknowledgement_tells_how_far_our_message_has_come(status, state):
    assert acknowledged(Status=status) == [
        MessageEvent(
            message_id="wapcrm:wamid.HBgMOTA1MzIxMjM0NTY3FQIAEhgUM0VCMA..",
            provider="wapcrm",
            state=state,
            direction=Direction.OUTBOUND,
            channel_id="15",
            reason="Delivered" if state is MessageState.FAILED else None,
        )
    ]


@pytest.mark.parametrize("told_id", [WAMID, "17", "false_905321234567@c.us_3EB0", " spaced "])
def test_an_acknowledgement_meets_what_was_sent_whatever_the_form_of_its_id(told_id):
    sent = wapcrm(answering(body=envelope(data=told_id))).send(
        OutgoingMessage(user=1, to="+905321234567", text="Merhaba")
    )

    (event,) = acknowledged(InstanceMessageID=told_id)

    assert event.message_id == message_id("wapcrm", sent)
    assert "905321234567" not in event.message_id


@pytest.mark.parametrize("status", [0, 5, "0", "5"])
def test_pending_and_deleted_tell_nothing(status):
    assert acknowledged(Status=status) == []


@pytest.mark.parametrize("told_id", [None, "", "  "])
def test_an_acknowledgement_without_an_id_leads_to_no_message(told_id):
    assert acknowledged(InstanceMessageID=told_id) == []


def test_a_failed_message_says_why_without_addresses_or_numbers():
    reason = "Not on WhatsApp: 905321234567, see https://help.example/?key=canary-key"

    (event,) = acknowledged(Status=4, ReasonDetailForNotSent=reason)

    assert event.reason == "Not on WhatsApp: [number …67], see [url]"


def test_a_system_event_is_taken_and_tells_nothing():
    assert told({"type": "customer.selection_changed", "data": {"phone": "905321234567"}}) == []


@pytest.mark.parametrize("body", [b"", b"{}", b" { }\r\n", b"\n"])
def test_a_probe_tells_nothing(body):
    assert told(body) == []


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"\xff",
        b"[]",
        b"null",
        b'"x"',
        b"[" * 100_000,
        b'{"InstanceID": 15}',
        b'{"messages": null}',
        b'{"messages": {}}',
        b'{"messages": ["x"]}',
        b'{"messages": [{"id": "a"}, {"id": {}}]}',
        json.dumps({"messages": [ITEM] * 1001}).encode(),
        json.dumps({"messages": [{**ITEM, "body": "x" * 20_001}]}).encode(),
        json.dumps({**ACK, "Status": 7}).encode(),
        json.dumps({**ACK, "Status": "read"}).encode(),
        json.dumps({**ACK, "Status": None}).encode(),
        b'{"InstanceMessageID": "a"}',
        b'{"InstanceMessageID": ["a"], "Status": 1}',
        b'{"type": 7}',
    ],
)
def test_what_has_none_of_the_forms_is_not_understood_and_not_quoted(body):
    with pytest.raises(NotUnderstood) as refusal:
        told(body)

    assert "Merhaba" not in str(refusal.value)


def test_a_body_kept_is_told_as_it_would_have_been():
    body = json.dumps(ACK).encode()

    assert wapcrm().events_kept(body) == wapcrm().events(Webhook({}, body))


@pytest.mark.parametrize(("token", "ours"), [("new-token", True), ("old-token", True), ("other", False), ("", False)])
def test_every_configured_path_token_opens_the_door(token, ours):
    assert wapcrm(webhook_tokens=["new-token", "old-token"]).authentic(token) is ours


def test_without_a_token_the_door_stays_shut():
    assert not wapcrm().authentic("")


def test_the_acknowledgement_is_empty_json():
    answer = wapcrm().acknowledgement()

    assert (answer.body, answer.headers) == ("{}", {"content-type": "application/json"})
