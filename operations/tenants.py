"""tenant: the tenants of this clone. What is decided for one stands in samconfig.toml, and nothing secret does."""

import difflib
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import boto3
import typer

from operations import screen, stacks
from operations.parameters import parameters
from operations.samconfig import Deployment, SamConfig
from operations.webhooks import addresses, api_tokens, without_tokens
from santral.providers.registry import PROVIDERS, Ability, can

commands = typer.Typer(no_args_is_help=True, help="The tenants of this clone: one section of samconfig.toml each.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The tenant's short name.", show_default=False)]

NOT_CONNECTED = "2999-01-01T00:00:00Z"
"""LogCallsFrom until the first `connect`: nothing of what is tried out before gets into the CRM."""

_SWITCHES = {name.removeprefix("With").lower(): name for name in parameters() if name.startswith("With")}
_HABITS = {"TR": ("Europe/Istanbul", "tr"), "AZ": ("Asia/Baku", "az")}
_ASKED_ALWAYS = ("Tenant", "Country", "TimeZone", "Language")
_PROCESSORS = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@commands.command()
def add(
    name: Name,
    *,
    region: Annotated[str | None, typer.Option(envvar="AWS_DEFAULT_REGION", help="AWS region.")] = None,
    provider: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(PROVIDERS)}; the first one dials. Repeat it.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="TR or AZ: numbers, time zone and language follow.")] = None,
    alarm_email: Annotated[str | None, typer.Option(help="Who is told when something is wrong.")] = None,
    domain: Annotated[str | None, typer.Option(help="Own domain of the API, such as calls.example.com.")] = None,
    certificate: Annotated[str | None, typer.Option(help="ARN of the domain's certificate in ACM.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Any parameter of docs/parameters.md: Name=value. Repeat it.")
    ] = None,
) -> None:
    """Write a tenant's section into samconfig.toml. What is left out is asked for, on a terminal.

    No call is logged in the CRM before `connect`.
    """
    config = SamConfig()
    region = region or _asked("AWS region", "eu-central-1")
    provider = provider or _asked("Providers, with spaces between", "virtualats").split()
    country = country or _asked("Country (TR or AZ)", "TR")
    alarm_email = _asked("E-mail for alarms, or nothing", "") if alarm_email is None else alarm_email
    given = dict(pair.partition("=")[::2] for pair in set_ or ())
    told = _parameters(name, provider, country) | {"AlarmEmail": alarm_email} | _domain(domain, certificate) | given
    problems = [
        *_problems(name, region, provider, told),
        *([f"There is a tenant {name} already."] if any(it.tenant == name for it in config.deployments()) else []),
    ]
    if problems:
        for problem in problems:
            typer.echo(problem, err=True)
        typer.echo("Nothing was written.", err=True)
        raise typer.Exit(1)
    decided = {it: value for it, value in told.items() if it in _ASKED_ALWAYS or value != parameters()[it].default}
    config.add(Deployment(tenant=name, stack=name, region=region, parameters=decided))
    screen.say(f"{name} stands in {config.file.name}: {', '.join(provider)} in {region}.")
    if _is_rehearsal():
        screen.say(f"A rehearsal: without TLS, for this machine's {told['Architecture']}.")
    screen.say(f"Next: make deploy TENANT={name}")


def _asked(question: str, default: str) -> str:
    return str(typer.prompt(question, default=default)) if screen.is_terminal() else default


def _parameters(name: str, providers: Sequence[str], country: str) -> dict[str, str]:
    time_zone, language = _HABITS.get(country, ("", ""))
    dialling = next((it for it in providers if can(it, Ability.DIAL)), "")
    return {
        "Tenant": name,
        **{_SWITCHES[it]: "true" for it in providers if it in _SWITCHES},
        **({"TelephonyProvider": dialling} if dialling else {}),
        "Country": country,
        **({"TimeZone": time_zone, "Language": language} if time_zone else {}),
        "LogCallsFrom": NOT_CONNECTED,
        **(_of_a_rehearsal() if _is_rehearsal() else {}),
    }


def _is_rehearsal() -> bool:
    """Tell whether AWS is the embedded one, as `make rehearsal` has whoever tries things out say."""
    return "SANTRAL_REHEARSAL" in os.environ


def _of_a_rehearsal() -> dict[str, str]:
    return {"RequireTls": "false", "Architecture": _PROCESSORS.get(platform.machine(), "arm64")}


def _domain(domain: str | None, certificate: str | None) -> dict[str, str]:
    return {"PublicDomain": domain or "", "CertificateArn": certificate or ""}


def _problems(name: str, region: str, providers: Sequence[str], told: Mapping[str, str]) -> Iterator[str]:
    if name == "default":
        yield "default is no name for a tenant: sam reads that section when it is told none."
    if region not in _regions():
        yield f"There is no AWS region {region}."
    if not providers:
        yield "A tenant needs a provider."
    for unknown in (it for it in providers if it not in PROVIDERS):
        yield f"There is no provider {unknown}. Known: {', '.join(PROVIDERS)}."
    for it, value in told.items():
        if it not in parameters():
            close = difflib.get_close_matches(it, parameters(), n=1)
            yield f"There is no parameter {it}.{f' Did you mean {close[0]}?' if close else ''}"
        elif set(value) & set('"\\\n'):
            yield f"{it} holds a quotation mark, a backslash or a line break, which samconfig.toml cannot take."
        elif problem := parameters()[it].problem(value):
            yield problem
    yield from _at_odds(region, providers, told)


def _at_odds(region: str, providers: Sequence[str], told: Mapping[str, str]) -> Iterator[str]:
    """What is right by itself and wrong together."""
    domain, certificate = told.get("PublicDomain"), told.get("CertificateArn", "")
    if bool(domain) != bool(certificate):
        yield "A public domain and its certificate go together: give --domain and --certificate."
    if certificate and certificate.split(":")[3:4] != [region]:
        yield f"The certificate must be of the stack's region, {region}."
    if bool(told.get("EgressSubnets")) != bool(told.get("EgressSecurityGroups")):
        yield "Subnets and security groups go together: set EgressSubnets and EgressSecurityGroups."
    if "TimeZone" in told and not _is_time_zone(told["TimeZone"]):
        yield f"There is no time zone {told['TimeZone']}."
    dials = told.get("TelephonyProvider")
    if dials and dials not in providers:
        yield f"TelephonyProvider is {dials}, which this tenant does not have."
    for it in (switch for provider, switch in _SWITCHES.items() if provider in PROVIDERS and provider not in providers):
        if told.get(it) == "true":
            yield f"Say --provider {it.removeprefix('With').lower()} instead of --set {it}=true."


@cache
def _regions() -> frozenset[str]:
    return frozenset(boto3.Session().get_available_regions("lambda"))


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@commands.command("list")
def list_() -> None:
    """Show all tenants, and how their stacks stand."""
    known = SamConfig().deployments()
    if not known:
        screen.say("There is no tenant. Add one: python -m operations tenant add")
        return
    screen.show(
        ("tenant", "region", "providers", "stack", "calls are logged"),
        (
            (it.tenant, it.region, " ".join(providers_of(it)), _status(it), _since(it))
            for it in screen.watched(known, "Asking CloudFormation")
        ),
    )


@commands.command()
def show(
    name: Name,
    *,
    with_tokens: Annotated[
        bool, typer.Option("--with-tokens", help="With the webhooks' tokens: keep it to you.")
    ] = False,
    parameter: Annotated[str | None, typer.Option(help="Only this parameter's value.")] = None,
) -> None:
    """Show a tenant's parameters, how its stack stands, and which address to enter at which provider."""
    here = SamConfig().deployment(name)
    if parameter is not None:
        if parameter not in parameters():
            raise typer.BadParameter(f"there is no parameter {parameter}")
        screen.say(here.parameters.get(parameter, parameters()[parameter].default or ""))
        return
    stacks.use_region(here.region)
    stack = stacks.deployed(here.stack)
    screen.say(f"{name}: stack {here.stack} in {here.region}, {stack.status if stack else 'not deployed'}.")
    screen.say(f"Calls are logged: {_since(here)}.")
    screen.show(("parameter", "value"), here.parameters.items())
    if stack is None or "ApiUrl" not in stack.outputs:
        screen.say(f"Next: make deploy TENANT={name}")
        return
    screen.say(f"The API is at {stack.outputs['ApiUrl']}")
    if "PublicDomainTarget" in stack.outputs:
        domain, target = here.parameters.get("PublicDomain"), stack.outputs["PublicDomainTarget"]
        screen.say(f"DNS: {domain} is to be a CNAME of {target}")
    told = addresses(name, stack.outputs, with_tokens=with_tokens)
    screen.show(("enter at", "for", "address"), ((it.provider, it.purpose, it.url) for it in told))
    if with_tokens:
        screen.show(("in the CRM", "token"), api_tokens(name))
    if told and not with_tokens:
        screen.say(without_tokens(name))


@commands.command()
def remove(
    name: Name,
    *,
    with_data: Annotated[bool, typer.Option("--with-data", help="Delete the table and the bucket, too.")] = False,
    confirm: Annotated[str | None, typer.Option(help="The tenant's name once more, instead of being asked.")] = None,
) -> None:
    """Delete a tenant's stack and its secrets for good. Its table and bucket stay unless told otherwise.

    Links to recordings in the CRM are dead afterwards: the keys that signed them are among the secrets.
    """
    config = SamConfig()
    here = config.deployment(name)
    stacks.use_region(here.region)
    stack = stacks.deployed(here.stack)
    screen.say(f"Stack {here.stack} in {here.region}: {stack.status if stack else 'not deployed'}.")
    if (confirm or typer.prompt("Type the tenant's name to remove it for good")) != name:
        screen.say("That is another name. Nothing was removed.")
        raise typer.Exit(1)
    outputs = stack.outputs if stack else {}
    if stack:
        stacks.delete(here.stack)
        screen.say("The stack is deleted.")
    stacks.delete_secrets(name)
    screen.say("Its secrets are deleted for good.")
    table, bucket = outputs.get("TableName"), outputs.get("BucketName")
    if table and bucket and with_data:
        stacks.delete_table(table)
        screen.say(f"The table and {stacks.delete_bucket(bucket)} versions of objects are deleted.")
    elif table and bucket:
        screen.say(f"Kept: the table {table} and the bucket {bucket}.")
    config.remove(name)
    screen.say(f"{name} is out of {config.file.name}.")


def providers_of(it: Deployment) -> list[str]:
    """Return the providers a tenant has."""
    return [name for name in PROVIDERS if it.parameters.get(_SWITCHES[name]) == "true"]


def _status(it: Deployment) -> str:
    stacks.use_region(it.region)
    stack = stacks.deployed(it.stack)
    return stack.status if stack else "not deployed"


def _since(it: Deployment) -> str:
    told = it.parameters.get("LogCallsFrom", "")
    if not told:
        return "all"
    if datetime.fromisoformat(told) > datetime.now(UTC):
        return f"not yet; python -m operations connect {it.tenant}"
    return f"since {told}"
