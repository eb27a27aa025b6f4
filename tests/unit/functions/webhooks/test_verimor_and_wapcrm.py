"""Webhooks of the other providers, read by the real clients: what is told, queued; what is not understood, kept."""

import importlib

import pytest

import santral.api
from santral.calls import CallEvent, CallState
from santral.campaigns import CampaignResultEvent
from santral.messages import MessageEvent, MessageState
from tests.fakes import MemorySecrets, MemoryShelf, make_tenant
from tests.fakes.doors import call, http, sample

NAMES = ("verimor_call", "verimor_campaign", "wapcrm")


@pytest.fixture
def tenant(monkeypatch):
    tokens = {"webhook_tokens": ["sample-webhook-token"]}
    secrets = MemorySecrets(
        verimor={"api_key": "K12345678-1234-5678-4321-123456789012", **tokens},
        wapcrm={"secret_key": "wapcrm-secret", **tokens},
    )
    tenant = make_tenant(secrets=secrets, providers=("verimor", "wapcrm"))
    monkeypatch.setattr(santral.api, "current", lambda: tenant)
    tenant.quarantine._shelf = MemoryShelf()
    return tenant


def handler(name):
    return importlib.import_module(f"functions.webhooks.{name}").handler


def test_a_call_event_of_verimor_is_queued(tenant):
    assert call(handler("verimor_call"), sample("webhooks/verimor_call")).status == 200

    [event] = tenant.event_queue.sent
    assert isinstance(event, CallEvent)
    assert (event.call_id, event.state) == ("verimor:aacdb242-364b-11e7-8bed-c9aec7093786", CallState.ENDED)


def test_a_result_of_a_verimor_campaign_is_queued(tenant):
    assert call(handler("verimor_campaign"), sample("webhooks/verimor_campaign")).status == 200

    [event] = tenant.event_queue.sent
    assert isinstance(event, CampaignResultEvent)
    assert (event.group, event.lead_id, event.digit) == ("verimor:131", "1878", "2")


def test_what_a_customer_writes_through_wapcrm_is_queued(tenant):
    assert call(handler("wapcrm"), sample("webhooks/wapcrm")).status == 200

    [event] = tenant.event_queue.sent
    assert isinstance(event, MessageEvent)
    assert (event.state, event.text) == (MessageState.RECEIVED, "Merhaba, siparişim ne zaman gelir?")


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_path_token_is_refused(tenant, name):
    heard = call(handler(name), http(f"webhooks/{name}", path={"token": "wrong"}))

    assert (heard.status, tenant.event_queue.sent) == (401, [])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("raw", [b"", b"{}"])
def test_a_probe_is_acknowledged(tenant, name, raw):
    headers = {"content-type": "application/json"}
    heard = call(handler(name), http(f"webhooks/{name}", raw=raw, headers=headers))

    assert (heard.status, tenant.event_queue.sent) == (200, [])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_understood_is_kept_and_acknowledged(tenant, name):
    heard = call(handler(name), http(f"webhooks/{name}", raw=b'\xff{"event": '))

    assert (heard.status, tenant.event_queue.sent) == (200, [])
    assert len(tenant.quarantine._shelf.kept) == 1
