"""Which company a command works on: found by the name of its stack."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from operations import stacks
from operations.samconfig import SamConfig
from operations.stacks import Deployed
from santral.errors import SantralError
from santral.sentences import say
from santral.settings import Settings
from santral.store.queue import DeadLetters
from santral.store.secrets import Secrets, SecretsManager
from santral.store.table import DynamoTable
from santral.store.versions import S3Versions
from santral.telephony.forgetting import Holdings
from santral.tenant import Tenant

StackName = Annotated[
    str,
    typer.Option(
        "--stack",
        envvar="SANTRAL_STACK",
        help="The company's CloudFormation stack, or its tenant's name in samconfig.toml.",
        show_default=False,
    ),
]


class UnusableStack(SantralError):
    """The stack is none of ours, or one deployed before what this command needs."""


@dataclass(frozen=True)
class Company:
    """One tenant, its stack, and all places where its data lies."""

    tenant: Tenant
    holdings: Holdings
    stack_name: str
    stack: Deployed


def company(name: str) -> Company:
    """Find a company by its stack's name, or by the tenant's in samconfig.toml, which names its region as well.

    Reads with the rights of whoever runs this.

    Raises:
        UnusableStack: There is none of that name, or it lacks what a command needs to know.
    """
    known = next((it for it in SamConfig().deployments() if it.tenant == name), None)
    if known:
        stacks.use_region(known.region)
    stack_name = known.stack if known else name
    stack = stacks.deployed(stack_name)
    if stack is None:
        raise UnusableStack(f"no stack {stack_name}", sentence=say("There is no stack {stack} here.", stack=stack_name))
    settings = _settings(stack_name, stack)
    table = DynamoTable(settings.table_name)
    return Company(
        tenant=Tenant(settings=settings, table=table, secrets=Secrets(SecretsManager(settings.tenant))),
        holdings=Holdings(
            table=table,
            versions=S3Versions(settings.bucket_name),
            dead_letters=(
                DeadLetters("events", url=settings.events_dlq_url, home=settings.events_queue_url),
                DeadLetters("recordings", url=settings.recordings_dlq_url, home=settings.recordings_queue_url),
            ),
        ),
        stack_name=stack_name,
        stack=stack,
    )


def _settings(stack_name: str, stack: Deployed) -> Settings:
    """What the template tells its functions, read from the stack's parameters and outputs instead."""
    told: dict[str, Any] = {**stack.parameters, **stack.outputs}
    named = {_snake_case(name): value for name, value in told.items()}
    named["public_url"] = told.get("ApiUrl", "")
    named["providers"] = ",".join(
        name.removeprefix("With").lower() for name, value in told.items() if name.startswith("With") and value == "true"
    )
    try:
        return Settings.model_validate({name: named[name] for name in Settings.model_fields if name in named})
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise UnusableStack(
            f"stack lacks {fields}",
            sentence=say(
                "The stack {stack} does not tell its {fields}. Is it a Santral stack?", stack=stack_name, fields=fields
            ),
        ) from None


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")
