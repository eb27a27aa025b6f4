from pathlib import Path

import pytest

from santral.errors import Busy
from santral.http import Http
from santral.providers.verimor import Verimor

KEY = "K12345678-1234-5678-4321-123456789012"
BASE_URL = "https://api.bulutsantralim.com"
SAMPLES = Path(__file__).parents[5] / "events" / "providers" / "verimor"


class CountedBudget:
    """A budget that remembers what was taken, and has nothing left of the limits named in `spent`."""

    def __init__(self):
        self.taken = []
        self.spent = set()

    def take(self, limit, *, per_minute):
        if limit in self.spent:
            raise Busy("used up", system="verimor", retry_after=42)
        self.taken.append((limit, per_minute))


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr("santral.http._RETRY_PAUSE_SECONDS", 0)


@pytest.fixture
def budget():
    return CountedBudget()


@pytest.fixture
def make_pbx(budget, clock):
    """Return a client over a fake network, under the secret's values and options given."""

    def make(network=None, *, options=None, downloads=None, **secret):
        values = {"base_url": BASE_URL, "api_key": KEY, "webhook_tokens": ["new-token", "old-token"]}
        credentials = Verimor.Credentials.model_validate({**values, **secret, "options": options or {}})
        return Verimor(
            credentials,
            budget=budget,
            http=Http("verimor", credentials.base_url, transport=network) if network else None,
            downloads=lambda origin: Http("verimor", origin, transport=downloads or network),
            clock=clock,
        )

    return make


@pytest.fixture
def printed():
    """Return a function that gives a sample of the document without its HTTP lines, exactly as printed."""

    def read(name):
        text = (SAMPLES / f"{name}.as_printed.txt").read_text(encoding="utf-8")
        if text.startswith("HTTP/"):
            return text.split("\n", 1)[1].rstrip("\n").encode()
        return text.split("\n\n", 1)[1].encode() if "\n\n" in text else b""

    return read
