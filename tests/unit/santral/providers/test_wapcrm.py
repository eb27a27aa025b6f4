import json

import pytest
from pydantic import ValidationError

from santral.errors import (
    Busy,
    CredentialsRefused,
    InvalidRequest,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unintelligible,
    Unreachable,
)
from santral.http import Http
from santral.providers.ports import OutgoingMessage
from santral.providers.wapcrm import REFUSALS, WapCrm
from tests.fakes import answering

KEY = "canary-wapcrm-key"


def wapcrm(network=None, **secret):
    credentials = WapCrm.Credentials.model_validate({"secret_key": KEY, "default_channel_id": 15, **secret})
    return WapCrm(credentials, http=Http("wapcrm", credentials.base_url, transport=network) if network else None)


def envelope(*, data=None, status=True, code="", message="Success"):
    return {"data": data, "status": status, "message": message, "statusCode": code, "requestID": "0f80"}


def text_message(**changes):
    return OutgoingMessage(**{"user": "ayse@example.com", "to": "+908504900290", "text": "Merhaba", **changes})


def sent_body(**changes):
    network = answering(body=envelope(data="wamid.1"))
    wapcrm(network).send(text_message(**changes))
    return json.loads(network.last.body)


def test_a_text_is_sent_in_the_documents_words_and_nothing_else():
    network = answering(body=envelope(data="wamid.1"))

    assert wapcrm(network).send(text_message()) == "wamid.1"

    assert (network.last.method, network.last.url) == ("POST", "https://cxapi.wapcrm.net/api/chatoperation")
    assert network.last.headers["X-CIB-SecretKey"] == KEY
    assert network.last.headers["Content-Type"] == "application/json"
    assert json.loads(network.last.body) == {
        "instanceID": 15,
        "userKey": "ayse@example.com",
        "Incom": 4,
        "chatPhoneNumber": "908504900290",
        "messageType": 1,
        "messageText": "Merhaba",
    }


def test_a_file_is_sent_by_its_address_and_trimmed_name():
    body = sent_body(text=None, file_url=" https://files.example/a.jpeg ", file_name=" a.jpeg ")

    assert body == {
        "instanceID": 15,
        "userKey": "ayse@example.com",
        "Incom": 4,
        "chatPhoneNumber": "908504900290",
        "messageType": 2,
        "fileurl": "https://files.example/a.jpeg",
        "filename": "a.jpeg",
    }


@pytest.mark.parametrize("user", [7, "7"])
def test_a_numbered_user_goes_without_incom(user):
    body = sent_body(user=user)

    assert body["userID"] == 7
    assert not {"userKey", "Incom"} & body.keys()


def test_an_account_id_stays_text():
    body = sent_body(to=None, account_id="-1001585485053")

    assert body["chatAccountId"] == "-1001585485053"
    assert "chatPhoneNumber" not in body


@pytest.mark.parametrize(("channel", "instance"), [("16", 16), ("instance1", "instance1"), (None, 15)])
def test_a_channel_is_a_number_where_it_can_be_and_has_a_default(channel, instance):
    assert sent_body(channel_id=channel)["instanceID"] == instance


def test_the_headers_name_is_a_setting():
    network = answering(body=envelope(data=[]))

    wapcrm(network, options={"header_name": "X-WapCrm-SecretKey"}).check()

    assert network.last.headers["X-WapCrm-SecretKey"] == KEY
    assert "X-CIB-SecretKey" not in network.last.headers


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user": "ayse"}, "user"),
        ({"user": ""}, "user"),
        ({"to": None}, "to"),
        ({"text": None}, "text"),
        ({"text": "  "}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"file_url": "https://files.example/a", "file_name": "a"}, "text"),
        ({"text": None, "file_url": "https://files.example/a"}, "file_name"),
        ({"text": None, "file_url": "https://files.example/a", "file_name": " "}, "file_name"),
    ],
)
def test_what_wapcrm_would_refuse_is_named_before_anything_is_sent(changes, field):
    network = answering()

    with pytest.raises(InvalidRequest) as refusal:
        wapcrm(network).send(text_message(**changes))

    assert [error.field for error in refusal.value.errors] == [field]
    assert network.requests == []


def test_a_message_needs_a_channel():
    network = answering()

    with pytest.raises(InvalidRequest) as refusal:
        wapcrm(network, default_channel_id=None).send(text_message())

    assert [error.field for error in refusal.value.errors] == ["channel_id"]
    assert network.requests == []


def test_a_thousand_characters_fit():
    assert sent_body(text="ş" * 1000)["messageText"] == "ş" * 1000


@pytest.mark.parametrize(
    "body",
    [
        envelope(data="wamid.1"),
        envelope(data="wamid.1", status="true", code="0"),
        envelope(data="wamid.1", status="True", code=200),
        envelope(data="wamid.1", code="909"),
        {"Data": "wamid.1", "Status": True, "Message": "Success", "StatusCode": "", "RequestID": "0f80"},
    ],
)
def test_an_envelope_is_read_in_any_casing_and_typing(body):
    assert wapcrm(answering(body=body)).send(text_message()) == "wamid.1"


@pytest.mark.parametrize(
    ("data", "message_id"),
    [
        ("wamid.1", "wamid.1"),
        (" 17 ", "17"),
        (17, "17"),
        ("", None),
        (None, None),
        (True, None),
        ({}, None),
        ([], None),
    ],
)
def test_an_accepted_message_may_have_no_usable_id(data, message_id):
    assert wapcrm(answering(body=envelope(data=data))).send(text_message()) == message_id


REFUSED = {
    Busy: ["301", "302"],
    Unreachable: ["405", "408"],
    OutcomeUnknown: ["911"],
    CredentialsRefused: ["400", "500", "501", "502", "508", "509"],
    Rejected: [
        *("401", "404", "409", "503", "505", "506", "507", "510", "511", "512", "513", "514"),
        *("600", "601", "602", "603", "621", "622", "626", "900", "901", "902", "903", "905"),
        *("906", "907", "908", "920", "921", "922", "923", "777", "", "<b>", None),
    ],
}


@pytest.mark.parametrize(("error", "code"), [(error, code) for error, codes in REFUSED.items() for code in codes])
def test_every_status_code_is_one_of_our_errors_with_a_sentence(error, code):
    network = answering(body=envelope(status=False, code=code, message=f"{KEY} 908504900290"))

    with pytest.raises(OutsideFailure) as refusal:
        wapcrm(network).send(text_message())

    assert type(refusal.value) is error
    assert refusal.value.sentence.endswith(".")
    assert KEY not in str(refusal.value) + refusal.value.sentence
    assert "908504900290" not in str(refusal.value) + refusal.value.sentence
    assert len(network.requests) == 1


def test_the_table_has_every_code_of_the_vendors_list():
    listed = {code for codes in REFUSED.values() for code in codes} - {"777", "", "<b>", None}

    assert set(REFUSALS) == listed


@pytest.mark.parametrize("code", ["302", 302])
def test_the_limit_per_minute_says_when_to_come_back(code):
    with pytest.raises(Busy) as refusal:
        wapcrm(answering(body=envelope(status=False, code=code))).send(text_message())

    assert refusal.value.retry_after == 60


def test_the_daily_limit_says_tomorrow():
    with pytest.raises(Busy) as refusal:
        wapcrm(answering(body=envelope(status=False, code="301"))).send(text_message())

    assert "tomorrow" in refusal.value.sentence
    assert refusal.value.retry_after is None


@pytest.mark.parametrize("code", ["508", "509"])
def test_the_ip_allow_list_is_named(code):
    with pytest.raises(CredentialsRefused, match=code) as refusal:
        wapcrm(answering(body=envelope(status=False, code=code))).check()

    assert "IP address" in refusal.value.sentence


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>maintenance</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"null"),
        (200, b"{}"),
        (200, b'{"status": 2}'),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (201, json.dumps(envelope(data="wamid.1")).encode()),
        (302, b""),
        (404, b""),
        (500, json.dumps(envelope(status=False, code="503")).encode()),
        (503, b""),
    ],
)
def test_an_answer_without_an_envelope_leaves_a_send_unknown_and_a_read_unintelligible(status, body):
    network = answering(status, body)

    with pytest.raises(OutcomeUnknown):
        wapcrm(network).send(text_message())
    assert len(network.requests) == 1
    with pytest.raises(Unintelligible):
        wapcrm(network).check()


def test_a_system_error_leaves_no_read_in_doubt():
    with pytest.raises(Unintelligible):
        wapcrm(answering(body=envelope(status=False, code="911"))).check()


def test_check_reads_the_users():
    network = answering(body=envelope(data=[]))

    wapcrm(network).check()

    assert (network.last.method, network.last_target) == ("GET", "/api/users")


@pytest.mark.parametrize(
    "changes",
    [
        {"secret_key": ""},
        {"secret_key": "key\n"},
        {"base_url": "http://cxapi.wapcrm.net"},
        {"allow_http": True},
        {"options": {"header_name": "X Key"}},
        {"default_channel_id": ""},
        {"default_channel_id": True},
    ],
)
def test_a_secret_with_wrong_or_unknown_keys_is_refused(changes):
    with pytest.raises(ValidationError):
        WapCrm.Credentials.model_validate({"secret_key": KEY, **changes})


def test_credentials_print_without_their_secrets():
    assert KEY not in repr(WapCrm.Credentials(secret_key=KEY))
