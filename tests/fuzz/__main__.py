"""Spoil every parser's samples a hundred thousand times; a failure names the seed that repeats it."""

import argparse
import contextlib
import logging
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from santral.errors import SantralError
from tests.fuzz import Parser, parsers
from tests.fuzz.mutations import spoilt

_SHOWN = 3


def main(arguments: list[str] | None = None) -> int:
    """Run the mutations and print what came of them, a line for each parser.

    Returns:
        1 when anything but our errors came out of a parser.
    """
    asked = _asked(arguments)
    names = [name for name in _by_name() if asked.parser in name]
    escaped = 0
    print(_line("parser", "mutations", "accepted", "refused", "escaped"), f"  seed {asked.seed}", flush=True)
    with ProcessPoolExecutor() as processes:
        runs = processes.map(partial(_fuzzed, seed=asked.seed, mutations=asked.mutations), names)
        for name, (ended, escapes) in zip(names, runs, strict=True):
            print(_line(name, asked.mutations, ended["accepted"], ended["refused"], ended["escaped"]))
            for escape in escapes:
                print(f"    {escape}")
            sys.stdout.flush()
            escaped += ended["escaped"]
    return 1 if escaped else 0


def body_of(parser: Parser, seed: int, number: int) -> bytes:
    """Return one mutation of a parser's samples; the same for the same seed and number."""
    chance = random.Random(f"{seed} {parser.name} {number}")
    return spoilt(chance.choice(parser.samples), chance)


def _by_name() -> dict[str, Parser]:
    return {parser.name: parser for family in parsers().values() for parser in family}


def _line(name: str, *figures: object) -> str:
    return f"{name:42}" + "".join(f"{figure:>10}" for figure in figures)


def _fuzzed(name: str, *, seed: int, mutations: int) -> tuple[Counter[str], list[str]]:
    parser = _by_name()[name]
    ended: Counter[str] = Counter()
    escapes: list[str] = []
    with _silence():
        for number in range(mutations):
            body = body_of(parser, seed, number)
            try:
                parser.parse(body)
            except SantralError:
                ended["refused"] += 1
            except Exception as error:  # noqa: BLE001 (that something else comes out is what is looked for)
                ended["escaped"] += 1
                if len(escapes) < _SHOWN:
                    escapes.append(f"{type(error).__name__} by --seed {seed}, mutation {number}: {body[:200]!r}")
            else:
                ended["accepted"] += 1
    return ended, escapes


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    loudness = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123 (a device)
            yield
    finally:
        logging.disable(loudness)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument(
        "--mutations", type=int, default=100_000, help="of each parser's samples (default: %(default)s)"
    )
    options.add_argument("--seed", type=int, default=1, help="repeats a run (default: %(default)s)")
    options.add_argument("--parser", default="", help="only those whose name holds this")
    return options.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
