import os
import random

import pytest
from pytest_socket import disable_socket, enable_socket

from santral.telemetry import logger


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, help="seed of the fault suite; without it, each run draws one and prints it")
    parser.addoption("--fuzz-inputs", type=int, default=20_000, help="how many spoilt webhooks a provider reads")
    parser.addoption("--embedded-calls", type=int, default=40, help="how many calls go through the embedded AWS")


@pytest.fixture(scope="session")
def seed(request):
    """The seed of this run: the option, the variable SANTRAL_SEED, or one drawn now. Every report names it."""
    given = request.config.getoption("--seed", None) or os.environ.get("SANTRAL_SEED")
    return int(given) if given else random.SystemRandom().randrange(1, 1_000_000)


@pytest.fixture
def quiet():
    """Thousands of warnings, all of them asked for, would only hide the table."""
    before = logger.level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(before)


@pytest.fixture
def no_network():
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
