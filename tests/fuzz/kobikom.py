"""Kobikom's answers: XML, JSON, and what its document takes for either."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from santral.campaigns import CampaignContact, CampaignKind, NewCampaign
from santral.providers.kobikom import Kobikom
from santral.providers.ports import DialOrder, Queue
from tests.fuzz import Parser, Saying

_SAMPLES = Path(__file__).parents[2] / "events" / "providers" / "kobikom"
_NOON = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
_CAMPAIGN = NewCampaign(
    name="Ocak",
    kind=CampaignKind.QUEUE,
    start_date=_NOON.date(),
    end_date=_NOON.date(),
    start_time=_NOON.time(),
    end_time=_NOON.time(),
    retries=1,
)
_RECORD = (
    b'{"arama_tarihi":"2026-01-15 12:00:00","arayan_adi":"\\"Ay\xc5\x9fe\\" <05321234567>",'
    b'"arayan_numara":"05321234567","aranan_numara":"10000","kaynak":"ext-queues","kanal":"SIP/trunk-0000abcd","ic_kanal":"SIP/1004-0000abce",'
    b'"sonislem":"Queue","sondata":"10000,t,,","sure":"75","durum":"ANSWERED",'
    b'"dosya":"/var/spool/asterisk/monitor/2026/01/15/q-10000-05321234567.WAV"}'
)
_RECORDS = b'{"result":"true","activecalls":{"0":' + _RECORD + b',"1":' + _RECORD.replace(b"ANSWERED", b"BUSY") + b"}}"
_RECORDS_AS_XML = (
    b"<CallCenter><result>true</result><call_records><call_record><arama_tarihi>2026-01-15 12:00:00</arama_tarihi>"
    b"<kanal>SIP/1004-0000abcd</kanal><arayan_numara>1004</arayan_numara><aranan_numara>05321234567</aranan_numara>"
    b"<sure>00:01:15</sure><durum>NO ANSWER</durum></call_record></call_records></CallCenter>"
)
_CHANNELS = (
    b'{"result":"true","activecalls":["0":{"kanal":"SIP/1004-0000abcd","kaynak":"from-internal","dahili":"05321234567",'
    b'"yon":"Up","islem":"Dial","data":"SIP/trunk/05321234567,300","arayan_numara":"1004","sure":"5"},'
    b'"1":{"kanal":"SIP/trunk-0000abce","yon":"Up","islem":"AppDial","data":"(Outgoing Line)",'
    b'"arayan_numara":"05321234567","agentnumber":"1000","phone":"05321234567","fechainicio":"2026-01-15 12:00:00"}]}'
)
_GONE = b"<CallCenter><result>false</result><message>Kampanya bulunamad\xc4\xb1</message></CallCenter>"


def _client(body):
    credentials = Kobikom.Credentials.model_validate({"base_url": "https://pbx.example/api/", "api_key": "key-0001"})
    return Kobikom(credentials, http=Saying(body), clock=lambda: _NOON)


def _history(body):
    page = _client(body).history(since=_NOON - timedelta(days=1), until=_NOON, offset=0, limit=100)
    return [event.written() for event in page.events]


def _recording(body):
    with _client(body).recording("2026/01/15/a.WAV") as stream:
        return b"".join(stream.chunks)


def _results(body):
    return [one.model_dump_json() for one in _client(body).campaign_results(campaign_id="17", phone=None)]


def _printed(*modules):
    return tuple((_SAMPLES / f"{name}.as_printed.txt").read_bytes() for name in modules)


PARSERS = (
    Parser(
        "kobikom callRecords and soundRecords",
        _history,
        (_RECORDS, _RECORDS_AS_XML, *_printed("callRecords.json", "callRecords.xml", "soundRecords.json")),
    ),
    Parser(
        "kobikom activeCalls and activeCallsCallCenter",
        lambda body: _client(body).live_calls(),
        (
            _CHANNELS,
            *_printed("activeCalls.json", "activeCalls.xml", "activeCallsCallCenter.json", "activeCallsCallCenter.xml"),
        ),
    ),
    Parser("kobikom getCallDetail", _results, _printed("getCallDetail.json", "getCallDetail.xml")),
    Parser("kobikom downloadRecording", _recording, (b"RIFF\x24\x00\x00\x00WAVE", b"OggS\x00")),
    Parser("kobikom listQueue", lambda body: _client(body).queues(), _printed("listQueue.json")),
    Parser(
        "kobikom queueAgents",
        lambda body: _client(body).queue_agents("10000"),
        _printed("queueAgents.json", "queueAgents.xml"),
    ),
    Parser("kobikom breakList", lambda body: _client(body).breaks(), _printed("breakList.json", "breakList.xml")),
    Parser("kobikom breakEnd", lambda body: _client(body).end_break("1000"), _printed("breakEnd.json", "breakEnd.xml")),
    Parser(
        "kobikom createCampaign",
        lambda body: _client(body).create_campaign(_CAMPAIGN, results_url=None),
        (
            b'{"result":"true","id_campaign":17,"name":"Ocak"}',
            b"<CallCenter><result>true</result><id_campaign>17</id_campaign><name>Ocak</name></CallCenter>",
        ),
    ),
    Parser(
        "kobikom createQueue",
        lambda body: _client(body).create_queue(Queue("1", "a"), password=SecretStr("p"), agents=["1000"]),
        _printed("createQueue.json", "createQueue.xml"),
    ),
    Parser(
        "kobikom campaignAddPhone",
        lambda body: _client(body).add_contact("17", CampaignContact(phone="+905321234567")),
        _printed("campaignAddPhone.json", "campaignAddPhone.xml"),
    ),
    Parser(
        "kobikom deleteCampaign",
        lambda body: _client(body).delete_campaign("17"),
        (_GONE, *_printed("deleteCampaign.json", "deleteCampaign.xml")),
    ),
    Parser(
        "kobikom dial",
        lambda body: _client(body).dial(DialOrder(to="+905321234567", extension="1004")),
        _printed("dial.json", "dial.xml"),
    ),
    Parser(
        "kobikom redirect",
        lambda body: _client(body).transfer_extension("1004", "1005"),
        _printed("redirect.json", "redirect.xml"),
    ),
)
