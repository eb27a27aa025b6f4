"""erase: forget a phone number. erase-recording: one recording only."""

from typing import Annotated

import typer

from operations import screen
from operations.company import StackName, company
from santral.phone import to_e164
from santral.telephony import recordings
from santral.telephony.forgetting import Found, find, forget

_CRM = "Records in Zoho CRM are the company's own and are not touched: erase them there."


def erase(
    *,
    stack: StackName,
    # Asked for when left out: a number typed as an option stays in the shell's history.
    phone: Annotated[str, typer.Option(prompt="Phone number", help="The number of who is to be forgotten.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
) -> None:
    """Erase all that is held of a phone number, and never take in again what was before.

    Calls that start later are taken in as ever. Links to erased recordings answer 410.
    """
    here = company(stack)
    number = to_e164(phone, here.tenant.settings.country)
    if number is None:
        raise typer.BadParameter("is not a phone number; write it with its country code", param_hint="--phone")
    screen.say(f"Of the number ending in {number[-2:]} is held:")
    _report(find(here.tenant, here.holdings, number, screen.watched))
    if dry_run:
        screen.say("Nothing was erased.")
        return
    if not yes:
        typer.confirm("Erase it for good?", abort=True)
    erased = forget(here.tenant, here.holdings, number, screen.watched)
    screen.say("Erased:")
    _report(erased)
    screen.say(_CRM)


def _report(found: Found) -> None:
    others = sorted({pk.partition("#")[0].lower() for pk, _ in found.rows})
    screen.show(
        ("what", "how many"),
        [
            ("calls", str(len(found.calls))),
            (f"other rows ({', '.join(others)})" if others else "other rows", str(len(found.rows))),
            ("versions of recordings", str(len(found.recordings))),
            ("bodies in the quarantine", str(len(found.quarantined))),
            ("dead letters", str(found.dead_letters)),
        ],
    )
    if found.directory_rows:
        screen.say(f"{found.directory_rows} rows of the user directory hold it too: remove the user there.")


def erase_recording(
    call_id: Annotated[str, typer.Argument(help="As the CRM's description or the API name it.", show_default=False)],
    *,
    stack: StackName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
) -> None:
    """Erase one call's recording, original and playable copy, in all versions. Its link answers 410."""
    here = company(stack)
    entry = here.tenant.calls.get(call_id)
    screen.say(
        f"The recording of {entry.call_id}, listed at {entry.listed_at:%Y-%m-%d %H:%MZ}, is {entry.recording.state}."
    )
    if dry_run:
        screen.say("Nothing was erased.")
        return
    if not yes:
        typer.confirm("Erase it for good?", abort=True)
    versions = recordings.erase(here.tenant, here.holdings.versions, entry.call_id)
    screen.say(f"Erased: {versions} versions.")
