"""quarantine: what providers sent that was authentic but not understood."""

from collections.abc import Iterator
from typing import Annotated

import typer

from operations import screen
from operations.company import Company, StackName, company
from santral.errors import NotAuthentic, NotUnderstood
from santral.store.quarantine import Kept, OpenQuarantine
from santral.telephony.intake import take_in_kept

commands = typer.Typer(no_args_is_help=True, help="What providers sent that was not understood.")
Ids = Annotated[list[str] | None, typer.Argument(help="Ids as `quarantine list` shows them.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Everything in the quarantine.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


@commands.command("list")
def list_(*, stack: StackName) -> None:
    """Show what is in the quarantine, and why."""
    kept = sorted(screen.watched(_room(company(stack)), "Reading the quarantine"), key=lambda it: it.kept_at)
    if not kept:
        screen.say("The quarantine is empty.")
        return
    screen.show(
        ("id", "kept at", "bytes", "reason"),
        ((it.quarantine_id, f"{it.kept_at:%Y-%m-%d %H:%M:%SZ}", str(len(it.body)), it.reason) for it in kept),
    )


@commands.command()
def retry(*, stack: StackName, ids: Ids = None, all_: All = False, dry_run: DryRun = False) -> None:
    """Read it again, after a fix, and queue what is understood now; what is not stays."""
    here = company(stack)
    taken = 0
    for kept in screen.watched(list(_chosen(here, ids, all_=all_)), "Reading again"):
        if dry_run:
            screen.say(f"{kept.quarantine_id}: would be read again.")
            continue
        try:
            events = take_in_kept(here.tenant, kept.source, kept.body)
        except (NotUnderstood, NotAuthentic) as error:
            screen.say(f"{kept.quarantine_id}: stays. {error}")
            continue
        # Only now: dying before leaves it here, and its events are folded like any told twice.
        _room(here).drop(kept.quarantine_id)
        taken += 1
        screen.say(f"{kept.quarantine_id}: understood, {events} queued.")
    if not dry_run:
        screen.say(f"{taken} taken out of the quarantine.")


@commands.command()
def drop(*, stack: StackName, ids: Ids = None, all_: All = False, dry_run: DryRun = False) -> None:
    """Remove it for good, in all versions."""
    here = company(stack)
    for kept in screen.watched(list(_chosen(here, ids, all_=all_)), "Dropping"):
        if not dry_run:
            _room(here).drop(kept.quarantine_id)
        screen.say(f"{kept.quarantine_id}: {'would be removed' if dry_run else 'removed'}.")


def _room(here: Company) -> OpenQuarantine:
    return OpenQuarantine(here.holdings.table, here.holdings.versions)


def _chosen(here: Company, ids: list[str] | None, *, all_: bool) -> Iterator[Kept]:
    if all_ == bool(ids):
        raise typer.BadParameter("name what you mean, or say --all")
    there = {kept.quarantine_id: kept for kept in screen.watched(_room(here), "Reading the quarantine")}
    if unknown := sorted(set(ids or ()) - there.keys()):
        raise typer.BadParameter(f"not in the quarantine: {', '.join(unknown)}")
    yield from there.values() if all_ else (there[quarantine_id] for quarantine_id in dict.fromkeys(ids or ()))
