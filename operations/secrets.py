"""secrets: what the providers gave us, written into Secrets Manager and nowhere else."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from operations import screen, stacks
from operations.samconfig import Deployment, SamConfig
from operations.secret_values import SecretKey, UnusableSecretError, check, keys_of, merged, with_ours
from operations.tenants import Name, providers_of
from operations.webhooks import addresses

commands = typer.Typer(no_args_is_help=True, help="The tenant's keys and tokens, in AWS Secrets Manager.")
_EVERYBODYS = ("zoho", "api", "permalinks")


@commands.command("set")
def set_(
    name: Name,
    secret: Annotated[
        str, typer.Argument(metavar="SECRET", help="A provider, zoho, api or permalinks.", show_default=False)
    ],
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY...", help="Only these keys; what is needed and missing otherwise.", show_default=False
        ),
    ] = None,
) -> None:
    """Write keys of a secret: asked for without showing them, or one JSON object from standard input.

    What was there and is not given stays. Tokens and keys that are ours are made up here.
    """
    here = _tenant(name)
    try:
        known = keys_of(secret)
        before = stacks.secret(here.tenant, secret)
        given = _typed(known, before, keys) if screen.is_terminal() else _piped(known, secret)
        value = with_ours(secret, merged(before, given))
        check(secret, value)
    except UnusableSecretError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        typer.echo("Nothing was written.", err=True)
        raise typer.Exit(1) from None
    if not stacks.write_secret(name, secret, value):
        typer.echo(f"{name} has no secret {secret}: deploy it first, with that provider.", err=True)
        raise typer.Exit(1)
    news = [key for key in value if before.get(key) != value[key]]
    screen.say(f"{secret}: {', '.join(news) if news else 'nothing'} set. It counts within five minutes.")
    made = [key.name for key in known if key.is_ours and key.name in news and key.name not in given]
    if made:
        screen.say(f"Made up here: {', '.join(made)}.")
    _say_where_to(here, secret, made)


def _say_where_to(here: Deployment, secret: str, made: Sequence[str]) -> None:
    stack = stacks.deployed(here.stack)
    if made and stack and any(it.provider == secret for it in addresses(here.tenant, stack.outputs, with_tokens=False)):
        screen.say(f"Next: python -m operations connect {here.tenant}")


@commands.command()
def show(name: Name) -> None:
    """Show which keys are set, and which are missing; never what they hold."""
    here = _tenant(name)
    stack = stacks.deployed(here.stack)
    if stack is None:
        screen.say(f"{name} is not deployed, so it has no secrets yet.")
        raise typer.Exit(1)
    screen.show(("secret", "set", "missing"), [_row(here, it) for it in (*providers_of(here), *_EVERYBODYS)])


def _row(here: Deployment, secret: str) -> tuple[str, str, str]:
    value = stacks.secret(here.tenant, secret)
    missing = [it.name for it in keys_of(secret) if it.is_needed and not value.get(it.name)]
    return secret, " ".join(value), " ".join(missing)


def _tenant(name: str) -> Deployment:
    here = SamConfig().deployment(name)
    stacks.use_region(here.region)
    return here


def _typed(known: Sequence[SecretKey], before: dict[str, Any], keys: Sequence[str] | None) -> dict[str, Any]:
    names = {it.name: it for it in known}
    if unknown := [it for it in keys or () if it not in names]:
        raise UnusableSecretError([f"There is no key {it}. Known: {', '.join(names)}." for it in unknown])
    asked = [names[it] for it in keys] if keys else [it for it in known if it.is_needed and not before.get(it.name)]
    return {it.name: _meant(typer.prompt(it.name, hide_input=it.is_hidden)) for it in asked if keys or not it.is_ours}


def _meant(typed: str) -> Any:
    """A list or a switch is typed as JSON; anything else is itself."""
    if typed.startswith(("[", "{")) or typed in ("true", "false"):
        try:
            return json.loads(typed)
        except ValueError:
            return typed
    return typed


def _piped(known: Sequence[SecretKey], secret: str) -> dict[str, Any]:
    text = sys.stdin.read()
    if not text.strip() and all(it.is_ours for it in known):
        return {}
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise UnusableSecretError([f"Give one JSON object with the keys of {secret}."])
    return given
