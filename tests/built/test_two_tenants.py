"""The onboarding page typed for two companies in one account: what is built, deployed by `sam deploy` itself."""

import time
from collections import Counter
from functools import partial

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.rehearsal import TENANTS, Rehearsal
from sandbox.system import ROOT
from sandbox.template import ACCOUNT, REGION
from simulators.verimor_exchange import CallScript
from tests.onboarding import PAGE, environment, played, steps, typed

ACME, GLOBEX = TENANTS
REFUSED = {"AccessDenied", "AccessDeniedException"}
SECONDS_FOR_A_CALL = 60  # three functions start cold, one after the other
COMMANDS = [
    pytest.param(place, id=step.command[:60])
    for place, step in enumerate(steps(PAGE.read_text(encoding="utf-8")))
    if not step.is_farewell
]


@pytest.fixture(scope="module")
def rehearsal(build, tmp_path_factory):
    with Rehearsal(tmp_path_factory.mktemp("rehearsal")) as running:
        yield running


@pytest.fixture(scope="module")
def deployed(rehearsal, build):
    """What each step of the page printed, by tenant; both stacks are there."""
    return {tenant: list(played(rehearsal, build, tenant, farewell=False)) for tenant in TENANTS}


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("place", COMMANDS)
def test_a_command_of_the_page_prints_what_the_page_says(deployed, tenant, place):
    step, printed = deployed[tenant][place]

    assert step.is_answered_by(printed), f"$ {step.command}\n{printed}\nThe page says:\n{step.printed}"


@pytest.fixture(scope="module")
def client(rehearsal):
    """Make a client of the embedded AWS: the root user's, or one with a role's credentials."""
    session, config = boto3.Session(), Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})

    def make(service, **credentials):
        known = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return session.client(service, region_name=REGION, endpoint_url=rehearsal.aws.endpoint, config=config, **known)

    return make


@pytest.fixture(scope="module")
def resources(deployed, client):
    """The physical ids of each tenant's resources, by type and logical id."""
    cloudformation = client("cloudformation")
    return {
        tenant: {
            (it["ResourceType"], it["LogicalResourceId"]): it["PhysicalResourceId"]
            for it in cloudformation.describe_stack_resources(StackName=tenant)["StackResources"]
        }
        for tenant in TENANTS
    }


def of_type(resources, name):
    return {logical: physical for (kind, logical), physical in resources.items() if kind == name}


def as_role(client, role):
    """A maker of clients with the credentials that the embedded AWS gives a function of this role."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    given = client("sts").assume_role(RoleArn=arn, RoleSessionName="tries")["Credentials"]
    return partial(
        client,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def tries(make, theirs):
    """What somebody who got hold of a role's credentials would try on a tenant's things."""
    secrets, dynamodb, s3, sqs = make("secretsmanager"), make("dynamodb"), make("s3"), make("sqs")
    for secret in of_type(theirs, "AWS::SecretsManager::Secret").values():
        yield f"read {secret}", partial(secrets.get_secret_value, SecretId=secret)
        yield f"write {secret}", partial(secrets.put_secret_value, SecretId=secret, SecretString="{}")
    (table,) = of_type(theirs, "AWS::DynamoDB::Table").values()
    key = {"pk": {"S": "USER#ayse@example.com"}, "sk": {"S": "-"}}
    yield "read a row", partial(dynamodb.get_item, TableName=table, Key=key)
    yield "write a row", partial(dynamodb.put_item, TableName=table, Item=key)
    yield "read the table", partial(dynamodb.scan, TableName=table)
    (bucket,) = of_type(theirs, "AWS::S3::Bucket").values()
    key = "recordings/original/0"
    yield "read a recording", partial(s3.get_object, Bucket=bucket, Key=key)
    yield "write a recording", partial(s3.put_object, Bucket=bucket, Key=key, Body=b"")
    yield "list recordings", partial(s3.list_objects_v2, Bucket=bucket)
    for queue in of_type(theirs, "AWS::SQS::Queue").values():
        yield "send an event", partial(sqs.send_message, QueueUrl=queue, MessageBody="{}", MessageGroupId="tries")
        yield "take an event", partial(sqs.receive_message, QueueUrl=queue)


def is_refused(attempt):
    try:
        attempt()
    except ClientError as error:
        return error.response["Error"]["Code"] in REFUSED
    return False


@pytest.mark.parametrize(("tenant", "other"), [(ACME, GLOBEX), (GLOBEX, ACME)])
def test_no_function_of_a_tenant_reaches_anything_of_the_other(resources, client, tenant, other):
    functions = of_type(resources[tenant], "AWS::Lambda::Function")
    reached = Counter()
    for function in functions:
        make = as_role(client, resources[tenant]["AWS::IAM::Role", f"{function}Role"])
        attempts = tries(make, resources[other])
        reached.update(f"{function}: {what}" for what, attempt in attempts if not is_refused(attempt))

    assert len(functions) > 40
    assert not reached


@pytest.mark.parametrize("tenant", TENANTS)
def test_refusals_are_not_of_everything(resources, client, tenant):
    own = resources[tenant]

    def allowed(role):
        make = as_role(client, own["AWS::IAM::Role", role])
        return {what for what, attempt in tries(make, own) if not is_refused(attempt)}

    assert allowed("AuthorizerRole") == {f"read santral/{tenant}/api"}
    assert {"read a row", f"read santral/{tenant}/zoho"} <= allowed("RecordEventRole")


def test_a_call_of_one_company_is_in_its_own_crm_and_in_no_other(deployed, rehearsal):
    pbx, crm = (rehearsal.outside[ACME].simulators[name] for name in ("verimor", "zoho"))

    pbx.place_inbound_call(extension="101", script=CallScript(ring_after=0.05, ring_seconds=0.2, talk_seconds=1))

    deadline = time.monotonic() + SECONDS_FOR_A_CALL
    while not crm.records("Calls"):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.2)
    assert not rehearsal.outside[GLOBEX].simulators["zoho"].records("Calls")


def test_the_manual_shows_what_the_doctor_prints_where_zoho_lets_us_in_no_more(deployed, rehearsal, build):
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (step,) = steps(next(part for part in manual.split("\n## ") if part.startswith("doctor:")))
    crm = rehearsal.outside[ACME].simulators["zoho"]
    crm.revoke_refresh_token()
    crm.expire_access_tokens()

    printed = typed(step, build, rehearsal.folder, environment(rehearsal))

    assert step.is_answered_by(printed), printed


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_tenant_goes_as_the_page_says_and_leaves_its_data(resources, rehearsal, build, client, tenant):
    for step, printed in played(rehearsal, build, tenant, farewell=True):
        assert step.is_answered_by(printed), f"$ {step.command}\n{printed}\nThe page says:\n{step.printed}"

    (table,) = of_type(resources[tenant], "AWS::DynamoDB::Table").values()
    assert client("dynamodb").describe_table(TableName=table)
    begins = [{"Key": "name", "Values": [f"santral/{tenant}/"]}]
    assert client("secretsmanager").list_secrets(Filters=begins, IncludePlannedDeletion=True)["SecretList"] == []
