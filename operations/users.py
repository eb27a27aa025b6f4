"""users: the user directory, which tells whose extension rings and who owns a call."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from operations import screen
from operations.company import StackName, company
from operations.users_file import PROVIDERS, Line, UnusableFileError, read
from santral.store.directory import OpenDirectory, User

commands = typer.Typer(no_args_is_help=True, help="The user directory: whose extension rings, who owns a call.")
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
_ATTRIBUTES = ("agent_number", "zoho_user_id", "wapcrm_user", "language")


@dataclass(frozen=True)
class Change:
    """What a line of the file changes. `news` are its parts in words; none when all of it is known."""

    user: User
    is_new: bool
    news: Sequence[str]

    @property
    def kind(self) -> str:
        if self.is_new:
            return "added"
        return "changed" if self.news else "unchanged"


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV in UTF-8.", show_default=False)],
    *,
    stack: StackName,
    dry_run: DryRun = False,
) -> None:
    """Write the users of a CSV file into the directory. Users who are not in the file stay as they are.

    Its header names the columns, of which only email is needed: email, virtualats, kobikom, verimor (extensions,
    first the one that rings), agent_number, zoho_user_id, wapcrm_user, language. A column that is not there changes
    nothing, an empty cell takes away. An extension that was somebody else's moves.
    """
    try:
        lines = read(file.read_bytes())
    except UnusableFileError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        typer.echo("Nothing was imported.", err=True)
        raise typer.Exit(1) from None
    directory = OpenDirectory(company(stack).holdings.table)
    own = {line.email for line in lines}
    changes = [_change(directory, line, own) for line in lines]
    for change in screen.watched([change for change in changes if change.kind != "unchanged"], "Writing"):
        if not dry_run:
            directory.put(change.user)
    _report(changes, dry_run=dry_run)


@commands.command("list")
def list_(
    *, stack: StackName, as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all there is.")] = False
) -> None:
    """Show who is in the directory."""
    users = OpenDirectory(company(stack).holdings.table).everyone()
    if as_json:
        told = [user.model_dump(mode="json", exclude_none=True) for user in users]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if not users:
        screen.say("Nobody is in the directory.")
        return
    columns = ["email", *(it for it in (*PROVIDERS, *_ATTRIBUTES) if any(_cell(user, it) for user in users))]
    screen.show(columns, ([_cell(user, column) for column in columns] for user in users))


@commands.command()
def remove(
    emails: Annotated[list[str], typer.Argument(help="E-mails as `users list` shows them.", show_default=False)],
    *,
    stack: StackName,
    dry_run: DryRun = False,
) -> None:
    """Remove users. What they did stays; whose extension rang is no longer told to the CRM."""
    directory = OpenDirectory(company(stack).holdings.table)
    for email in dict.fromkeys(email.strip().lower() for email in emails):
        known = directory.user(email) if dry_run else directory.remove(email)
        done = "would be removed" if dry_run else "removed"
        screen.say(f"{email}: {done if known else 'not in the directory'}.")


def _change(directory: OpenDirectory, line: Line, own: set[str]) -> Change:
    """Compare a line with what is known; `own` are the users of the file, whose own lines say what they give up."""
    before = directory.user(line.email)
    user = line.on(before)
    news = list(_differences(before, user))
    for provider, extension in user.lines():
        holder = directory.owner_of(provider, extension)
        if holder is None and before and (provider, extension) in before.lines():
            news.append(f"{provider} {extension} leads back again")
        elif holder and holder.email.lower() != user.email.lower() and holder.email.lower() not in own:
            news.append(f"{provider} {extension} taken from {holder.email}")
    return Change(user, before is None, news)


def _differences(before: User | None, user: User) -> Iterator[str]:
    for column in (*PROVIDERS, *_ATTRIBUTES):
        was, now = _cell(before, column) if before else "", _cell(user, column)
        if was and was != now:
            yield f"{column} {was} -> {now or 'none'}"
        elif now != was:
            yield f"{column} {now}"


def _cell(user: User, column: str) -> str:
    return " ".join(user.extensions.get(column, ())) if column in PROVIDERS else getattr(user, column) or ""


def _report(changes: Sequence[Change], *, dry_run: bool) -> None:
    for change in changes:
        if change.kind != "unchanged":
            screen.say(f"{change.user.email}: {', '.join([change.kind, *change.news])}")
    kinds = [change.kind for change in changes]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("added", "changed", "unchanged"))
    screen.say(f"{counts}. Nothing was written." if dry_run else f"{counts}.")
