# The numbers P1 to P14 are those of the open points in santral.providers.kobikom.
import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from urllib.parse import parse_qsl

import pytest
from pydantic import SecretStr, ValidationError

from santral.campaigns import CampaignContact, CampaignKind, NewCampaign
from santral.errors import (
    Busy,
    CredentialsRefused,
    OutcomeUnknown,
    Rejected,
    SantralError,
    Unintelligible,
)
from santral.providers.kobikom import Kobikom
from santral.providers.ports import Break, BreakTaken, DialOrder, LiveCall, Queue, QueueAgent
from santral.providers.registry import PROVIDERS, Ability
from tests.fakes import answering

API_KEY = "kobi-canary-0001-0002-0003"
DONE = {"result": "true", "message": "Tamam"}
EMPTY = {"result": "true", "activecalls": []}
CAMPAIGN = NewCampaign(
    name="Ocak",
    kind=CampaignKind.QUEUE,
    queue="10000",
    start_date=date(2026, 1, 15),
    end_date=date(2026, 1, 31),
    start_time=time(9, 30),
    end_time=time(18),
    retries=3,
)


def posted(network, module, *fields):
    """Hold the last request against the document: key, module and type in the query, everything else in the form."""
    assert network.last.method == "POST"
    assert network.last_target == f"/api/?apikey={API_KEY}&module={module}&type=json"
    assert network.last.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qsl((network.last.body or b"").decode(), keep_blank_values=True) == list(fields)


def got(network, module, parameters=""):
    assert network.last.method == "GET"
    assert network.last_target == f"/api/?apikey={API_KEY}&module={module}&type=json{parameters}"
    assert not network.last.body


def json_rows(name, *rows):
    return json.dumps({"result": "true", name: rows}).encode()


def dial(pbx, to="+905321234567", extension="1004"):
    return pbx.dial(DialOrder(to=to, extension=extension))


# --- operations ------------------------------------------------------------------------------------------------------


@pytest.mark.operation("kobikom dial")
def test_dial_names_extension_and_number_and_tells_no_id(make_pbx, printed):
    """P13: what was dialled is found among the calls later."""
    network = answering(body=printed("dial.json"))

    assert dial(make_pbx(network)) is None

    posted(network, "dial", ("extension", "1004"), ("number", "05321234567"))


@pytest.mark.operation("kobikom redirect")
def test_a_transfer_names_both_extensions(make_pbx, printed):
    network = answering(body=printed("redirect.json"))

    make_pbx(network).transfer_extension("1004", "1005")

    posted(network, "redirect", ("from", "1004"), ("extension", "1005"))


@pytest.mark.operation("kobikom hangup")
def test_hanging_up_names_the_extension(make_pbx, printed):
    network = answering(body=printed("hangup.json"))

    make_pbx(network).hang_up_extension("1004")

    posted(network, "hangup", ("extension", "1004"))


@pytest.mark.operation("kobikom activeCalls")
@pytest.mark.operation("kobikom activeCallsCallCenter")
def test_live_calls_are_read_from_both_lists(make_pbx, by_module):
    channel = {
        "kanal": "SIP/1004-0000abcd",
        "kaynak": "from-internal",
        "dahili": "05321234567",
        "oncelik": "3",
        "yon": "Up",
        "islem": "Dial",
        "data": "SIP/trunk/05321234567,300",
        "arayan_numara": "1004",
        "sure": "12",
    }
    agent = {"agentnumber": "1000", "fechainicio": "2026-01-15 12:29:50", "phone": "05337654321"}
    network = by_module(
        activeCalls=json_rows("activecalls", channel), activeCallsCallCenter=json_rows("activecalls", agent)
    )

    assert make_pbx(network).live_calls() == [
        LiveCall("SIP/1004-0000abcd", "answered", "outbound", extension="1004", number="05321234567", seconds=12),
        LiveCall("Agent/1000", "answered", number="05337654321", agent="1000", seconds=10),
    ]
    assert [request.url.split("module=")[1] for request in network.requests] == [
        "activeCalls&type=json",
        "activeCallsCallCenter&type=json",
    ]
    posted(network, "activeCallsCallCenter")


@pytest.mark.operation("kobikom callRecords")
@pytest.mark.operation("kobikom soundRecords")
def test_history_reads_whole_days_newest_first_from_both_lists(make_pbx):
    """P8 and P11: dates as 2026-01-15, the limit a number; the day after is asked for, as the last may not count."""
    network = answering(body=EMPTY)
    pbx = make_pbx(network)
    zone = timezone(timedelta(hours=-5))

    page = pbx.history(
        since=datetime(2026, 1, 14, 20, 30, tzinfo=UTC),
        until=datetime(2026, 1, 15, 16, 0, tzinfo=zone),
        offset=0,
        limit=9,
    )

    assert (page.events, page.rows) == ([], 0)
    assert len(network.requests) == 2
    fields = [
        ("orderby", "arama_tarihi"),
        ("sira", "desc"),
        ("limit", "1000"),
        ("baslangic_tarihi", "2026-01-14"),
        ("bitis_tarihi", "2026-01-17"),
    ]
    posted(network, "soundRecords", *fields)
    network.requests.pop()
    posted(network, "callRecords", *fields)


def test_records_can_be_asked_for_by_name_and_numbers(make_pbx):
    network = answering(body=EMPTY)

    make_pbx(network, outside_prefix="9").call_records(
        since=date(2026, 1, 14),
        until=date(2026, 1, 15),
        limit=10,
        newest_first=False,
        caller_name="Ayşe",
        from_number="+905321234567",
        to_number="1004",
    )

    posted(
        network,
        "callRecords",
        ("orderby", "arama_tarihi"),
        ("sira", "asc"),
        ("limit", "10"),
        ("baslangic_tarihi", "2026-01-14"),
        ("bitis_tarihi", "2026-01-15"),
        ("arayan_adi", "Ayşe"),
        ("arayan_numara", "05321234567"),
        ("aranan_numara", "1004"),
    )


@pytest.mark.operation("kobikom loginAgent")
def test_an_agent_logs_in(make_pbx, printed):
    network = answering(body=printed("loginAgent.json"))

    make_pbx(network).log_in("1000")

    posted(network, "loginAgent", ("agent", "1000"))


@pytest.mark.operation("kobikom logoutAgent")
def test_an_agent_logs_out(make_pbx, printed):
    network = answering(body=printed("logoutAgent.json"))

    make_pbx(network).log_out("1000")

    posted(network, "logoutAgent", ("agent", "1000"))


BREAKS = [Break("2", "YEMEK MOLASI"), Break("3", "CAY SIGARA MOLASI"), Break("4", "DIS ARAMA")]


@pytest.mark.operation("kobikom breakList")
@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_kinds_of_break(make_pbx, printed, form):
    """P7: this module calls the format `tip`; the general name is sent as well."""
    network = answering(body=printed(f"breakList.{form}"))

    assert make_pbx(network).breaks() == BREAKS

    got(network, "breakList", "&tip=json")


@pytest.mark.operation("kobikom breakStart")
def test_a_break_begins(make_pbx, printed):
    network = answering(body=printed("breakStart.json"))

    make_pbx(network).start_break("1000", "2")

    posted(network, "breakStart", ("agent", "1000"), ("breakId", "2"))


@pytest.mark.operation("kobikom breakEnd")
def test_a_break_ends_and_tells_how_long_it_was(make_pbx, printed):
    """P8: a time without a zone is Istanbul's."""
    network = answering(body=printed("breakEnd.xml"))

    assert make_pbx(network).end_break("1000") == BreakTaken(
        datetime(2017, 6, 1, 7, 0, tzinfo=UTC), datetime(2017, 6, 1, 7, 0, 8, tzinfo=UTC), 8
    )

    posted(network, "breakEnd", ("agent", "1000"))


def test_a_break_may_end_without_a_word_about_it(make_pbx, printed):
    network = answering(body=printed("breakEnd.json"))

    assert make_pbx(network).end_break("1000") == BreakTaken(None, None, None)


@pytest.mark.operation("kobikom listQueue")
def test_the_queues(make_pbx, printed):
    network = answering(body=printed("listQueue.json"))

    assert make_pbx(network).queues() == [
        Queue("10000", "OPERATORQ"),
        Queue("10001", "TEKNIKQ"),
        Queue("10002", "TESTQ"),
    ]

    got(network, "listQueue")


@pytest.mark.operation("kobikom createQueue")
def test_a_queue_is_created_with_its_agents(make_pbx, printed):
    """P9: arrays in brackets. P10: the module has the document's name."""
    network = answering(body=printed("createQueue.json"))

    make_pbx(network).create_queue(Queue("10007", "Satış"), password=SecretStr("pass"), agents=["100", "101"])

    posted(
        network,
        "createQueue",
        ("account", "10007"),
        ("name", "Satış"),
        ("password", "pass"),
        ("dynmembers[]", "100"),
        ("dynmembers[]", "101"),
    )
    assert network.last.body.endswith(b"dynmembers%5B%5D=100&dynmembers%5B%5D=101")


@pytest.mark.operation("kobikom deleteQueue")
def test_a_queue_is_deleted(make_pbx, printed):
    network = answering(body=printed("deleteQueue.json"))

    make_pbx(network).delete_queue("10007")

    posted(network, "deleteQueue", ("account", "10007"))


@pytest.mark.operation("kobikom queueAgents")
@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_queues_members_in_their_order(make_pbx, printed, form):
    network = answering(body=printed(f"queueAgents.{form}"))

    assert make_pbx(network).queue_agents("10000") == [QueueAgent("100"), QueueAgent("101"), QueueAgent("102")]

    posted(network, "queueAgents", ("account", "10000"))


@pytest.mark.operation("kobikom agentsQueue")
@pytest.mark.parametrize(("change", "make"), [("add_queue_agents", "true"), ("remove_queue_agents", "false")])
def test_members_come_and_go(make_pbx, printed, change, make):
    network = answering(body=printed("agentsQueue.json"))

    getattr(make_pbx(network), change)("10000", ["100", "101"])

    posted(
        network,
        "agentsQueue",
        ("account", "10000"),
        ("dynmembers[]", "100"),
        ("dynmembers[]", "101"),
        ("make", make),
    )


def test_p9_arrays_may_be_written_with_commas(make_pbx):
    network = answering(body=DONE)

    make_pbx(network, array_style="comma").add_queue_agents("10000", ["100", "101"])

    posted(network, "agentsQueue", ("account", "10000"), ("dynmembers", "100,101"), ("make", "true"))


@pytest.mark.parametrize("array_style", ["brackets", "comma"])
def test_p9_an_empty_array_is_not_sent(make_pbx, array_style):
    network = answering(body=DONE)

    make_pbx(network, array_style=array_style).create_queue(Queue("1", "a"), password=SecretStr("p"), agents=[])

    posted(network, "createQueue", ("account", "1"), ("name", "a"), ("password", "p"))


@pytest.mark.operation("kobikom createCampaign")
def test_a_campaign_is_created_and_named(make_pbx):
    """P8: dates as 2026-01-15, times as 09:30:00."""
    network = answering(body={"result": "true", "id_campaign": 17, "name": "Ocak"})

    assert make_pbx(network).create_campaign(CAMPAIGN, results_url=None) == "17"

    posted(
        network,
        "createCampaign",
        ("name", "Ocak"),
        ("start_date", "2026-01-15"),
        ("end_date", "2026-01-31"),
        ("start_time", "09:30:00"),
        ("end_time", "18:00:00"),
        ("retries", "3"),
        ("queue", "10000"),
    )


def test_a_campaign_without_a_queue_gets_the_documents_number(make_pbx):
    network = answering(body={"result": "true", "id_campaign": "17"})

    make_pbx(network).create_campaign(CAMPAIGN.model_copy(update={"queue": None}), results_url=None)

    assert network.last.body.endswith(b"&queue=191")


@pytest.mark.operation("kobikom deleteCampaign")
def test_a_campaign_is_deleted(make_pbx, printed):
    network = answering(body=printed("deleteCampaign.json"))

    make_pbx(network).delete_campaign("17")

    posted(network, "deleteCampaign", ("id_campaign", "17"))


@pytest.mark.operation("kobikom campaignAddPhone")
def test_a_contact_is_added(make_pbx, printed):
    network = answering(body=printed("campaignAddPhone.json"))

    contact = CampaignContact(phone="+905321234567", name="Ayşe", surname="Yılmaz")
    make_pbx(network).add_contact("17", contact)

    posted(
        network,
        "campaignAddPhone",
        ("name", "Ayşe"),
        ("surname", "Yılmaz"),
        ("phone", "05321234567"),
        ("id_campaign", "17"),
    )


def test_a_contact_may_have_no_name(make_pbx):
    network = answering(body=DONE)

    make_pbx(network).add_contact("17", CampaignContact(phone="+905321234567"))

    posted(network, "campaignAddPhone", ("name", ""), ("surname", ""), ("phone", "05321234567"), ("id_campaign", "17"))


@pytest.mark.operation("kobikom campaignDeletePhone")
def test_a_contact_is_removed(make_pbx, printed):
    network = answering(body=printed("campaignDeletePhone.json"))

    make_pbx(network).remove_contact("17", "+905321234567")

    posted(network, "campaignDeletePhone", ("id_campaign", "17"), ("phone", "05321234567"))


@pytest.mark.operation("kobikom getCallDetail")
@pytest.mark.parametrize(
    ("campaign_id", "phone", "fields"),
    [
        (None, None, []),
        ("17", None, [("id_campaign", "17")]),
        (None, "+905321234567", [("phone", "05321234567")]),
        ("17", "+905321234567", [("id_campaign", "17")]),
    ],
)
def test_results_are_asked_for_with_one_filter_at_most(make_pbx, campaign_id, phone, fields):
    rows = {"result": "true", "data": [{"phone": "05321234567"}, {"phone": "05337654321"}]}
    network = answering(body=rows)

    results = make_pbx(network).campaign_results(campaign_id=campaign_id, phone=phone)

    posted(network, "getCallDetail", *fields)
    told = {(result.phone, result.campaign_id) for result in results}
    ours = campaign_id and "kobikom:17"
    everyone = {("+905321234567", ours), ("+905337654321", ours)}
    assert told == ({("+905321234567", ours)} if phone else everyone)


def test_the_check_reads_the_queues(make_pbx, printed):
    network = answering(body=printed("listQueue.json"))

    make_pbx(network).check()

    got(network, "listQueue")


def test_p14_calls_are_polled_since_there_are_no_webhooks():
    abilities = PROVIDERS["kobikom"].abilities

    assert {Ability.LIVE_CALLS, Ability.HISTORY} <= abilities
    assert not {Ability.CALL_WEBHOOK, Ability.CONNECT, Ability.CAMPAIGN_WEBHOOK} & abilities
    assert PROVIDERS["kobikom"].load() is Kobikom


# --- numbers and addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "prefix", "number"),
    [
        ("+905321234567", "", "05321234567"),
        ("+905321234567", "9", "905321234567"),
        ("+908502221111", "0", "008502221111"),
        ("+994557967473", "", "00994557967473"),
        ("+442071838750", "9", "900442071838750"),
        ("1005", "9", "1005"),
    ],
)
def test_numbers_go_out_as_they_are_dialled_in_turkey(make_pbx, to, prefix, number):
    network = answering(body=DONE)

    dial(make_pbx(network, outside_prefix=prefix), to=to)

    posted(network, "dial", ("extension", "1004"), ("number", number))


@pytest.mark.parametrize(
    ("base_url", "target"),
    [
        ("https://pbx.example/api/", "/api/?"),
        ("https://pbx.example/api", "/api/?"),
        ("https://pbx.example/pbx/api/", "/pbx/api/?"),
        ("https://pbx.example/api/index.php", "/api/index.php?"),
    ],
)
def test_the_address_keeps_its_path(make_pbx, printed, base_url, target):
    network = answering(body=printed("listQueue.json"))

    make_pbx(network, base_url=base_url).check()

    assert network.last_target.startswith(target)


# --- failures --------------------------------------------------------------------------------------------------------

ONCE = {
    "dial": dial,
    "redirect": lambda pbx: pbx.transfer_extension("1004", "1005"),
    "hangup": lambda pbx: pbx.hang_up_extension("1004"),
    "createQueue": lambda pbx: pbx.create_queue(Queue("1", "a"), password=SecretStr("canary-pass"), agents=[]),
    "createCampaign": lambda pbx: pbx.create_campaign(CAMPAIGN, results_url=None),
    "campaignAddPhone": lambda pbx: pbx.add_contact("17", CampaignContact(phone="+905321234567")),
}
REPEATABLE = {
    "loginAgent": lambda pbx: pbx.log_in("1000"),
    "logoutAgent": lambda pbx: pbx.log_out("1000"),
    "breakStart": lambda pbx: pbx.start_break("1000", "2"),
    "breakEnd": lambda pbx: pbx.end_break("1000"),
    "breakList": lambda pbx: pbx.breaks(),
    "listQueue": lambda pbx: pbx.queues(),
    "deleteQueue": lambda pbx: pbx.delete_queue("10000"),
    "queueAgents": lambda pbx: pbx.queue_agents("10000"),
    "agentsQueue": lambda pbx: pbx.add_queue_agents("10000", ["100"]),
    "deleteCampaign": lambda pbx: pbx.delete_campaign("17"),
    "campaignDeletePhone": lambda pbx: pbx.remove_contact("17", "+905321234567"),
    "getCallDetail": lambda pbx: pbx.campaign_results(campaign_id=None, phone=None),
    "activeCalls": lambda pbx: pbx.live_calls(),
    "callRecords": lambda pbx: pbx.history(
        since=datetime(2026, 1, 15, tzinfo=UTC), until=datetime(2026, 1, 15, tzinfo=UTC), offset=0, limit=1
    ),
}
EVERYTHING = ONCE | REPEATABLE


def failure(network, make_pbx, act):
    with pytest.raises(SantralError) as failed:
        act(make_pbx(network))
    told = f"{failed.value} {failed.value.sentence} {failed.value!r} {failed.value.__cause__}"
    assert failed.value.__suppress_context__ or failed.value.__context__ is None
    for secret in (API_KEY, "05321234567", "canary"):
        assert secret not in told
    return type(failed.value)


@pytest.mark.parametrize("act", ONCE.values(), ids=ONCE)
@pytest.mark.parametrize(
    ("status", "body"), [(500, DONE), (502, b"<html>"), (302, b""), (200, b""), (200, b"<br>"), (200, b"{}")]
)
def test_what_must_not_be_repeated_is_sent_once_and_its_outcome_unknown(make_pbx, act, status, body):
    network = answering(status, body)

    assert failure(network, make_pbx, act) is OutcomeUnknown
    assert len(network.requests) == 1


@pytest.mark.parametrize("act", REPEATABLE.values(), ids=REPEATABLE)
def test_what_may_be_repeated_is_tried_twice(make_pbx, act):
    network = answering(500, b"")

    assert failure(network, make_pbx, act) is Unintelligible
    assert len(network.requests) == 2


@pytest.mark.parametrize("act", EVERYTHING.values(), ids=EVERYTHING)
@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Rejected), (404, Rejected), (401, CredentialsRefused), (403, CredentialsRefused), (429, Busy)],
)
def test_refusals_by_status_are_told_apart(make_pbx, act, status, error):
    network = answering(status, f"no {API_KEY} 05321234567")

    assert failure(network, make_pbx, act) is error


@pytest.mark.parametrize("act", EVERYTHING.values(), ids=EVERYTHING)
@pytest.mark.parametrize(
    "body",
    [
        f'{{"result": "false", "message": "Geçersiz parametre {API_KEY} 05321234567"}}',
        f"<CallCenter><result>false</result><message>Hata {API_KEY}</message></CallCenter>",
        '{"error": "olmaz"}',
    ],
)
def test_p1_a_refusal_is_told_in_our_own_words(make_pbx, act, body):
    assert failure(answering(body=body), make_pbx, act) is Rejected


@pytest.mark.parametrize("act", EVERYTHING.values(), ids=EVERYTHING)
@pytest.mark.parametrize(
    "body",
    [
        f'{{"result": "false", "message": "Geçersiz API anahtarı: {API_KEY}"}}',
        f"<CallCenter><result>false</result><message>Invalid apikey {API_KEY}</message></CallCenter>",
        f"Geçersiz API KEY {API_KEY}",
    ],
)
def test_p1_a_wrong_key_is_told_as_such_whatever_the_provider_echoes(make_pbx, act, body):
    assert failure(answering(body=body), make_pbx, act) is CredentialsRefused


@pytest.mark.parametrize("act", REPEATABLE.values(), ids=REPEATABLE)
@pytest.mark.parametrize("body", [b"", b"<html>", b"tamam", b"{}", b"\xff\xfe", b'{"a": "canary'])
def test_p1_a_read_without_a_readable_answer_is_unintelligible(make_pbx, act, body):
    assert failure(answering(body=body), make_pbx, act) is Unintelligible


@pytest.mark.parametrize("module", ["deleteQueue", "deleteCampaign", "campaignDeletePhone"])
@pytest.mark.parametrize("message", ["Kampanya bulunamadı", "Kuyruk mevcut değil", "Kayıt yok", "not found"])
def test_deleting_what_is_gone_is_no_error(make_pbx, module, message):
    REPEATABLE[module](make_pbx(answering(body={"result": "false", "message": message})))


@pytest.mark.parametrize("module", ["loginAgent", "logoutAgent", "breakStart", "breakEnd", "agentsQueue"])
def test_what_is_so_already_is_no_error(make_pbx, module):
    REPEATABLE[module](make_pbx(answering(body={"result": "false", "message": "Agent ZATEN molada"})))


@pytest.mark.parametrize("module", ["callRecords", "activeCalls", "getCallDetail"])
@pytest.mark.parametrize("message", ["Kayıt bulunamadı", "Aktif çağrı yok", "No records", "Sonuç bulunamadı"])
def test_a_list_that_says_it_found_nothing_is_empty(make_pbx, module, message):
    REPEATABLE[module](make_pbx(answering(body={"result": "false", "message": message})))


@pytest.mark.parametrize("campaign_id", [None, "", "a/b", {"a": "b"}, "Oluşan Kampanya ID", "1" * 65])
def test_a_campaign_without_a_usable_id_may_exist(make_pbx, campaign_id):
    network = answering(body={"result": "true", "id_campaign": campaign_id})

    assert failure(network, make_pbx, ONCE["createCampaign"]) is OutcomeUnknown


# --- the secret ------------------------------------------------------------------------------------------------------

SECRET = {"base_url": "https://pbx.example/api/", "api_key": API_KEY}


def test_the_documents_folder_and_arrays_are_the_default():
    options = Kobikom.Credentials.model_validate(SECRET).options

    assert (options.recording_root, options.array_style, options.outside_prefix) == (
        "/var/spool/asterisk/monitor",
        "brackets",
        "",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"allow_http": True, "base_url": "http://192.0.2.7/api/"},
        {"base_url": "http://127.0.0.1:8081/api/"},
        {"base_url": "http://localhost:8081/api"},
        {"options": {"recording_root": "/mnt/recordings/", "array_style": "comma", "outside_prefix": "90"}},
    ],
)
def test_a_secret_may_say(changes):
    Kobikom.Credentials.model_validate(SECRET | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "http://192.0.2.7/api/"},
        {"base_url": "https://pbx.example/"},
        {"base_url": "ftp://pbx.example/api/", "allow_http": True},
        {"base_url": "https://user@pbx.example/api/"},
        {"api_key": ""},
        {"api_key": "key\n"},
        {"webhook_tokens": ["t"]},
        {"options": {"array_style": "php"}},
        {"options": {"outside_prefix": "+9"}},
        {"options": {"recording_root": "recordings"}},
        {"options": {"recording_root": "/var/../etc"}},
        {"options": {"recording_root": "/"}},
        {"options": {"limit": 5}},
    ],
)
def test_a_secret_with_wrong_or_unknown_keys_is_refused(changes):
    with pytest.raises(ValidationError):
        Kobikom.Credentials.model_validate(SECRET | changes)


def test_credentials_print_without_the_key():
    assert API_KEY not in repr(Kobikom.Credentials.model_validate(SECRET))
