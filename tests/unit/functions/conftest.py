"""Handlers on in-memory parts: the composition root is replaced, everything above it is real."""

from contextlib import contextmanager

import pytest

import santral.api
import santral.jobs
from santral.errors import NoRecording
from santral.providers.ports import Acknowledgement, RecordingStream
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


class Messenger:
    def __init__(self):
        self.sent = []
        self.failure = None

    def send(self, message):
        self.sent.append(message)
        if self.failure:
            raise self.failure
        return f"wamid.{len(self.sent)}"

    def check(self):
        return None


@pytest.fixture
def pbx():
    return Pbx()


@pytest.fixture
def messenger():
    return Messenger()


@pytest.fixture
def tenant(monkeypatch, pbx, messenger):
    tenant = make_tenant(secrets=MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}))
    providers = {"virtualats": pbx, "wapcrm": messenger}
    monkeypatch.setattr(tenant, "provider", lambda name, ability: providers[name])
    monkeypatch.setattr(santral.api, "current", lambda: tenant)
    monkeypatch.setattr(santral.jobs, "current", lambda: tenant)
    tenant.directory.remember(
        User(email="ayse@example.com", extensions={"virtualats": ("101",)}, zoho_user_id="4876876000000100001")
    )
    return tenant
