import pytest

import santral.health
from functions.tenant.status import handler
from santral import __version__
from santral.calls import CallEvent, CallState
from santral.errors import CredentialsRefused
from tests.fakes.doors import call, sample


@pytest.fixture
def depths(tenant, monkeypatch):
    tenant.settings = tenant.settings.model_copy(
        update={"events_dlq_url": "https://queue.example/ed", "recordings_dlq_url": "https://queue.example/rd"}
    )
    depths = {}
    monkeypatch.setattr(santral.health, "depth", lambda url: depths.get(url, 0))
    monkeypatch.setattr(santral.health, "check_crm", lambda tenant: "Zoho CRM answers.")
    return depths


def checks(heard):
    return {check["name"]: check for check in heard.json["checks"]}


def test_a_healthy_tenant_is_green_line_by_line(depths):
    heard = call(handler, sample("tenant/status"))

    assert heard.status == 200
    assert (heard.json["ok"], heard.json["version"]) == (True, __version__)
    assert {"virtualats", "wapcrm", "zoho", "events", "recordings"} <= set(checks(heard))


def test_a_provider_that_refuses_us_is_red_with_its_sentence(depths, pbx):
    pbx.failure = CredentialsRefused("401", system="virtualats")

    heard = call(handler, sample("tenant/status"))

    line = checks(heard)["virtualats"]
    assert (heard.json["ok"], line["ok"]) == (False, False)
    assert "credentials" in line["sentence"]
    assert "secret virtualats" in line["fix"]


def test_a_dead_letter_is_red(depths):
    depths["https://queue.example/ed"] = 2

    line = checks(call(handler, sample("tenant/status")))["events dead letters"]

    assert (line["ok"], line["sentence"]) == (False, "2 messages were given up.")


def test_the_last_event_is_told(depths, tenant):
    event = CallEvent(call_id="virtualats:1", provider="virtualats", state=CallState.ENDED, started_at=tenant.clock())
    tenant.calls.change(event.call_id, lambda entry: entry.told(event))

    assert "2026-01-15" in checks(call(handler, sample("tenant/status")))["last event"]["sentence"]
