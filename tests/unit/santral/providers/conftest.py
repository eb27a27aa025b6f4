from datetime import UTC, datetime

import pytest

from tests.fakes import Clock


@pytest.fixture
def clock():
    return Clock(datetime(2019, 1, 1, tzinfo=UTC))
