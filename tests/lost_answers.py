"""The ways in which an answer gets lost on its way back, and how a test need not wait long for what never comes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from santral.http import Answer, Http
from simulators.faults import Drip, Garbage, Hang, Redirect, Reset, Status, Truncate

LOST = {
    "hang": Hang(),
    "server error": Status(code=500),
    "gateway error": Status(code=502, body=b"<html>"),
    "reset": Reset(),
    "short": Truncate(keep=1),
    # Slower than `impatience` even for an answer of two bytes.
    "drip": Drip(interval=1),
    "redirect": Redirect(location="/elsewhere"),
    "garbage": Garbage(),
}


@contextmanager
def impatience() -> Iterator[None]:
    """Every client waits 1.5 s for an answer meanwhile.

    Only around what loses its answer: a busy machine takes as long now and then for what is set up before.
    """
    patient = Http.call

    def call(self: Http, *args: Any, **more: Any) -> Answer:
        return patient(self, *args, **{**more, "deadline": 1.5})

    with patch.object(Http, "call", call):
        yield
