"""The Verimor client against the simulated exchange, which refuses what the documents do not allow."""

import socket
import traceback
from datetime import date, time, timedelta

import pytest
import requests

from santral.calls import CallState, Direction, Disposition
from santral.campaigns import CampaignContact, CampaignKind, CommercialConsent, NewCampaign
from santral.errors import (
    Busy,
    CredentialsRefused,
    NoRecording,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unintelligible,
    UnknownCall,
    Unreachable,
)
from santral.http import Http
from santral.providers.ports import DialOrder, QueueAgent, Webhook
from santral.providers.verimor import Verimor
from santral.store.budgets import ProviderBudget
from simulators.faults import CommitThen, Redirect, Reset, Status
from simulators.notifications import DeliveryPolicy
from simulators.serving import serving
from simulators.timeline import SteppedTime
from simulators.verimor import Verimor as Exchange
from simulators.verimor_api import Doubts
from simulators.verimor_campaigns import ContactScript
from simulators.verimor_company import Company
from simulators.verimor_exchange import CallScript
from simulators.verimor_words import RESULT_TEXTS, TALKED
from tests.fakes import MemoryTable
from tests.lost_answers import LOST, impatience

KEY = "canary-0001-0002-0003-0004"
CUSTOMER = "+905321234567"
DIALLED = "905321234567"
SCRIPT = CallScript(ring_after=1, ring_seconds=4, talk_seconds=20, queue_seconds=3)
DOUBTS = {
    "as documented": Doubts(),
    "401 for a bad key": Doubts(bad_key_status=401),
    "400 for an unknown call": Doubts(unknown_call_status=400),
    "answers in JSON": Doubts(json_answers=True),
    "answered as in the sample": Doubts(answered_as="Başarılı"),
}


@pytest.fixture
def timeline():
    return SteppedTime()


@pytest.fixture
def start(timeline):
    """Return a function that starts an exchange and gives it with a client of it."""
    running = []

    def start(*, api_key=KEY, options=None, **exchange):
        pbx = Exchange(timeline=timeline, api_key=KEY, **exchange)
        pbx.use_script(SCRIPT)
        server = serving(pbx)
        running.append(server)
        server.__enter__()
        secret = {
            "base_url": pbx.api_url,
            "api_key": api_key,
            "webhook_tokens": ["token"],
            "domain_id": pbx.company.domain_id,
            "default_caller_id": pbx.company.numbers[0],
            "options": options or {},
        }
        credentials = Verimor.Credentials.model_validate(secret)
        client = Verimor(
            credentials,
            budget=ProviderBudget(MemoryTable(), "verimor", clock=timeline.now),
            http=Http("verimor", credentials.base_url),
            clock=timeline.now,
        )
        return pbx, client

    yield start
    for server in running:
        server.__exit__(None, None, None)


@pytest.fixture
def told(start, timeline):
    """Return an exchange, its client, and a function that gives what the webhooks so far told, in our words."""
    pbx, client = start()

    def told():
        bodies = [notification.body for notification in pbx.webhooks._sent]
        return [event for body in bodies for event in client.events(Webhook({}, body))]

    pbx.notify_at("http://127.0.0.1:9/nobody")
    pbx.use_delivery(
        DeliveryPolicy(dropped=frozenset({"ringing", "answer", "hangup", "user_hangup", "campaign_result"}))
    )
    return pbx, client, told


def campaign(**changes):
    asked = {
        "name": "Memnuniyet anketi",
        "kind": CampaignKind.IVR,
        "announcement_id": "128",
        "targets": {"1": "announcement/421"},
        "contacts": (CampaignContact(phone=CUSTOMER),),
    }
    return NewCampaign(**{**asked, **changes})


def everything():
    """A campaign that uses every parameter an ivr campaign has."""
    return campaign(
        start_date=date(2026, 1, 5),
        end_date=date(2026, 1, 6),
        start_time=time(9),
        end_time=time(18),
        days=(1, 2, 3, 4, 5),
        retries=2,
        ring_seconds=30,
        concurrency=2,
        caller_id="+908505320000",
        targets={
            "0": "announcement/421",
            "1": "user/101",
            "2": "group/700",
            "3": "ivr/10",
            "4": "external/+905321234567",
            "5": "voicemail/103",
            "6": "queue/201",
            "7": "tts/tr-TR/Bu bir test cümlesidir.",
            "8": "fax/isim@firmaadi.com.tr",
            "9": "hangup/busy",
            "star": "restart",
            "square": "fax",
            "timeout": "hangup/hangup",
            "invalid": "announcement/428",
        },
        digit_retries=1,
        digit_seconds=10,
        commercial=CommercialConsent(recipient_type="merchant", brand_code="123456"),
        record=True,
        contacts=(
            CampaignContact(phone=CUSTOMER, phrase="#429 12/05/2017 #430 102.45 #431", lang="en-US"),
            CampaignContact(phone="+442071838750"),
        ),
    )


def history(verimor, timeline, **page):
    since, until = timeline.now() - timedelta(hours=1), timeline.now()
    return verimor.history(**{"since": since, "until": until, "offset": 0, "limit": 100, **page})


def listen(verimor, ref="358c20bc-fd86-11e5-87a2-157d41a07454"):
    with verimor.recording(ref) as recording:
        return b"".join(recording.chunks)


@pytest.fixture
def at_work(start, timeline):
    """Return an exchange with a call that was, one that goes on and a campaign of tomorrow, and its client."""

    def at_work(**options):
        pbx, verimor = start(**options)
        pbx.place_inbound_call(extension="102")
        timeline.advance(60)
        pbx.place_inbound_call(extension="101", script=CallScript(talk_seconds=600))
        timeline.advance(10)
        # By another hand, since the client may have been given a wrong key.
        tomorrow = {
            "key": KEY,
            "call_type": "queue",
            "name": "Yarın",
            "date_range_begin": "2026-01-06",
            "queue_number": 201,
            "thread_multiplier": 1,
            "cli": pbx.company.numbers[0],
            "phone_list": [{"phone": "05329999999"}],
        }
        requests.post(f"{pbx.api_url}/ivr_campaigns.json", json=tomorrow, timeout=10).raise_for_status()
        (created,) = pbx.campaigns.all()
        past, present = [call.call_uuid for call in pbx.exchange.calls()]
        pbx.requests.clear()
        return pbx, verimor, {"past": past, "present": present, "campaign": str(created.campaign_id)}

    return at_work


# Every operation. What each does is given the client and the ids of what `at_work` made.

CHANGING_ONCE = {
    "originate": lambda verimor, _: verimor.dial(DialOrder(to=CUSTOMER, extension="103")),
    "transfer": lambda verimor, ids: verimor.transfer(ids["present"], "102"),
    "ivr_campaigns create": lambda verimor, _: verimor.create_campaign(campaign(), results_url=None),
}
CHANGING = {
    **CHANGING_ONCE,
    "hangup": lambda verimor, ids: verimor.hang_up(ids["present"]),
    "mute": lambda verimor, ids: verimor.mute(ids["present"], on=True),
    "manage_users": lambda verimor, _: verimor.replace_queue_agents("201", ["103", "101"]),
    "ivr_campaigns stop": lambda verimor, ids: verimor.switch_campaign(ids["campaign"], on=False),
    "ivr_campaigns delete": lambda verimor, ids: verimor.delete_campaign(ids["campaign"]),
}
READING = {
    "cdrs list": lambda verimor, _: verimor.history(
        since=SteppedTime().now() - timedelta(days=1), until=SteppedTime().now(), offset=0, limit=100
    ),
    "cdrs detail": lambda verimor, ids: verimor.call(ids["past"]),
    "caller_ids": lambda verimor, _: verimor.caller_ids(),
    "announcements": lambda verimor, _: verimor.announcements(),
    "queues": lambda verimor, _: verimor.queues(),
    "pending": lambda verimor, _: verimor.waiting_calls(),
    "user_list": lambda verimor, _: verimor.queue_agents("201"),
    "statuses": lambda verimor, _: verimor.extensions(),
    "crm_integrations": lambda verimor, _: verimor.webhook_settings(),
}
OPERATIONS = {**CHANGING, **READING, "recording": lambda verimor, ids: listen(verimor, ids["past"])}


@pytest.mark.parametrize("options", [{}, {"key_in_query": True}], ids=["as in the examples", "key in query"])
@pytest.mark.parametrize("operation", CHANGING.values(), ids=CHANGING.keys())
def test_what_changes_something_is_taken_with_one_request(at_work, operation, options):
    pbx, verimor, ids = at_work(options=options)

    operation(verimor, ids)

    assert [(entry.status, entry.committed) for entry in pbx.requests.all()] == [(200, True)]


@pytest.mark.parametrize("operation", READING.values(), ids=READING.keys())
def test_what_reads_is_answered_and_changes_nothing(at_work, operation):
    pbx, verimor, ids = at_work()

    operation(verimor, ids)

    assert {(entry.status, entry.committed) for entry in pbx.requests.all()} == {(200, False)}


@pytest.mark.parametrize("doubts", DOUBTS.values(), ids=DOUBTS.keys())
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_every_operation_understands_each_way_the_documents_can_be_read(at_work, operation, doubts):
    pbx, verimor, ids = at_work(doubts=doubts)

    operation(verimor, ids)

    assert {entry.status for entry in pbx.requests.all()} == {200}


# What is sent once


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
@pytest.mark.parametrize("operation", CHANGING_ONCE.values(), ids=CHANGING_ONCE.keys())
def test_what_may_not_happen_twice_is_sent_once_though_its_answer_is_lost(at_work, operation, fault):
    pbx, verimor, ids = at_work()
    pbx.faults.add("/", CommitThen(fault=fault), times=None)

    with impatience(), pytest.raises(OutcomeUnknown):
        operation(verimor, ids)

    assert [entry.committed for entry in pbx.requests.all()] == [True]


@pytest.mark.parametrize("name", [name for name in CHANGING if name not in CHANGING_ONCE])
def test_what_may_be_repeated_is_done_though_its_first_answer_is_lost(at_work, name):
    pbx, verimor, ids = at_work()
    pbx.faults.add("/", CommitThen(fault=Reset()))

    # The second hang-up meets no channel, the second deletion no campaign: both are what was wanted.
    OPERATIONS[name](verimor, ids)

    assert len(pbx.requests) == 2
    assert pbx.requests.all()[0].committed


@pytest.mark.parametrize("operation", READING.values(), ids=READING.keys())
def test_a_read_survives_one_lost_answer(at_work, operation):
    pbx, verimor, ids = at_work()
    pbx.faults.add("/", Reset())

    operation(verimor, ids)

    assert pbx.requests.all()[0].path == pbx.requests.all()[1].path


def test_a_dial_that_reaches_nobody_says_so(timeline):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    secret = {"base_url": address, "api_key": KEY, "webhook_tokens": ["token"]}
    budget = ProviderBudget(MemoryTable(), "verimor", clock=timeline.now)

    with pytest.raises(Unreachable):
        CHANGING["originate"](Verimor(Verimor.Credentials.model_validate(secret), budget=budget), {})


# Keys


def everything_told(error):
    """All that a log or an answer could show of an error: its words, its attributes, its traceback."""
    return f"{error!r} {vars(error)} {''.join(traceback.format_exception(error))}"


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_a_wrong_key_is_told_as_such_and_never_repeated(at_work, capfd, operation, status):
    """The simulated exchange echoes the key it refuses, as the real one does."""
    wrong = "canary-wrong-key-0009"
    pbx, verimor, ids = at_work(api_key=wrong, doubts=Doubts(bad_key_status=status))

    with pytest.raises(CredentialsRefused) as refusal:
        operation(verimor, ids)

    heard = capfd.readouterr()
    assert [entry.status for entry in pbx.requests.all()] == [status]
    assert wrong not in everything_told(refusal.value) + heard.out + heard.err


ECHOES = {
    "server error": Status(code=500, body=f"/originate?key={KEY}&destination={DIALLED}".encode()),
    "forbidden": Status(code=403, body=f"key={KEY}".encode()),
    "refusal": Status(code=400, body=f"invalid destination: {DIALLED} {KEY}".encode()),
    "page": Status(code=200, body=f"<html>{KEY} {DIALLED}</html>".encode()),
    "words": Status(code=200, body=f"key {KEY} {DIALLED}".encode()),
    "json": Status(code=200, body=f'{{"error": "{KEY} {DIALLED}"}}'.encode()),
    "broken json": Status(code=200, body=f'{{"error": "{KEY} {DIALLED}'.encode()),
    "redirect": Redirect(location=f"/originate?key={KEY}"),
    "reset": Reset(),
}


@pytest.mark.parametrize("fault", ECHOES.values(), ids=ECHOES.keys())
@pytest.mark.parametrize("name", ["originate", "transfer", "ivr_campaigns create", "cdrs list", "queues"])
def test_the_key_is_in_no_error_whatever_is_echoed(at_work, capfd, name, fault):
    pbx, verimor, ids = at_work()
    pbx.faults.add("/", fault, times=None)

    with pytest.raises(OutsideFailure) as failure:
        OPERATIONS[name](verimor, ids)

    heard = capfd.readouterr()
    told = everything_told(failure.value) + heard.out + heard.err
    assert "canary" not in told
    assert DIALLED not in told


# Refusals


def test_an_extension_that_does_not_exist_is_refused_with_a_sentence(start):
    _, verimor = start()

    with pytest.raises(Rejected) as refusal:
        verimor.dial(DialOrder(to=CUSTOMER, extension="999"))

    assert "extension" in refusal.value.sentence


@pytest.mark.parametrize("doubts", [Doubts(), Doubts(unknown_call_status=400)])
def test_what_does_not_exist_is_told_as_such(start, doubts):
    _, verimor = start(doubts=doubts)

    with pytest.raises(UnknownCall):
        verimor.call("358c20bc-fd86-11e5-87a2-157d41a07454")
    with pytest.raises(NoRecording):
        listen(verimor)
    with pytest.raises(Rejected):
        verimor.queue_agents("999")
    with pytest.raises(Rejected):
        verimor.switch_campaign("999", on=False)


def test_a_call_that_is_over_can_be_hung_up_but_not_transferred_or_muted(at_work):
    _, verimor, ids = at_work()

    verimor.hang_up(ids["past"])
    with pytest.raises(Rejected):
        verimor.transfer(ids["past"], "102")
    with pytest.raises(Rejected):
        verimor.mute(ids["past"], on=True)


def test_a_module_that_was_not_bought_is_told_as_such(start):
    _, verimor = start(company=Company(modules=frozenset()))

    with pytest.raises(Rejected) as refusal:
        verimor.create_campaign(campaign(), results_url=None)

    assert "module" in refusal.value.sentence


@pytest.mark.parametrize(
    ("read", "at_most"),
    [
        (READING["cdrs list"], 6),
        (READING["queues"], 10),
        (lambda verimor, ids: listen(verimor, ids["past"]), 5),
    ],
    ids=["cdrs", "queues", "recording_url"],
)
def test_within_the_shared_budget_the_exchange_never_has_to_refuse(at_work, timeline, read, at_most):
    pbx, verimor, ids = at_work()
    # To the beginning of a minute.
    timeline.advance(60 - timeline.now().second)

    for _ in range(at_most):
        read(verimor, ids)
    with pytest.raises(Busy):
        read(verimor, ids)

    assert 429 not in {entry.status for entry in pbx.requests.all()}
    timeline.advance(60)
    read(verimor, ids)


def test_who_is_refused_for_asking_too_often_waits_a_full_minute(start):
    pbx, verimor = start()
    pbx.faults.add("/queues", Status(code=429, body=b"Too Many Requests"), times=None)

    with pytest.raises(Busy) as busy:
        verimor.queues()

    assert busy.value.retry_after >= 60


# What comes back


def test_a_dial_rings_with_the_tenants_own_number(start, timeline):
    pbx, verimor = start()

    call_uuid = verimor.dial(DialOrder(to=CUSTOMER, extension="101"))

    (call,) = pbx.exchange.calls()
    assert (call.call_uuid, call.caller_number, call.destination_number) == (call_uuid, "101", DIALLED)
    assert call.shown_number == "902129630131"


@pytest.mark.parametrize("destination", ["+442071838750", "+994557967473", "102"])
def test_numbers_abroad_and_colleagues_can_be_dialled(start, destination):
    pbx, verimor = start()

    verimor.dial(DialOrder(to=destination, extension="101"))

    (call,) = pbx.exchange.calls()
    assert call.destination_number == destination.replace("+", "00")


def test_history_pages_through_all_calls(start, timeline):
    pbx, verimor = start()
    placed = []
    for number in range(25):
        placed.append(pbx.place_inbound_call(extension="101", source=f"0532{number:07}"))
        timeline.advance(60)

    pages = [history(verimor, timeline, limit=10, offset=offset) for offset in (0, 10, 20)]

    assert [page.rows for page in pages] == [10, 10, 5]
    assert {event.call_id for page in pages for event in page.events} == {f"verimor:{uuid}" for uuid in placed}


@pytest.mark.parametrize("outcome", RESULT_TEXTS)
def test_every_result_is_told_the_same_by_records_and_webhooks(told, timeline, outcome):
    pbx, verimor, events = told
    pbx.place_inbound_call(queue="201", outcome=outcome)
    timeline.advance(60)

    (from_history,) = history(verimor, timeline).events
    from_webhook = events()[-1]

    expected = Disposition.ANSWERED if outcome in TALKED else from_history.disposition
    assert from_webhook.state is CallState.ENDED
    assert from_history.disposition == from_webhook.disposition == expected
    assert (from_history.disposition is Disposition.ANSWERED) == (outcome in TALKED)
    assert from_history.call_id == from_webhook.call_id
    assert from_history.direction is from_webhook.direction is Direction.INBOUND
    assert from_history.talk_seconds == from_webhook.talk_seconds
    assert from_history.started_at == from_webhook.started_at


@pytest.mark.parametrize("placed", ["queue", "pickup", "dial", "transfer"])
def test_webhooks_and_the_records_detail_name_the_same_agent(told, timeline, placed):
    pbx, verimor, events = told
    if placed == "dial":
        call_uuid = verimor.dial(DialOrder(to=CUSTOMER, extension="101"))
    elif placed == "queue":
        call_uuid = pbx.place_inbound_call(queue="201", script=CallScript(answered_by="101"))
    else:
        picker = "101" if placed == "pickup" else None
        call_uuid = pbx.place_inbound_call(extension="102", script=CallScript(picked_up_by=picker))
    timeline.advance(5)
    if placed == "transfer":
        verimor.transfer(call_uuid, "101")
    timeline.advance(60)

    detail = verimor.call(call_uuid)
    assert (detail.transferred_to or detail.extension) == events()[-1].extension == "101"


def test_an_agents_race_and_its_losers_end_no_call(told, timeline):
    pbx, _, events = told
    pbx.place_inbound_call(queue="201", script=CallScript(answered_by="102"))
    timeline.advance(60)

    assert [event.state for event in events()] == [
        CallState.RINGING,
        CallState.RINGING,
        CallState.RINGING,
        CallState.ANSWERED,
        CallState.ENDED,
    ]
    assert events()[-1].extension == "102"


def test_a_recording_is_the_calls_own(at_work, timeline):
    _, verimor, ids = at_work()

    assert listen(verimor, ids["past"])[:4] == b"RIFF"


def test_a_recordings_address_that_has_expired_is_no_recording(at_work):
    pbx, verimor, ids = at_work()
    pbx.faults.add("/recording/", Status(code=404))

    with pytest.raises(NoRecording):
        listen(verimor, ids["past"])


def test_a_recording_elsewhere_is_not_fetched(at_work):
    pbx, verimor, ids = at_work()
    pbx.faults.add("/recording_url", Status(code=200, body=b"http://192.0.2.1/recording/Rx"))

    with pytest.raises(Unintelligible):
        listen(verimor, ids["past"])


def test_queues_and_who_waits_in_them(start, timeline):
    pbx, verimor = start()
    for agent in ("101", "102"):
        pbx.set_agent_status(agent, "ON_BREAK")
    call_uuid = pbx.place_inbound_call(queue="201")
    timeline.advance(10)

    assert [(queue.queue, queue.name) for queue in verimor.queues()] == [("201", "Satış"), ("204", "Destek")]
    (waiting,) = verimor.waiting_calls()
    assert (waiting.queue, waiting.number, waiting.call_id) == ("201", CUSTOMER, f"verimor:{call_uuid}")
    assert waiting.joined_at == timeline.now() - timedelta(seconds=9)
    verimor.replace_queue_agents("201", ["103", "101"])
    assert verimor.queue_agents("201") == [QueueAgent("103", "Leyla Əliyeva"), QueueAgent("101", "Ayşe Yılmaz")]


def test_extensions_are_told_with_their_agents_states(start, timeline):
    pbx, verimor = start()
    pbx.set_agent_status("103", "ON_BREAK")
    verimor.dial(DialOrder(to=CUSTOMER, extension="101"))
    timeline.advance(10)

    states = {extension.extension: extension.state for extension in verimor.extensions()}

    assert states == {"101": "busy", "102": "available", "103": "break", "104": "offline"}


def test_a_webhooks_address_is_registered_once_it_answers(start):
    _, verimor = start()
    crm, _ = start()
    crm.faults.add("/webhook", Status(code=200), times=None)

    verimor.send_webhooks_to(f"{crm.url}/webhook")

    assert verimor.webhook_settings().url == f"{crm.url}/webhook"
    assert verimor.webhook_settings().sends == {"ringing", "answered", "hangup"}
    (probe,) = crm.requests.to("/webhook")
    assert verimor.events(Webhook({}, probe.body)) == []
    with pytest.raises(Rejected):
        verimor.send_webhooks_to(f"{crm.url}/nowhere")


# Campaigns


def test_every_parameter_of_an_ivr_campaign_is_taken(start):
    pbx, verimor = start()

    campaign_id = verimor.create_campaign(everything(), results_url=None)

    (created,) = pbx.campaigns.all()
    assert str(created.campaign_id) == campaign_id
    assert len(created.order.targets) == 14
    assert created.order.cli == "908505320000"
    assert created.order.recording_enabled
    assert [lead.lead.phone for lead in created.leads] == [DIALLED, "00442071838750"]


def test_a_queue_campaign_is_taken(start, timeline):
    pbx, verimor = start()
    asked = {"kind": CampaignKind.QUEUE, "queue": "204", "agents_multiplier": 1.5, "announcement_id": None}

    verimor.create_campaign(campaign(**asked, targets={}), results_url=None)
    timeline.advance(60)

    (call,) = pbx.exchange.calls()
    assert (call.queue, call.connected_user) == ("204", "102")


@pytest.mark.parametrize(
    ("contact", "disposition", "digit", "reason"),
    [
        (ContactScript(keys=("1",)), Disposition.ANSWERED, "1", None),
        (ContactScript(keys=("*",)), Disposition.ANSWERED, "star", None),
        (ContactScript(keys=("#",)), Disposition.ANSWERED, "square", None),
        (ContactScript(keys=()), Disposition.ANSWERED, None, "no_digit"),
        (ContactScript(keys=("4",)), Disposition.ANSWERED, "4", "invalid_digit"),
        (ContactScript(outcomes=("USER_BUSY",)), Disposition.BUSY, None, None),
        (ContactScript(outcomes=("NO_ANSWER",)), Disposition.NO_ANSWER, None, None),
        (ContactScript(outcomes=("NOT_ALLOWED_BY_IYS",)), Disposition.REJECTED, None, "no_consent"),
        (ContactScript(outcomes=("UNALLOCATED_NUMBER",)), Disposition.FAILED, None, "wrong_number"),
    ],
)
@pytest.mark.parametrize("answered_as", ["Cevaplandı", "Başarılı"])
def test_every_form_of_a_digit_is_understood(start, timeline, contact, disposition, digit, reason, answered_as):
    pbx, verimor = start(doubts=Doubts(answered_as=answered_as))
    crm, _ = start()
    crm.faults.add("/results", Status(code=200), times=None)
    pbx.use_contact(contact)
    targets = {"1": "announcement/421", "star": "hangup/hangup", "square": "fax"}

    campaign_id = verimor.create_campaign(campaign(targets=targets), results_url=f"{crm.url}/results")
    timeline.advance(120)

    probe, result = crm.requests.to("/results")
    assert verimor.events(Webhook({}, probe.body)) == []
    (event,) = verimor.events(Webhook({}, result.body))
    assert (event.campaign_id, event.phone, event.name) == (f"verimor:{campaign_id}", CUSTOMER, "Memnuniyet anketi")
    assert (event.disposition, event.digit) == (disposition, digit)
    assert event.reason == reason
    assert event.call_id == f"verimor:{pbx.exchange.calls()[0].call_uuid}"


def test_a_stopped_campaign_waits_and_a_deleted_one_is_gone(start, timeline):
    pbx, verimor = start()
    campaign_id = verimor.create_campaign(campaign(), results_url=None)

    verimor.switch_campaign(campaign_id, on=False)
    timeline.advance(60)
    assert pbx.exchange.calls() == []

    verimor.switch_campaign(campaign_id, on=True)
    timeline.advance(60)
    assert len(pbx.exchange.calls()) == 1

    verimor.delete_campaign(campaign_id)
    verimor.delete_campaign(campaign_id)
    assert pbx.campaigns.all() == []
