"""Commands on in-memory parts: the company they find is replaced, everything above it is real."""

import logging

import pytest
from typer.testing import CliRunner

import operations.erasing
import operations.quarantine
import operations.redriving
import operations.replaying
import operations.stacks
import operations.users
from operations.__main__ import app
from santral.errors import NotUnderstood
from santral.providers.ports import HistoryBudget, Page
from santral.telemetry import logger
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.cloud import Cloud
from tests.fakes.holdings import company_of


class Pbx:
    """A PBX with call records and webhooks; `understood` is what a kept body tells by now."""

    history_budget = HistoryBudget(rows=2, requests=10)

    def __init__(self):
        self.records = []
        self.asked = []
        self.understood = {}

    def history(self, *, since, until, offset, limit):
        self.asked.append((since, until, offset))
        rows = [event for event in self.records if since <= event.started_at <= until]
        return Page(rows[offset : offset + limit], len(rows[offset : offset + limit]))

    def events_kept(self, body):
        if body not in self.understood:
            raise NotUnderstood("not understood: state")
        return self.understood[body]


@pytest.fixture
def pbx():
    return Pbx()


@pytest.fixture
def company(monkeypatch, pbx, clock):
    tenant = make_tenant(
        clock=clock,
        providers=("virtualats",),
        secrets=MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}),
    )
    monkeypatch.setattr(tenant, "provider", lambda name, ability: pbx)
    here = company_of(tenant)
    commands = (
        operations.erasing,
        operations.quarantine,
        operations.redriving,
        operations.replaying,
        operations.users,
    )
    for module in commands:
        monkeypatch.setattr(module, "company", lambda stack: here)
    return here


@pytest.fixture
def run(company):
    """Run a command as typed after `python -m operations`, and return what it prints."""

    def command(line, *, code=0, typed=""):
        result = CliRunner().invoke(app, [*line.split(), "--stack", "acme"], input=typed)
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    return command


@pytest.fixture
def cloud(monkeypatch):
    cloud = Cloud()
    for name in vars(Cloud):
        if not name.startswith("_"):
            monkeypatch.setattr(operations.stacks, name, getattr(cloud, name))
    return cloud


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where the tenants stand."""
    monkeypatch.delenv("SANTRAL_REHEARSAL", raising=False)
    monkeypatch.setenv("SANTRAL_SAMCONFIG", str(tmp_path / "samconfig.toml"))
    return tmp_path / "samconfig.toml"


@pytest.fixture
def operate(file, cloud):
    """Run a command about tenants as typed after `python -m operations`, and return what it prints."""

    def command(line, *, code=0, typed=""):
        result = CliRunner().invoke(app, line.split(), input=typed, env={"COLUMNS": "200"})
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    return command


@pytest.fixture(autouse=True)
def _quiet():
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)
