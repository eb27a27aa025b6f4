# The numbers W1 to W13 are those of the open points in santral.providers.wapcrm.
import json
import re
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from pydantic import ValidationError

from santral.calls import Direction
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
from santral.providers import lenient_json
from santral.providers.ports import Channel, MessageUser, OutgoingMessage, PastMessage
from santral.providers.wapcrm import WapCrm
from santral.providers.wapcrm.client import _PastMessage
from santral.providers.wapcrm.envelope import REFUSALS
from tests.fakes import answering
from tests.fakes.wapcrm import KEY, envelope, printed, wapcrm

FILE = {"text": None, "file_url": " https://files.example/a.jpeg ", "file_name": " a.jpeg "}


def text_message(**changes):
    return OutgoingMessage(**{"user": "ayse@example.com", "to": "+908504900290", "text": "Merhaba", **changes})


def sent_body(**changes):
    network = answering(body=envelope(data="wamid.1"))
    wapcrm(network).send(text_message(**changes))
    return json.loads(network.last.body)


def assert_asked(network, method, path):
    """The request is this one, with the key and nothing in its query."""
    assert (network.last.method, network.last.url) == (method, f"https://cxapi.wapcrm.net{path}")
    assert network.last.headers["X-CIB-SecretKey"] == KEY
    if method == "POST":
        assert network.last.headers["Content-Type"] == "application/json"
    else:
        assert network.last.body is None


def names_printed(sample):
    """Return the field names of a sample that holds descriptions instead of values, and so is no JSON."""
    return re.findall(r'^\s*"(\w+)" *:', sample.decode(), re.MULTILINE)


@pytest.mark.operation("wapcrm chatoperation")
def test_a_text_is_sent_in_the_documents_words_and_nothing_else():
    network = answering(body=envelope(data="wamid.1"))

    assert wapcrm(network).send(text_message()) == "wamid.1"

    assert_asked(network, "POST", "/api/chatoperation")
    assert json.loads(network.last.body) == {
        "instanceID": 15,
        "userKey": "ayse@example.com",
        "Incom": 4,
        "chatPhoneNumber": "908504900290",
        "messageType": 1,
        "messageText": "Merhaba",
    }


def test_w12_the_sample_of_a_message_is_read_and_every_field_we_send_is_one_of_its():
    sample = lenient_json.read(printed("chatoperation"))
    text, file = sent_body(user=1, to="+90 850 490 02 90", account_id="-1001585485053"), sent_body(**FILE)

    assert sample["messageText"] == "WapCRM Test Mesajı"
    assert sample["filename"] == "wapcrm. jpeg "
    assert {**text, **file}.keys() == sample.keys()
    assert {name: text[name] for name in ("instanceID", "userID", "chatPhoneNumber", "chatAccountId")} == {
        name: sample[name] for name in ("instanceID", "userID", "chatPhoneNumber", "chatAccountId")
    }


def test_w12_the_sample_of_an_envelope_is_read():
    assert wapcrm(answering(body=printed("envelope"))).send(text_message()) is None


def test_a_file_is_sent_by_its_address_and_trimmed_name():
    body = sent_body(**FILE)

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
def test_w4_a_numbered_user_goes_without_incom(user):
    body = sent_body(user=user)

    assert body["userID"] == 7
    assert not {"userKey", "Incom"} & body.keys()


def test_w5_an_account_id_stays_text_and_needs_no_number():
    body = sent_body(to=None, account_id="-1001585485053")

    assert body["chatAccountId"] == "-1001585485053"
    assert "chatPhoneNumber" not in body


def test_w5_a_number_and_an_account_id_go_together_where_both_are_known():
    body = sent_body(account_id="-1001585485053")

    assert (body["chatPhoneNumber"], body["chatAccountId"]) == ("908504900290", "-1001585485053")


@pytest.mark.parametrize(
    ("to", "sent"),
    [
        ("+905321234567", "905321234567"),
        ("0532 123 45 67", "905321234567"),
        ("5321234567", "905321234567"),
        ("00994557967473", "994557967473"),
        ("+994557967473", "994557967473"),
        ("994557967473", "994557967473"),
        ("123456789", "123456789"),
    ],
)
def test_w3_a_number_goes_out_as_digits_with_its_country_code(to, sent):
    assert sent_body(to=to)["chatPhoneNumber"] == sent


@pytest.mark.parametrize(("channel", "instance"), [("16", 16), ("instance1", "instance1"), (None, 15)])
def test_w2_a_channel_is_a_number_where_it_can_be_and_has_a_default(channel, instance):
    assert sent_body(channel_id=channel)["instanceID"] == instance


def test_w1_the_headers_name_is_a_setting():
    network = answering(body=envelope(data=[]))

    wapcrm(network, options={"header_name": "X-WapCrm-SecretKey"}).check()

    assert network.last.headers["X-WapCrm-SecretKey"] == KEY
    assert "X-CIB-SecretKey" not in network.last.headers


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user": "ayse"}, "user"),  # W4
        ({"user": ""}, "user"),  # W4
        ({"to": None}, "to"),  # W5
        ({"to": "+12345"}, "to"),  # W3
        ({"to": "12345678"}, "to"),  # W3
        ({"text": " ", "file_url": " "}, "text"),
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
def test_w7_w8_an_envelope_is_read_in_any_casing_and_its_status_alone_counts(body):
    assert wapcrm(answering(body=body)).send(text_message()) == "wamid.1"


@pytest.mark.parametrize(
    ("data", "message_id"),
    [
        ("wamid.1", "wamid.1"),
        (" 17 ", "17"),
        (17, "17"),
        ("false_905321234567@c.us_3EB0", sha256(b"false_905321234567@c.us_3EB0").hexdigest()),
        ("", None),
        (None, None),
        (True, None),
        ({}, None),
        ([], None),
    ],
)
def test_w9_an_accepted_message_may_have_no_usable_id(data, message_id):
    assert wapcrm(answering(body=envelope(data=data))).send(text_message()) == message_id


REFUSED = {
    Busy: ["301", "302"],
    Unreachable: ["405", "408"],
    OutcomeUnknown: ["911"],
    CredentialsRefused: ["400", "500", "501", "502", "508", "509"],
    Rejected: [
        *("401", "404", "409", "503", "505", "506", "507", "510", "511", "512", "513", "514"),
        *("600", "601", "602", "603", "621", "622", "900", "901", "902", "903", "905"),
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


def test_on_a_send_nothing_found_is_a_refusal_like_any_other():
    with pytest.raises(Rejected):
        wapcrm(answering(body=envelope(status=False, code="626"))).send(text_message())


@pytest.mark.parametrize("status", [True, False])
def test_opted_out_already_is_done(status):
    assert wapcrm(answering(body=envelope(status=status, code="909", data="1"))).send(text_message()) == "1"


@pytest.mark.parametrize("code", ["626", 626])
def test_for_a_read_nothing_found_is_an_empty_list(code):
    pbx = wapcrm(answering(body=envelope(status=False, code=code)))

    assert pbx.messages(phone="+905321234567", channel_id=None) == []
    assert (pbx.users(), pbx.channels(), pbx.outcomes()) == ([], [], [])


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


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_is_told_so(status):
    network = answering(status, f"{KEY} 908504900290")

    for ask in (lambda: wapcrm(network).send(text_message()), lambda: wapcrm(network).users()):
        with pytest.raises(CredentialsRefused) as refusal:
            ask()
        assert KEY not in str(refusal.value) + refusal.value.sentence
    assert len(network.requests) == 2


def test_a_system_error_leaves_no_read_in_doubt():
    with pytest.raises(Unintelligible):
        wapcrm(answering(body=envelope(status=False, code="911"))).check()


@pytest.mark.operation("wapcrm users")
def test_users_are_listed():
    network = answering(
        body=envelope(data=[{"userID": 1, "userFullName": "Ayşe Yılmaz", "userName": "ayse@example.com"}])
    )

    assert wapcrm(network).users() == [MessageUser("1", "Ayşe Yılmaz", "ayse@example.com")]

    assert_asked(network, "GET", "/api/users")


def test_check_reads_the_users():
    network = answering(body=envelope(data=[]))

    wapcrm(network).check()

    assert_asked(network, "GET", "/api/users")


@pytest.mark.parametrize(
    "row",
    [
        {"UserID": "2", "UserFullName": "Mehmet"},
        {"USERID": 2, "userfullname": "Mehmet", "userName": None},
        {"id": 2, "name": "Mehmet", "userName": ""},
    ],
)
def test_w7_a_user_is_read_in_any_casing(row):
    assert wapcrm(answering(body=envelope(data=[row]))).users() == [MessageUser("2", "Mehmet", None)]


@pytest.mark.operation("wapcrm Instances")
def test_channels_are_listed():
    row = {"instanceID": 15, "account": "908504900290", "instanceName": "Satış", "instanceType": 1}
    network = answering(body=envelope(data=[row]))

    assert wapcrm(network).channels() == [Channel("15", "Satış", "908504900290", "whatsapp")]

    assert_asked(network, "GET", "/api/Instances")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (1, "whatsapp"),
        ("2", "instagram"),
        (3, "facebook"),
        (4, "telegram"),
        (5, "voip"),
        (6, "sms"),
        (7, "unknown"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_a_channels_kind_is_in_our_words(told, kind):
    row = {"InstanceId": "instance1", "instanceType": told}

    assert wapcrm(answering(body=envelope(data=[row]))).channels() == [Channel("instance1", "", "", kind)]


@pytest.mark.operation("wapcrm messagelistforphone")
def test_the_messages_of_a_number_are_listed_oldest_first():
    rows = [
        {
            "channelnumber": "908504900290",
            "sentdate": "2026-01-05",
            "senttime": "12:00:05",
            "customernumber": "905321234567",
            "message": "Merhaba",
            "messagesource": "ME",
        },
        {
            "channelnumber": "908504900290",
            "sentdate": "2026-01-05",
            "senttime": "11:59:00",
            "customernumber": "905321234567",
            "message": "Orada mısınız?",
            "messagesource": "CUSTOMER",
        },
    ]
    network = answering(body=envelope(data=rows))

    told = wapcrm(network).messages(phone="+905321234567", channel_id="15")

    assert_asked(network, "POST", "/api/messagelistforphone")
    assert json.loads(network.last.body) == {"chatPhoneNumber": "905321234567", "instanceID": 15}
    assert told == [
        PastMessage(
            Direction.INBOUND,
            "Orada mısınız?",
            datetime(2026, 1, 5, 8, 59, tzinfo=UTC),
            "908504900290",
            "905321234567",
        ),
        PastMessage(
            Direction.OUTBOUND, "Merhaba", datetime(2026, 1, 5, 9, 0, 5, tzinfo=UTC), "908504900290", "905321234567"
        ),
    ]


def test_w12_the_sample_of_the_message_list_names_what_we_send_and_read():
    network = answering(body=envelope(data=[]))
    wapcrm(network).messages(phone="+905321234567", channel_id="15")
    fields = {name.replace("_", "") for name in _PastMessage.model_fields}

    assert set(names_printed(printed("messagelistforphone_request"))) == json.loads(network.last.body).keys()
    assert set(names_printed(printed("messagelistforphone"))) - {"data"} == fields


def test_all_channels_are_asked_for_by_naming_none():
    network = answering(body=envelope(data=[]))

    wapcrm(network).messages(phone="+905321234567", channel_id=None)

    assert json.loads(network.last.body) == {"chatPhoneNumber": "905321234567"}


def test_a_number_too_short_has_no_messages():
    network = answering()

    with pytest.raises(InvalidRequest):
        wapcrm(network).messages(phone="12345", channel_id=None)

    assert network.requests == []


def past(**row):
    rows = [{"messagesource": "ME", "message": "a", **row}, {"messagesource": "ME", "message": "b"}]
    return wapcrm(answering(body=envelope(data=rows))).messages(phone="+905321234567", channel_id=None)


@pytest.mark.parametrize(
    ("date", "time", "moment"),
    [
        ("2026-01-05", "12:00:05", datetime(2026, 1, 5, 9, 0, 5, tzinfo=UTC)),
        ("2026-01-05", "12:00", datetime(2026, 1, 5, 9, 0, tzinfo=UTC)),
        ("2026-01-05", "12:00:05.1234567", datetime(2026, 1, 5, 9, 0, 5, tzinfo=UTC)),
        ("2026-01-05", "12:00:05Z", datetime(2026, 1, 5, 12, 0, 5, tzinfo=UTC)),
        ("2026-01-05", "12:00:05+04:00", datetime(2026, 1, 5, 8, 0, 5, tzinfo=UTC)),
        ("05.01.2026", "12:00:05", datetime(2026, 1, 5, 9, 0, 5, tzinfo=UTC)),
        ("5.1.2026", "12:00", datetime(2026, 1, 5, 9, 0, tzinfo=UTC)),
        ("2026-13-05", "12:00", None),
        ("2026-01-05", "", None),
        ("Jan 5", "noon", None),
        (None, None, None),
        (20260105, 1200, None),
    ],
)
def test_w10_a_message_is_of_its_time_or_of_none(date, time, moment):
    assert past(sentdate=date, senttime=time)[0].sent_at == moment


def test_w10_with_a_time_missing_the_order_told_stays():
    assert [message.text for message in past(sentdate="2026-01-05", senttime="12:00")] == ["a", "b"]


def test_a_file_we_sent_comes_back_without_the_signature_that_opens_it():
    link = "https://bucket.example/a.jpeg?X-Amz-Expires=900&X-Amz-Signature=canary-signature"

    assert past(message=f"{link} ?")[0].text == "https://bucket.example/a.jpeg ?"


def test_a_link_somebody_wrote_stays_whole():
    assert past(message="https://example.com/?q=1")[0].text == "https://example.com/?q=1"


def test_a_row_that_is_not_understood_hides_no_other_and_is_counted(monkeypatch):
    counts = []
    monkeypatch.setattr("santral.providers.rows.count", lambda *counted: counts.append(counted))
    rows = [{"messagesource": "BOT"}, "row", None, {"message": ["a"], "messagesource": "ME"}, {"messagesource": "me"}]

    assert len(wapcrm(answering(body=envelope(data=rows))).messages(phone="+905321234567", channel_id=None)) == 1
    assert counts == [("rows_not_understood", 4)]


@pytest.mark.parametrize("data", [{}, "text", 7, True])
def test_what_is_no_list_is_unintelligible(data):
    with pytest.raises(Unintelligible):
        wapcrm(answering(body=envelope(data=data))).users()


@pytest.mark.parametrize("data", [None, "", []])
def test_a_list_may_be_empty_in_three_forms(data):
    assert wapcrm(answering(body=envelope(data=data))).users() == []


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
