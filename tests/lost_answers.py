"""The ways in which an answer gets lost on its way back, and a client that waits them out quickly."""

from typing import Any

from santral.http import Answer, Http
from simulators.faults import Drip, Garbage, Hang, Redirect, Reset, Status, Truncate

LOST = {
    "hang": Hang(),
    "server error": Status(code=500),
    "gateway error": Status(code=502, body=b"<html>"),
    "reset": Reset(),
    "short": Truncate(keep=1),
    # Slower than the client's patience even for an answer of two bytes.
    "drip": Drip(interval=0.3),
    "redirect": Redirect(location="/elsewhere"),
    "garbage": Garbage(),
}


class Impatient(Http):
    """The same client with a shorter deadline, for tests that wait it out."""

    def call(self, *args: Any, **more: Any) -> Answer:
        return super().call(*args, **{**more, "deadline": 0.5})
