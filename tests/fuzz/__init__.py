"""Hostile input: whatever a provider answers or posts, only our typed errors come out.

Each provider has a module here with its `PARSERS`; tests/fuzz/test_parsers.py runs them all.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Parser:
    """Something that reads bytes from outside.

    `parse` may return anything and raise only SantralError. `samples` are bytes it understands, which mutations start
    from.
    """

    name: str
    parse: Callable[[bytes], object]
    samples: tuple[bytes, ...]
