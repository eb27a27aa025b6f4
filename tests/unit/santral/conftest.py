"""What tests of the rules share."""

import pytest

import santral.http


@pytest.fixture
def no_real_waiting(monkeypatch):
    """Ask again at once where a system failed."""
    monkeypatch.setattr(santral.http, "_RETRY_PAUSE_SECONDS", 0)
