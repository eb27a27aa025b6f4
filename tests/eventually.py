"""Waiting for what happens in another thread, without saying how long it takes."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object]) -> None:
    """Return once the condition holds; fail when it does not within ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)
