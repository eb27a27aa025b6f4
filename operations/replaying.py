"""replay: tell again what a provider's own call records tell of a period."""

from collections import Counter
from datetime import datetime
from typing import Annotated

import typer

from operations import screen
from operations.company import Company, StackName, company
from santral.telephony.replay import Pace, recorded, replayable, standing, windows

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]
_DRY_RUN = "Only say what would be done."


def replay(
    *,
    stack: StackName,
    since: Annotated[datetime, typer.Option("--from", formats=_FORMATS, help="First moment, in the company's time.")],
    until: Annotated[datetime, typer.Option("--to", formats=_FORMATS, help="The moment after the last.")],
    provider: Annotated[str | None, typer.Option(help="Only this provider's records. All of them otherwise.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_DRY_RUN)] = False,
) -> None:
    """Queue every call that the providers' own records hold of a period, also calls from before LogCallsFrom.

    Nothing is logged twice: what is in the CRM stays one record, what is missing there comes in.
    """
    here = company(stack)
    zone = here.tenant.settings.time_zone
    begin, end = (moment if moment.tzinfo else moment.replace(tzinfo=zone) for moment in (since, until))
    if begin >= end:
        raise typer.BadParameter("--from must be before --to")
    names = [provider] if provider else replayable(here.tenant)
    if not names:
        raise typer.BadParameter("this company has no provider with call records")
    for name in names:
        found = _replayed(here, name, begin, end, dry_run=dry_run)
        _report(name, found, dry_run=dry_run)


def _replayed(here: Company, name: str, begin: datetime, end: datetime, *, dry_run: bool) -> Counter[str]:
    tenant = here.tenant
    found: Counter[str] = Counter()
    pace = Pace()
    for since, until in screen.watched(list(windows(begin, end)), f"Reading {name}"):
        for event in recorded(tenant, name, since, until, pace):
            found[standing(tenant, event)] += 1
            if not dry_run:
                tenant.event_queue.send(event)
    return found


def _report(name: str, found: Counter[str], *, dry_run: bool) -> None:
    would = "would be queued" if dry_run else "queued"
    screen.say(f"{name}: {found.total()} calls {would}.")
    if found:
        screen.show(("before", "calls"), ((where, str(calls)) for where, calls in found.most_common()))
