"""What a test needs of the machine and does not find there."""

import os
from typing import NoReturn

import pytest


def missing(sentence: str) -> NoReturn:
    """Skip the test and say so; in CI fail, for what CI skips nobody notices."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
