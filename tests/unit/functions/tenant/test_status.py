import pytest

from functions.tenant.status import handler
from santral import __version__
from santral.errors import CredentialsRefused
from santral.health import pipeline
from santral.store.secrets import Secrets
from simulators.zoho import ZohoCrm
from tests.fakes import MemorySecrets
from tests.fakes.doors import call, sample
from tests.fakes.in_process import connect, zoho_secret


@pytest.fixture
def depths(tenant, monkeypatch):
    tenant.settings = tenant.settings.model_copy(
        update={"events_dlq_url": "https://queue.example/ed", "recordings_dlq_url": "https://queue.example/rd"}
    )
    depths = {}
    monkeypatch.setattr(pipeline, "depth", lambda url: depths.get(url, 0))
    monkeypatch.setattr(pipeline, "time_told", lambda url: tenant.clock())
    zoho = ZohoCrm(clock=tenant.clock)
    tenant.secrets = Secrets(MemorySecrets(zoho=zoho_secret(zoho)))
    connect(tenant, zoho)
    return depths


def checks(heard):
    return {check["name"]: check for check in heard.json["checks"]}


def test_a_healthy_tenant_is_green_line_by_line(depths):
    heard = call(handler, sample("tenant/status"))

    assert heard.status == 200
    assert (heard.json["ok"], heard.json["version"]) == (True, __version__)
    assert [name for name, line in checks(heard).items() if line["level"] != "ok"] == []
    assert {"virtualats", "wapcrm", "zoho", "zoho scopes", "clock", "events", "backlog"} <= set(checks(heard))


def test_a_provider_that_refuses_us_is_red_with_its_sentence(depths, pbx):
    pbx.failure = CredentialsRefused("401", system="virtualats")

    heard = call(handler, sample("tenant/status"))

    line = checks(heard)["virtualats"]
    assert (heard.json["ok"], line["ok"], line["level"]) == (False, False, "failed")
    assert "credentials" in line["sentence"]
    assert "secret virtualats" in line["fix"]


def test_a_warning_leaves_the_whole_ok(depths):
    depths["https://queue.example/events.fifo"] = 5000

    heard = call(handler, sample("tenant/status"))

    assert (heard.json["ok"], checks(heard)["events"]["ok"], checks(heard)["events"]["level"]) == (
        True,
        True,
        "warning",
    )
