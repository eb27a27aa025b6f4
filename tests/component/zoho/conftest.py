import threading
from datetime import UTC, datetime, timedelta

import pytest

from santral import telemetry
from santral.calls import CallEvent
from santral.store.calls import Entry
from santral.store.directory import User
from santral.zoho.client import Zoho
from simulators.serving import serving
from simulators.zoho import ZohoCrm
from simulators.zoho.server import API
from tests.fakes import Clock, MemorySecrets, MemoryTable, make_tenant
from tests.zoho_description import FOLDER, hold_request

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DEADLINE_SECONDS = 2.0


class LockedTable(MemoryTable):
    """A table many threads may use at once, each write whole as in DynamoDB."""

    def __init__(self):
        super().__init__()
        self._lock = threading.Lock()

    def get(self, *key):
        with self._lock:
            return super().get(*key)

    def add(self, row, *, now):
        with self._lock:
            return super().add(row, now=now)

    def replace(self, row):
        with self._lock:
            return super().replace(row)


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def crm(clock):
    with_simulator = ZohoCrm(clock=clock)
    with serving(with_simulator):
        yield with_simulator
    if FOLDER.is_dir():
        # Whatever a test was about, what it asked of Zoho is what Zoho describes.
        for request in with_simulator.requests.all():
            if request.path.startswith(API):
                hold_request(request.method, request.path, request.query, request.body)


@pytest.fixture
def container(crm, clock):
    """Make containers of one tenant: they share the table, and nothing in memory."""
    table = LockedTable()
    secret = {
        "client_id": crm.client.client_id,
        "client_secret": crm.client.client_secret,
        "refresh_token": crm.client.refresh_token,
        "accounts_url": crm.url,
        "api_domain": crm.url,
    }

    def make():
        tenant = make_tenant(
            clock=clock, secrets=MemorySecrets(zoho=secret, permalinks={"keys": {"k1": "permalink-signing-key"}})
        )
        tenant.table = table
        tenant.zoho = Zoho(tenant.secrets, table, clock=clock)
        return tenant

    return make


@pytest.fixture
def tenant(container, crm):
    tenant = container()
    user = crm.users.by_email("mehmet@example.com")
    tenant.directory.remember(User(email=user.email, extensions={"virtualats": ("101",)}, zoho_user_id=user.id))
    return tenant


@pytest.fixture
def short_deadline(monkeypatch):
    """Let a request that hangs be given up soon."""
    monkeypatch.setattr("santral.zoho.client.DEADLINE_SECONDS", DEADLINE_SECONDS)


@pytest.fixture
def call():
    def make(call_id="virtualats:abc-1", **told):
        event = {
            "call_id": call_id,
            "provider": "virtualats",
            "state": "ended",
            "direction": "inbound",
            "disposition": "answered",
            "from": "+905321234567",
            "to": "+902125551000",
            "extension": "101",
            "started_at": NOW - timedelta(minutes=5),
            "talk_seconds": 62,
            **told,
        }
        return Entry(call_id=call_id, first_seen_at=NOW - timedelta(minutes=5)).told(CallEvent.model_validate(event))

    return make


@pytest.fixture(autouse=True)
def counters_of_this_test_alone():
    yield
    telemetry._collections.clear()
