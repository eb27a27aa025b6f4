"""rotate: a successor beside a token or key, so that nothing fails in between. revoke: one dies at once.

A new token is first accepted and only then given out: functions keep a secret for five minutes, and the gateway for as
long what its authorizer said, so who is told of a token sooner may be refused by whoever has not heard of it yet.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, NoReturn

import typer

from operations import screen, stacks
from operations.company import Company, StackName, company
from operations.secret_values import UnusableSecretError, check, keys_of, made_up, merged
from operations.trying import tried
from operations.webhooks import addresses
from santral.errors import SantralError
from santral.providers.registry import Ability, can

rotate = typer.Typer(no_args_is_help=True, help="Give a token or key a successor; nothing fails in between.")
revoke = typer.Typer(no_args_is_help=True, help="Let a key die at once, and all that it signed.")

WAIT_SECONDS = 310
"""Functions keep a secret for 300 s, the gateway for 300 s what the authorizer said; and a little more."""

Wait = Annotated[int, typer.Option(min=0, help="Seconds until every function has read the secret anew.")]
Retire = Annotated[bool, typer.Option("--retire", help="Remove the oldest one, once nobody uses it any more.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
_KEY_NUMBER = re.compile(r"k(\d+)")


class Role(StrEnum):
    """Whose token of the API it is."""

    AGENT = "agent"
    ADMIN = "admin"


@rotate.command("api-token")
def api_token(
    *,
    stack: StackName,
    role: Annotated[Role, typer.Option(help="Whose token.")] = Role.AGENT,
    wait: Wait = WAIT_SECONDS,
    retire: Retire = False,
    dry_run: DryRun = False,
) -> None:
    """Give the CRM's token a successor, and show it. Both work until the old one is retired."""
    here = company(stack)
    if retire:
        _retire(here, "api", f"{role}_tokens", dry_run=dry_run)
        return
    new = _succeed(here, "api", f"{role}_tokens", wait=wait, dry_run=dry_run)
    if new:
        screen.say(f"The CRM is to send from now on, for {role}s: {new}")
        screen.say(f"Once it does everywhere: python -m operations rotate api-token --role {role} --retire")


@rotate.command()
def webhook(
    provider: Annotated[str, typer.Argument(help="The provider that posts.", show_default=False)],
    *,
    stack: StackName,
    wait: Wait = WAIT_SECONDS,
    retire: Retire = False,
    dry_run: DryRun = False,
) -> None:
    """Give a provider's webhook token a successor, and show the address to enter. Both work until one is retired."""
    here = company(stack)
    told = [it for it in addresses(_tenant(here), here.stack.outputs, with_tokens=False) if it.provider == provider]
    if not told:
        raise typer.BadParameter("this company has no such provider that posts webhooks", param_hint="PROVIDER")
    if retire:
        _retire(here, provider, "webhook_tokens", dry_run=dry_run)
        return
    new = _succeed(here, provider, "webhook_tokens", wait=wait, dry_run=dry_run)
    if not new:
        return
    for it in told:
        screen.say(f"Enter at {provider}, for its {it.purpose}: {it.url.replace('{token}', new)}")
    if can(provider, Ability.CONNECT):
        screen.say(f"Or let it be registered: python -m operations connect {_tenant(here)}")
    screen.say(f"Once it posts there: python -m operations rotate webhook {provider} --retire")


@rotate.command()
def permalink(*, stack: StackName, wait: Wait = WAIT_SECONDS, dry_run: DryRun = False) -> None:
    """Sign links to recordings with a new key from now on. Older keys open what they signed, unless revoked."""
    here = company(stack)
    keys = stacks.secret(_tenant(here), "permalinks").get("keys", {})
    key_id = _next_id(keys)
    if dry_run:
        screen.say(f"{key_id} would sign new links; {', '.join(keys) or 'nothing'} would go on opening older ones.")
        return
    (key,) = made_up("keys").values()
    _write(here, "permalinks", {"keys": {**keys, key_id: key}})
    _wait_for_all(wait)
    screen.say(f"{key_id} signs new links; {', '.join(keys) or 'nothing'} goes on opening older ones.")


@rotate.command("provider")
def provider_key(
    name: Annotated[str, typer.Argument(metavar="SECRET", help="A provider, or zoho.", show_default=False)],
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY...", help="Keys to replace; all hidden ones otherwise.")
    ] = None,
    *,
    stack: StackName,
    wait: Wait = WAIT_SECONDS,
    dry_run: DryRun = False,
) -> None:
    """Replace a key that a provider gave us: tried first, then written. Take the old one back there only at the end."""
    here = company(stack)
    before = stacks.secret(_tenant(here), name)
    try:
        hidden = [it.name for it in keys_of(name) if it.is_hidden and not it.is_ours and before.get(it.name)]
        given = {key: typer.prompt(f"New {key}", hide_input=True) for key in _chosen(keys, hidden)}
        value = merged(before, given)
        check(name, value)
    except UnusableSecretError as error:
        _give_up(*error.problems)
    with screen.busy(f"Trying the new keys at {name}"):
        try:
            tried(here.tenant, name, json.dumps(value))
        except SantralError as error:
            _give_up(f"{name} does not take them: {error.sentence}")
    if dry_run:
        screen.say(f"{name} takes the new keys. Nothing was written.")
        return
    _write(here, name, value)
    _wait_for_all(wait)
    screen.say(f"Every function uses the new {', '.join(given)} by now. Take the old one back at {name}.")


@revoke.command("permalink")
def revoke_permalink(
    key_id: Annotated[str, typer.Argument(help="The key's id, such as k1.", show_default=False)],
    *,
    stack: StackName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Kill all links to recordings that one key has signed, also those in the CRM. There is no way back."""
    here = company(stack)
    keys = dict(stacks.secret(_tenant(here), "permalinks").get("keys", {}))
    if key_id not in keys:
        raise typer.BadParameter(f"there is no such key. Known: {', '.join(keys) or 'none'}", param_hint="KEY_ID")
    if key_id == list(keys)[-1]:
        raise typer.BadParameter(f"{key_id} signs today's links: first rotate permalink", param_hint="KEY_ID")
    screen.say(f"What dies with {key_id}, for good:")
    for line in _what_dies(key_id, keys):
        screen.say(f"- {line}")
    if dry_run:
        screen.say("Nothing was revoked.")
        return
    if not yes:
        typer.confirm(f"Revoke {key_id}?", abort=True)
    del keys[key_id]
    _write(here, "permalinks", {"keys": keys})
    screen.say(f"{key_id} is revoked. Its links die within five minutes.")


def _what_dies(key_id: str, keys: Mapping[str, str]) -> Sequence[str]:
    ids = list(keys)
    successor = ids[ids.index(key_id) + 1]
    told = [f"every link in the CRM to a recording of a call logged before {successor} came"]
    told.append("the memory that somebody is to be forgotten, of numbers erased while it was the newest key")
    if key_id == ids[0]:
        told.append("the memory of callers a lead is being made of this very moment: one may get a second lead")
    return told


def _succeed(here: Company, secret: str, key: str, *, wait: int, dry_run: bool) -> str | None:
    """Add a token that is accepted at once and named first when all accept it; return it, or None when only saying."""
    if dry_run:
        count = len(stacks.secret(_tenant(here), secret).get(key, []))
        screen.say(f"{secret}: a token would be added to the {count} of {key}.")
        return None
    (new,) = made_up(key)
    value = stacks.secret(_tenant(here), secret)
    _write(here, secret, {**value, key: [*value.get(key, []), new]})
    _wait_for_all(wait)
    # Read again: others may have changed it meanwhile.
    value = stacks.secret(_tenant(here), secret)
    _write(here, secret, {**value, key: [new, *(it for it in value[key] if it != new)]})
    return str(new)


def _retire(here: Company, secret: str, key: str, *, dry_run: bool) -> None:
    value = stacks.secret(_tenant(here), secret)
    tokens = value.get(key, [])
    if len(tokens) <= 1:
        _give_up(f"{secret} has no older one among its {key}: rotate first.")
    if dry_run:
        screen.say(f"{secret}: the oldest of {len(tokens)} {key} would be removed.")
        return
    _write(here, secret, {**value, key: tokens[:-1]})
    screen.say(f"{secret}: the oldest of {len(tokens)} {key} is removed. It is refused within ten minutes.")


def _write(here: Company, secret: str, value: Mapping[str, Any]) -> None:
    try:
        check(secret, value)
    except UnusableSecretError as error:
        _give_up(*error.problems)
    if not stacks.write_secret(_tenant(here), secret, value):
        _give_up(f"The stack has no secret {secret}.")


def _wait_for_all(seconds: int) -> None:
    for _ in screen.watched(range(seconds), "Waiting until every function has read it"):
        time.sleep(1)


def _next_id(keys: Mapping[str, str]) -> str:
    numbers = [int(found[1]) for it in keys if (found := _KEY_NUMBER.fullmatch(it))]
    return f"k{max(numbers, default=0) + 1}"


def _chosen(keys: Sequence[str] | None, hidden: Sequence[str]) -> Sequence[str]:
    if unknown := [it for it in keys or () if it not in hidden]:
        raise UnusableSecretError(
            [f"{it} is no key that is rotated here. Those are: {', '.join(hidden) or 'none'}." for it in unknown]
        )
    return keys or hidden


def _tenant(here: Company) -> str:
    return here.tenant.settings.tenant


def _give_up(*problems: str) -> NoReturn:
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo("Nothing was changed.", err=True)
    raise typer.Exit(1)
