"""Queues and campaigns are for administrators."""

import importlib
from pathlib import Path

import pytest

from santral.api import HttpAction
from tests.fakes.doors import call, http

ROOT = Path(__file__).parents[3]
ACTIONS = {
    f"{file.parent.name}/{file.stem}": module.handler
    for file in sorted((ROOT / "functions").glob("*/*.py"))
    if isinstance((module := importlib.import_module(f"functions.{file.parent.name}.{file.stem}")).handler, HttpAction)
}
FOR_ADMINISTRATORS = [name for name in ACTIONS if name.startswith(("queues/", "campaigns/"))]


def test_no_other_action_is_for_administrators_alone():
    assert [name for name, action in ACTIONS.items() if action.role == "admin"] == FOR_ADMINISTRATORS


@pytest.mark.parametrize("name", FOR_ADMINISTRATORS)
def test_an_agent_is_refused_and_no_provider_is_asked(tenant, monkeypatch, name):
    def asked(*_):
        raise AssertionError("a provider was asked for")

    monkeypatch.setattr(tenant, "provider", asked)
    heard = call(ACTIONS[name], http(name, role="agent"))

    assert (heard.status, heard.json["code"]) == (403, "not_allowed")
