import json
from urllib.parse import parse_qs, urlsplit

import pytest

from santral.http import Http
from santral.store.secrets import Secrets
from santral.zoho.client import Zoho
from tests.fakes import Clock, MemorySecrets, MemoryTable, Network

CREDENTIALS = {
    "client_id": "1000.CLIENT",
    "client_secret": "canary-client-secret",
    "refresh_token": "canary-refresh-token",
    "accounts_url": "https://accounts.zoho.eu",
    "api_domain": "https://www.zohoapis.eu",
}


class Accounts:
    """The token endpoint and, behind it, an API that answers what it is told to."""

    def __init__(self):
        self.tokens = []
        self.refusals = []
        self.api_answers = []
        self.api_domain = "https://www.zohoapis.eu"
        self.dead = set()
        self.network = Network(self.answer)

    def answer(self, request):
        if urlsplit(request.url).path == "/oauth/v2/token":
            status, body = self.refusals.pop(0) if self.refusals else (200, self.minted())
        elif request.headers["Authorization"].removeprefix("Zoho-oauthtoken ") in self.dead:
            status, body = 401, {"code": "INVALID_TOKEN", "details": {}, "message": "", "status": "error"}
        else:
            status, body = self.api_answers.pop(0) if self.api_answers else (200, {"users": []})
        return status, {}, body if isinstance(body, bytes) else json.dumps(body).encode()

    def minted(self):
        self.tokens.append(f"canary-access-{len(self.tokens) + 1}")
        return {"access_token": self.tokens[-1], "api_domain": self.api_domain, "expires_in": 3600}

    @property
    def token_requests(self):
        return [request for request in self.network.requests if "/oauth/" in request.url]

    @property
    def api_requests(self):
        return [request for request in self.network.requests if "/crm/" in request.url]

    def form(self):
        return {name: values[0] for name, values in parse_qs(self.token_requests[-1].body.decode()).items()}


class Party:
    """A tenant's containers, which share a table and a clock and nothing else."""

    def __init__(self):
        self.accounts = Accounts()
        self.clock = Clock()
        self.table = MemoryTable()
        self.source = MemorySecrets(zoho=CREDENTIALS)
        self.slept = []

    def container(self):
        secrets = Secrets(self.source)
        return Zoho(
            secrets,
            self.table,
            clock=self.clock,
            http=lambda url: Http("zoho", url, transport=self.accounts.network),
            sleep=self.slept.append,
        )


@pytest.fixture
def party():
    return Party()


@pytest.fixture
def accounts(party):
    return party.accounts


@pytest.fixture
def zoho(party):
    return party.container()


@pytest.fixture
def ask():
    return lambda zoho, safe=True: zoho.request("GET", "/users", safe=safe, query={"type": "CurrentUser"})
