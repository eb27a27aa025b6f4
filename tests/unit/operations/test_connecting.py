import tomllib
from datetime import UTC, datetime, timedelta

import pytest

import operations.connecting
from operations.samconfig import SamConfig
from operations.stacks import Deployed
from operations.tenants import NOT_CONNECTED
from operations.webhooks import without_tokens
from santral.errors import Rejected
from santral.providers.ports import WebhookSettings
from santral.sentences import say
from tests.fakes.cloud import OUTPUTS

ALL_EVENTS = frozenset({"ringing", "answered", "hangup"})
OURS = "https://phone.example/webhooks/verimor/calls/newest-hook"


class Pbx:
    """A PBX that lets itself be told where its events go."""

    def __init__(self):
        self.settings = WebhookSettings("", frozenset())
        self.refuses = False

    def webhook_settings(self):
        return self.settings

    def send_webhooks_to(self, url):
        if self.refuses:
            raise Rejected("said no", system="verimor", sentence=say("Verimor could not reach the address."))
        self.settings = WebhookSettings(url, ALL_EVENTS)


@pytest.fixture
def pbx():
    return Pbx()


@pytest.fixture
def acme(operate, cloud, company, pbx, monkeypatch):
    """A deployed tenant, not connected yet."""
    operate("tenant add acme --region eu-west-1 --provider virtualats --provider kobikom --provider verimor")
    cloud.stacks["acme"] = Deployed("CREATE_COMPLETE", {"LogCallsFrom": NOT_CONNECTED}, OUTPUTS)
    for provider in ("virtualats", "verimor"):
        cloud.secrets["acme", provider] = {"webhook_tokens": ["newest-hook", "older-hook"]}
    monkeypatch.setattr(company.tenant, "provider", lambda name, ability: {"verimor": pbx}[name])
    monkeypatch.setattr(operations.connecting, "company", lambda stack: company)
    return SamConfig()


def test_what_can_be_registered_is_and_the_rest_is_said(operate, acme, pbx):
    said = operate("connect acme").splitlines()

    assert pbx.settings == WebhookSettings(OURS, ALL_EVENTS)
    assert said[:4] == [
        "verimor: sends its events here from now on.",
        "virtualats: enter there, for its calls: https://phone.example/webhooks/virtualats/{token}",
        without_tokens("acme"),
        "kobikom: is asked each minute what goes on there; there is nothing to enter.",
    ]


def test_tokens_are_shown_to_who_asks(operate, acme):
    said = operate("connect acme --with-tokens")

    assert "https://phone.example/webhooks/virtualats/newest-hook" in said
    assert "older-hook" not in said


def test_the_first_time_calls_are_logged_from_that_moment_on(operate, acme, cloud, file):
    said = operate("connect acme")

    (change,) = [it for it in cloud.done if it[0] == "change"]
    _, stack, name, moment = change
    assert (stack, name) == ("acme", "LogCallsFrom")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(moment)) < timedelta(minutes=5)
    assert said.splitlines()[-1] == (f"Calls are logged from now on, {moment}. Older ones come in by `replay` only.")
    # The next deploy must not put it back.
    assert acme.deployment("acme").parameters["LogCallsFrom"] == moment


def test_connecting_again_changes_nothing_about_what_is_logged(operate, acme, cloud, pbx):
    cloud.stacks["acme"] = Deployed("CREATE_COMPLETE", {"LogCallsFrom": "2026-01-15T09:30:00+03:00"}, OUTPUTS)
    pbx.settings = WebhookSettings(OURS, ALL_EVENTS)

    said = operate("connect acme")

    assert "verimor: sends its events here already." in said
    assert said.splitlines()[-1] == "Calls are logged since 2026-01-15T09:30:00+03:00."
    assert not [it for it in cloud.done if it[0] == "change"]


@pytest.mark.parametrize(
    "before",
    [
        WebhookSettings(OURS, frozenset({"hangup"})),
        WebhookSettings(OURS.replace("newest", "older"), ALL_EVENTS),
    ],
)
def test_an_address_or_events_of_ours_that_are_not_the_newest_are_mended(operate, acme, pbx, before):
    pbx.settings = before

    operate("connect acme")

    assert pbx.settings == WebhookSettings(OURS, ALL_EVENTS)


def test_another_systems_webhook_is_taken_over_only_when_told_so(operate, acme, pbx, cloud):
    other = WebhookSettings("https://old-crm.example/hooks/their-token", ALL_EVENTS)
    pbx.settings = other

    said = operate("connect acme", code=1)

    assert "sends its events to old-crm.example now, and to one address only. Take over with --replace." in said
    assert "their-token" not in said
    assert pbx.settings == other
    assert not [it for it in cloud.done if it[0] == "change"]
    operate("connect acme --replace")
    assert pbx.settings.url == OURS


def test_what_a_provider_refuses_is_said_and_no_call_is_logged_yet(operate, acme, pbx, cloud):
    pbx.refuses = True

    said = operate("connect acme", code=1)

    assert "verimor: Verimor could not reach the address." in said
    assert "until then nothing changes about what is logged" in said
    assert not [it for it in cloud.done if it[0] == "change"]
    assert acme.deployment("acme").parameters["LogCallsFrom"] == NOT_CONNECTED


def test_what_is_not_deployed_cannot_be_connected(operate):
    operate("tenant add acme --region eu-west-1 --provider verimor")

    assert operate("connect acme", code=1) == "acme is not deployed yet: make deploy TENANT=acme\n"


def test_a_tenant_without_a_token_is_told_to_make_one(operate, acme, cloud, pbx):
    del cloud.secrets["acme", "verimor"]

    said = operate("connect acme", code=1)

    assert "verimor: has no webhook token yet: python -m operations secrets set acme verimor" in said
    assert pbx.settings.url == ""


def test_the_moment_before_connecting_is_one_that_sam_takes(operate, acme, file):
    told = tomllib.loads(file.read_text(encoding="utf-8"))["acme"]["deploy"]["parameters"]["parameter_overrides"]

    assert f"LogCallsFrom={NOT_CONNECTED}" in told
