# The numbers P1 to P7 are those of the open points in santral.providers.kobikom.
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santral.providers.kobikom import answers
from tests.fakes.doors import EVENTS

MESSAGES = {
    "deleteCampaign": "Kampanya Silindi",
    "createQueue": "Kuyruk Eklendi",
    "deleteQueue": "Kuyruk Silindi",
    "loginAgent": "Giriş yapıldı.",
    "logoutAgent": "Çıkış yapıldı.",
    "agentsQueue": "İşleminiz Gerçekleşti",
    "campaignAddPhone": "Kampanyaya Yeni Telefon Eklendi",
    "campaignDeletePhone": "Kampanyadan Telefon Silindi",
    "breakStart": "Mola Başladı",
    "dial": "Arama Başladı",
    "hangup": "Çağrı Sonlandırıldı",
}
MODULES = {
    *MESSAGES, "createCampaign", "queueAgents", "activeCallsCallCenter", "activeCalls", "callRecords", "soundRecords",
    "getCallDetail", "breakList", "breakEnd", "redirect",
}  # fmt: skip

RECORD = {
    "arayan_adi": "Arayan Adı",
    "arayan_numara": "Arayan Numara",
    "aranan_numara": "Aranan Numara",
    "kaynak": "Kaynak",
    "kanal": "Kanal",
    "ic_kanal": "İç Kanal",
    "sonislem": "Son İşlem",
    "sure": "Süre",
    "durum": "Durum",
}
XML_RECORD = {**RECORD, "arama_tarihi": "Arama Tarihi", "sondata": "Son Veriler"}
JSON_RECORD = {**RECORD, "arama_tarihi": "Arama Adı", "sondata": "Son Veri"}
BREAKS = [
    {"id": "2", "name": "YEMEK MOLASI"},
    {"id": "3", "name": "CAY SIGARA MOLASI"},
    {"id": "4", "name": "DIS ARAMA"},
]
AGENT_CALL = {"agentnumber": "Agent Numarası", "fechainicio": "Çağrı Durumu", "phone": "Telefon Numarası"}
CHANNEL = {
    "kanal": "Kanal Adı",
    "kaynak": "Kaynak",
    "dahili": "Dahili",
    "oncelik": "Öncelik",
    "yon": "Yön",
    "islem": "İşlem",
    "data": "Veriler",
    "arayan_numara": "Telefon Numarası",
    "sure": "Süre",
}
DETAIL = {
    "name": "Kampanya Adı",
    "phone": "Telefon Numarası",
    "status": "Durum",
    "start_time": "Başlama Zamanı",
    "end_time": "Bitiş Zamanı",
    "duration": "Süre",
    "failure_cause": "Başarısız ID",
    "failure_cause_txt": "Başarısız olma sebebi metni",
    "agent_number": "Agent Numarası",
    "agent_name": "Agent Adı",
}
ROWS = {
    "listQueue.json": [
        {"extension": "10000", "descr": "OPERATORQ"},
        {"extension": "10001", "descr": "TEKNIKQ"},
        {"extension": "10002", "descr": "TESTQ"},
    ],
    "queueAgents.json": ["100", "101", "102"],
    "queueAgents.xml": ["100", "101", "102"],
    "activeCallsCallCenter.json": [AGENT_CALL],
    "activeCallsCallCenter.xml": [AGENT_CALL],
    "activeCalls.json": [CHANNEL],
    "activeCalls.xml": [CHANNEL],
    "callRecords.json": [JSON_RECORD],
    "callRecords.xml": [XML_RECORD],
    "soundRecords.json": [{**JSON_RECORD, "dosya": "Dosya"}],
    "soundRecords.xml": [{**XML_RECORD, "dosya": "Dosya"}],
    "getCallDetail.json": [DETAIL],
    "getCallDetail.xml": [DETAIL],
    "breakList.json": BREAKS,
    "breakList.xml": BREAKS,
    "breakEnd.xml": [
        {"agent": "1000", "starttime": "2017-06-01 10:00:00", "endtime": "2017-06-01 10:00:08", "duration": "8"}
    ],
}
OBJECTS = {
    **{
        f"{module}.{form}": {"result": "true", "message": message}
        for module, message in MESSAGES.items()
        for form in ("json", "xml")
    },
    "createCampaign.json": {"result": "true", "id_campaign": "Oluşan Kampanya ID", "name": "Oluşan Kampnaya Adı"},
    "createCampaign.xml": {"result": "true", "id_campaign": "Oluşan Kampanyanın ID", "name": "Oluşan Kampnayanın Adı"},
    "redirect.json": {"result": "true", "message": "Çağrı Yönlendirildi", "extension": "DAHİLİ_NO"},
    "redirect.xml": {"result": "true", "message": "Çağrı Yönlendirildi", "extension": "DAHİLİ_NO"},
    "breakEnd.json": {"result": "true", "message": "Mola Başladı"},
}


def stripped(value):
    if isinstance(value, dict):
        return {name: stripped(part) for name, part in value.items()}
    return value.strip() if isinstance(value, str) else value


def read(text):
    return answers.read(text.encode())


def test_the_document_prints_an_answer_of_every_module_but_the_download():
    there = {path.name.removesuffix(".as_printed.txt") for path in (EVENTS / "providers" / "kobikom").iterdir()}

    assert there == ROWS.keys() | OBJECTS.keys()
    assert there == {f"{module}.{form}" for module in MODULES for form in ("json", "xml")} | {"listQueue.json"}


@pytest.mark.parametrize(("name", "rows"), ROWS.items(), ids=ROWS)
def test_the_documents_samples_tell_their_rows(printed, name, rows):
    """P3, P4, P5 and P6: whatever is wrong with a sample, its rows are read."""
    told = answers.read(printed(name))

    assert [stripped(row) for row in answers.rows(told)] == rows
    assert answers.refusal(told) is None


@pytest.mark.parametrize(("name", "told"), OBJECTS.items(), ids=OBJECTS)
def test_the_documents_samples_tell_what_was_done(printed, name, told):
    assert stripped(answers.read(printed(name))) == told
    assert answers.refusal(answers.read(printed(name))) is None


@pytest.mark.parametrize(
    "body",
    [
        '{"result": "false", "message": "olmaz"}',
        '{"result": false, "error": "olmaz"}',
        '{"result": null, "errors": ["olmaz"]}',
        '{"result": "", "hata": "olmaz"}',
        '{"error": "olmaz"}',
        '{"hata": "olmaz"}',
        '{"errors": {"0": "olmaz"}}',
        '{"RESULT": "FALSE", "Message": "olmaz"}',
        "<CallCenter><result>false</result><message>olmaz</message></CallCenter>",
        "<CallCenter><result>0</result><hata>olmaz</hata></CallCenter>",
        "<CallCenter><error>olmaz</error></CallCenter>",
    ],
)
def test_p1_a_refusal_is_told_in_several_ways(body):
    assert "olmaz" in answers.refusal(read(body))


@pytest.mark.parametrize("body", ["", "   ", "\n", "tamam", "<html>olmaz</html>", "<p>", "null", "7", '"text"'])
def test_p1_what_is_neither_is_no_answer(body):
    with pytest.raises(ValueError):
        read(body)


@pytest.mark.parametrize("body", ["{}", '{"message": "tamam"}', "<CallCenter/>", '{"extension": 7}'])
def test_p1_an_answer_that_says_neither_yes_nor_no_is_no_answer(body):
    with pytest.raises(ValueError):
        answers.refusal(read(body))


@pytest.mark.parametrize("result", ["true", '"true"', '"TRUE"', '" true "', "1", '"1"', '"ok"', '"Success"'])
def test_p2_success_has_many_words(result):
    assert answers.refusal(read(f'{{"result": {result}}}')) is None


@pytest.mark.parametrize("result", ["false", "0", '"no"', "null", "[]", "2", '"truely"'])
def test_p2_any_other_result_is_a_refusal(result):
    assert answers.refusal(read(f'{{"result": {result}}}')) == ""


@pytest.mark.parametrize(
    "body", ["[]", '[{"id": "2"}]', '{"activecalls": []}', "<CallCenter><break><id>2</id></break></CallCenter>"]
)
def test_p2_a_list_without_a_result_is_a_success(body):
    assert answers.refusal(read(body)) is None


ROW, OTHER = {"kanal": "a"}, {"kanal": "b"}


@pytest.mark.parametrize(
    ("told", "rows"),
    [
        ([ROW, OTHER], [ROW, OTHER]),
        ({"0": ROW, "1": OTHER}, [ROW, OTHER]),
        ({"10": OTHER, "9": ROW}, [ROW, OTHER]),
        (ROW, [ROW]),
        ({"call": [ROW, OTHER]}, [ROW, OTHER]),
        ({"call": ROW}, [ROW]),
        ({"call": {"0": ROW}}, [ROW]),
        (None, []),
        ("", []),
        ("  ", []),
        ([], []),
        ({}, []),
    ],
)
def test_p3_rows_come_in_every_container(told, rows):
    assert answers.rows({"result": "true", "activecalls": told}) == rows


def test_p3_an_answer_without_its_list_has_no_rows():
    assert answers.rows({"result": "true"}) == []


@pytest.mark.parametrize(
    "name",
    ["activecalls", "calls", "call_records", "callrecords", "records", "data", "Data", "Datas", "DATAS", "agents"],
)
def test_p4_rows_come_under_every_name(name):
    assert answers.rows({"result": "true", name: [ROW]}) == [ROW]


def test_p4_a_message_is_rows_when_it_is_a_list_and_words_otherwise():
    assert answers.rows({"result": "true", "message": [ROW]}) == [ROW]
    assert answers.rows({"result": "true", "message": "Kuyruk Eklendi"}) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('\ufeff{"a": "b"}', {"a": "b"}),
        ('{\xa0"a"\xa0:\xa0"b"\xa0}', {"a": "b"}),
        ("{“a”: “b”}", {"a": "b"}),
        ('{“a”: "b”}', {"a": "b"}),
        ('{"a": "the “best”",}', {"a": "the “best”"}),
        ('{"a": "1", "b": "2",}', {"a": "1", "b": "2"}),
        ('{"a": "1"\n"b": "2"}', {"a": "1", "b": "2"}),
        ('["0": {"a": 1}, "1": {"a": 2}]', {"0": {"a": 1}, "1": {"a": 2}}),
        ("[ 0 : {}, 1 : {} ]", {"0": {}, "1": {}}),
        ('["a", "b",\n...\n]', ["a", "b"]),
        ('{"a": SOME TEXT,\n"b": 12, "c": true, "d": null}', {"a": "SOME TEXT", "b": 12, "c": True, "d": None}),
        ('{"a": 007}', {"a": "007"}),
        ('{"a": "tab\there"}', {"a": "tab\there"}),
        ('{"a": NaN}', {"a": "NaN"}),
    ],
)
def test_p5_json_is_read_as_the_document_prints_it(text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    "text",
    ['{"a": "b', '{"a": }', '{"a"}', "{", "[", '{"a": "b"} {', "[:]", '{"a": "b"]', "[" * 100_000, '{"a":' * 1000],
)
def test_p5_what_cannot_be_repaired_is_refused(text):
    with pytest.raises(ValueError):
        read(text)


@given(st.dictionaries(st.text(), st.recursive(st.text() | st.booleans() | st.integers(), st.lists, max_leaves=5)))
def test_p5_what_strict_json_accepts_is_never_touched(value):
    assert read(json.dumps(value, ensure_ascii=False).replace("\ud800", "")) == value


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><CallCenter><result>&x;</result></CallCenter>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><CallCenter><result>true</result></CallCenter>',
        '<!DOCTYPE a [<!ENTITY x "y">]><CallCenter><agent>1<agent></CallCenter>',
        "<CallCenter><result>&unknown;</result><agent></CallCenter>" + "<![CDATA[",
        "<CallCenter>" + "<a>" * 50 + "</a>" * 50 + "</CallCenter>",
        "<CallCenter>" + "<a><b>" * 50 + "</CallCenter>",
        "<a>" * 50_000,
        "<CallCenter>\x01</CallCenter>",
        "<CallCenter></CallCenter><CallCenter></CallCenter>",
    ],
)
def test_p6_entities_types_and_what_is_not_xml_are_refused(text):
    with pytest.raises(ValueError):
        read(text)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("<agents><agent>100<agent><agent>101<agent></agents>", ["100", "101"]),
        ("<agents><agent>100\n<agent>101\n</agents>", ["100", "101"]),
        ("<agents><agent>100</agent><agent>101</agents>", ["100", "101"]),
        ("<agents><agent>A & B<agent></agents>", ["A & B"]),
        ("<agents><agent>A &amp; B<agent></agents>", ["A & B"]),
    ],
)
def test_p6_elements_opened_again_are_closed(text, rows):
    assert answers.rows(read(f"<?xml version='1.0'?><CallCenter><result>true</result>{text}</CallCenter>")) == rows


def test_p7_the_first_character_tells_the_form():
    assert read(' \n{"result": "true"}') == read("\ufeff\n<CallCenter><result>true</result></CallCenter>")


@pytest.mark.parametrize("body", ['{"name": "Işıl Gençoğlu"}', "<CallCenter><name>Işıl Gençoğlu</name></CallCenter>"])
def test_texts_that_are_no_utf_8_are_turkish(body):
    assert answers.read(body.encode("iso-8859-9"))["name"] == "Işıl Gençoğlu"


@pytest.mark.parametrize(
    "complaint",
    ["Geçersiz API anahtarı", "INVALID APIKEY", "api key hatalı", "Yetkisiz", "YETKİNİZ YOK", "Unauthorized"],
)
def test_complaints_about_the_key_are_known(complaint):
    assert answers.is_about_the_key(complaint)


@pytest.mark.parametrize("complaint", ["", "Dahili bulunamadı", "Kampanya yok", "Eksik parametre: agent"])
def test_other_complaints_are_not_about_the_key(complaint):
    assert not answers.is_about_the_key(complaint)


def test_an_element_that_closes_and_claims_to_be_empty_is_closed_once():
    assert answers.read(b"<CallCenter><result>true<result></CallCenter/>") == {"result": ["true", ""]}
