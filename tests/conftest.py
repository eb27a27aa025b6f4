"""Every test is also a test of what it logs: a line that gives something away fails it."""

import pytest

from santral import telemetry
from tests.canaries import leaks


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    found = leaks(report.capstdout + report.capstderr) if call.when == "call" and report.passed else []
    if found:
        report.outcome = "failed"
        report.longrepr = "A log line gives something away.\n" + "\n".join(found)
    return report


@pytest.fixture(autouse=True)
def _every_metric(monkeypatch):
    """Let tests see what a stack with extra metrics writes."""
    monkeypatch.setenv("EXTRA_METRICS", "true")


def _own_telemetry():
    # A process of tests outlives them. The document's example of a public key is seven digits that also stand in a
    # customer's number, which it would be blanked out of elsewhere; a hundred counts of one name are printed at once.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(telemetry, "_secrets", set(telemetry._secrets))
        patched.setattr(telemetry, "_collections", {})
        yield


_own_telemetry_of_a_module = pytest.fixture(_own_telemetry, scope="module", autouse=True)
_own_telemetry_of_a_test = pytest.fixture(_own_telemetry, autouse=True)
