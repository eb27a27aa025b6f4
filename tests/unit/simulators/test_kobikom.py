import json
import wave
from io import BytesIO
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
import soundfile
from werkzeug.test import Client

from simulators.demo_data import BreakKind, CallCenterAgent, CallCenterQueue, PbxCompany
from simulators.kobikom import Kobikom
from simulators.kobikom_exchange import CallScript
from simulators.kobikom_words import Style
from simulators.timeline import SteppedTime

KEY = "kobi-demo-0001-0002-0003"
CUSTOMER = "05321234567"
MONDAY = {"start_date": "2026-01-05", "end_date": "2026-01-06", "start_time": "10:00", "end_time": "18:00:00"}


class Caller:
    """Sends the module in the query and the rest as the document has it: a form in the body, or the query of a GET."""

    GET = ("listQueue", "breakList", "downloadRecording")

    def __init__(self, simulator):
        self.client = Client(simulator.wsgi_app)

    def send(self, module, fields=None, *, form="json", key=KEY):
        query = {"apikey": key, "module": module} | ({"type": form} if form else {})
        if module in self.GET:
            return self.client.get("/api/", query_string=urlencode({**query, **(fields or {})}))
        return self.client.post("/api/", query_string=urlencode(query), data=fields or {})

    def ask(self, module, **fields):
        answer = self.send(module, {name.rstrip("_"): value for name, value in fields.items()})
        assert answer.status_code == 200
        return json.loads(answer.get_data())

    def rows(self, module, key="activecalls", **fields):
        rows = self.ask(module, **fields)[key]
        return list(rows.values()) if rows else []

    def xml(self, module, **fields):
        answer = self.send(module, fields, form=None)
        return ET.fromstring(answer.get_data())


@pytest.fixture
def timeline():
    """Noon of a Monday in Istanbul."""
    return SteppedTime()


@pytest.fixture
def start(timeline):
    def start(**settings):
        simulator = Kobikom(timeline=timeline, **settings)
        simulator.use_script(CallScript(pick_up_seconds=1, ring_seconds=4, talk_seconds=20))
        return simulator, Caller(simulator)

    return start


@pytest.fixture
def pbx(start):
    return start()


@pytest.fixture
def simulator(pbx):
    return pbx[0]


@pytest.fixture
def caller(pbx):
    return pbx[1]


def dial(caller, extension="101", number=CUSTOMER):
    return caller.ask("dial", extension=extension, number=number)


def refusal(answer):
    assert answer.status_code == 200
    said = json.loads(answer.get_data())
    assert said["result"] == "false"
    return said["message"]


# Refusals

WRITING = {
    "createCampaign": {"name": "Bahar", **MONDAY, "retries": "2", "queue": "191"},
    "deleteCampaign": {"id_campaign": "1"},
    "createQueue": {"account": "20000", "name": "YENI", "password": "secret"},
    "deleteQueue": {"account": "10000"},
    "queueAgents": {"account": "10000"},
    "loginAgent": {"agent": "1003"},
    "logoutAgent": {"agent": "1001"},
    "agentsQueue": {"account": "10000", "dynmembers[]": ["1003"], "make": "true"},
    "campaignAddPhone": {"name": "Elif", "surname": "Kaya", "phone": CUSTOMER, "id_campaign": "1"},
    "campaignDeletePhone": {"id_campaign": "1", "phone": CUSTOMER},
    "breakStart": {"agent": "1001", "breakId": "2"},
    "breakEnd": {"agent": "1001"},
    "dial": {"extension": "101", "number": CUSTOMER},
    "redirect": {"from": "101", "extension": "102"},
    "hangup": {"extension": "101"},
}
ASKING = ("activeCallsCallCenter", "activeCalls", "callRecords", "soundRecords", "getCallDetail")
READING = {"listQueue": {}, "breakList": {}, "downloadRecording": {"listen": "/var/spool/asterisk/monitor/a.WAV"}}
ALL = (*WRITING, *ASKING, *READING)


def test_there_are_23_modules_and_each_has_its_test_here(simulator):
    assert set(ALL) == set(simulator._modules)
    assert len(ALL) == 23


@pytest.mark.parametrize("module", ALL)
def test_a_wrong_key_is_refused_and_shown_again(caller, simulator, module):
    fields = {**WRITING, **READING}.get(module, {})
    answer = caller.send(module, {**fields, **({"tip": "json"} if module == "breakList" else {})}, key="stolen-key")

    assert "stolen-key" in refusal(answer)
    assert not simulator.requests.all()[0].committed


def test_a_request_without_a_key_is_refused(caller):
    answer = caller.client.post("/api/", query_string="module=activeCalls&type=json")

    assert "API" in refusal(answer)


@pytest.mark.parametrize("module", ["", "Dial", "hangUp", "addQueue", "listqueue"])
def test_an_unknown_module_is_refused(caller, module):
    assert refusal(caller.send(module)) == "Geçersiz modül"


@pytest.mark.parametrize("module", ALL)
def test_another_method_is_refused(caller, simulator, module):
    wrong = "POST" if module in READING else "GET"
    query = {"apikey": KEY, "module": module, "type": "json", "tip": "json"}

    answer = caller.client.open("/api/", method=wrong, query_string=query)

    assert "ile gönderilmelidir" in refusal(answer)
    assert simulator.exchange.calls() == []


@pytest.mark.parametrize(("module", "fields"), WRITING.items())
def test_fields_in_the_query_are_refused(caller, simulator, module, fields):
    query = {"apikey": KEY, "module": module, "type": "json", **fields}

    answer = caller.client.post("/api/", query_string=query)

    assert refusal(answer) == "Parametreler gövdede gönderilmelidir"
    assert not simulator.requests.all()[0].committed


@pytest.mark.parametrize("place", ["query", "body"])
def test_key_and_module_count_only_in_the_query(caller, place):
    key = {"apikey": KEY}
    query = {"type": "json", "module": "activeCalls"} | (key if place == "query" else {})
    body = key if place == "body" else {"module": "activeCalls"}

    assert refusal(caller.client.post("/api/", query_string=query, data=body))


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, fields in WRITING.items() for name in fields])
def test_a_missing_field_is_refused_by_name(caller, simulator, module, name):
    fields = {field: value for field, value in WRITING[module].items() if field != name}

    assert refusal(caller.send(module, fields)) == f"Eksik parametre: {name.removesuffix('[]')}"
    assert not simulator.requests.all()[0].committed


INTEGERS = {
    "id_campaign",
    "account",
    "agent",
    "dynmembers[]",
    "phone",
    "breakId",
    "extension",
    "number",
    "from",
    "queue",
}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, fields in WRITING.items() for name in fields if name in INTEGERS]
)
@pytest.mark.parametrize("value", ["", "+905321234567", "12a", " 12", "٣"])
def test_an_integer_field_takes_only_digits(caller, module, name, value):
    answer = caller.send(module, {**WRITING[module], name: value})

    assert refusal(answer) == f"Geçersiz parametre: {name.removesuffix('[]')}"


@pytest.mark.parametrize(
    ("module", "fields"),
    [
        ("createCampaign", {"start_date": "05.01.2026"}),
        ("createCampaign", {"end_date": "2026-02-30"}),
        ("createCampaign", {"start_time": "10"}),
        ("createCampaign", {"end_time": "25:00"}),
        ("createCampaign", {"name": " "}),
        ("createCampaign", {"retries": "two"}),
        ("agentsQueue", {"make": "1"}),
        ("agentsQueue", {"make": "True"}),
        ("callRecords", {"orderby": "calldate"}),
        ("callRecords", {"sira": "DESC"}),
        ("callRecords", {"limit": "arayan_numara"}),
        ("soundRecords", {"baslangic_tarihi": "2026-01-05 10:00:00"}),
        ("soundRecords", {"bitis_tarihi": "20260105"}),
        ("getCallDetail", {"phone": "+90"}),
        ("getCallDetail", {"id_campaign": "first"}),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(caller, module, fields):
    answer = caller.send(module, {**WRITING.get(module, {}), **fields})

    assert refusal(answer) == f"Geçersiz parametre: {next(iter(fields))}"


@pytest.mark.parametrize(
    ("module", "fields", "said"),
    [
        ("activeCalls", {"extension": "101"}, "Bilinmeyen"),
        ("dial", {**WRITING["dial"], "callerid": "1"}, "Bilinmeyen"),
        ("dial", {**WRITING["dial"], "extension": ["101", "102"]}, "Geçersiz"),
        ("dial", {**WRITING["dial"], "number": "12"}, "Geçersiz"),
        ("campaignAddPhone", {**WRITING["campaignAddPhone"], "phone": "1" * 16}, "Geçersiz"),
        ("agentsQueue", {"account": "10000", "dynmembers": "1003", "make": "true"}, "Bilinmeyen"),
    ],
)
def test_an_unknown_repeated_or_impossible_field_is_refused(caller, module, fields, said):
    assert said in refusal(caller.send(module, fields))


def test_a_body_that_is_no_form_is_refused(caller):
    query = {"apikey": KEY, "module": "hangup", "type": "json"}

    answer = caller.client.post("/api/", query_string=query, json={"extension": "101"})

    assert refusal(answer) == "Form verisi bekleniyor"


@pytest.mark.parametrize("module", READING)
def test_a_body_where_the_document_has_none_is_refused(caller, module):
    query = {"apikey": KEY, "module": module, "type": "json"} | ({"tip": "json"} if module == "breakList" else {})

    answer = caller.client.get("/api/", query_string=query, data=READING[module] or {"type": "json"})

    assert refusal(answer) == "Parametreler adreste gönderilmelidir"


@pytest.mark.parametrize("path", ["/", "/api", "/api/index.php", "/api/dial"])
def test_another_path_is_not_found(caller, path):
    assert caller.client.post(path, query_string={"apikey": KEY, "module": "activeCalls"}).status_code == 404


@pytest.mark.parametrize(
    ("module", "fields", "said"),
    [
        ("dial", {"extension": "999", "number": CUSTOMER}, "Dahili bulunamadı"),
        ("hangup", {"extension": "999"}, "Dahili bulunamadı"),
        ("redirect", {"from": "101", "extension": "999"}, "Dahili bulunamadı"),
        ("hangup", {"extension": "101"}, "Aktif çağrı bulunamadı"),
        ("redirect", {"from": "101", "extension": "102"}, "Aktif çağrı bulunamadı"),
        ("loginAgent", {"agent": "9"}, "Agent bulunamadı"),
        ("logoutAgent", {"agent": "9"}, "Agent bulunamadı"),
        ("breakStart", {"agent": "9", "breakId": "2"}, "Agent bulunamadı"),
        ("breakStart", {"agent": "1001", "breakId": "9"}, "Mola bulunamadı"),
        ("breakStart", {"agent": "1003", "breakId": "2"}, "Agent giriş yapmamış"),
        ("breakEnd", {"agent": "1001"}, "Agent molada değil"),
        ("queueAgents", {"account": "9"}, "Kuyruk bulunamadı"),
        ("deleteQueue", {"account": "9"}, "Kuyruk bulunamadı"),
        ("createQueue", {"account": "10000", "name": "A", "password": "b"}, "Bu numara kullanılıyor"),
        ("createQueue", {"account": "101", "name": "A", "password": "b"}, "Bu numara kullanılıyor"),
        ("agentsQueue", {"account": "10000", "dynmembers[]": ["9"], "make": "true"}, "Agent bulunamadı"),
        ("createCampaign", {**WRITING["createCampaign"], "queue": "9"}, "Kuyruk bulunamadı"),
        ("createCampaign", {**WRITING["createCampaign"], "end_date": "2026-01-04"}, "Tarih aralığı geçersiz"),
        ("createCampaign", {**WRITING["createCampaign"], "end_time": "09:00"}, "Tarih aralığı geçersiz"),
        ("deleteCampaign", {"id_campaign": "9"}, "Kampanya bulunamadı"),
        ("campaignAddPhone", {**WRITING["campaignAddPhone"], "id_campaign": "9"}, "Kampanya bulunamadı"),
        ("getCallDetail", {"id_campaign": "9"}, "Kampanya bulunamadı"),
        ("downloadRecording", {"listen": "/var/spool/asterisk/monitor/none.WAV"}, "Dosya bulunamadı"),
        ("downloadRecording", {"listen": "/etc/passwd"}, "Geçersiz dosya yolu"),
        ("downloadRecording", {"listen": "/var/spool/asterisk/monitor/../a.WAV"}, "Geçersiz dosya yolu"),
    ],
)
def test_what_does_not_go_together_with_how_things_stand_is_refused(caller, simulator, module, fields, said):
    assert refusal(caller.send(module, fields)) == said
    assert not simulator.requests.all()[0].committed


def test_a_refusal_without_a_type_is_xml(caller):
    answer = caller.send("hangup", {"extension": "101"}, form=None)

    assert answer.mimetype == "text/xml"
    root = ET.fromstring(answer.get_data())
    assert (root.tag, root.findtext("result"), root.findtext("message")) == (
        "CallCenter",
        "false",
        "Aktif çağrı bulunamadı",
    )


# The life of a call


def test_dialling_rings_the_extension_then_the_number(caller, timeline):
    said = dial(caller)

    def channels():
        return [(row["kanal"].split("-")[0], row["yon"], row["islem"]) for row in caller.rows("activeCalls")]

    assert said == {"result": "true", "message": "Arama Başladı"}
    assert channels() == [("SIP/101", "Ringing", "AppDial2")]
    timeline.advance(1)
    assert channels() == [("SIP/101", "Up", "Dial"), ("SIP/kobikom", "Ringing", "AppDial")]
    timeline.advance(4)
    assert channels() == [("SIP/101", "Up", "Dial"), ("SIP/kobikom", "Up", "AppDial")]
    timeline.advance(20)
    assert channels() == []


def test_a_live_channel_has_the_documents_fields(caller, timeline):
    dial(caller)
    timeline.advance(10)

    assert caller.rows("activeCalls") == [
        {
            "kanal": "SIP/101-0000002a",
            "kaynak": "from-internal",
            "dahili": CUSTOMER,
            "oncelik": "3",
            "yon": "Up",
            "islem": "Dial",
            "data": f"SIP/kobikom/{CUSTOMER},300,TtrI",
            "arayan_numara": "101",
            "sure": "10",
        },
        {
            "kanal": "SIP/kobikom-0000002b",
            "kaynak": "from-trunk",
            "dahili": "",
            "oncelik": "1",
            "yon": "Up",
            "islem": "AppDial",
            "data": "(Outgoing Line)",
            "arayan_numara": CUSTOMER,
            "sure": "9",
        },
    ]


def test_a_call_that_is_over_leaves_one_record(caller, timeline):
    dial(caller)
    timeline.advance(24)
    assert caller.rows("callRecords") == []
    timeline.advance(1)

    assert caller.rows("callRecords") == [
        {
            "arama_tarihi": "2026-01-05 12:00:00",
            "arayan_adi": '"Ayşe Yılmaz" <101>',
            "arayan_numara": "101",
            "aranan_numara": CUSTOMER,
            "kaynak": "from-internal",
            "kanal": "SIP/101-0000002a",
            "ic_kanal": "SIP/kobikom-0000002b",
            "sonislem": "Dial",
            "sondata": f"SIP/kobikom/{CUSTOMER},300,TtrI",
            "sure": "20",
            "durum": "ANSWERED",
        }
    ]


@pytest.mark.parametrize("outcome", ["NO ANSWER", "BUSY", "FAILED"])
def test_an_unanswered_call_has_no_seconds_and_no_recording(caller, simulator, timeline, outcome):
    simulator.use_script(CallScript(outcome=outcome), number=CUSTOMER)
    dial(caller)
    dial(caller, "102", "05329999999")
    timeline.advance(60)

    records = {row["aranan_numara"]: (row["durum"], row["sure"]) for row in caller.rows("callRecords")}
    assert records == {CUSTOMER: (outcome, "0"), "05329999999": ("ANSWERED", "20")}
    assert [row["aranan_numara"] for row in caller.rows("soundRecords")] == ["05329999999"]


def test_an_extension_nobody_picks_up_never_reaches_the_number(caller, simulator, timeline):
    simulator.use_script(CallScript(extension_answers=False))
    dial(caller)
    timeline.advance(60)

    (record,) = caller.rows("callRecords")
    assert (record["durum"], record["ic_kanal"]) == ("NO ANSWER", "")


def test_every_dial_is_a_call_of_its_own(caller, simulator):
    dial(caller)
    dial(caller)

    assert len(simulator.exchange.calls()) == 2
    assert [entry.committed for entry in simulator.requests.all()] == [True, True]


def test_without_the_outside_prefix_no_call_leaves_the_house(start, timeline):
    _, caller = start(outside_prefix="9")
    dial(caller, number=CUSTOMER)
    dial(caller, number=f"9{CUSTOMER}")
    dial(caller, number="103")
    timeline.advance(60)

    records = {row["aranan_numara"]: (row["durum"], row["sondata"]) for row in caller.rows("callRecords")}
    assert records == {
        CUSTOMER: ("FAILED", "20"),
        f"9{CUSTOMER}": ("ANSWERED", f"SIP/kobikom/{CUSTOMER},300,TtrI"),
        "103": ("ANSWERED", "SIP/103,300,TtrI"),
    }


def test_colleagues_are_connected_without_the_trunk(caller, timeline):
    dial(caller, number="102")
    timeline.advance(60)

    (record,) = caller.rows("soundRecords")
    assert (record["kanal"][:8], record["ic_kanal"][:8]) == ("SIP/101-", "SIP/102-")
    assert "/exten-102-101-" in record["dosya"]


def test_a_queue_rings_its_free_agents_and_each_is_a_leg(caller, simulator, timeline):
    caller.ask("loginAgent", agent="1003")
    simulator.place_inbound_call(queue="10000", caller_name="Hüseyn", answered_by="102")
    assert [row["yon"] for row in caller.rows("activeCalls")] == ["Ring", "Ringing", "Ringing", "Ringing"]
    timeline.advance(60)

    records = caller.rows("callRecords", orderby="arama_tarihi", sira="asc")
    assert [(row["arama_tarihi"][-8:], row["ic_kanal"][:7], row["durum"], row["sure"]) for row in records] == [
        ("12:00:00", "SIP/101", "NO ANSWER", "0"),
        ("12:00:01", "SIP/102", "ANSWERED", "20"),
        ("12:00:01", "SIP/103", "NO ANSWER", "0"),
    ]
    assert {(row["kanal"], row["arayan_adi"], row["aranan_numara"], row["sonislem"]) for row in records} == {
        (records[0]["kanal"], f'"Hüseyn" <{CUSTOMER}>', "10000", "Queue")
    }
    (recorded,) = caller.rows("soundRecords")
    assert recorded["ic_kanal"][:7] == "SIP/102"


def test_a_queue_passes_over_who_is_out_on_a_break_or_talking(caller, simulator, timeline):
    caller.ask("breakStart", agent="1001", breakId="2")
    simulator.place_call_from_phone(extension="102", talk_seconds=600)
    simulator.place_inbound_call(queue="10000")
    timeline.advance(60)

    (record,) = [row for row in caller.rows("callRecords") if row["aranan_numara"] == "10000"]
    assert (record["durum"], record["ic_kanal"]) == ("NO ANSWER", "")


def test_a_queue_may_answer_before_its_agents_do(caller, simulator, timeline):
    """As Asterisk's queues often do: who gave up waiting has a record that says ANSWERED, without an inner channel."""
    simulator.use_script(CallScript(queue_answers=True, ring_seconds=4, talk_seconds=20))
    simulator.place_inbound_call(queue="10001", outcome="NO ANSWER")
    assert [row["yon"] for row in caller.rows("activeCalls")] == ["Up", "Ringing"]
    timeline.advance(60)
    simulator.place_inbound_call(queue="10001", source="05329999999")
    timeline.advance(60)

    records = {
        (row["arayan_numara"], row["ic_kanal"][:7], row["durum"], row["sure"]) for row in caller.rows("callRecords")
    }
    assert records == {
        (CUSTOMER, "", "ANSWERED", "4"),
        (CUSTOMER, "SIP/102", "NO ANSWER", "0"),
        ("05329999999", "SIP/102", "ANSWERED", "20"),
    }
    assert [row["arayan_numara"] for row in caller.rows("soundRecords")] == ["05329999999"]


def test_a_call_to_an_extension_comes_from_the_trunk(caller, simulator, timeline):
    simulator.place_inbound_call(extension="103", outcome="NO ANSWER")
    timeline.advance(60)

    (record,) = caller.rows("callRecords")
    assert (record["kaynak"], record["arayan_numara"], record["aranan_numara"]) == ("from-trunk", CUSTOMER, "103")


def test_call_center_calls_name_the_agent_and_the_number(caller, simulator, timeline):
    simulator.place_inbound_call(queue="10000", answered_by="102")
    simulator.place_call_from_phone(extension="103")
    assert caller.rows("activeCallsCallCenter") == []
    timeline.advance(4)

    expected = {"agentnumber": "1002", "fechainicio": "2026-01-05 12:00:04", "phone": CUSTOMER}
    assert caller.rows("activeCallsCallCenter") == [expected]
    simulator.use_style(Style(agent_calls="words"))
    assert caller.rows("activeCallsCallCenter") == [{**expected, "fechainicio": "Konuşuyor"}]


# Hanging up and transferring


def test_hanging_up_ends_whatever_the_extension_is_on(caller, simulator, timeline):
    dial(caller)
    timeline.advance(25)
    simulator.place_inbound_call(extension="101", source="05329999999")
    timeline.advance(7)

    assert caller.ask("hangup", extension="101") == {"result": "true", "message": "Çağrı Sonlandırıldı"}

    records = [(row["arayan_numara"], row["durum"], row["sure"]) for row in caller.rows("callRecords")]
    assert records == [("05329999999", "ANSWERED", "3"), ("101", "ANSWERED", "20")]
    assert refusal(caller.send("hangup", {"extension": "101"})) == "Aktif çağrı bulunamadı"


def test_hanging_up_prefers_the_call_one_talks_on(caller, simulator, timeline):
    dial(caller)
    timeline.advance(10)
    simulator.place_inbound_call(extension="101", ring_seconds=60)
    caller.ask("hangup", extension="101")

    assert [row["arayan_numara"] for row in caller.rows("callRecords")] == ["101"]
    assert len(caller.rows("activeCalls")) == 2


def test_hanging_up_while_a_queue_rings_only_declines(caller, simulator, timeline):
    simulator.place_inbound_call(queue="10000", answered_by="101")
    timeline.advance(2)
    caller.ask("hangup", extension="101")
    timeline.advance(60)

    records = {row["ic_kanal"][:7]: row["durum"] for row in caller.rows("callRecords")}
    assert records == {"SIP/101": "NO ANSWER", "SIP/102": "ANSWERED"}


def test_a_caller_who_hangs_up_is_answered_by_nobody(caller, simulator, timeline):
    call = simulator.place_inbound_call(queue="10000")
    timeline.advance(2)
    simulator.hang_up(call)
    timeline.advance(60)

    assert {row["durum"] for row in caller.rows("callRecords")} == {"NO ANSWER"}


def test_the_last_to_decline_ends_the_call(caller, simulator, timeline):
    simulator.place_inbound_call(queue="10001")
    timeline.advance(2)
    caller.ask("hangup", extension="102")

    assert [row["durum"] for row in caller.rows("callRecords")] == ["NO ANSWER"]
    assert caller.rows("activeCalls") == []


def test_a_transfer_moves_the_other_side_and_leaves_a_record_of_its_own(caller, simulator, timeline):
    simulator.place_inbound_call(queue="10001")
    timeline.advance(10)

    said = caller.ask("redirect", from_="102", extension="103")
    timeline.advance(60)

    assert said == {"result": "true", "message": "Çağrı Yönlendirildi", "extension": "103"}
    first, second = caller.rows("callRecords", orderby="arama_tarihi", sira="asc")
    assert (first["ic_kanal"][:7], first["sure"], first["aranan_numara"]) == ("SIP/102", "6", "10001")
    assert (second["ic_kanal"][:7], second["sure"], second["aranan_numara"]) == ("SIP/103", "20", "103")
    assert first["kanal"] == second["kanal"]
    assert second["arama_tarihi"] == "2026-01-05 12:00:10"


def test_a_dialled_customer_can_be_transferred(caller, timeline):
    dial(caller)
    timeline.advance(10)
    caller.ask("redirect", from_="101", extension="102")

    channels = {row["kanal"].split("-")[0]: row["yon"] for row in caller.rows("activeCalls")}
    assert channels == {"SIP/kobikom": "Up", "SIP/102": "Ringing"}


def test_what_only_rings_cannot_be_transferred(caller, timeline):
    dial(caller)
    timeline.advance(3)

    assert refusal(caller.send("redirect", {"from": "101", "extension": "102"})) == "Aktif çağrı bulunamadı"


# Call records


@pytest.fixture
def past(caller, simulator, timeline):
    """Three calls: Monday 12:00 and 23:59:50, Tuesday 00:01."""
    for seconds, source in ((0, "05321111111"), (43190, "05322222222"), (70, "05323333333")):
        timeline.advance(seconds)
        simulator.place_inbound_call(extension="101", source=source, caller_name=source[-3:], talk_seconds=5)
    timeline.advance(60)


@pytest.mark.parametrize("module", ["callRecords", "soundRecords"])
@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, "321"),
        ({"orderby": "arama_tarihi", "sira": "asc"}, "123"),
        ({"orderby": "arayan_numara", "sira": "desc", "limit": "2"}, "32"),
        ({"limit": "0"}, ""),
        ({"baslangic_tarihi": "2026-01-06"}, "3"),
        ({"bitis_tarihi": "2026-01-05"}, "21"),
        ({"baslangic_tarihi": "2026-01-05", "bitis_tarihi": "2026-01-06"}, "321"),
        ({"arayan_numara": "05322222222"}, "2"),
        ({"arayan_adi": "333"}, "3"),
        ({"aranan_numara": "101"}, "321"),
        ({"aranan_numara": "102"}, ""),
    ],
)
def test_records_are_filtered_sorted_and_limited(caller, past, module, fields, found):
    assert "".join(row["arayan_numara"][-1] for row in caller.rows(module, **fields)) == found


def test_an_end_day_may_mean_its_first_moment(caller, simulator, past):
    simulator.use_style(Style(end_day="excluded"))

    assert caller.rows("callRecords", bitis_tarihi="2026-01-05") == []
    assert len(caller.rows("callRecords", bitis_tarihi="2026-01-06")) == 2


def test_the_seconds_of_a_record_are_those_billed_or_all(caller, simulator, timeline):
    dial(caller)
    timeline.advance(60)

    assert caller.rows("callRecords")[0]["sure"] == "20"
    simulator.use_style(Style(sure="duration"))
    assert caller.rows("callRecords")[0]["sure"] == "25"


# Recordings


def test_a_recording_is_gsm_as_its_ending_says(caller, timeline):
    dial(caller)
    timeline.advance(60)
    (record,) = caller.rows("soundRecords")

    answer = caller.send("downloadRecording", {"listen": record["dosya"]})

    path = "/var/spool/asterisk/monitor/2026/01/05/out-05321234567-101-20260105-120000-1767603600.40633.WAV"
    assert record["dosya"] == path
    assert answer.content_length == len(answer.get_data())
    audio = soundfile.info(BytesIO(answer.get_data()))
    assert audio.subtype == "GSM610"
    assert round(audio.duration) == 20


def test_a_recording_may_be_plain_and_late(caller, simulator, timeline):
    simulator.use_script(CallScript(talk_seconds=2, recording_form="wav", recording_ready_after=900))
    dial(caller)
    timeline.advance(60)
    path = simulator.state()["calls"][0]["recording"]

    assert caller.rows("soundRecords") == []
    assert refusal(caller.send("downloadRecording", {"listen": path})) == "Dosya bulunamadı"
    timeline.advance(900)
    assert [row["dosya"] for row in caller.rows("soundRecords")] == [path]
    assert path.endswith(".wav")
    with wave.open(BytesIO(caller.send("downloadRecording", {"listen": path}).get_data())) as file:
        assert file.getnframes() / file.getframerate() == 2


def test_a_call_may_go_unrecorded(caller, simulator, timeline):
    simulator.use_script(CallScript(recorded=False))
    dial(caller)
    timeline.advance(60)

    assert caller.rows("soundRecords") == []
    assert len(caller.rows("callRecords")) == 1


def test_the_recording_root_can_be_another(start, timeline):
    _, caller = start(recording_root="/srv/sesler/")
    dial(caller)
    timeline.advance(60)

    (record,) = caller.rows("soundRecords")
    assert record["dosya"].startswith("/srv/sesler/2026/01/05/")
    assert caller.send("downloadRecording", {"listen": record["dosya"]}).mimetype == "audio/x-wav"


# The people of the call center


def test_logging_in_and_out_can_be_repeated(caller, simulator):
    for _ in range(2):
        assert caller.ask("loginAgent", agent="1003") == {"result": "true", "message": "Giriş yapıldı."}
    assert simulator.call_center.agents["1003"].logged_in
    for _ in range(2):
        assert caller.ask("logoutAgent", agent="1003") == {"result": "true", "message": "Çıkış yapıldı."}
    assert not simulator.call_center.agents["1003"].logged_in


def test_a_second_break_is_refused(caller):
    assert caller.ask("breakStart", agent="1001", breakId="2") == {"result": "true", "message": "Mola Başladı"}

    assert refusal(caller.send("breakStart", {"agent": "1001", "breakId": "3"})) == "Agent zaten molada"


def test_a_break_ends_in_two_shapes(caller, simulator, timeline):
    taken = {
        "agent": "1001",
        "starttime": "2026-01-05 12:00:00",
        "endtime": "2026-01-05 12:00:08",
        "duration": "8",
    }

    def end_break(send):
        caller.ask("breakStart", agent="1001", breakId="2")
        timeline.advance(8)
        return send("breakEnd", agent="1001")

    element = end_break(caller.xml).find("break")
    assert {child.tag: child.text for child in element} == taken
    assert end_break(caller.ask) == {"result": "true", "message": "Mola Başladı"}
    simulator.use_style(Style(break_end="break"))
    assert end_break(caller.ask)["break"].keys() == taken.keys()


def test_logging_out_ends_a_break(caller):
    caller.ask("breakStart", agent="1001", breakId="2")
    caller.ask("logoutAgent", agent="1001")

    assert refusal(caller.send("breakEnd", {"agent": "1001"})) == "Agent molada değil"


def test_queues_are_created_changed_and_deleted(caller):
    fields = {"account": "20000", "name": "YENI", "password": "gizli", "dynmembers[]": ["1002"]}
    assert caller.ask("createQueue", **fields) == {"result": "true", "message": "Kuyruk Eklendi"}
    assert {"extension": "20000", "descr": "YENI"} in caller.ask("listQueue")["message"]

    done = {"result": "true", "message": "İşleminiz Gerçekleşti"}
    more = {"account": "20000", "dynmembers[]": ["1003", "1001", "1002"]}
    assert caller.ask("agentsQueue", **more, make="true") == done
    assert caller.rows("queueAgents", "agents", account="20000") == ["1002", "1003", "1001"]
    less = {"account": "20000", "dynmembers[]": ["1003", "9"]}
    assert caller.ask("agentsQueue", **less, make="false") == done
    assert caller.rows("queueAgents", "agents", account="20000") == ["1002", "1001"]

    assert caller.ask("deleteQueue", account="20000") == {"result": "true", "message": "Kuyruk Silindi"}
    assert "20000" not in {queue["extension"] for queue in caller.ask("listQueue")["message"]}


def test_a_queues_password_is_nowhere_to_be_seen(caller, simulator):
    caller.ask("createQueue", account="20000", name="YENI", password="gizli-parola")

    assert "gizli-parola" not in json.dumps(simulator.state())


def test_members_can_be_sent_with_commas_instead(start):
    _, caller = start(array_style="comma")

    caller.ask("agentsQueue", account="10002", dynmembers="1001,1003", make="true")

    assert caller.rows("queueAgents", "agents", account="10002") == ["1001", "1003"]
    brackets = {"account": "10002", "dynmembers[]": ["1002"], "make": "true"}
    assert "Bilinmeyen" in refusal(caller.send("agentsQueue", brackets))


# Campaigns


def create_campaign(caller, *phones, **fields):
    created = caller.ask("createCampaign", **{**WRITING["createCampaign"], "retries": "1", **fields})
    for phone in phones:
        caller.ask("campaignAddPhone", name="Elif", surname="Kaya", phone=phone, id_campaign=created["id_campaign"])
    return created["id_campaign"]


def statuses(caller, **fields):
    return {row["phone"]: row["status"] for row in caller.rows("getCallDetail", "data", **fields)}


def test_a_campaign_tells_its_id_and_name(caller):
    answer = caller.ask("createCampaign", **WRITING["createCampaign"])

    assert answer == {"result": "true", "id_campaign": "1", "name": "Bahar"}


def test_a_campaign_calls_its_contacts_through_free_agents(caller, timeline):
    create_campaign(caller, "05321111111", "05322222222", "05323333333")

    assert statuses(caller) == {"05321111111": "Placing", "05322222222": "Placing", "05323333333": None}
    timeline.advance(1)
    assert statuses(caller)["05321111111"] == "Ringing"
    timeline.advance(4)
    assert statuses(caller)["05321111111"] == "OnQueue"
    timeline.advance(1)
    assert statuses(caller)["05321111111"] == "Success"
    assert [row["agentnumber"] for row in caller.rows("activeCallsCallCenter")] == ["1001", "1002"]
    timeline.advance(60)
    assert set(statuses(caller).values()) == {"Success"}


def test_a_campaigns_result_has_the_documents_fields(caller, timeline):
    create_campaign(caller, CUSTOMER)
    timeline.advance(60)

    assert caller.rows("getCallDetail", "data") == [
        {
            "name": "Bahar",
            "phone": CUSTOMER,
            "status": "Success",
            "start_time": "2026-01-05 12:00:05",
            "end_time": "2026-01-05 12:00:25",
            "duration": "20",
            "failure_cause": None,
            "failure_cause_txt": None,
            "agent_number": "1001",
            "agent_name": "Ayşe Yılmaz",
        }
    ]


@pytest.mark.parametrize(
    ("script", "status", "cause", "text"),
    [
        (CallScript(outcome="NO ANSWER"), "NoAnswer", None, None),
        (CallScript(outcome="BUSY"), "Failure", "17", "User busy"),
        (CallScript(outcome="FAILED"), "Failure", "1", "Unallocated (unassigned) number"),
        (CallScript(outcome="FAILED", failure_cause=21), "Failure", "21", "Call Rejected"),
        (CallScript(outcome="ABANDONED"), "Abandoned", None, None),
        (CallScript(talk_seconds=3), "ShortCall", None, None),
    ],
)
def test_a_campaign_tells_why_a_contact_was_not_talked_to(caller, simulator, timeline, script, status, cause, text):
    simulator.use_script(script)
    create_campaign(caller, CUSTOMER)
    timeline.advance(60)

    (row,) = caller.rows("getCallDetail", "data")
    assert (row["status"], row["failure_cause"], row["failure_cause_txt"]) == (status, cause, text)
    assert row["agent_number"] == ("1001" if status == "ShortCall" else None)


def test_a_campaign_calls_again_as_often_as_it_was_told(caller, simulator, timeline):
    simulator.use_script(CallScript(outcome="BUSY"))
    create_campaign(caller, CUSTOMER, retries="3")
    timeline.advance(3600)

    assert len(simulator.exchange.calls()) == 3
    assert statuses(caller) == {CUSTOMER: "Failure"}


def test_a_contact_who_was_talked_to_is_not_called_again(caller, simulator, timeline):
    create_campaign(caller, CUSTOMER, retries="3")
    timeline.advance(3600)

    assert len(simulator.exchange.calls()) == 1


def test_a_campaign_keeps_its_days_and_hours(caller, simulator, timeline):
    create_campaign(caller, CUSTOMER, start_date="2026-01-06", end_date="2026-01-07", start_time="10:00", retries="9")
    simulator.use_script(CallScript(outcome="BUSY"))
    simulator.call_center.agents["1002"].logged_in = False

    timeline.advance(22 * 3600 - 1)
    assert simulator.exchange.calls() == []
    timeline.advance(1)
    assert [call.started_at.isoformat() for call in simulator.exchange.calls()] == ["2026-01-06T07:00:00+00:00"]


def test_a_campaign_rests_over_night(caller, simulator, timeline):
    create_campaign(caller, start_time="09:00", end_time="12:30")
    timeline.advance(3600)
    caller.ask("campaignAddPhone", name="", surname="", phone=CUSTOMER, id_campaign="1")
    assert statuses(caller) == {CUSTOMER: None}

    timeline.advance(20 * 3600 + 60)
    assert statuses(caller) == {CUSTOMER: "Success"}


def test_a_campaign_waits_for_an_agent(caller, timeline):
    caller.ask("logoutAgent", agent="1001")
    caller.ask("breakStart", agent="1002", breakId="2")
    create_campaign(caller, CUSTOMER)
    timeline.advance(600)
    assert statuses(caller) == {CUSTOMER: None}

    caller.ask("breakEnd", agent="1002")
    assert statuses(caller) == {CUSTOMER: "Placing"}


def test_a_campaign_of_a_queue_calls_only_through_its_members(caller, timeline):
    create_campaign(caller, "05321111111", "05322222222", queue="10001")

    assert statuses(caller) == {"05321111111": "Placing", "05322222222": None}
    timeline.advance(60)
    assert {row["agent_number"] for row in caller.rows("getCallDetail", "data")} == {"1002"}


def test_an_agent_who_went_away_leaves_the_contact_alone(caller, timeline):
    create_campaign(caller, CUSTOMER, queue="10001")
    caller.ask("logoutAgent", agent="1002")
    timeline.advance(60)

    assert statuses(caller) == {CUSTOMER: "Abandoned"}


def test_a_contact_who_hangs_up_on_the_queue_has_abandoned_it(caller, simulator, timeline):
    create_campaign(caller, CUSTOMER)
    timeline.advance(5.5)
    simulator.hang_up(simulator.exchange.calls()[0].unique_id)
    timeline.advance(60)

    assert statuses(caller) == {CUSTOMER: "Abandoned"}
    assert caller.rows("activeCallsCallCenter") == []


def test_a_campaign_whose_queue_is_gone_calls_nobody(caller, timeline):
    create_campaign(caller, queue="10001")
    caller.ask("deleteQueue", account="10001")
    caller.ask("campaignAddPhone", name="Elif", surname="Kaya", phone=CUSTOMER, id_campaign="1")
    timeline.advance(600)

    assert statuses(caller) == {CUSTOMER: None}


def test_a_campaign_call_is_in_the_call_records_too(caller, timeline):
    create_campaign(caller, CUSTOMER)
    timeline.advance(60)

    (record,) = caller.rows("callRecords")
    assert record["kanal"].startswith(f"Local/{CUSTOMER}@from-internal-")
    assert (record["arayan_numara"], record["aranan_numara"], record["durum"]) == ("191", CUSTOMER, "ANSWERED")


def test_an_agent_can_hang_up_or_transfer_a_campaign_call(caller, timeline):
    create_campaign(caller, CUSTOMER)
    timeline.advance(10)

    caller.ask("redirect", from_="101", extension="103")
    assert refusal(caller.send("hangup", {"extension": "101"})) == "Aktif çağrı bulunamadı"
    caller.ask("hangup", extension="103")
    assert caller.rows("activeCalls") == []


def test_doubled_contacts_are_called_twice(caller, simulator, timeline):
    create_campaign(caller, CUSTOMER, CUSTOMER)
    timeline.advance(120)

    assert len(simulator.exchange.calls()) == 2
    assert len(caller.rows("getCallDetail", "data", phone=CUSTOMER)) == 2


def test_results_are_asked_for_by_campaign_and_number(caller):
    create_campaign(caller, "05321111111", "05322222222")
    create_campaign(caller, "05322222222", name="Yaz")

    assert len(caller.rows("getCallDetail", "data")) == 3
    assert len(caller.rows("getCallDetail", "data", id_campaign="1")) == 2
    assert len(caller.rows("getCallDetail", "data", phone="05322222222")) == 2
    (row,) = caller.rows("getCallDetail", "data", phone="05322222222", id_campaign="2")
    assert row["name"] == "Yaz"


def test_contacts_and_campaigns_can_be_removed(caller, timeline):
    create_campaign(caller, "05321111111", "05322222222", start_date="2026-01-06")
    gone = {"id_campaign": "1", "phone": "05321111111"}

    assert caller.ask("campaignDeletePhone", **gone)["message"] == "Kampanyadan Telefon Silindi"
    assert refusal(caller.send("campaignDeletePhone", gone)) == "Telefon bulunamadı"
    assert caller.ask("deleteCampaign", id_campaign="1")["message"] == "Kampanya Silindi"
    assert refusal(caller.send("deleteCampaign", {"id_campaign": "1"})) == "Kampanya bulunamadı"
    assert caller.ask("getCallDetail") == {"result": "true", "data": []}


# How answers are written


def test_xml_is_the_form_unless_another_is_asked_for(caller):
    answers = {form: caller.send("activeCalls", form=form) for form in (None, "xml", "json")}

    assert [answer.mimetype for answer in answers.values()] == ["text/xml", "text/xml", "application/json"]
    assert "Geçersiz tip" in caller.send("activeCalls", form="pdf").get_data(as_text=True)


def test_queues_are_listed_in_json_whatever_is_asked_for(caller):
    answers = [caller.send("listQueue", form=form) for form in (None, "xml", "json")]

    assert {answer.get_data() for answer in answers} == {answers[0].get_data()}
    assert json.loads(answers[0].get_data()) == {
        "result": "true",
        "message": [
            {"extension": "10000", "descr": "OPERATORQ"},
            {"extension": "10001", "descr": "TEKNIKQ"},
            {"extension": "10002", "descr": "TESTQ"},
        ],
    }


def test_a_pbx_may_know_nothing_but_xml(caller, simulator):
    simulator.use_style(Style(answers_in="xml"))

    assert [caller.send(module, form="json").mimetype for module in ("activeCalls", "listQueue")] == [
        "text/xml",
        "application/json",
    ]
    assert caller.send("breakList", {"tip": "json"}).mimetype == "text/xml"


def test_breaks_come_as_a_bare_array_when_tip_asks_for_json(caller):
    answer = caller.send("breakList", {"tip": "json"}, form="xml")

    assert json.loads(answer.get_data())[0] == {"id": "2", "name": "YEMEK MOLASI"}


def test_breaks_come_as_repeated_elements_under_the_root(caller):
    root = ET.fromstring(caller.send("breakList", form="json").get_data())

    assert [child.tag for child in root] == ["result", "break", "break", "break"]
    assert root.findtext("break/name") == "YEMEK MOLASI"


@pytest.mark.parametrize(
    ("module", "json_key", "path"),
    [
        ("callRecords", "activecalls", "call_records/call_record"),
        ("soundRecords", "activecalls", "call_records/call_record"),
        ("activeCalls", "activecalls", "calls/call"),
        ("activeCallsCallCenter", "activecalls", "activecalls/activecall"),
        ("getCallDetail", "data", "Datas/Data"),
    ],
)
def test_lists_have_their_documented_names(caller, simulator, timeline, module, json_key, path):
    dial(caller)
    create_campaign(caller, CUSTOMER)
    timeline.advance(30)
    simulator.place_inbound_call(queue="10000")
    timeline.advance(5)

    rows = caller.rows(module, json_key)
    elements = caller.xml(module).findall(path)

    assert rows
    assert [{field.tag: field.text or "" for field in element} for element in elements] == [
        {name: value or "" for name, value in row.items()} for row in rows
    ]


def test_members_of_a_queue_are_elements_of_their_own(caller):
    assert [agent.text for agent in caller.xml("queueAgents", account="10000").findall("agents/agent")] == [
        "1001",
        "1002",
        "1003",
    ]


def body(caller, module, form, **fields):
    return caller.send(module, fields, form=form).get_data(as_text=True)


def test_lists_are_keyed_objects_or_arrays(caller, simulator):
    assert caller.ask("queueAgents", account="10000")["agents"] == {"0": "1001", "1": "1002", "2": "1003"}
    assert caller.ask("queueAgents", account="10002")["agents"] == []
    simulator.use_style(Style(lists="array"))
    assert caller.ask("queueAgents", account="10000")["agents"] == ["1001", "1002", "1003"]


def test_malformed_lists_are_as_the_document_prints_them(caller, simulator, timeline):
    create_campaign(caller, CUSTOMER)
    timeline.advance(60)
    simulator.place_inbound_call(queue="10000")
    timeline.advance(5)
    simulator.use_style(Style(malformed=True))

    assert '"agents": [\n"0" : "1001",\n"1" : "1002"' in body(caller, "queueAgents", "json", account="10000")
    assert "<agent>1001<agent>\n<agent>1002<agent>" in body(caller, "queueAgents", None, account="10000")
    assert '"sure": "20"\n  "durum": "ANSWERED"' in body(caller, "callRecords", "json")
    assert '"sure": "20",\n  "durum": "ANSWERED",\n  "dosya"' in body(caller, "soundRecords", "json")
    assert '"data": [\n0 : {' in body(caller, "getCallDetail", "json")
    assert body(caller, "getCallDetail", "json").endswith("},\n]\n}")
    assert "</phone>\n</activecalls>" in body(caller, "activeCallsCallCenter", None)
    assert json.loads(body(caller, "listQueue", "json"))["message"]
    assert caller.ask("queueAgents", account="10002")["agents"] == []


@pytest.mark.parametrize("module", ["queueAgents", "callRecords", "getCallDetail", "activeCalls"])
def test_malformed_json_is_refused_by_a_strict_parser(caller, simulator, timeline, module):
    dial(caller)
    create_campaign(caller, CUSTOMER, queue="10001")
    timeline.advance(28)
    dial(caller)
    simulator.use_style(Style(malformed=True))

    with pytest.raises(json.JSONDecodeError):
        caller.ask(module, **({"account": "10000"} if module == "queueAgents" else {}))


def test_values_can_be_padded_with_blanks(caller, simulator):
    simulator.use_style(Style(padded=True))
    dial(caller)

    assert caller.rows("activeCalls")[0]["arayan_numara"] == " 101 "
    assert caller.xml("queueAgents", account="10001").findtext("agents/agent") == " 1002 "
    assert caller.ask("loginAgent", agent="1001")["result"] == "true"


def test_the_two_numbers_the_document_leaves_unquoted_can_be(caller, simulator, timeline):
    simulator.use_style(Style(numbers_quoted=False))
    dial(caller)
    timeline.advance(10)

    assert caller.ask("createCampaign", **WRITING["createCampaign"])["id_campaign"] == 1
    assert caller.ask("redirect", from_="101", extension="102")["extension"] == 102
    assert caller.rows("activeCalls")[0]["oncelik"] == "3"


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-9"])
@pytest.mark.parametrize("form", ["json", None])
def test_answers_come_in_the_charset_of_the_pbx(caller, simulator, charset, form):
    simulator.use_style(Style(charset=charset))

    answer = caller.send("logoutAgent", {"agent": "1001"}, form=form)

    assert "Çıkış yapıldı." in answer.get_data().decode(charset)


def test_xml_escapes_what_people_are_called(caller, simulator, timeline):
    simulator.place_inbound_call(extension="101", caller_name="Ak & <Oğlu>", outcome="BUSY")
    timeline.advance(60)

    assert caller.xml("callRecords").findtext(".//arayan_adi") == f'"Ak & <Oğlu>" <{CUSTOMER}>'


# The control plane


def act(caller, action, **arguments):
    return caller.client.post(f"/_control/actions/{action}", json=arguments)


def test_calls_are_placed_and_hung_up_over_the_control_plane(caller, timeline):
    came = act(caller, "place_inbound_call", source="05329999999", queue="10001", caller_name="Hüseyn").get_json()
    went = act(caller, "place_call_from_phone", extension="101", number="103", outcome="BUSY").get_json()

    timeline.advance(10)
    calls = {call["unique_id"]: call for call in caller.client.get("/_control/state").get_json()["calls"]}
    assert (calls[came]["going_on"], calls[came]["disposition"]) == (True, "ANSWERED")
    assert (calls[went]["going_on"], calls[went]["disposition"]) == (False, "BUSY")
    assert [act(caller, "hang_up", unique_id=came).status_code for _ in range(2)] == [200, 400]


@pytest.mark.parametrize("nowhere", [{"queue": "9"}, {"extension": "999"}])
def test_a_call_to_nowhere_is_refused(caller, nowhere):
    assert act(caller, "place_inbound_call", **nowhere).status_code == 400


def test_nobody_can_call_from_an_extension_that_is_not_there(caller):
    assert act(caller, "place_call_from_phone", extension="999").status_code == 400


def test_script_and_style_are_set_over_the_control_plane(caller, simulator):
    act(caller, "use_script", script={"outcome": "BUSY"}, number=CUSTOMER)
    act(caller, "use_script", script={"talk_seconds": 2})
    act(caller, "use_style", style={"malformed": True, "charset": "iso-8859-9"})

    assert simulator.exchange.script_for(CUSTOMER).outcome == "BUSY"
    assert simulator.exchange.script_for("103").talk_seconds == 2
    assert simulator.style == Style(malformed=True, charset="iso-8859-9")


def test_the_state_shows_the_company_at_work(caller, timeline):
    create_campaign(caller, CUSTOMER)
    caller.ask("breakStart", agent="1002", breakId="2")
    timeline.advance(10)

    state = caller.client.get("/_control/state").get_json()

    assert [agent["number"] for agent in state["agents"] if agent["break_started_at"]] == ["1002"]
    assert [one["number"] for one in state["extensions"] if one["on_a_call"]] == ["101"]
    assert state["campaigns"][0]["contacts"][0]["status"] == "Success"
    assert len(state["channels"]) == 3
    assert state["queues"][0]["agents"] == ["1001", "1002", "1003"]


def test_another_company_has_other_people(start):
    company = PbxCompany(
        extensions={"1004": "Elif"},
        agents=(CallCenterAgent("7", "Elif", "1004"),),
        queues=(CallCenterQueue("300", "SATIS", ("7",)),),
        breaks=(BreakKind("1", "NAMAZ"),),
    )
    _, caller = start(company=company)

    assert dial(caller, "1004")["result"] == "true"
    assert caller.ask("breakStart", agent="7", breakId="1")["result"] == "true"
    assert caller.ask("listQueue")["message"] == [{"extension": "300", "descr": "SATIS"}]


def test_what_was_is_forgotten_on_demand(caller, simulator, timeline):
    dial(caller)
    timeline.advance(60)
    simulator.exchange.forget()

    assert caller.rows("callRecords") == []
    assert simulator.api_url.endswith("/api/")
