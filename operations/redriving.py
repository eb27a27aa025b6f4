"""redrive: give what landed in the dead letters another chance."""

from typing import Annotated

import typer

from operations import screen
from operations.company import StackName, company


def redrive(
    *,
    stack: StackName,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many messages of each queue.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many there are.")] = False,
) -> None:
    """Send all dead letters back to the queues they came from. Do it after the cause is mended."""
    for letters in company(stack).holdings.dead_letters:
        if dry_run:
            depth = letters.depth()
            would = min(depth, limit) if limit else depth
            screen.say(f"{letters.name}: {depth} dead letters, {would} would be sent back.")
            continue
        sent = 0
        for letter in screen.watched(letters.held(limit), f"Sending {letters.name} back"):
            letters.send_home(letter)
            sent += 1
        screen.say(f"{letters.name}: {sent} sent back, {letters.depth()} left.")
