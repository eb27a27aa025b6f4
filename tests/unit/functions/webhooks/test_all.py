"""What every webhook does: refuse a stranger, acknowledge a probe, keep what it does not understand."""

import importlib

import pytest

from tests.fakes.doors import call, http

NAMES = ("verimor_call", "verimor_campaign", "wapcrm")


def handler(name):
    return importlib.import_module(f"functions.webhooks.{name}").handler


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_path_token_is_refused(company, name):
    heard = call(handler(name), http(f"webhooks/{name}", path={"token": "wrong"}))

    assert (heard.status, company.event_queue.sent) == (401, [])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("raw", [b"", b"{}"])
def test_a_probe_is_acknowledged(company, name, raw):
    headers = {"content-type": "application/json"}
    heard = call(handler(name), http(f"webhooks/{name}", raw=raw, headers=headers))

    assert (heard.status, company.event_queue.sent) == (200, [])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_understood_is_kept_and_acknowledged(company, name):
    heard = call(handler(name), http(f"webhooks/{name}", raw=b'\xff{"event": '))

    assert (heard.status, company.event_queue.sent) == (200, [])
    assert len(company.quarantine._shelf.kept) == 1
