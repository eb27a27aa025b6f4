import json

import pytest
from pytest_socket import disable_socket, enable_socket

from santral import telemetry
from simulators.zoho import ZohoCrm
from tests.fakes import Clock


@pytest.fixture(autouse=True)
def _no_network():
    # Here and not as a flag: component, built and browser tests run in the same pytest and talk over loopback.
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def clock():
    """A clock that stands still until it is moved on."""
    return Clock()


@pytest.fixture
def zoho(clock):
    """A CRM that goes by this clock."""
    return ZohoCrm(clock=clock)


@pytest.fixture
def metrics(capsys):
    """Tells what was written of each metric since it was last asked: its values, in the order of writing."""

    def since():
        telemetry.flush()
        found = {}
        for line in capsys.readouterr().out.splitlines():
            if line.startswith('{"_aws"'):
                told = json.loads(line)
                for metric in told["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                    found.setdefault(metric["Name"], []).extend(told[metric["Name"]])
        return found

    since()
    return since
