"""The embedded AWS: ministack in a process of its own, and the stateful half of the template deployed to it.

Table, bucket, queues, secrets and roles come up by CloudFormation from the template itself. Functions, API, event
sources and schedules are played by this package, as ministack's differ from AWS where it matters here.
"""

import copy
import json
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from sandbox import processes
from sandbox.intrinsics import Scope, evaluate
from sandbox.runtime import Credentials
from sandbox.template import ACCOUNT, REGION, STACK, Template

if TYPE_CHECKING:
    import subprocess

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

_HEALTH = "/_ministack/health"
_TEMPLATES = "templates"
_START_TIMEOUT = 30
_DEPLOY_TIMEOUT = 60
_PLAYED_HERE = (
    "AWS::ApiGatewayV2::",
    "AWS::CloudWatch::",
    "AWS::KMS::",  # only the alarms' topic is encrypted with a key of its own
    "AWS::Lambda::",
    "AWS::Route53::",
    "AWS::Scheduler::",
    "AWS::SNS::",
)
_QUICK_AND_LOUD = Config(
    region_name=REGION,
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
    max_pool_connections=50,
)


class EmbeddedAwsError(Exception):
    """The embedded AWS did not start, or refused the stack."""


class EmbeddedAws:
    """A running ministack. Its own clients act as the account's root user."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "ministack.log"
        self._folder = folder
        self._port = _free_port()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self._process = self._start()

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedAwsError(f"ministack did not start; its last words are in {self._log}")
            time.sleep(0.02)

    def stop(self) -> None:
        # It keeps nothing that it would have to save first.
        self._process.kill()
        self._process.wait()

    def session(self, credentials: Credentials | None = None) -> "Session":
        return Session(self.endpoint, credentials)

    def _start(self) -> "subprocess.Popen[bytes]":
        return processes.start_module(
            "ministack.app",
            [],
            environment={
                "PATH": os.environ.get("PATH", os.defpath),
                "TMPDIR": str(self._folder),
                "BIND_HOST": "127.0.0.1",  # it binds every interface if not told otherwise
                "GATEWAY_PORT": str(self._port),
                "MINISTACK_HOST": "127.0.0.1",  # what queue URLs begin with
                "MINISTACK_REGION": REGION,
                "MINISTACK_ACCOUNT_ID": ACCOUNT,
                "AUTH": "true",
                "IOT_MTLS_ENABLED": "0",  # else a second port, on every interface
                "SFTP_ENABLED": "0",
                "LOG_LEVEL": "WARNING",
            },
            folder=self._folder,
            log=self._log,
        )

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(self.endpoint + _HEALTH, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


class Session:
    """Clients with the same rights: the root user's, or those of a role."""

    def __init__(self, endpoint: str, credentials: Credentials | None) -> None:
        self._endpoint = endpoint
        self._session = boto3.Session(
            aws_access_key_id=credentials.access_key_id if credentials else "test",
            aws_secret_access_key=credentials.secret_access_key if credentials else "test",
            aws_session_token=credentials.session_token if credentials else None,
            region_name=REGION,
        )

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        return self._session.client("cloudformation", endpoint_url=self._endpoint, config=_QUICK_AND_LOUD)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return self._session.client("dynamodb", endpoint_url=self._endpoint, config=_QUICK_AND_LOUD)

    @cached_property
    def s3(self) -> "S3Client":
        return self._session.client("s3", endpoint_url=self._endpoint, config=_QUICK_AND_LOUD)

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        return self._session.client("secretsmanager", endpoint_url=self._endpoint, config=_QUICK_AND_LOUD)

    @cached_property
    def sqs(self) -> "SQSClient":
        return self._session.client("sqs", endpoint_url=self._endpoint, config=_QUICK_AND_LOUD)

    @cached_property
    def sts(self) -> "STSClient":
        return self._session.client("sts", endpoint_url=self._endpoint, config=_QUICK_AND_LOUD)


class Stack:
    """The deployed half of a template, and what its names mean."""

    def __init__(self, aws: EmbeddedAws, template: Template, api_url: str) -> None:
        self.aws = aws
        self.root = aws.session()
        self._template = template
        self._api_url = api_url
        self._credentials: dict[str, Credentials] = {}
        self._sessions: dict[str, tuple[Credentials, Session]] = {}
        self._lock = threading.Lock()
        self.physical_ids = self._deploy()
        self._unset_secrets_without_value()

    def queue_url(self, logical_id: str) -> str:
        return self.physical_ids[logical_id]

    def queue_arn(self, logical_id: str) -> str:
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.queue_url(logical_id).rsplit('/', 1)[1]}"

    @cached_property
    def scope(self) -> Scope:
        """The names of everything, deployed or played here."""
        played = _played_here(self._template, self._api_url)
        attributes = dict(played.attributes)
        for name, physical_id in self.physical_ids.items():
            for attribute, value in _attributes(self._template.resources[name]["Type"], physical_id).items():
                attributes[name, attribute] = value
        return Scope({**played.references, **self.physical_ids}, attributes)

    @cached_property
    def environments(self) -> Mapping[str, Mapping[str, str]]:
        """Each function's variables, with the addresses of this machine where the template has AWS's."""
        return {
            name: {
                variable: value.replace(_invoke_url(), self._api_url)
                for variable, value in function.resolved_environment(self.scope).items()
            }
            for name, function in self._template.functions.items()
        }

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        return {name: str(evaluate(output["Value"], self.scope)) for name, output in self._template.outputs.items()}

    @cached_property
    def secret_names(self) -> Mapping[str, str]:
        """The full names of the secrets there are, by their last part."""
        secrets = self._template.of_type("AWS::SecretsManager::Secret").values()
        return {secret["Name"].rsplit("/", 1)[1]: secret["Name"] for secret in secrets}

    def write_secret(self, name: str, value: Mapping[str, Any]) -> None:
        if name not in self.secret_names:
            raise EmbeddedAwsError(f"the stack has no secret {name}; it has {', '.join(sorted(self.secret_names))}")
        self.root.secrets.put_secret_value(SecretId=self.secret_names[name], SecretString=json.dumps(value))

    def credentials(self, function: str) -> Credentials:
        """The credentials of the function's own role, renewed when half their time is over."""
        with self._lock:
            kept = self._credentials.get(function)
            if kept is None or kept.expires_at < time.time() + 1800:
                kept = self._credentials[function] = self._assume(self._template.functions[function].role)
            return kept

    def session(self, function: str) -> Session:
        """Clients with the rights of the function's role."""
        credentials = self.credentials(function)
        with self._lock:
            kept = self._sessions.get(function)
            if kept is None or kept[0] is not credentials:
                kept = self._sessions[function] = (credentials, self.aws.session(credentials))
            return kept[1]

    def empty(self, kept: tuple[str, ...]) -> None:
        """Delete all rows but those whose keys begin so, all messages and all objects."""
        for table in self._physical_ids_of("AWS::DynamoDB::Table"):
            self._empty_table(table, kept)
        for queue in self._physical_ids_of("AWS::SQS::Queue"):
            self.root.sqs.purge_queue(QueueUrl=queue)
        for bucket in self._physical_ids_of("AWS::S3::Bucket"):
            self._empty_bucket(bucket)

    def _physical_ids_of(self, resource_type: str) -> list[str]:
        return [self.physical_ids[name] for name in self._template.of_type(resource_type)]

    def _empty_table(self, table: str, kept: tuple[str, ...]) -> None:
        for page in self.root.dynamodb.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk"):
            for key in page["Items"]:
                if not key["pk"]["S"].startswith(kept):
                    self.root.dynamodb.delete_item(TableName=table, Key=key)

    def _empty_bucket(self, bucket: str) -> None:
        for page in self.root.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                self.root.s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])

    def _assume(self, role: str) -> Credentials:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{self.physical_ids[role]}"
        answer = self.root.sts.assume_role(RoleArn=arn, RoleSessionName=role)["Credentials"]
        return Credentials(
            answer["AccessKeyId"],
            answer["SecretAccessKey"],
            answer["SessionToken"],
            answer["Expiration"].timestamp(),
        )

    def _uploaded(self, template: str) -> str:
        # CloudFormation takes no more than 51,200 characters in a request, so `sam deploy` goes by way of a bucket too.
        self.root.s3.create_bucket(Bucket=_TEMPLATES, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.root.s3.put_object(Bucket=_TEMPLATES, Key=STACK, Body=template.encode())
        return f"{self.root.s3.meta.endpoint_url}/{_TEMPLATES}/{STACK}"

    def _deploy(self) -> dict[str, str]:
        cloudformation = self.root.cloudformation
        cloudformation.create_stack(
            StackName=STACK,
            TemplateURL=self._uploaded(json.dumps(_stateful_half(self._template, self._api_url))),
            # Worked out already; given all the same, so that whoever asks for the stack reads what it was made with.
            Parameters=[
                {"ParameterKey": name, "ParameterValue": str(value)}
                for name, value in self._template.parameters.items()
            ],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        deadline = time.monotonic() + _DEPLOY_TIMEOUT
        while (status := cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]).endswith(
            "PROGRESS"
        ):
            if time.monotonic() > deadline:
                raise EmbeddedAwsError(f"the stack is still {status} after {_DEPLOY_TIMEOUT} s")
            time.sleep(0.05)
        if status != "CREATE_COMPLETE":
            raise EmbeddedAwsError(f"the stack is {status}: {self._reasons()}")
        resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        return {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}

    def _unset_secrets_without_value(self) -> None:
        # ministack gives them an empty value, where AWS finds none.
        secrets = self.root.secrets
        for name, secret in self._template.of_type("AWS::SecretsManager::Secret").items():
            if not {"SecretString", "GenerateSecretString"} & secret.keys():
                secret_id = self.physical_ids[name]
                (version,) = secrets.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
                secrets.update_secret_version_stage(
                    SecretId=secret_id, VersionStage="AWSCURRENT", RemoveFromVersionId=version
                )

    def _reasons(self) -> str:
        events = self.root.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [event for event in events if event.get("ResourceStatus", "").endswith("FAILED")]
        return "; ".join(f"{it['LogicalResourceId']}: {it.get('ResourceStatusReason', '?')}" for it in failed)


def _stateful_half(template: Template, api_url: str) -> dict[str, Any]:
    roles = {function.role for function in template.functions.values()}
    kept = {
        name: copy.deepcopy(resource)
        for name, resource in template.resources.items()
        if not resource["Type"].startswith(_PLAYED_HERE) and (resource["Type"] != "AWS::IAM::Role" or name in roles)
    }
    for resource in kept.values():
        depends_on = resource.pop("DependsOn", [])
        depends_on = [depends_on] if isinstance(depends_on, str) else depends_on
        if remaining := [name for name in depends_on if name in kept]:
            resource["DependsOn"] = remaining
    # ministack's Ref of a secret is its name, AWS's is the ARN that policies need.
    arns = {name: {"Fn::GetAtt": [name, "Id"]} for name in template.of_type("AWS::SecretsManager::Secret")}
    played = _played_here(template, api_url)
    return {
        "Parameters": {name: {"Type": "String"} for name in template.parameters},
        "Resources": evaluate(kept, Scope({**played.references, **arns}, played.attributes)),
        "Outputs": evaluate(template.outputs, played),
    }


def _played_here(template: Template, api_url: str) -> Scope:
    """Names of what CloudFormation is not given."""
    functions = template.functions.values()
    references: dict[str, Any] = {function.name: function.arn.rsplit(":", 1)[1] for function in functions}
    attributes = {(function.name, "Arn"): function.arn for function in functions}
    if template.api_id:
        references[template.api_id] = _API_ID
        attributes[template.api_id, "ApiEndpoint"] = api_url
    return Scope(references, attributes)


_API_ID = "local"


def _invoke_url() -> str:
    return f"https://{_API_ID}.execute-api.{REGION}.amazonaws.com"


def _attributes(resource_type: str, physical_id: str) -> dict[str, str]:
    match resource_type:
        case "AWS::SQS::Queue":
            name = physical_id.rsplit("/", 1)[1]
            return {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}", "QueueName": name, "QueueUrl": physical_id}
        case "AWS::DynamoDB::Table":
            return {"Arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{physical_id}"}
        case "AWS::S3::Bucket":
            return {"Arn": f"arn:aws:s3:::{physical_id}"}
        case "AWS::SecretsManager::Secret":
            return {"Id": physical_id}
        case "AWS::IAM::Role":
            return {"Arn": f"arn:aws:iam::{ACCOUNT}:role/{physical_id}"}
    return {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
