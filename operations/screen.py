"""What a person at a terminal sees: sentences and tables on the output, progress beside it."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

T = TypeVar("T")


def _out() -> Console:
    # Made for each print: a console keeps for good the width it is told when it is made.
    return Console(highlight=False)


def _beside() -> Console:
    return Console(stderr=True)


def is_terminal() -> bool:
    """Tell whether somebody is there to be asked."""
    return sys.stdin.isatty()


def say(sentence: str) -> None:
    """Print a sentence."""
    _out().print(sentence, markup=False, soft_wrap=True)


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table. Ids are folded rather than cut, since they are there to be copied."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*row)
    _out().print(table)


def busy(what: str) -> AbstractContextManager[object]:
    """Show on a terminal that something takes its time."""
    return _beside().status(what)


def watched(items: Iterable[T], what: str) -> Iterator[T]:
    """Yield the items on, showing how far they have come; of what nobody can count beforehand, how many there were."""
    total = len(items) if isinstance(items, Sequence) else None
    beside = _beside()
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=beside,
        transient=True,
        disable=not beside.is_terminal,
    )
    with progress:
        yield from progress.track(items, total=total, description=what)
