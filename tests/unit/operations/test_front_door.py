import json
from types import SimpleNamespace

import pytest

from operations import front_door
from operations.stacks import Deployed
from santral import __version__
from santral.errors import Unreachable
from santral.health.findings import checks
from santral.http import Answer
from tests.fakes import make_tenant
from tests.fakes.holdings import company_of

WELL = {"ok": True, "version": __version__, "checks": [{"name": "zoho", "ok": True}]}


class Outside:
    """The public address: what is answered to whom, by default as it should be."""

    def __init__(self):
        self.anonymous = 401
        self.known = 200
        self.status = WELL
        self.webhook = {"right-token": 200}
        self.wrong = 401
        self.failure = None
        self.asked = []

    def call(self, method, path, *, safe, deadline, headers=None, body=None):
        if self.failure:
            raise self.failure
        self.asked.append((method, path, body))
        if path == "/status":
            status = self.known if (headers or {}).get("Authorization") == "Bearer agent-token" else self.anonymous
            return Answer(status, {}, json.dumps(self.status).encode() if status == 200 else b"")
        return Answer(self.webhook.get(path.rpartition("/")[2], self.wrong), {}, b"")


@pytest.fixture
def outside(monkeypatch):
    outside = Outside()
    monkeypatch.setattr(front_door, "Http", lambda _system, _url: outside)
    return outside


@pytest.fixture
def tokens(monkeypatch):
    tokens = {"api": "agent-token", "verimor": "right-token"}
    monkeypatch.setattr(front_door, "newest_token", lambda _tenant, secret, _key="": tokens.get(secret))
    return tokens


@pytest.fixture
def registered():
    """Where Verimor posts its events."""
    url = "https://phone.example/webhooks/verimor/calls/right-token"
    return SimpleNamespace(url=url, sends=frozenset({"hangup"}))


@pytest.fixture
def look(outside, tokens, registered):
    def look(**settings):
        here = company_of(make_tenant(**settings))
        here.tenant.provider = lambda name, ability: SimpleNamespace(webhook_settings=lambda: registered)
        outputs = {"VerimorCallWebhookUrl": "https://phone.example/webhooks/verimor/calls/{token}", "TableName": "t"}
        object.__setattr__(here, "stack", Deployed("CREATE_COMPLETE", {}, outputs))
        return {it.name: (it.level.value, it.sentence, it.fix or "") for it in checks(front_door.looks(here), "en")}

    return look


def test_an_api_that_is_as_it_should_be_is_green(look):
    assert {name: said[0] for name, said in look().items()} == {
        "api": "ok",
        "webhook verimor calls": "ok",
        "verimor tells us": "ok",
    }


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"url": ""},
        {"url": "https://other.example/webhooks/verimor/calls/right-token"},
        {"sends": frozenset()},
    ],
)
def test_a_provider_that_posts_its_events_elsewhere_is_red_and_the_fix_is_the_command(look, registered, elsewhere):
    vars(registered).update(elsewhere)

    level, _, fix = look()["verimor tells us"]

    assert (level, fix) == ("failed", "python -m operations connect acme")


def test_only_empty_bodies_are_posted(look, outside):
    look()

    assert {(method, body) for method, path, body in outside.asked if path != "/status"} == {("POST", b"")}


@pytest.mark.parametrize(
    ("broken", "level", "sentence", "fix"),
    [
        ({"anonymous": 200}, "failed", "answers 200 to a request without a token", "authorizer"),
        ({"anonymous": 404}, "failed", "answers 404 to a request without a token", "leads to this stack's API"),
        ({"known": 403}, "failed", "answers 403 to the newest agent token", "wait five minutes"),
        ({"known": 500}, "failed", "answers 500 to the newest agent token", "logs of authorizer and status"),
        ({"status": {"hello": 1}}, "failed", "answers 200 to the newest agent token", "status"),
        ({"status": {**WELL, "version": "0.1.0"}}, "warning", "Version 0.1.0 is deployed", "check out the tag"),
        (
            {"status": {**WELL, "checks": [{"name": "zoho", "ok": False}]}},
            "warning",
            "finds fault with: zoho",
            "see the log of status",
        ),
        ({"failure": Unreachable("down", system="api")}, "failed", "phone.example is not reached", "DNS record"),
    ],
)
def test_an_api_that_is_not_says_how_to_mend_it(look, outside, broken, level, sentence, fix):
    vars(outside).update(broken)

    said = look()["api"]

    assert (said[0], sentence in said[1], fix in said[2]) == (level, True, True), said


def test_plain_http_to_the_api_is_red(look, outside):
    level, _, fix = look(public_url="http://phone.example")["api"]

    assert (level, "https" in fix) == ("failed", True)
    assert not [path for _, path, _ in outside.asked if path == "/status"]


@pytest.mark.parametrize(("secret", "name"), [("api", "api"), ("verimor", "webhook verimor calls")])
def test_a_secret_without_tokens_is_red_and_the_fix_is_the_command(look, tokens, secret, name):
    tokens[secret] = None

    level, _, fix = look()[name]

    assert (level, fix) == ("failed", f"python -m operations secrets set acme {secret}")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"webhook": {"right-token": 401}}, "answers 401 to its token and 401 to a wrong one"),
        ({"wrong": 200}, "answers 200 to its token and 200 to a wrong one"),
        ({"webhook": {"right-token": 503}, "wrong": 503}, "answers 503"),
    ],
)
def test_a_webhook_that_takes_the_wrong_token_or_not_its_own_is_red(look, outside, broken, words):
    vars(outside).update(broken)

    level, sentence, fix = look()["webhook verimor calls"]

    assert (level, words in sentence) == ("failed", True)
    assert "log of verimor's webhook function" in fix
