"""A tenant to look at: its parts in memory, its CRM the simulator, its queues as deep as a test says."""

from types import SimpleNamespace

import pytest

from santral.health import looks, pipeline
from santral.health.findings import checks
from simulators.zoho import ZohoCrm
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.in_process import connect, zoho_secret


class Provider:
    """A provider that answers, unless it is told to fail."""

    encrypted = True
    failure = None

    def check(self):
        if self.failure:
            raise self.failure


@pytest.fixture
def zoho(tenant):
    return tenant.crm


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def aws():
    """What AWS tells: the depth of queues, by their ends, and what time it is there."""
    return SimpleNamespace(depths={}, time=None)


@pytest.fixture
def tenant(monkeypatch, provider, aws):
    crm = ZohoCrm()
    tenant = make_tenant(
        providers=("virtualats", "wapcrm"),
        missed_call_task=True,
        events_dlq_url="https://queue.example/events-dlq.fifo",
        recordings_dlq_url="https://queue.example/recordings-dlq",
        secrets=MemorySecrets(zoho=zoho_secret(crm)),
    )
    crm.clock = tenant.clock
    crm.reset()
    connect(tenant, crm)
    tenant.crm = crm
    monkeypatch.setattr(tenant, "provider", lambda name, ability: provider)
    monkeypatch.setattr(pipeline, "depth", lambda url: aws.depths.get(url.rpartition("/")[2], 0))
    monkeypatch.setattr(pipeline, "time_told", lambda url: aws.time or tenant.clock())
    return tenant


@pytest.fixture
def look(tenant):
    """Look at everything, and return what is said by name: (level, sentence, fix)."""

    def all_of_it():
        return {it.name: (it.level.value, it.sentence, it.fix or "") for it in checks(looks(tenant), "en")}

    return all_of_it
