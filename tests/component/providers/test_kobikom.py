"""The Kobikom client against the simulated PBX, which refuses what the document does not allow."""

import socket
import traceback
from datetime import date, time, timedelta

import pytest
from pydantic import SecretStr

from santral.calls import CallState, Direction, Disposition
from santral.campaigns import CampaignContact, CampaignKind, NewCampaign
from santral.errors import (
    CredentialsRefused,
    NoRecording,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unanswered,
    Unintelligible,
    Unreachable,
)
from santral.http import Http
from santral.providers.kobikom import Kobikom
from santral.providers.ports import DialOrder, Queue
from simulators.faults import CommitThen, Redirect, Reset, Status, Truncate
from simulators.kobikom import Kobikom as Pbx
from simulators.kobikom_exchange import CallScript
from simulators.kobikom_words import Style
from simulators.serving import serving
from simulators.timeline import SteppedTime
from tests.lost_answers import LOST, impatience

KEY = "canary-0001-0002-0003-0004"
PASSWORD = SecretStr("canary-parola")
CUSTOMER = "+905321234567"
DIALLED = "05321234567"


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def start(timeline):
    """Return a function that starts a PBX and gives it with a client of it."""
    running = []

    def start(*, api_key=KEY, style=None, **options):
        pbx = Pbx(timeline=timeline, api_key=KEY, style=style, **options)
        pbx.use_script(CallScript(pick_up_seconds=1, ring_seconds=4, talk_seconds=20))
        server = serving(pbx)
        running.append(server)
        server.__enter__()
        secret = {"base_url": pbx.api_url, "api_key": api_key, "options": options}
        credentials = Kobikom.Credentials.model_validate(secret)
        return pbx, Kobikom(credentials, http=Http("kobikom", credentials.base_url), clock=timeline.now)

    yield start
    for server in running:
        server.__exit__(None, None, None)


def campaign(**changes):
    asked = {
        "name": "Bahar",
        "kind": CampaignKind.QUEUE,
        "start_date": date(2026, 1, 5),
        "end_date": date(2026, 1, 6),
        "start_time": time(9),
        "end_time": time(18),
        "retries": 1,
    }
    return NewCampaign(**{**asked, **changes})


def create_campaign(kobikom, *phones, **changes):
    campaign_id = kobikom.create_campaign(campaign(**changes), results_url=None)
    for phone in phones:
        kobikom.add_contact(campaign_id, CampaignContact(phone=phone, name="Elif", surname="Kaya"))
    return campaign_id


def history(kobikom, timeline, **page):
    since, until = timeline.now() - timedelta(hours=1), timeline.now()
    return kobikom.history(**{"since": since, "until": until, "offset": 0, "limit": 1000, **page})


def listen(kobikom, ref="2026/01/05/none.WAV"):
    with kobikom.recording(ref) as recording:
        return b"".join(recording.chunks)


# Every operation, by the module of the document it stands for.

CHANGING_ONCE = {
    "dial": lambda kobikom: kobikom.dial(DialOrder(to=CUSTOMER, extension="101")),
    "redirect": lambda kobikom: kobikom.transfer_extension("101", "103"),
    "hangup": lambda kobikom: kobikom.hang_up_extension("101"),
    "createCampaign": lambda kobikom: kobikom.create_campaign(campaign(), results_url=None),
    "campaignAddPhone": lambda kobikom: kobikom.add_contact("1", CampaignContact(phone=CUSTOMER)),
    "createQueue": lambda kobikom: kobikom.create_queue(Queue("20000", "YENI"), password=PASSWORD, agents=["1001"]),
}
CHANGING = {
    **CHANGING_ONCE,
    "deleteCampaign": lambda kobikom: kobikom.delete_campaign("1"),
    "campaignDeletePhone": lambda kobikom: kobikom.remove_contact("1", "+905329999999"),
    "deleteQueue": lambda kobikom: kobikom.delete_queue("10002"),
    "agentsQueue": lambda kobikom: kobikom.add_queue_agents("10002", ["1001", "1003"]),
    "loginAgent": lambda kobikom: kobikom.log_in("1003"),
    "logoutAgent": lambda kobikom: kobikom.log_out("1002"),
    "breakStart": lambda kobikom: kobikom.start_break("1002", "3"),
    "breakEnd": lambda kobikom: kobikom.end_break("1001"),
}
READING = {
    "listQueue": lambda kobikom: kobikom.queues(),
    "queueAgents": lambda kobikom: kobikom.queue_agents("10000"),
    "breakList": lambda kobikom: kobikom.breaks(),
    "activeCalls": lambda kobikom: kobikom.live_calls(),
    "activeCallsCallCenter": lambda kobikom: kobikom.live_calls(),
    "callRecords": lambda kobikom: kobikom.call_records(since=date(2026, 1, 5), until=date(2026, 1, 6), limit=10),
    "soundRecords": lambda kobikom: kobikom.sound_records(since=date(2026, 1, 5), until=date(2026, 1, 6), limit=10),
    "getCallDetail": lambda kobikom: kobikom.campaign_results(campaign_id=None, phone=None),
}
OPERATIONS = {**CHANGING, **READING, "downloadRecording": listen}


def at_work(pbx, kobikom, timeline):
    """Give the PBX what the operations change: a call 101 talks on, a campaign of tomorrow, a break of agent 1001."""
    pbx.place_call_from_phone(extension="101", number="05327777777", talk_seconds=600)
    timeline.advance(5)
    pbx.call_center.start_break("1001", "2")
    create_campaign(kobikom, "+905329999999", start_date=date(2026, 1, 6))
    pbx.requests.clear()


def modules(pbx):
    return [entry.query.split("module=")[1].split("&")[0] for entry in pbx.requests.all()]


def test_every_operation_has_its_module_here(start):
    pbx, _ = start()

    assert set(OPERATIONS) == set(pbx._modules)


@pytest.mark.parametrize("module", CHANGING)
def test_what_changes_something_is_taken_by_the_pbx_with_one_request(start, timeline, module):
    pbx, kobikom = start()
    at_work(pbx, kobikom, timeline)

    OPERATIONS[module](kobikom)

    assert modules(pbx) == [module]
    assert [entry.committed for entry in pbx.requests.all()] == [True]


@pytest.mark.parametrize("module", READING)
def test_what_reads_is_answered_and_changes_nothing(start, timeline, module):
    pbx, kobikom = start()
    at_work(pbx, kobikom, timeline)

    OPERATIONS[module](kobikom)

    assert module in modules(pbx)
    assert not any(entry.committed for entry in pbx.requests.all())


# What is sent once


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
@pytest.mark.parametrize("module", CHANGING_ONCE)
def test_what_may_not_happen_twice_is_sent_once_though_its_answer_is_lost(start, timeline, module, fault):
    pbx, kobikom = start()
    at_work(pbx, kobikom, timeline)
    pbx.faults.add("/api/", CommitThen(fault=fault), times=None)

    with impatience(), pytest.raises(OutcomeUnknown):
        OPERATIONS[module](kobikom)

    assert modules(pbx) == [module]
    assert [entry.committed for entry in pbx.requests.all()] == [True]


@pytest.mark.parametrize("module", [module for module in CHANGING if module not in CHANGING_ONCE])
def test_what_may_be_repeated_is_done_though_its_first_answer_is_lost(start, timeline, module):
    pbx, kobikom = start()
    at_work(pbx, kobikom, timeline)
    pbx.faults.add("/api/", CommitThen(fault=Reset()))

    if module == "breakEnd":
        # The PBX says of the second one only that there is no break, which is as good as unknown.
        with pytest.raises(OutsideFailure):
            OPERATIONS[module](kobikom)
    else:
        OPERATIONS[module](kobikom)

    assert modules(pbx) == [module, module]
    assert pbx.requests.all()[0].committed


@pytest.mark.parametrize("module", READING)
def test_a_read_survives_one_lost_answer(start, timeline, module):
    pbx, kobikom = start()
    at_work(pbx, kobikom, timeline)
    pbx.faults.add("/api/", Reset())

    OPERATIONS[module](kobikom)

    assert modules(pbx)[0] == modules(pbx)[1]


def test_a_dial_that_reaches_nobody_says_so():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/api/"
    kobikom = Kobikom(Kobikom.Credentials.model_validate({"base_url": address, "api_key": KEY}))

    with pytest.raises(Unreachable):
        CHANGING["dial"](kobikom)


# Keys


def everything_told(error):
    return "".join(traceback.format_exception(error)) + f"{error!r} {vars(error)} {getattr(error, 'sentence', '')}"


@pytest.mark.parametrize("style", [Style(), Style(answers_in="xml")], ids=["json", "xml"])
@pytest.mark.parametrize("module", OPERATIONS)
def test_a_wrong_key_is_told_as_such_and_never_repeated(start, capfd, module, style):
    """The simulated PBX puts the key it refuses, and the whole address with it, into its answer."""
    wrong = "canary-wrong-key-0009"
    pbx, kobikom = start(api_key=wrong, style=style)

    with pytest.raises(CredentialsRefused) as refusal:
        OPERATIONS[module](kobikom)

    heard = capfd.readouterr()
    assert len(pbx.requests) == 1
    assert wrong not in everything_told(refusal.value) + heard.out + heard.err


ECHOES = {
    "server error": Status(code=500, body=f"http://pbx/api/?apikey={KEY}&number={DIALLED}".encode()),
    "forbidden": Status(code=403, body=f"apikey={KEY}".encode()),
    "page": Status(code=200, body=f"<html>{KEY} {DIALLED}</html>".encode()),
    "words": Status(code=200, body=f"{KEY} {DIALLED}".encode()),
    "json": Status(code=200, body=f'{{"error": "{KEY} {DIALLED}"}}'.encode()),
    "broken json": Status(code=200, body=f'{{"error": "{KEY} {DIALLED}'.encode()),
    "xml": Status(code=200, body=f"<CallCenter><result>false</result><hata>{KEY}</hata></CallCenter>".encode()),
    "redirect": Redirect(location=f"/api/?apikey={KEY}"),
    "reset": Reset(),
}


@pytest.mark.parametrize("fault", ECHOES.values(), ids=ECHOES.keys())
@pytest.mark.parametrize("module", ["dial", "createQueue", "listQueue", "callRecords", "downloadRecording"])
def test_the_key_is_in_no_error_whatever_the_pbx_echoes(start, capfd, module, fault):
    pbx, kobikom = start()
    pbx.faults.add("/api/", fault, times=None)

    with pytest.raises((OutsideFailure, NoRecording)) as failure:
        OPERATIONS[module](kobikom)

    heard = capfd.readouterr()
    told = everything_told(failure.value) + heard.out + heard.err
    assert KEY not in told
    assert PASSWORD.get_secret_value() not in told
    assert DIALLED not in told


# What is told


READERS = {
    "queues": lambda kobikom: kobikom.queues(),
    "queue agents": lambda kobikom: kobikom.queue_agents("10000"),
    "breaks": lambda kobikom: kobikom.breaks(),
    "live calls": lambda kobikom: kobikom.live_calls(),
    "call records": READING["callRecords"],
    "sound records": READING["soundRecords"],
    "results": lambda kobikom: kobikom.campaign_results(campaign_id="1", phone=None),
}
STYLES = {
    "array": Style(lists="array"),
    "malformed": Style(malformed=True),
    "padded": Style(padded=True),
    "iso-8859-9": Style(charset="iso-8859-9"),
    "xml": Style(answers_in="xml"),
    "malformed xml": Style(answers_in="xml", malformed=True),
    "padded xml": Style(answers_in="xml", padded=True),
    "iso-8859-9 xml": Style(answers_in="xml", charset="iso-8859-9"),
    "words for moments": Style(agent_calls="words"),
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
def test_however_the_pbx_writes_it_is_read_the_same(start, timeline, read, style):
    pbx, kobikom = start()
    create_campaign(kobikom, CUSTOMER, "+905321111111", "+905322222222")
    timeline.advance(60)
    pbx.place_inbound_call(queue="10000", source="05324444444", caller_name="Çağrı", talk_seconds=600)
    pbx.place_call_from_phone(extension="103", number="05325555555")
    timeline.advance(10)
    tidy = read(kobikom)

    pbx.use_style(style)

    assert tidy
    assert read(kobikom) == tidy


@pytest.mark.parametrize("answers_in", ["as_asked", "xml"])
@pytest.mark.parametrize("numbers_quoted", [True, False])
def test_a_campaigns_id_comes_back_however_it_is_written(start, answers_in, numbers_quoted):
    _, kobikom = start(style=Style(answers_in=answers_in, numbers_quoted=numbers_quoted))

    assert create_campaign(kobikom) == "1"


def test_a_dial_rings_the_extension_and_then_the_number(start, timeline):
    _, kobikom = start()

    assert kobikom.dial(DialOrder(to=CUSTOMER, extension="101")) is None

    assert [call.state for call in kobikom.live_calls()] == [CallState.RINGING]
    timeline.advance(6)
    (call,) = kobikom.live_calls()
    assert (call.state, call.direction, call.extension) == (CallState.ANSWERED, Direction.OUTBOUND, "101")
    assert call.number in {CUSTOMER, DIALLED}
    assert call.seconds == 6


def test_a_call_in_a_queue_is_told_live_with_its_agent(start, timeline):
    pbx, kobikom = start()
    pbx.place_inbound_call(queue="10000", answered_by="102", talk_seconds=600)
    pbx.place_call_from_phone(extension="103", number="101", talk_seconds=600)
    timeline.advance(10)

    told = {call.direction: call for call in kobikom.live_calls()}

    assert set(told) == {Direction.INBOUND, Direction.INTERNAL}
    inbound = told[Direction.INBOUND]
    assert (inbound.extension, inbound.agent, inbound.queue) == ("102", "1002", "10000")


def test_hanging_up_ends_what_the_extension_is_on(start, timeline):
    pbx, kobikom = start()
    pbx.place_inbound_call(extension="101", talk_seconds=600)
    timeline.advance(10)

    kobikom.hang_up_extension("101")

    assert kobikom.live_calls() == []
    with pytest.raises(Rejected):
        kobikom.hang_up_extension("101")


def test_a_transferred_customer_talks_to_the_colleague(start, timeline):
    pbx, kobikom = start()
    pbx.place_inbound_call(extension="101", talk_seconds=600)
    timeline.advance(10)

    kobikom.transfer_extension("101", "103")
    timeline.advance(5)

    (call,) = kobikom.live_calls()
    assert (call.extension, call.state) == ("103", CallState.ANSWERED)


def test_the_legs_of_a_queue_are_one_call_and_the_answered_one_tells_it(start, timeline):
    pbx, kobikom = start()
    pbx.place_inbound_call(queue="10000", answered_by="102", caller_name="Hüseyn")
    timeline.advance(60)

    page = history(kobikom, timeline)

    (event,) = page.events
    assert page.rows == 1
    assert (event.direction, event.disposition, event.extension) == (Direction.INBOUND, Disposition.ANSWERED, "102")
    assert (event.from_, event.caller_name, event.queue) == (CUSTOMER, "Hüseyn", "10000")
    assert event.talk_seconds == 20


@pytest.mark.parametrize("queue_answers", [False, True])
def test_who_gives_up_in_a_queue_was_not_answered(start, timeline, queue_answers):
    pbx, kobikom = start()
    pbx.use_script(CallScript(queue_answers=queue_answers))
    pbx.place_inbound_call(queue="10000", outcome="NO ANSWER")
    timeline.advance(60)

    (event,) = history(kobikom, timeline).events
    assert (event.direction, event.disposition) == (Direction.INBOUND, Disposition.NO_ANSWER)


@pytest.mark.parametrize(
    ("outcome", "disposition"),
    [
        ("ANSWERED", Disposition.ANSWERED),
        ("NO ANSWER", Disposition.NO_ANSWER),
        ("BUSY", Disposition.BUSY),
        ("FAILED", Disposition.FAILED),
    ],
)
def test_history_tells_how_a_dialled_call_went(start, timeline, outcome, disposition):
    pbx, kobikom = start()
    pbx.use_script(CallScript(outcome=outcome, talk_seconds=20))
    kobikom.dial(DialOrder(to=CUSTOMER, extension="101"))
    timeline.advance(60)

    (event,) = history(kobikom, timeline).events

    assert (event.direction, event.disposition) == (Direction.OUTBOUND, disposition)
    assert (event.to, event.extension) == (CUSTOMER, "101")
    assert (event.recording_ref is None) == (outcome != "ANSWERED")


@pytest.mark.parametrize("end_day", ["included", "excluded"])
def test_history_pages_through_all_calls_oldest_first(start, timeline, end_day):
    pbx, kobikom = start(style=Style(end_day=end_day))
    for number in range(5):
        pbx.place_inbound_call(extension="101", source=f"0532111000{number}", talk_seconds=7)
        timeline.advance(30)

    pages = [history(kobikom, timeline, offset=offset, limit=2) for offset in (0, 2, 4, 6)]

    assert [page.rows for page in pages] == [2, 2, 1, 0]
    sources = [event.from_ for page in pages for event in page.events]
    assert sources == [f"+90532111000{number}" for number in range(5)]
    assert len({event.call_id for page in pages for event in page.events}) == 5


def test_history_leaves_out_what_began_before_or_after(start, timeline):
    pbx, kobikom = start()
    for number in range(3):
        pbx.place_inbound_call(extension="101", source=f"0532111000{number}")
        timeline.advance(3600)

    began = timeline.now()
    page = history(kobikom, timeline, since=began - timedelta(hours=2, minutes=1), until=began - timedelta(minutes=61))

    assert [event.from_ for event in page.events] == ["+905321110001"]


# Recordings


@pytest.fixture
def recorded(start, timeline):
    pbx, kobikom = start()
    pbx.place_inbound_call(extension="101", talk_seconds=3)
    timeline.advance(60)
    (event,) = history(kobikom, timeline).events
    return pbx, kobikom, event.recording_ref


def test_a_recording_arrives_whole_with_its_size(recorded):
    pbx, kobikom, ref = recorded

    with kobikom.recording(ref) as recording:
        content = b"".join(recording.chunks)

    assert content == pbx.exchange.audio(pbx.exchange.calls()[0].recording)
    assert content.startswith(b"RIFF")
    assert recording.size == len(content)


def test_a_recording_that_is_not_there_is_told_as_such(start):
    _, kobikom = start()

    with pytest.raises(NoRecording):
        listen(kobikom)


@pytest.mark.parametrize("ref", ["../../../../etc/passwd", "/etc/passwd", "a/../b.WAV", "a.WAV\x00", "a.txt", ""])
def test_nothing_outside_the_recordings_is_ever_asked_for(start, ref):
    pbx, kobikom = start()

    with pytest.raises(NoRecording):
        listen(kobikom, ref)

    assert len(pbx.requests) == 0


@pytest.mark.parametrize("ending", ["short", "chunked", "reset"])
def test_a_recording_cut_short_never_looks_whole(recorded, ending):
    pbx, kobikom, ref = recorded
    pbx.faults.add("/api/", Truncate(keep=100, ending=ending))

    with pytest.raises(Unanswered):
        listen(kobikom, ref)


def test_a_page_instead_of_a_recording_is_no_recording(recorded):
    pbx, kobikom, ref = recorded
    pbx.faults.add("/api/", Status(code=200, body=b"<html>maintenance</html>"))

    with pytest.raises(Unintelligible):
        listen(kobikom, ref)


# Agents, queues and campaigns


def test_a_break_that_is_over_tells_how_long_it_was_where_the_pbx_does(start, timeline):
    _, kobikom = start(style=Style(break_end="break"))
    kobikom.start_break("1001", "2")
    timeline.advance(8)

    taken = kobikom.end_break("1001")

    assert taken.seconds == 8
    assert taken.ended_at - taken.started_at == timedelta(seconds=8)


def test_a_break_that_ends_with_the_documents_message_tells_nothing(start):
    _, kobikom = start()
    kobikom.start_break("1001", "2")

    assert kobikom.end_break("1001").seconds is None


@pytest.mark.parametrize("array_style", ["brackets", "comma"])
def test_queues_come_and_go_with_their_members(start, array_style):
    _, kobikom = start(array_style=array_style)

    kobikom.create_queue(Queue("20000", "YENI"), password=PASSWORD, agents=["1001", "1002"])
    kobikom.add_queue_agents("20000", ["1003"])
    kobikom.remove_queue_agents("20000", ["1001"])

    assert Queue("20000", "YENI") in kobikom.queues()
    assert [member.agent for member in kobikom.queue_agents("20000")] == ["1002", "1003"]
    for _ in range(2):
        kobikom.delete_queue("20000")
    assert Queue("20000", "YENI") not in kobikom.queues()


def test_a_campaign_runs_and_tells_its_results(start, timeline):
    pbx, kobikom = start()
    pbx.use_script(CallScript(outcome="BUSY"), number="05321111111")
    campaign_id = create_campaign(kobikom, CUSTOMER, "+905321111111")
    timeline.advance(60)

    results = {one.phone: one for one in kobikom.campaign_results(campaign_id=campaign_id, phone=None)}

    assert (results[CUSTOMER].disposition, results[CUSTOMER].agent) == (Disposition.ANSWERED, "1001")
    assert results["+905321111111"].disposition is Disposition.BUSY
    assert {one.campaign_id for one in results.values()} == {f"kobikom:{campaign_id}"}
    (one,) = kobikom.campaign_results(campaign_id=campaign_id, phone=CUSTOMER)
    assert one == results[CUSTOMER]


def test_contacts_and_campaigns_that_are_gone_are_no_error(start):
    _, kobikom = start()
    campaign_id = create_campaign(kobikom, CUSTOMER, start_date=date(2026, 1, 6))

    for _ in range(2):
        kobikom.remove_contact(campaign_id, CUSTOMER)
    for _ in range(2):
        kobikom.delete_campaign(campaign_id)

    assert kobikom.campaign_results(campaign_id=None, phone=None) == []


@pytest.mark.parametrize(
    ("to", "number"), [(CUSTOMER, f"9{DIALLED}"), ("+994557967473", "900994557967473"), ("103", "103")]
)
def test_outside_numbers_are_dialled_with_the_prefix_and_told_without(start, timeline, to, number):
    pbx, kobikom = start(outside_prefix="9")

    kobikom.dial(DialOrder(to=to, extension="101"))
    timeline.advance(60)

    (event,) = history(kobikom, timeline).events
    assert pbx.exchange.records()[0].destination == number
    assert (event.to, event.disposition) == (to, Disposition.ANSWERED)


def test_what_the_pbx_refuses_is_told_in_a_sentence(start):
    _, kobikom = start()

    with pytest.raises(Rejected) as refusal:
        kobikom.dial(DialOrder(to=CUSTOMER, extension="999"))

    assert "extension" in refusal.value.sentence
