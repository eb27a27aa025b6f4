"""zoho: set a company's Zoho CRM up for us, or say what of it is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.markup import escape

from operations import screen
from operations.company import StackName, company
from santral.crm.call_id_field import make_call_id_field
from santral.crm.call_log import OnceRule
from santral.crm.call_record import CALL_ID_FIELD
from santral.health import crm, layouts
from santral.health.findings import Level
from santral.tenant import Tenant
from santral.zoho.client import PermissionMissing, RecordRefused, ScopeMissing
from santral.zoho.users import current_user

commands = typer.Typer(no_args_is_help=True, help="Set Zoho CRM up, or see what of it is missing.")
_CALLS = "Calls"
_THERE, _MADE, _MISSING, _LOOK = (
    "[green]there[/green]",
    "[green]made[/green]",
    "[bold red]missing[/bold red]",
    "[yellow]look[/yellow]",
)
_MAKES_FIELDS = "ZohoCRM.settings.fields.CREATE"
_BY_HAND = (
    f"In Zoho: Setup > Modules and Fields > Calls > a Single Line field called {CALL_ID_FIELD.replace('_', ' ')}, "
    "with “Do not allow duplicate values” where it is offered"
)


@dataclass(frozen=True)
class Line:
    """A part of Zoho CRM that we need: how it stands, and what to do about it."""

    state: str
    part: str
    told: str


@commands.command()
def setup(
    tenant: Annotated[
        str | None, typer.Argument(help="The tenant's name, instead of --stack.", show_default=False)
    ] = None,
    *,
    stack: StackName = "",
    check: Annotated[bool, typer.Option("--check", help="Only look, change nothing.")] = False,
) -> None:
    """Make the field Santral_Call_ID in Zoho CRM, and see whether our authorisation reaches all that we need.

    May be run again at any time. What Zoho had against our records is forgotten, so that the next call tries whether it
    still has. Exit status 1 when something is missing.
    """
    if not (tenant or stack):
        raise typer.BadParameter("name a tenant, or a stack by --stack")
    here = company(tenant or stack).tenant
    lines = [*_connection(here), *_scopes(here), _field(here, make=not check), *_records(here, forget=not check)]
    screen.show(("", "part", "how it is, and what to do"), ((it.state, it.part, escape(it.told)) for it in lines))
    if any(line.state == _MISSING for line in lines):
        raise typer.Exit(1)


def _connection(tenant: Tenant) -> Iterator[Line]:
    user = current_user(tenant.zoho)
    told = f"Zoho answers; we act as {user.get('full_name') or 'an unnamed user'}."
    yield Line(_THERE, "connection", told)


def _scopes(tenant: Tenant) -> Iterator[Line]:
    for scope, reached in crm.reach(tenant).items():
        fix = "Connect Zoho again with this scope, by a user whose profile sees the module."
        yield Line(_THERE if reached else _MISSING, scope, "Read with it." if reached else fix)


def _field(tenant: Tenant, *, make: bool) -> Line:
    layout = tenant.zoho.layout(_CALLS, fresh=True)
    if layout.assumed:
        return Line(_MISSING, CALL_ID_FIELD, "Connect Zoho again with the scope ZohoCRM.settings.fields.READ.")
    if CALL_ID_FIELD in layout.fields:
        return _as_it_stands(OnceRule.of(layout), _THERE)
    if not make:
        return Line(_MISSING, CALL_ID_FIELD, f"Run this without --check, or make it by hand. {_BY_HAND}.")
    try:
        return _as_it_stands(make_call_id_field(tenant), _MADE)
    except ScopeMissing:
        told = f"Making it needs the scope {_MAKES_FIELDS}, which may be taken away again afterwards. Or: {_BY_HAND}."
    except PermissionMissing:
        told = f"The user who connected Zoho may not customise it. Let an administrator do it. {_BY_HAND}."
    except RecordRefused as refusal:
        told = f"Zoho does not make it ({refusal}). {_BY_HAND}."
    return Line(_MISSING, CALL_ID_FIELD, told)


def _as_it_stands(rule: OnceRule, state: str) -> Line:
    if rule is OnceRule.UNIQUE_FIELD:
        return Line(state, CALL_ID_FIELD, "It refuses duplicates, so Zoho itself keeps calls single.")
    if rule is OnceRule.FIELD_LOOKED_UP:
        told = "It takes duplicates, so we look before a second try. Tick “Do not allow duplicate values” if you can."
        return Line(state, CALL_ID_FIELD, told)
    return Line(
        _MISSING,
        CALL_ID_FIELD,
        f"Zoho made it, yet does not show it to us: give our user's profile the field. {_BY_HAND}.",
    )


def _records(tenant: Tenant, *, forget: bool) -> Iterator[Line]:
    finding = layouts.accepted(tenant)
    if forget:
        for module in layouts.MODULES:
            tenant.zoho.objections.withdraw(module, tenant.zoho.objections.to(module))
    state = {Level.OK: _THERE, Level.WARNING: _LOOK, Level.FAILED: _MISSING}[finding.level]
    told = f"{finding.sentence} {finding.fix}" if finding.fix else str(finding.sentence)
    yield Line(state, "records", told)
