"""Every test is also a test of what it logs: a line that gives something away fails it."""

import pytest

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
