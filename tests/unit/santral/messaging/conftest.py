"""A clock that stands still, and the CRM that goes by it."""

import pytest

from simulators.zoho import ZohoCrm
from tests.fakes import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def zoho(clock):
    return ZohoCrm(clock=clock)
