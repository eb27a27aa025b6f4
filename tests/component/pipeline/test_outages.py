"""What agents feel while another system is down."""

import os
import signal
from pathlib import Path

import pytest

from simulators.faults import Status


@pytest.fixture
def dialling(company):
    """A company whose dialling containers are new, and end with the test: each knows for itself what is down."""
    _end_containers(company)
    yield company
    _end_containers(company)


def _end_containers(company):
    def alive():
        return [each for each in company.sandbox.pools["Dial"].process_ids() if Path(f"/proc/{each}").exists()]

    for process_id in alive():
        os.kill(process_id, signal.SIGKILL)
    company.until(alive, lambda left: not left)


def test_while_the_pbx_is_down_a_click_is_answered_without_asking_it(dialling):
    dialling.pbx.faults.add("/call/originate", Status(code=503), times=None)

    def click(number):
        return dialling.post("/calls", {"to": f"05321234{number:03}", "extension": "101"})

    # A dial that the PBX breaks off may have rung all the same.
    codes = [click(number).json()["code"] for number in range(5)]
    assert codes == ["outcome_unknown"] * 5
    asked = len(dialling.dials())

    refused = click(5)

    assert (refused.status_code, refused.json()["code"]) == (503, "unreachable")
    assert int(refused.headers["retry-after"]) <= 11
    assert "Nothing was sent" in refused.json()["detail"]
    assert len(dialling.dials()) == asked
    dialling.pbx.faults.clear()
