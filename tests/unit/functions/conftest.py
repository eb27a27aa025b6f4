"""Handlers on in-memory parts: the composition root is replaced, everything above it is real."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

import santral.api
import santral.jobs
from santral.calls import Direction, Disposition
from santral.campaigns import CampaignResult
from santral.errors import FieldError, InvalidRequest, NoRecording
from santral.providers import registry
from santral.providers.ports import (
    Acknowledgement,
    Announcement,
    Break,
    BreakTaken,
    Channel,
    Extension,
    HistoryBudget,
    MessageUser,
    Outcome,
    PastMessage,
    Queue,
    QueueAgent,
    RecordingStream,
    WaitingCall,
)
from santral.store.directory import User
from tests.fakes import MemorySecrets, make_tenant


class Pbx:
    """A PBX that does what it is told and keeps count; `failure` is raised instead of an answer."""

    def __init__(self):
        self.dialled = []
        self.failure = None
        self.recordings = {}
        self.tokens = {"good-token"}
        self.next_events = []
        self.next_webhook_failure = None

    dial_options = frozenset({"fallback_extension", "wait"})
    encrypted = True

    def dial(self, order):
        self.dialled.append(order)
        if self.failure:
            raise self.failure
        return f"{len(self.dialled):032x}"

    def check(self):
        if self.failure:
            raise self.failure

    def authentic(self, token):
        return token in self.tokens

    def events(self, webhook):
        if self.next_webhook_failure:
            raise self.next_webhook_failure
        return self.next_events

    def events_kept(self, body):
        return self.events(body)

    def acknowledgement(self):
        return Acknowledgement(
            '{"result":"success","errors":[]}', {"content-type": "application/json", "x-signed": "yes"}
        )

    @contextmanager
    def recording(self, ref):
        if ref not in self.recordings:
            raise NoRecording(f"no {ref}")
        content = self.recordings[ref]
        yield RecordingStream(iter([content[:4], content[4:]]), len(content))


class CloudPbx(Pbx):
    """A PBX that knows its calls by id, and replaces the members of a queue as a whole."""

    dial_options = frozenset({"caller_id"})

    def __init__(self):
        super().__init__()
        self.done = []
        self.members = {"200": ["101", "102"]}
        self.cannot = []

    def hang_up(self, provider_id):
        self._do("hang up", provider_id)

    def transfer(self, provider_id, to_extension):
        self._do("transfer", provider_id, to_extension)

    def mute(self, provider_id, *, on):
        self._do("mute", provider_id, on)

    def caller_ids(self):
        return ["908505320000", "902125550000"]

    def extensions(self):
        self._do("extensions")
        return [Extension("101", "Ayşe", "available"), Extension("102", "Mehmet", "busy")]

    def queues(self):
        return [Queue("200", "Destek")]

    def queue_agents(self, queue):
        return [QueueAgent(agent, f"User {agent}") for agent in self.members[queue]]

    def replace_queue_agents(self, queue, agents):
        self._do("replace", queue, tuple(agents))
        self.members[queue] = list(agents)

    newest_token = "good-token"

    def refuse_impossible(self, campaign):
        if self.cannot:
            raise InvalidRequest([FieldError(field, "cannot be done") for field in self.cannot])

    def create_campaign(self, campaign, *, results_url):
        self._do("create campaign", campaign, results_url)
        return "20212"

    def delete_campaign(self, campaign_id):
        self._do("delete campaign", campaign_id)

    def switch_campaign(self, campaign_id, *, on):
        self._do("switch campaign", campaign_id, on)

    def announcements(self):
        return [Announcement("456", "Hoş geldiniz")]

    def waiting_calls(self):
        joined_at = datetime(2026, 1, 15, 9, 29, tzinfo=UTC)
        return [
            WaitingCall("200", "05321234567", "verimor:w1", joined_at),
            WaitingCall("201", "05321234568", "verimor:w2", joined_at),
        ]

    def _do(self, *what):
        self.done.append(what)
        if self.failure:
            raise self.failure


class CallCenter(CloudPbx):
    """A PBX that knows extensions instead of calls; `going_on` is what its list of live calls shows."""

    dial_options = frozenset()
    history_budget = HistoryBudget(rows=500, requests=10)

    def __init__(self):
        super().__init__()
        self.going_on = []
        self.members = {"10000": ["100"]}
        self.failures = {}

    def live_calls(self):
        return self.going_on

    def hang_up_extension(self, extension):
        self._do("hang up", extension)

    def transfer_extension(self, extension, to_extension):
        self._do("transfer", extension, to_extension)

    def log_in(self, agent):
        self._do("log in", agent)

    def log_out(self, agent):
        self._do("log out", agent)

    def breaks(self):
        return [Break("2", "YEMEK MOLASI"), Break("3", "CAY SIGARA MOLASI")]

    def start_break(self, agent, break_id):
        self._do("start break", agent, break_id)

    def end_break(self, agent):
        self._do("end break", agent)
        began = datetime(2017, 6, 1, 7, 0, tzinfo=UTC)
        return BreakTaken(began, began + timedelta(seconds=8), 8)

    def add_contact(self, campaign_id, contact):
        self.done.append(("add contact", campaign_id, contact))
        if failure := self.failures.get(contact.phone):
            raise failure

    def remove_contact(self, campaign_id, phone):
        self._do("remove contact", campaign_id, phone)

    def campaign_results(self, *, campaign_id, phone):
        self._do("results", campaign_id, phone)
        return [CampaignResult(phone="+905321234567", status="Success", disposition=Disposition.ANSWERED, seconds=42)]

    def create_queue(self, queue, *, password, agents):
        self._do("create queue", queue, password.get_secret_value(), tuple(agents))

    def delete_queue(self, queue):
        self._do("delete queue", queue)

    def add_queue_agents(self, queue, agents):
        self._do("add", queue, tuple(agents))
        self.members[queue] += agents

    def remove_queue_agents(self, queue, agents):
        self._do("remove", queue, tuple(agents))


class Messenger:
    encrypted = True

    def __init__(self):
        self.sent = []
        self.saved = []
        self.failure = None

    def send(self, message):
        self.sent.append(message)
        if self.failure:
            raise self.failure
        return f"wamid.{len(self.sent)}"

    def check(self):
        return None

    def channels(self):
        return [Channel("15", "Satış", "905551112233", "whatsapp")]

    def users(self):
        return [MessageUser("1", "Ayşe Kaya", "ayse@example.com")]

    def messages(self, *, phone, channel_id):
        self.asked = (phone, channel_id)
        sent_at = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
        return [PastMessage(Direction.INBOUND, "Merhaba", sent_at, "905551112233", "905321234567")]

    def outcomes(self):
        return [Outcome(23, "Satış", (Outcome(21, "Kapandı"), Outcome(49, "Ertelendi")))]

    def save_outcome(self, outcome):
        self.saved.append(outcome)
        if self.failure:
            raise self.failure


@pytest.fixture
def pbx():
    return Pbx()


@pytest.fixture
def messenger():
    return Messenger()


@pytest.fixture
def cloud_pbx():
    return CloudPbx()


@pytest.fixture
def call_center():
    return CallCenter()


@pytest.fixture
def tenant(monkeypatch, pbx, cloud_pbx, call_center, messenger):
    enabled = ("virtualats", "kobikom", "verimor", "wapcrm")
    tenant = make_tenant(providers=enabled, secrets=MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}))
    providers = {"virtualats": pbx, "verimor": cloud_pbx, "kobikom": call_center, "wapcrm": messenger}

    def provider(name, ability):
        registry.provider(name, ability)
        return providers[name]

    monkeypatch.setattr(tenant, "provider", provider)
    monkeypatch.setattr(santral.api, "current", lambda: tenant)
    monkeypatch.setattr(santral.jobs, "current", lambda: tenant)
    tenant.directory.remember(
        User(
            email="ayse@example.com",
            extensions={"virtualats": ("101",), "kobikom": ("101",), "verimor": ("101",)},
            agent_number="100",
            zoho_user_id="4876876000000100001",
        )
    )
    return tenant
