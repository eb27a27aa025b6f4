"""Verimor's answers and webhooks."""

from datetime import UTC, datetime
from pathlib import Path

from santral.providers.ports import DialOrder, Webhook
from santral.providers.verimor import Verimor
from tests.fuzz import Parser, Saying

_SAMPLES = Path(__file__).parents[2] / "events" / "providers" / "verimor"
_CALL = "358c20bc-fd86-11e5-87a2-157d41a07454"
_ADDRESS = b"https://api.bulutsantralim.com/recording/Rbb9d6f36-d1a7-46f5-961e-4be2e2ba1b8e"
_RECORD = (
    b'{"call_uuid":"358c20bc-fd86-11e5-87a2-157d41a07454","direction":"Gelen","caller_id_number":"03121234567",'
    b'"caller_id_name":"Deniz","destination_number":"902129876543","start_stamp":"2026-01-15 12:30:32 +0300",'
    b'"answer_stamp":null,"end_stamp":"2026-01-15 12:31:15 +0300","duration":"00:00:43","talk_duration":"00:0:35",'
    b'"queue":201,"missed":"false","recording_present":"true",'
    b'"result":"Cevapland\xc4\xb1"}'
)
_HANGUP = (
    b"event_type=hangup&domain_id=429&direction=inbound&caller_id_number=02123205062&destination_number=1001"
    b"&connected_user=1001&call_uuid=1234&start_stamp=2016-01-01 00:00:00&duration=35&answered=true"
    b"&hangup_cause=NORMAL_CLEARING&recording_present=true"
)
_LEGS = b'[{"destination_number":"1001","result":"Cevapland\xc4\xb1","read_codec":"PCMA"}]'


class _NoLimit:
    def take(self, limit: str, *, per_minute: int) -> None:
        pass


def _client(body=b""):
    credentials = Verimor.Credentials.model_validate(
        {"api_key": "K12345678-1234-5678-4321-123456789012", "webhook_tokens": ["token"], "domain_id": "429"}
    )
    http = Saying(body)
    return Verimor(credentials, budget=_NoLimit(), http=http, downloads=lambda _origin: http)


def _recording(body):
    with _client(body).recording(_CALL) as stream:
        return b"".join(stream.chunks)


def _webhook(body):
    return [event.written() for event in _client().events(Webhook({}, body))]


def _history(body):
    since, until = datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 1, 16, tzinfo=UTC)
    page = _client(body).history(since=since, until=until, offset=0, limit=100)
    return [event.written() for event in page.events]


def _printed(name):
    return (_SAMPLES / f"{name}.as_printed.txt").read_bytes().split(b"\n\n", 1)[1]


PARSERS = (
    Parser(
        "verimor webhook",
        _webhook,
        (
            _printed("campaign_result"),
            _HANGUP,
            b'{"event":"answered","call_id":"call-1","caller_number":"+905111111112","answer_time":"2023-01-01T12:00:05Z"}',
        ),
    ),
    Parser("verimor cdrs", _history, (b'{"cdrs":[' + _RECORD + b'],"pagination":{"page":1}}',)),
    Parser(
        "verimor cdrs detail",
        lambda body: _client(body).call(_CALL).written(),
        (b'{"cdr":' + _RECORD + b',"call_flow":' + _LEGS + b"}",),
    ),
    Parser(
        "verimor originate",
        lambda body: _client(body).dial(DialOrder(to="+905321234567", extension="1001")),
        (_CALL.encode(), b'{"call_uuid":"' + _CALL.encode() + b'"}'),
    ),
    Parser("verimor hangup", lambda body: _client(body).hang_up(_CALL), (b"+OK", b"-ERR No such channel!")),
    Parser("verimor transfer", lambda body: _client(body).transfer(_CALL, "1001"), (b"+OK",)),
    Parser("verimor recording_url", _recording, (_ADDRESS, b'{"url":"' + _ADDRESS + b'"}')),
    Parser("verimor caller_ids", lambda body: _client(body).caller_ids(), (b'["908501234567",902121234567]',)),
    Parser(
        "verimor announcements", lambda body: _client(body).announcements(), (b'[{"id":112,"name":"Hos geldiniz"}]',)
    ),
    Parser("verimor queues", lambda body: _client(body).queues(), (b'[{"number":200,"name":"Destek"}]',)),
    Parser(
        "verimor queue/user_list",
        lambda body: _client(body).queue_agents("200"),
        (b'[{"user":1000,"name":"DAHILI-1"}]',),
    ),
    Parser(
        "verimor queue/manage_users",
        lambda body: _client(body).replace_queue_agents("200", ["1000"]),
        (b"OK",),
    ),
    Parser(
        "verimor queues/pending",
        lambda body: _client(body).waiting_calls(),
        (b'[{"queue_number":"200","uuid":"a7713781","caller_id":"905320000000","joined_at":"1624947819"}]',),
    ),
    Parser(
        "verimor statuses",
        lambda body: _client(body).extensions(),
        (b'[{"user":1000,"agent":"1000","status":"AVAILABLE","queues":["204"]}]',),
    ),
    Parser(
        "verimor crm_integrations",
        lambda body: _client(body).webhook_settings(),
        (b'{"ringing":"on","answered":"on","hangup":"off","notification_url":"https://crm.example/events"}',),
    ),
    Parser("verimor ivr_campaigns", lambda body: _client(body).switch_campaign("112", on=True), (b"OK",)),
)
