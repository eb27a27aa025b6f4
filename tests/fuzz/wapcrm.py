"""WapCRM's answers and webhooks."""

from datetime import UTC, datetime
from pathlib import Path

from santral.calls import Direction
from santral.providers.ports import CallOutcome, OutgoingMessage, Webhook
from santral.providers.wapcrm import WapCrm
from tests.fuzz import Parser, Saying

_EVENTS = Path(__file__).parents[2] / "events"
_CREDENTIALS = WapCrm.Credentials.model_validate({"secret_key": "key", "default_channel_id": "15"})
_MESSAGE = OutgoingMessage(user="ayse@example.com", to="+905321234567", text="Merhaba")
_OUTCOME = CallOutcome(
    provider_call_id="3489655c",
    phone="+905321234567",
    direction=Direction.INBOUND,
    answered=True,
    result_id=23,
    started_at=datetime(2026, 1, 5, tzinfo=UTC),
)


def _saying(body):
    return WapCrm(_CREDENTIALS, http=Saying(body))


def _history(body):
    since, until = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    return [event.written() for event in _saying(body).history(since=since, until=until, offset=0, limit=100).events]


def _webhook(body):
    return [event.written() for event in _saying(b"").events(Webhook({}, body))]


def _printed(name):
    return (_EVENTS / "providers" / "wapcrm" / f"{name}.as_printed.txt").read_bytes()


def _posted(name):
    return (_EVENTS / "webhooks" / f"wapcrm_{name}.body.json").read_bytes()


def _answer(data):
    return b'{"data":' + data + b',"status":true,"message":"Success","statusCode":"","requestID":"0f808f3e"}'


_ROW = (
    b'{"id":4711,"createDate":"2026-01-05T12:00:00","phoneNumber":"905321234567","note":"Not","dataListName":null,'
    b'"customerFullName":"Deniz","callResultParent":"Sonu\xc3\xa7","callResultChild":null,"userName":"Ay\xc5\x9fe",'
    b'"conversationResultDirection":2,"callGuidId":"3489655c982f4e46b9c9ca975b031781","ringTime":5,"callTime":"00:01:00",'
    b'"transferredCall":true,"tuUser":"Mehmet","targetNumber":null,"pbxPhoneNumber":"908504900290","pbxQueue":null}'
)
_CHAT = (
    b'{"channelnumber":"908504900290","sentdate":"2026-01-05","senttime":"12:00:05","customernumber":"905321234567",'
    b'"message":"Merhaba","messagesource":"CUSTOMER"}'
)

PARSERS = (
    Parser("wapcrm users", lambda body: _saying(body).users(), (_answer(b'[{"userID":1,"userFullName":"Deniz"}]'),)),
    Parser(
        "wapcrm Instances",
        lambda body: _saying(body).channels(),
        (_answer(b'[{"instanceID":15,"account":"908504900290","instanceName":"Hat","instanceType":1}]'),),
    ),
    Parser(
        "wapcrm chatoperation",
        lambda body: _saying(body).send(_MESSAGE),
        (_answer(b'"wamid.HBgM=="'), _printed("envelope")),
    ),
    Parser(
        "wapcrm messagelistforphone",
        lambda body: _saying(body).messages(phone="+905321234567", channel_id=None),
        (_answer(b"[" + _CHAT + b"]"),),
    ),
    Parser("wapcrm conversations", _history, (_answer(b"[" + _ROW + b"]"),)),
    Parser(
        "wapcrm callresults",
        lambda body: _saying(body).outcomes(),
        (b'{"status":true,' + _printed("callresults") + b"}",),
    ),
    Parser(
        "wapcrm addconversation",
        lambda body: _saying(body).save_outcome(_OUTCOME),
        (_answer(b"4711"), _answer(b"null")),
    ),
    Parser("wapcrm webhook", _webhook, (_posted("message"), _posted("file"), _posted("acknowledgement"))),
)
