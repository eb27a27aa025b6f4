"""Every test is also a test of what it logs: a line that gives something away fails it."""

from pathlib import Path

import pytest

from tests.canaries import leaks

TESTS = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items):
    """Say what stays in one process where the slow suites are spread over two: what shares a running system."""
    for item in items:
        folder, *inside = item.path.relative_to(TESTS).parts
        group = [folder, *inside[:1]] if folder in ("component", "faults") else [folder]
        item.add_marker(pytest.mark.xdist_group("/".join(group)))


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
