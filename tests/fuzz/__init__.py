"""Hostile input: whatever a provider answers or posts, only our typed errors come out.

Each provider has a module here with its `PARSERS`; tests/fuzz/test_parsers.py runs them all on generated inputs, and
`make fuzz` on a hundred thousand mutations of their samples.
"""

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from santral.http import Answer, BodyStream, Http


@dataclass(frozen=True)
class Parser:
    """Something that reads bytes from outside.

    `parse` may return anything and raise only SantralError. `samples` are bytes it understands, which mutations start
    from.
    """

    name: str
    parse: Callable[[bytes], object]
    samples: tuple[bytes, ...]


class Saying(Http):
    """A provider that answers 200 and these bytes to everything, without the cost of a network that is not there."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def call(self, *_args: object, **_more: object) -> Answer:
        return Answer(200, {}, self._body)

    @contextmanager
    def stream(self, *_args: object, **_more: object) -> Iterator[BodyStream]:
        yield BodyStream(200, {}, iter([self._body]))


def parsers() -> dict[str, tuple[Parser, ...]]:
    """Return the parsers of every module here that has some, by its name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = {name: import_module(f"{__name__}.{name}") for name in names if not name.startswith(("test_", "__"))}
    return {name: module.PARSERS for name, module in found.items() if hasattr(module, "PARSERS")}
