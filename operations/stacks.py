"""A tenant's CloudFormation stack and its secrets: how they stand, changing them, taking them away for good."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from santral.store import aws
from santral.store.secrets import SecretsManager
from santral.store.versions import S3Versions

_LOOK_EACH_SECONDS = 3
_LOOKS = 1200  # an hour: a stack with its own domain is slow to go


@dataclass(frozen=True)
class Deployed:
    """A stack as CloudFormation knows it."""

    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


def use_region(region: str) -> None:
    """Let every AWS client made from now on be of a region; credentials as for every AWS tool."""
    boto3.setup_default_session(region_name=region or None)
    aws.forget_clients()
    if region:
        aws.session().set_config_variable("region", region)


def deployed(stack: str) -> Deployed | None:
    """Return a stack, or None where there is none of that name."""
    try:
        (told,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        # CloudFormation has no error of its own for it; whoever may not look gets AccessDenied.
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    return Deployed(
        status=told["StackStatus"],
        parameters={it["ParameterKey"]: it.get("ParameterValue", "") for it in told.get("Parameters", [])},
        outputs={it["OutputKey"]: it["OutputValue"] for it in told.get("Outputs", [])},
    )


def change_parameter(stack: str, known: Deployed, name: str, value: str) -> None:
    """Change one parameter of a stack and wait until it is done; everything else stays as deployed."""
    cloudformation = boto3.client("cloudformation")
    kept = [{"ParameterKey": it, "UsePreviousValue": True} for it in known.parameters if it != name]
    cloudformation.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": name, "ParameterValue": value}, *kept],  # type: ignore[list-item]  # both are of its shape
        # SAM's transform runs again, as a macro.
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=stack, WaiterConfig={"Delay": _LOOK_EACH_SECONDS, "MaxAttempts": _LOOKS}
    )


def delete(stack: str) -> None:
    """Delete a stack and wait until it is gone. Its table and bucket stay, as the template says."""
    cloudformation = boto3.client("cloudformation")
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": _LOOK_EACH_SECONDS, "MaxAttempts": _LOOKS}
    )


def delete_secrets(tenant: str) -> None:
    """Delete a tenant's secrets without the days of grace, in which their names could not be used again."""
    secrets = boto3.client("secretsmanager")
    begins = f"santral/{tenant}/"
    pages = secrets.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": [begins]}], IncludePlannedDeletion=True
    )
    names = [it["Name"] for page in pages for it in page["SecretList"] if it["Name"].startswith(begins)]
    for name in names:
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def secret(tenant: str, name: str) -> dict[str, Any]:
    """Return what a secret holds; nothing where it is empty or does not exist."""
    text = SecretsManager(tenant).read(name)
    return dict(json.loads(text)) if text else {}


def write_secret(tenant: str, name: str, value: Mapping[str, Any]) -> bool:
    """Write a secret, unless the stack has none of that name: return whether it did."""
    try:
        boto3.client("secretsmanager").put_secret_value(
            SecretId=f"santral/{tenant}/{name}", SecretString=json.dumps(value)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise
    return True


def delete_table(table: str) -> None:
    """Delete a table with all its rows; AWS keeps its point-in-time backup 35 days more."""
    boto3.client("dynamodb").delete_table(TableName=table)


def delete_bucket(bucket: str) -> int:
    """Delete a bucket and everything in it, in all versions; return how many those were."""
    versions = S3Versions(bucket)
    everything = list(versions.under(""))
    versions.remove(everything)
    boto3.client("s3").delete_bucket(Bucket=bucket)
    return len(everything)
