"""Nothing fails while something is rotated, second by second, on containers that read the secret at different times."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import operations.rotating
import operations.stacks
from operations.__main__ import app
from operations.stacks import Deployed
from santral.access import Doorkeeper
from santral.errors import CredentialsRefused, NotAuthentic, UnknownPermalink
from santral.providers.ports import Webhook
from santral.providers.registry import Ability
from santral.store.secrets import Secrets
from santral.telephony.intake import take_in
from santral.telephony.permalinks import opened, permalink
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.holdings import company_of
from tests.onboarding import steps

OLD = {
    "api": {"agent_tokens": ["agent-old"], "admin_tokens": ["admin-old"]},
    "verimor": {"api_key": "K12345678-1234-5678-4321-123456789012", "webhook_tokens": ["hook-old"]},
    "permalinks": {"keys": {"k1": "permalink-key-1"}},
}
GATEWAY_SECONDS = 300
NEW = "K99999999-1234-5678-4321-123456789012"
MANUAL = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
CALL_IDS = [f"verimor:{number}" for number in range(3)]


class Container:
    """One warm container: its own copy of the secrets, its own patience."""

    def __init__(self, vault, seconds):
        self.tenant = make_tenant(providers=("verimor",))
        self.tenant.secrets = Secrets(vault, monotonic=seconds)
        self.doorkeeper = Doorkeeper(self.tenant.secrets)

    def lets_in(self, token):
        return self.doorkeeper.role(f"Bearer {token}") is not None

    def takes_webhook(self, token):
        try:
            take_in(self.tenant, "verimor", token, Webhook({}, b""))
        except NotAuthentic:
            return False
        return True

    @property
    def newest_webhook_token(self):
        return self.tenant.provider("verimor", Ability.CAMPAIGN_WEBHOOK).newest_token

    def signed(self, call_id):
        return permalink(self.tenant, call_id)

    def opens(self, link):
        try:
            return bool(opened(self.tenant, link))
        except UnknownPermalink:
            return False


class World:
    """A deployed company as time goes by: three containers of each function behind a gateway that keeps decisions."""

    def __init__(self):
        self.now = 0.0
        self.vault = MemorySecrets(**OLD)
        self.containers = []
        self.decisions = {}
        self.failed = []
        self.watch = lambda: None
        for started_at in (0, 100, 200):
            self.now = started_at
            self.containers.append(Container(self.vault, lambda: self.now))
            self.containers[-1].lets_in("agent-old")
            self.containers[-1].takes_webhook("hook-old")
            self.containers[-1].signed("verimor:0")

    def pass_seconds(self, seconds):
        for _ in range(int(seconds)):
            self.now += 1
            self.watch()

    def gateway_lets_in(self, container, token):
        """As a gateway does: what was decided of a token holds for 300 s, a refusal too."""
        decided = self.decisions.get(token)
        if decided is None or decided[0] + GATEWAY_SECONDS <= self.now:
            decided = self.decisions[token] = (self.now, container.lets_in(token))
        return decided[1]

    def hold(self, what, holds):
        if not holds:
            self.failed.append((self.now, what))

    def held(self, name):
        return json.loads(self.vault.texts[name])


@pytest.fixture
def world(monkeypatch):
    world = World()
    here = company_of(make_tenant(providers=("verimor",)))
    outputs = {"VerimorCallWebhookUrl": "https://calls.example.com/webhooks/verimor/calls/{token}"}
    object.__setattr__(here, "stack", Deployed("CREATE_COMPLETE", {}, outputs))

    def write(_tenant, name, value):
        world.vault.texts[name] = json.dumps(value)
        return True

    monkeypatch.setattr(operations.rotating, "company", lambda stack: here)
    monkeypatch.setattr(operations.stacks, "secret", lambda _tenant, name: world.held(name))
    monkeypatch.setattr(operations.stacks, "write_secret", write)
    monkeypatch.setattr(operations.rotating.time, "sleep", world.pass_seconds)
    return world


@pytest.fixture
def run(world):
    def command(line, *, code=0, typed=""):
        result = CliRunner().invoke(app, [*line.split(), "--stack", "acme"], input=typed, env={"COLUMNS": "200"})
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    return command


@pytest.fixture
def _spent(monkeypatch):
    """Let no container read a secret again for a token it does not know: wrong ones have used that up."""
    monkeypatch.setattr(Secrets, "reread", lambda *_: False)


@pytest.mark.usefixtures("_spent")
@pytest.mark.parametrize("role", ["agent", "admin"])
def test_no_request_fails_while_the_crms_token_is_rotated(world, run, role):
    in_use = [f"{role}-old"]

    def watch():
        for token in in_use:
            for container in world.containers:
                world.hold(token, world.gateway_lets_in(container, token))

    world.watch = watch
    new = re.search(r"from now on, for \w+: (\S+)", run(f"rotate api-token --role {role}"))[1]
    in_use.append(new)
    world.pass_seconds(700)
    in_use.remove(f"{role}-old")
    assert "is removed" in run(f"rotate api-token --role {role} --retire")
    world.pass_seconds(700)

    assert world.failed == []
    assert world.held("api")[f"{role}_tokens"] == [new]
    assert not any(world.gateway_lets_in(container, f"{role}-old") for container in world.containers)


@pytest.mark.usefixtures("_spent")
def test_no_webhook_is_refused_while_its_token_is_rotated_nor_one_that_a_campaign_names(world, run):
    in_use = {"hook-old"}

    def watch():
        # A campaign that is created now names the newest token any container knows, and results may come at once.
        for token in in_use | {container.newest_webhook_token for container in world.containers}:
            for container in world.containers:
                world.hold(token, container.takes_webhook(token))

    world.watch = watch
    printed = run("rotate webhook verimor")
    new = re.search(
        r"Enter at verimor, for its calls: https://calls.example.com/webhooks/verimor/calls/(\S+)", printed
    )[1]
    in_use.add(new)
    world.pass_seconds(700)
    assert {container.newest_webhook_token for container in world.containers} == {new}
    in_use.remove("hook-old")
    run("rotate webhook verimor --retire")
    world.pass_seconds(400)

    assert world.failed == []
    assert not any(container.takes_webhook("hook-old") for container in world.containers)


def test_no_link_is_dead_while_the_signing_key_is_rotated_nor_afterwards(world, run):
    before = world.containers[0].signed("verimor:0")

    def watch():
        links = {container.signed(call_id) for container in world.containers for call_id in CALL_IDS}
        for container in world.containers:
            for link in links | {before}:
                world.hold(link, container.opens(link))

    world.watch = watch
    assert "k2 signs new links; k1 goes on opening older ones." in run("rotate permalink")
    world.pass_seconds(400)

    assert world.failed == []
    assert all(container.signed("verimor:0").startswith("k2.") for container in world.containers)


def test_a_webhook_with_a_token_of_a_moment_ago_is_taken_without_any_wait(world, run):
    new = re.search(r"/calls/(\S+)", run("rotate webhook verimor --wait 0"))[1]

    assert all(container.takes_webhook(new) for container in world.containers)


def test_who_is_interrupted_while_waiting_has_broken_nothing_and_may_begin_again(world, run, monkeypatch):
    def interrupted(_seconds):
        raise KeyboardInterrupt

    with monkeypatch.context() as patience:
        patience.setattr(operations.rotating.time, "sleep", interrupted)
        run("rotate webhook verimor", code=130)
    assert world.held("verimor")["webhook_tokens"][0] == "hook-old"

    run("rotate webhook verimor --wait 0")
    tokens = world.held("verimor")["webhook_tokens"]
    assert (len(tokens), tokens[1]) == (3, "hook-old")


def test_what_others_changed_while_it_waited_stays(world, run):
    def meanwhile():
        world.vault.texts["verimor"] = json.dumps({**world.held("verimor"), "domain_id": "429"})

    world.watch = meanwhile
    run("rotate webhook verimor --wait 1")

    assert world.held("verimor")["domain_id"] == "429"


@pytest.mark.parametrize("line", ["rotate api-token --retire", "rotate webhook verimor --retire"])
def test_the_only_token_is_never_retired(world, run, line):
    assert "rotate first" in run(line, code=1)
    assert {name: world.held(name) for name in OLD} == OLD


@pytest.mark.parametrize(
    "line",
    ["rotate api-token", "rotate webhook verimor", "rotate permalink"],
)
def test_a_dry_run_writes_nothing(world, run, line):
    run(f"{line} --dry-run")

    assert {name: world.held(name) for name in OLD} == OLD


def test_who_posts_no_webhooks_has_no_token_to_rotate(run):
    assert "no such provider that posts webhooks" in run("rotate webhook kobikom", code=2)


@pytest.fixture
def tried(monkeypatch):
    """What was tried at providers, which take everything."""
    tried = []
    monkeypatch.setattr(operations.rotating, "tried", lambda _tenant, name, text: tried.append((name, text)))
    return tried


def test_the_manual_shows_what_is_printed(run, tried):
    section = next(part for part in MANUAL.split("\n## ") if part.startswith("rotate:"))
    answers = {"rotate provider": f"{NEW}\n", "revoke": "y\n"}
    (*typed,) = steps(section)
    assert len(typed) == 6

    for step in typed:
        line = step.command.removeprefix("python -m operations ")
        answer = next((it for begin, it in answers.items() if line.startswith(begin)), "")
        printed = run(line, typed=answer)
        assert step.is_answered_by(printed), printed


class TestKeysOfAProvider:
    def test_it_is_tried_before_it_is_written_and_given_back_only_after_every_function_has_it(self, world, run, tried):
        printed = run("rotate provider verimor", typed=f"{NEW}\n")

        assert json.loads(tried[0][1])["api_key"] == NEW
        assert world.held("verimor") == {**OLD["verimor"], "api_key": NEW}
        assert "Take the old one back at verimor." in printed
        assert world.now >= 500
        assert NEW not in printed

    def test_what_the_provider_refuses_is_not_written(self, world, run, monkeypatch):
        def refuse(*_):
            raise CredentialsRefused("401", system="verimor")

        monkeypatch.setattr(operations.rotating, "tried", refuse)

        assert "Nothing was changed." in run("rotate provider verimor", typed=f"{NEW}\n", code=1)
        assert world.held("verimor") == OLD["verimor"]

    def test_what_is_no_key_of_theirs_is_refused_by_name(self, run, tried):
        assert "webhook_tokens is no key that is rotated here" in run("rotate provider verimor webhook_tokens", code=1)
        assert tried == []


class TestRevoking:
    @pytest.fixture
    def two(self, world, run):
        run("rotate permalink --wait 0")
        return world

    def test_it_says_what_dies_asks_and_kills_the_links_of_that_key_alone(self, two, run):
        container = two.containers[0]
        old = "k1." + container.signed("verimor:0").partition(".")[2]
        assert container.opens(container.signed("verimor:0"))
        two.pass_seconds(400)
        new = container.signed("verimor:0")

        printed = run("revoke permalink k1", typed="y\n")

        assert "every link in the CRM to a recording of a call logged before k2 came" in printed
        assert "numbers erased while it was the newest key" in printed
        two.pass_seconds(400)
        assert (container.opens(new), container.opens(old)) == (True, False)
        assert list(two.held("permalinks")["keys"]) == ["k2"]

    def test_who_says_no_has_revoked_nothing(self, two, run):
        run("revoke permalink k1", typed="n\n", code=1)
        run("revoke permalink k1 --dry-run")

        assert list(two.held("permalinks")["keys"]) == ["k1", "k2"]

    def test_the_key_that_signs_is_not_revoked(self, two, run):
        assert "first rotate permalink" in run("revoke permalink k2 --yes", code=2)
        assert "Known: k1, k2" in run("revoke permalink k7 --yes", code=2)
        assert list(two.held("permalinks")["keys"]) == ["k1", "k2"]
