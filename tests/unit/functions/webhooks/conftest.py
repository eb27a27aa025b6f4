"""A company whose webhooks are read by the providers' real clients."""

import pytest

import santral.api
from tests.fakes import MemorySecrets, MemoryShelf, make_tenant


@pytest.fixture
def company(monkeypatch):
    tokens = {"webhook_tokens": ["sample-webhook-token"]}
    secrets = MemorySecrets(
        verimor={"api_key": "K12345678-1234-5678-4321-123456789012", **tokens},
        wapcrm={"secret_key": "wapcrm-secret", **tokens},
    )
    tenant = make_tenant(secrets=secrets, providers=("verimor", "wapcrm"))
    monkeypatch.setattr(santral.api, "current", lambda: tenant)
    tenant.quarantine._shelf = MemoryShelf()
    return tenant
