"""connect: let the providers tell us of calls from now on, and log those calls in the CRM."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

import typer

from operations import screen, stacks
from operations.company import company
from operations.samconfig import Deployment, SamConfig
from operations.tenants import Name, providers_of
from operations.webhooks import Address, addresses, without_tokens
from santral.calls import iso
from santral.errors import NotConfigured, Rejected, SantralError
from santral.providers.ports import WebhookRegistration
from santral.providers.registry import Ability, can
from santral.sentences import say
from santral.tenant import Tenant

_EVENTS_WANTED = 3


def connect(
    name: Name,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where a provider tells another system now, which then goes without.")
    ] = False,
    with_tokens: Annotated[
        bool, typer.Option("--with-tokens", help="Show addresses with their tokens: keep them to you.")
    ] = False,
) -> None:
    """Register our webhooks with the providers that let us, and say what to enter by hand at the others.

    The first time calls are logged in the CRM from this moment on. May be run again at any time.
    """
    here = SamConfig().deployment(name)
    stacks.use_region(here.region)
    stack = stacks.deployed(here.stack)
    if stack is None:
        typer.echo(f"{name} is not deployed yet: make deploy TENANT={name}", err=True)
        raise typer.Exit(1)
    all_well = _registered_all(here, stack.outputs, replace=replace)
    _say_what_to_enter(here, stack.outputs, with_tokens=with_tokens)
    if not all_well:
        screen.say("Mend this and connect again; until then nothing changes about what is logged.")
        raise typer.Exit(1)
    _log_from_now(here, stack)


def _registered_all(here: Deployment, outputs: Mapping[str, str], *, replace: bool) -> bool:
    """Register where that can be done, telling each; return whether all of it is as it should be."""
    tenant, all_well = company(here.stack).tenant, True
    for address in addresses(here.tenant, outputs, with_tokens=True):
        if can(address.provider, Ability.CONNECT):
            try:
                screen.say(f"{address.provider}: {_registered(tenant, address, replace=replace)}")
            except SantralError as error:
                all_well = False
                typer.echo(f"{address.provider}: {error.sentence}", err=True)
    return all_well


def _registered(tenant: Tenant, address: Address, *, replace: bool) -> str:
    there: WebhookRegistration = tenant.provider(address.provider, Ability.CONNECT)
    if not address.is_whole:
        again = f"python -m operations secrets set {tenant.settings.tenant} {address.provider}"
        raise NotConfigured("no token", sentence=say("has no webhook token yet: {command}", command=again))
    before = there.webhook_settings()
    if before.url == address.url and len(before.sends) == _EVENTS_WANTED:
        return "sends its events here already."
    other = urlsplit(before.url).hostname if before.url else None
    if other and other != urlsplit(address.url).hostname and not replace:
        # The host alone: what stands behind it may be a token of theirs.
        told = say("sends its events to {host} now, and to one address only. Take over with --replace.", host=other)
        raise Rejected("registered elsewhere", system=address.provider, sentence=told)
    there.send_webhooks_to(address.url)
    return "sends its events here from now on."


def _say_what_to_enter(here: Deployment, outputs: Mapping[str, str], *, with_tokens: bool) -> None:
    told = addresses(here.tenant, outputs, with_tokens=with_tokens)
    by_hand = [it for it in told if not can(it.provider, Ability.CONNECT)]
    for it in by_hand:
        screen.say(f"{it.provider}: enter there, for its {it.purpose}: {it.url}")
    if by_hand and not with_tokens:
        screen.say(without_tokens(here.tenant))
    for provider in providers_of(here):
        if provider not in {it.provider for it in told}:
            screen.say(f"{provider}: is asked each minute what goes on there; there is nothing to enter.")


def _log_from_now(here: Deployment, stack: stacks.Deployed) -> None:
    first = stack.parameters.get("LogCallsFrom", "")
    now = datetime.now(UTC).replace(microsecond=0)
    if not first or datetime.fromisoformat(first) <= now:
        screen.say(f"Calls are logged {f'since {first}' if first else 'whenever they were'}.")
        return
    with screen.busy("Telling the functions"):
        stacks.change_parameter(here.stack, stack, "LogCallsFrom", iso(now))
    SamConfig().set_parameter(here.tenant, "LogCallsFrom", iso(now))
    screen.say(f"Calls are logged from now on, {iso(now)}. Older ones come in by `replay` only.")
