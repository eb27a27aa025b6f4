import json

import pytest

from operations import account, doctor, front_door
from santral import __version__
from santral.errors import CredentialsRefused
from santral.health.findings import Finding, Look, failed, warning
from santral.sentences import say

WELL = Look("virtualats", lambda: Finding(say("It answers.")))
AMBER = Look("egress", lambda: warning(say("No [fixed] address."), fix=say("Set it.")))
RED = Look("zoho", lambda: failed(say("Zoho refuses us."), fix=say("Connect Zoho again.")))


@pytest.fixture
def seen(monkeypatch, company):
    """What there is to look at: the shared looks, the front door's and the account's."""
    seen = {"shared": [WELL], "front door": [], "account": []}
    monkeypatch.setattr(doctor, "company", lambda name: company)
    monkeypatch.setattr(doctor, "looks", lambda tenant: seen["shared"])
    monkeypatch.setattr(front_door, "looks", lambda here: seen["front door"])
    monkeypatch.setattr(account, "looks", lambda here: seen["account"])
    return seen


def test_green_is_exit_status_0(run, seen):
    printed = run("doctor")

    assert "virtualats" in printed
    assert "1 ok, 0 warnings, 0 failed." in printed


def test_a_warning_is_shown_with_its_fix_and_is_exit_status_0(run, seen):
    seen["account"] = [AMBER]

    printed = run("doctor")

    assert "No [fixed] address." in printed
    assert "-> Set it." in printed
    assert "1 ok, 1 warnings, 0 failed." in printed


def test_what_failed_is_shown_with_its_fix_and_is_exit_status_1(run, seen):
    seen["front door"] = [RED]

    printed = run("doctor", code=1)

    assert "-> Connect Zoho again." in printed
    assert "virtualats" in printed


def test_a_machine_is_told_what_get_status_tells_it(run, seen):
    seen["shared"] = [WELL, RED]

    told = json.loads(run("doctor --json", code=1))

    assert (told["ok"], told["version"]) == (False, __version__)
    assert told["checks"][1] == {
        "name": "zoho",
        "ok": False,
        "level": "failed",
        "sentence": "Zoho refuses us.",
        "fix": "Connect Zoho again.",
    }


def test_one_look_that_raises_hides_none_of_the_others(run, seen):
    def refused():
        raise CredentialsRefused("401", system="zoho")

    seen["shared"] = [Look("zoho", refused), WELL]
    seen["account"] = [Look("egress", lambda: 1 / 0)]

    printed = run("doctor", code=1)

    assert "secret zoho" in printed
    assert "ZeroDivisionError" in printed
    assert "It answers." in printed
