from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from santral.http import Http
from santral.providers.kobikom import Kobikom
from santral.providers.kobikom import client as client_module
from tests.fakes import Clock, Network
from tests.fakes.doors import EVENTS

BASE_URL = "https://pbx.example/api/"
API_KEY = "kobi-canary-0001-0002-0003"


@pytest.fixture
def clock():
    # 12:30 in Istanbul.
    return Clock(datetime(2026, 1, 15, 9, 30, tzinfo=UTC))


@pytest.fixture
def make_pbx(clock):
    """Return a client over a fake network, under the options given."""

    def make(network=None, base_url=BASE_URL, **options):
        secret = {"base_url": base_url, "api_key": API_KEY, "options": options}
        credentials = Kobikom.Credentials.model_validate(secret)
        http = Http("kobikom", credentials.base_url, transport=network) if network else None
        return Kobikom(credentials, http=http, clock=clock)

    return make


@pytest.fixture
def by_module():
    """Return a network that answers each module with its own body, given by the module's name."""

    def network(**bodies):
        def answer(request):
            return 200, {}, bodies[dict(parse_qsl(urlsplit(request.url).query))["module"]]

        return Network(answer)

    return network


@pytest.fixture
def printed():
    """Return a sample of the document as it is printed there, e.g. "breakEnd.xml"."""

    def read(name):
        return (EVENTS / "providers" / "kobikom" / f"{name}.as_printed.txt").read_bytes()

    return read


@pytest.fixture
def counted(monkeypatch):
    """Return the counters raised, by name."""
    counts = {}

    def count(name, value=1):
        counts[name] = counts.get(name, 0) + value

    monkeypatch.setattr(client_module, "count", count)
    return counts
