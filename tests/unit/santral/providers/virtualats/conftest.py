import pytest

from santral.http import Http
from santral.providers.virtualats import VirtualAts
from santral.providers.virtualats import client as client_module

BASE_URL = "https://pbx.example/vats/api"
SECRET = {
    "base_url": BASE_URL,
    "public_key": "1234567",
    "secret_key": "secret-key",
    "crm_api_key": "1234567890abcdef",
    "webhook_tokens": ["new-token", "old-token"],
}


@pytest.fixture
def make_pbx(clock):
    """Return a client over a fake network, under the options given."""

    def make(network=None, **options):
        credentials = VirtualAts.Credentials.model_validate({**SECRET, "options": options})
        http = Http("virtualats", credentials.base_url, transport=network) if network else None
        return VirtualAts(credentials, http=http, clock=clock)

    return make


@pytest.fixture
def counted(monkeypatch):
    """Return the counters raised, by name."""
    counts = {}

    def count(name, value=1):
        counts[name] = counts.get(name, 0) + value

    monkeypatch.setattr(client_module, "count", count)
    return counts
