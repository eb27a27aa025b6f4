import pytest
from werkzeug.test import Client

from simulators.demo_data import Channel
from simulators.timeline import SteppedTime
from simulators.wapcrm import KEY_HEADER, WapCrm
from simulators.wapcrm_chats import MessageScript
from simulators.wapcrm_quirks import Quirks

SECRET = "the-company-key"
TEXT = {"instanceID": 15, "userID": 1, "chatPhoneNumber": "905321234567", "messageType": 1, "messageText": "Merhaba"}
FILE = {
    "instanceID": 15,
    "Incom": 4,
    "userKey": "leyla@example.com",
    "chatPhoneNumber": "994557967473",
    "messageType": 2,
    "fileurl": "https://files.example.com/wapcrm.jpeg",
    "filename": "wapcrm.jpeg",
}


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def wapcrm(timeline):
    return WapCrm(secret_key=SECRET, timeline=timeline)


@pytest.fixture
def client(wapcrm):
    return Client(wapcrm.wsgi_app)


def send(client, model):
    return client.post("/api/chatoperation", json=model, headers={KEY_HEADER: SECRET})


def refusal(answer):
    envelope = answer.get_json()
    assert answer.status_code == 200
    assert envelope["status"] is False
    assert envelope["data"] is None
    assert envelope["requestID"]
    return envelope["statusCode"]


def without(model, *fields):
    return {field: value for field, value in model.items() if field not in fields}


# Who may ask


@pytest.mark.parametrize("path", ["/api/users", "/api/Instances", "/api/messagelistforphone"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("headers", "code"), [({}, "400"), ({KEY_HEADER: " "}, "400"), ({KEY_HEADER: "guess"}, "500")])
def test_without_the_key_nothing_is_answered(client, path, method, headers, code):
    answer = client.open(path, method=method, json={"chatPhoneNumber": "905321234567"}, headers=headers)

    assert refusal(answer) == code


def test_without_the_key_nothing_is_sent(client, wapcrm):
    assert refusal(client.post("/api/chatoperation", json=TEXT)) == "400"
    assert refusal(client.post("/api/chatoperation", json=TEXT, headers={KEY_HEADER: SECRET + "x"})) == "500"
    assert wapcrm.sent == []


@pytest.mark.parametrize(
    ("allowed_ips", "code"), [((), "508"), (("203.0.113.7",), "509"), (("127.0.0.1",), ""), (None, "")]
)
def test_the_callers_address_must_be_registered(allowed_ips, code):
    client = Client(WapCrm(secret_key=SECRET, allowed_ips=allowed_ips).wsgi_app)

    answer = client.get("/api/users", headers={KEY_HEADER: SECRET}, environ_base={"REMOTE_ADDR": "127.0.0.1"})

    assert answer.get_json()["statusCode"] == code


def test_no_answer_repeats_a_key(client):
    guess = client.get("/api/users", headers={KEY_HEADER: "a-wrong-guess"})
    state = client.get("/_control/state")

    assert "a-wrong-guess" not in guess.get_data(as_text=True)
    assert SECRET not in state.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/api/instances", "/api/user", "/chatoperation", "/"])
def test_another_path_is_not_found(client, path):
    assert client.get(path, headers={KEY_HEADER: SECRET}).status_code == 404


def test_sending_is_only_a_post(client, wapcrm):
    answer = client.get("/api/chatoperation", headers={KEY_HEADER: SECRET})

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


# Lists


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_users_are_listed(client, method):
    envelope = client.open("/api/users", method=method, headers={KEY_HEADER: SECRET}).get_json()

    assert (envelope["status"], envelope["message"], envelope["statusCode"]) == (True, "Success", "")
    assert envelope["data"][0] == {"userID": 1, "userFullName": "Ayşe Yılmaz", "userName": "ayse@example.com"}
    assert len(envelope["data"]) == 3


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_channels_are_listed(client, method):
    envelope = client.open("/api/Instances", method=method, headers={KEY_HEADER: SECRET}).get_json()

    assert envelope["data"][0] == {
        "instanceID": 15,
        "account": "908504900290",
        "instanceName": "Satış",
        "instanceType": 1,
        "connectionType": "WABA",
    }


# Sending


def test_a_sent_text_is_kept_and_its_id_answered(client, wapcrm):
    envelope = send(client, TEXT).get_json()

    [message] = wapcrm.sent
    assert envelope["status"] is True
    assert envelope["data"] == message.message_id
    assert envelope["data"].startswith("wamid.")
    assert (message.phone, message.text, message.user_id) == ("905321234567", "Merhaba", 1)
    assert wapcrm.requests.all()[0].committed


def test_a_sent_file_is_kept_and_its_sender_found_by_email(client, wapcrm):
    assert send(client, FILE).get_json()["status"] is True

    [message] = wapcrm.sent
    assert (message.file_url, message.file_name) == (FILE["fileurl"], "wapcrm.jpeg")
    assert message.user_id == 3


def test_a_doubled_send_is_two_messages(client, wapcrm):
    first, second = send(client, TEXT).get_json()["data"], send(client, TEXT).get_json()["data"]

    assert first != second
    assert len(wapcrm.sent) == 2


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (without(TEXT, "instanceID"), "401"),
        ({**TEXT, "instanceID": "15"}, "401"),
        ({**TEXT, "instanceID": True}, "401"),
        ({**TEXT, "instanceID": 99}, "506"),
        (without(TEXT, "userID"), "401"),
        ({**TEXT, "userID": "1"}, "401"),
        ({**TEXT, "userID": 99}, "503"),
        (without(FILE, "userKey"), "401"),
        ({**FILE, "userKey": "  "}, "401"),
        ({**FILE, "Incom": 3}, "401"),
        ({**FILE, "Incom": "4"}, "401"),
        ({**FILE, "userKey": "nobody@example.com"}, "512"),
        ({**TEXT, "userKey": "ayse@example.com", "userID": None}, "401"),
        (without(TEXT, "chatPhoneNumber"), "404"),
        ({**TEXT, "chatPhoneNumber": "+905321234567"}, "404"),
        ({**TEXT, "chatPhoneNumber": "90 532 123 45 67"}, "404"),
        ({**TEXT, "chatPhoneNumber": "90532123"}, "404"),
        ({**TEXT, "chatPhoneNumber": "٩٠٥٣٢١٢٣٤٥٦٧"}, "404"),
        ({**TEXT, "chatPhoneNumber": 905321234567}, "401"),
        (without(TEXT, "messageType"), "600"),
        ({**TEXT, "messageType": 3}, "600"),
        ({**TEXT, "messageType": "1"}, "600"),
        ({**TEXT, "messageType": True}, "600"),
        (without(TEXT, "messageText"), "401"),
        ({**TEXT, "messageText": " \n"}, "401"),
        ({**TEXT, "messageText": "ş" * 1001}, "601"),
        (without(FILE, "fileurl"), "602"),
        ({**FILE, "fileurl": "file:///etc/passwd"}, "603"),
        ({**FILE, "fileurl": "ftp://example.com/a"}, "603"),
        ({**FILE, "fileurl": "wapcrm.jpeg"}, "603"),
        (without(FILE, "filename"), "401"),
        ({**TEXT, "instanceId": 15}, "401"),
        ([TEXT], "401"),
        ("text", "401"),
    ],
)
def test_a_wrong_message_is_refused_and_not_sent(client, wapcrm, model, code):
    answer = client.post("/api/chatoperation", json=model, headers={KEY_HEADER: SECRET})

    assert refusal(answer) == code
    assert wapcrm.sent == []
    assert not wapcrm.requests.all()[0].committed


@pytest.mark.parametrize(
    "body", ["", "{", "null", "instanceID=15", b"\xff\xfe{}", "[" * 10**5, r'{"messageText": "\ud800"}']
)
def test_a_body_that_is_no_json_is_an_invalid_model(client, body):
    answer = client.post("/api/chatoperation", data=body, content_type="application/json", headers={KEY_HEADER: SECRET})

    assert refusal(answer) == "401"
    assert answer.get_json()["message"] == "Invalid Request Model"


def test_a_form_is_no_json(client):
    assert client.post("/api/chatoperation", data=TEXT, headers={KEY_HEADER: SECRET}).status_code == 415


def test_a_text_may_have_a_thousand_letters(client):
    assert send(client, {**TEXT, "messageText": "ş" * 1000}).get_json()["status"] is True


def test_the_documents_own_example_is_accepted_for_a_known_user(client):
    example = {
        "instanceID": 15,
        "userID": 1,
        "userKey": "ayse@example.com",
        "chatPhoneNumber": "908504900290",
        "chatAccountId": "-1001585485053",
        "messageType": 1,
        "messageText": "WapCRM Test Mesajı",
        "fileurl": "https://cxapi.wapcrm.net/documents/wapcrm.jpeg",
        "filename": "wapcrm. jpeg ",
        "Incom": 4,
    }

    assert send(client, example).get_json()["status"] is True


def test_a_company_without_channels_sends_nothing():
    client = Client(WapCrm(secret_key=SECRET, channels=()).wsgi_app)

    assert refusal(send(client, TEXT)) == "505"


def test_a_social_channel_asks_for_the_account_instead_of_the_phone():
    wapcrm = WapCrm(secret_key=SECRET, channels=[Channel(20, "santral_group", "Telegram", 4)])
    client = Client(wapcrm.wsgi_app)
    model = {**without(TEXT, "chatPhoneNumber"), "instanceID": 20}

    assert refusal(send(client, model)) == "409"
    assert send(client, {**model, "chatAccountId": "-1001585485053"}).get_json()["status"] is True
    assert wapcrm.sent[0].account_id == "-1001585485053"


def test_messages_beyond_the_minutes_quota_wait_for_the_next_minute(timeline):
    wapcrm = WapCrm(secret_key=SECRET, per_minute=2, timeline=timeline)
    client = Client(wapcrm.wsgi_app)

    assert [send(client, TEXT).get_json()["statusCode"] for _ in range(3)] == ["", "", "302"]
    timeline.advance(60)
    assert send(client, TEXT).get_json()["status"] is True
    assert len(wapcrm.sent) == 3


def test_messages_beyond_the_days_quota_wait_for_the_next_day(timeline):
    wapcrm = WapCrm(secret_key=SECRET, per_day=1, timeline=timeline)
    client = Client(wapcrm.wsgi_app)

    assert [send(client, TEXT).get_json()["statusCode"] for _ in range(2)] == ["", "301"]
    timeline.advance(12 * 3600)  # midnight in Istanbul
    assert send(client, TEXT).get_json()["status"] is True


def test_a_refused_message_spends_no_quota(timeline):
    client = Client(WapCrm(secret_key=SECRET, per_minute=1, timeline=timeline).wsgi_app)

    send(client, {**TEXT, "messageType": 9})

    assert send(client, TEXT).get_json()["status"] is True


# The chat of a phone


def listed(client, **model):
    return client.post("/api/messagelistforphone", json=model, headers={KEY_HEADER: SECRET})


def test_the_chat_of_a_phone_shows_both_sides(client, timeline):
    send(client, TEXT)
    arguments = {"phone": "905321234567", "text": "Selam", "instance_id": 16}
    client.post("/_control/actions/customer_writes", json=arguments)
    send(client, {**TEXT, "chatPhoneNumber": "905320000000"})

    assert listed(client, chatPhoneNumber="905321234567").get_json()["data"] == [
        {
            "channelnumber": "908504900290",
            "sentdate": "2026-01-05",
            "senttime": "12:00:00",
            "customernumber": "905321234567",
            "message": "Merhaba",
            "messagesource": "ME",
        },
        {
            "channelnumber": "994502220011",
            "sentdate": "2026-01-05",
            "senttime": "12:00:00",
            "customernumber": "905321234567",
            "message": "Selam",
            "messagesource": "CUSTOMER",
        },
    ]


def test_the_chat_may_be_asked_for_one_channel_only(client):
    send(client, TEXT)

    assert len(listed(client, chatPhoneNumber="905321234567", instanceID=15).get_json()["data"]) == 1
    assert listed(client, chatPhoneNumber="905321234567", instanceID=16).get_json()["data"] == []
    query = {"chatPhoneNumber": "905321234567", "instanceID": "15"}
    by_get = client.get("/api/messagelistforphone", query_string=query, headers={KEY_HEADER: SECRET})
    assert len(by_get.get_json()["data"]) == 1


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ({}, "404"),
        ({"chatPhoneNumber": "+905321234567"}, "404"),
        ({"chatPhoneNumber": "905321234567", "instanceID": 99}, "506"),
        ({"chatPhoneNumber": "905321234567", "instanceID": None}, "401"),
        ({"chatPhoneNumber": "905321234567", "page": 1}, "401"),
    ],
)
def test_a_wrong_question_for_a_chat_is_refused(client, model, code):
    assert refusal(listed(client, **model)) == code


def post(client, path, model):
    return client.post(path, json=model, headers={KEY_HEADER: SECRET})


# Calls and what is said of them

JANUARY = {"startDate": "2026-01-05", "enddate": "2026-01-05"}
OUTCOME = {
    "PhoneNumber": "905321234567",
    "ExtensionNumber": "101",
    "Note": "Yarın aranacak",
    "PbxPhoneNumber": "908504900290",
    "CallID": "3489655c982f4e46b9c9ca975b031781",
    "ConversationType": 1,
    "RingSecond": 5,
    "CallTimeSecond": 60,
    "ConversationDateTimeSpan": 1767603600,
    "ResultID": 23,
    "ChildResultID": 21,
}


def test_a_call_is_reported_with_all_fields_of_the_document(client, wapcrm):
    wapcrm.agent_calls("905321234567", guid="B1F6", customer="Hüseyin Kaya", transferred_to="Mehmet Öztürk")

    assert post(client, "/api/conversations", JANUARY).get_json()["data"] == [
        {
            "id": 4711,
            "createDate": "2026-01-05T12:00:00",
            "phoneNumber": "905321234567",
            "note": None,
            "dataListName": None,
            "customerFullName": "Hüseyin Kaya",
            "callResultParent": None,
            "callResultChild": None,
            "userName": "Ayşe Yılmaz",
            "conversationResultDirection": 1,
            "callGuidId": "B1F6",
            "ringTime": 5,
            "callTime": 60,
            "transferredCall": True,
            "tuUser": "Mehmet Öztürk",
            "targetNumber": None,
            "pbxPhoneNumber": "908504900290",
            "pbxQueue": None,
            "instanceName": None,
        }
    ]


def test_the_report_is_of_istanbuls_days(client, wapcrm, timeline):
    timeline.advance(12 * 3600)
    wapcrm.agent_calls("905321234567")

    assert post(client, "/api/conversations", JANUARY).get_json()["data"] == []
    assert len(post(client, "/api/conversations", {**JANUARY, "enddate": "2026-01-06"}).get_json()["data"]) == 1
    wapcrm.use_quirks(Quirks(last_day="left out"))
    assert post(client, "/api/conversations", {**JANUARY, "enddate": "2026-01-06"}).get_json()["data"] == []


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ({}, "404"),
        ({"startDate": "2026-01-05"}, "404"),
        ({**JANUARY, "startDate": "05.01.2026"}, "404"),
        ({**JANUARY, "startDate": "2026-13-05"}, "404"),
        ({**JANUARY, "startDate": 20260105}, "401"),
        ({"startDate": "2026-01-05", "endDate": "2026-01-05"}, "401"),
    ],
)
def test_a_wrong_question_for_the_report_is_refused(client, model, code):
    assert refusal(post(client, "/api/conversations", model)) == code


def test_the_report_answers_a_get_as_well(client, wapcrm):
    wapcrm.agent_calls("905321234567")

    answer = client.get("/api/conversations", query_string=JANUARY, headers={KEY_HEADER: SECRET})

    assert len(answer.get_json()["data"]) == 1


def test_results_are_a_tree(client):
    data = client.get("/api/callresults", headers={KEY_HEADER: SECRET}).get_json()["data"]

    assert data[0]["parentID"] == 0
    assert data[0]["childItem"][0] == {"id": 21, "parentID": 23, "name": "Satıldı", "childItem": None}
    assert data[2] == {"id": 40, "parentID": 0, "name": "Tekrar aranacak", "childItem": None}


def test_a_saved_outcome_is_a_conversation(client, wapcrm):
    assert post(client, "/api/addconversation", OUTCOME).get_json()["status"] is True

    [row] = post(client, "/api/conversations", JANUARY).get_json()["data"]
    assert (row["callGuidId"], row["callResultParent"], row["callResultChild"], row["note"], row["createDate"]) == (
        "3489655c982f4e46b9c9ca975b031781",
        "Satış",
        "Satıldı",
        "Yarın aranacak",
        "2026-01-05T12:00:00",
    )
    assert wapcrm.requests.all()[0].committed


def test_an_outcome_saved_twice_is_two_conversations(client, wapcrm):
    post(client, "/api/addconversation", OUTCOME)
    post(client, "/api/addconversation", OUTCOME)

    assert len(wapcrm.conversations) == 2


@pytest.mark.parametrize(
    "model",
    [
        without(OUTCOME, "CallID"),
        {**OUTCOME, "CallID": " "},
        without(OUTCOME, "ConversationType"),
        {**OUTCOME, "ConversationType": 5},
        {**OUTCOME, "ConversationType": "1"},
        without(OUTCOME, "ConversationDateTimeSpan"),
        {**OUTCOME, "ConversationDateTimeSpan": 1767603600000},
        {**OUTCOME, "RingSecond": -1},
        {**OUTCOME, "RingSecond": "5"},
        {**OUTCOME, "ResultID": 99},
        {**OUTCOME, "ChildResultID": 31},
        {**OUTCOME, "phoneNumber": "905321234567"},
    ],
)
def test_a_wrong_outcome_is_refused_and_not_saved(client, wapcrm, model):
    assert refusal(post(client, "/api/addconversation", model)) == "401"
    assert wapcrm.conversations == []


def test_an_outcome_needs_the_customers_number(client):
    assert refusal(post(client, "/api/addconversation", {**OUTCOME, "PhoneNumber": "+905321234567"})) == "404"


# What differs from paper to paper


def test_answers_bend_as_the_papers_differ(client, wapcrm):
    wapcrm.agent_calls("905321234567")
    quirks = {"names": "pascal", "numbers": "text", "status": "text", "success_code": "200", "dates": "turkish"}
    client.post("/_control/actions/use_quirks", json={"quirks": {**quirks, "durations": "clock"}})

    answer = post(client, "/api/conversations", JANUARY).get_json()

    assert (answer["Status"], answer["StatusCode"]) == ("True", "200")
    row = answer["Data"][0]
    assert (row["Id"], row["CreateDate"], row["CallTime"], row["TransferredCall"]) == (
        "4711",
        "05.01.2026 12:00:00",
        "00:01:00",
        False,
    )


def test_a_throttle_may_come_as_a_redirect(timeline):
    wapcrm = WapCrm(secret_key=SECRET, per_minute=0, timeline=timeline)
    wapcrm.use_quirks(Quirks(throttled_by="http"))

    assert send(Client(wapcrm.wsgi_app), TEXT).status_code == 302


def test_a_message_may_be_accepted_without_an_id(client, wapcrm):
    wapcrm.use_quirks(Quirks(message_ids="missing"))

    assert send(client, TEXT).get_json()["data"] is None
    assert len(wapcrm.sent) == 1


def test_the_allow_list_is_set_over_the_control_plane(client):
    client.post("/_control/actions/allow_ips", json={"ips": ["203.0.113.7"]})
    assert refusal(client.get("/api/users", headers={KEY_HEADER: SECRET})) == "509"
    client.post("/_control/actions/allow_ips", json={"ips": None})

    assert client.get("/api/users", headers={KEY_HEADER: SECRET}).get_json()["status"] is True


# How messages fare


@pytest.mark.parametrize(
    ("ends_as", "status"), [("pending", 0), ("sent", 1), ("delivered", 2), ("viewed", 3), ("not sent", 4)]
)
def test_a_message_comes_as_far_as_the_script_says(client, wapcrm, timeline, ends_as, status):
    wapcrm.use_script(MessageScript(ends_as=ends_as))
    send(client, TEXT)

    timeline.advance(60)

    assert [message.status for message in wapcrm.sent] == [status]


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("customer_writes", {"phone": "905321234567", "text": "Selam", "instance_id": 99}),
        ("customer_writes", {"phone": "905321234567", "text": []}),
        ("customer_reads", {"message_id": "nobody"}),
        ("agent_calls", {"phone": "905321234567", "kind": 7}),
        ("send", {}),
    ],
)
def test_what_cannot_happen_is_refused(client, action, arguments):
    assert client.post(f"/_control/actions/{action}", json=arguments).status_code == 400


def test_the_state_shows_everything_but_the_key(client, wapcrm):
    send(client, TEXT)
    wapcrm.customer_sends_file("905321234567", "https://files.example.com/a.pdf")
    wapcrm.agent_calls("905321234567")

    state = client.get("/_control/state").get_json()

    assert (len(state["messages"]), len(state["conversations"])) == (2, 1)
    assert SECRET not in str(state)
    wapcrm.forget()
    assert client.get("/_control/state").get_json()["messages"] == []
