"""doctor: look at a company from all sides, and say of each part how well it is and what to do."""

from typing import Annotated

import typer
from rich.markup import escape

from operations import account, front_door, screen
from operations.company import StackName, company
from santral.health import Status, looks, summed_up
from santral.health.findings import Check, Level, checks

_SHOWN = {
    Level.OK: "[green]ok[/green]",
    Level.WARNING: "[yellow]warning[/yellow]",
    Level.FAILED: "[bold red]failed[/bold red]",
}


def doctor(
    tenant: Annotated[
        str | None, typer.Argument(help="The tenant's name, instead of --stack.", show_default=False)
    ] = None,
    *,
    stack: StackName = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for machines.")] = False,
) -> None:
    """Look at providers, Zoho, the API, webhooks, queues, alarms and the account; name each missing step.

    Changes nothing: it reads, and posts empty bodies to our own webhooks. Exit status 1 when something has failed,
    0 when all is well or there are warnings only.
    """
    if not (tenant or stack):
        raise typer.BadParameter("name a tenant, or a stack by --stack")
    here = company(tenant or stack)
    everything = [*looks(here.tenant), *front_door.looks(here), *account.looks(here)]
    found = summed_up(list(screen.watched(checks(everything, "en"), "Looking")))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _show(found)
    if not found.ok:
        raise typer.Exit(1)


def _show(found: Status) -> None:
    screen.show(("", "part", "how it is, and what to do"), map(_row, found.checks))
    levels = [check.level for check in found.checks]
    screen.say(
        f"{levels.count(Level.OK)} ok, {levels.count(Level.WARNING)} warnings, {levels.count(Level.FAILED)} failed."
    )


def _row(check: Check) -> tuple[str, str, str]:
    told = f"{check.sentence}\n-> {check.fix}" if check.fix else check.sentence
    return _SHOWN[check.level], check.name, escape(told)
