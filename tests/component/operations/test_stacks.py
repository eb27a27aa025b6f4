"""What `tenant` and `secrets` do to an account, in the embedded one."""

import boto3
import pytest
from botocore.exceptions import ClientError

from operations import stacks


@pytest.fixture
def account(as_integrator):
    return {service: boto3.client(service) for service in ("secretsmanager", "s3", "dynamodb")}


@pytest.fixture
def secret(account):
    """A secret of a tenant without a stack, with nothing in it; gone afterwards."""
    secrets, name = account["secretsmanager"], "santral/parting/api"
    secrets.create_secret(Name=name, SecretString="{}")
    yield name
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_there_is_no_stack_of_an_unknown_name(as_integrator):
    assert stacks.deployed("nobodys-stack") is None


def test_what_is_written_into_a_secret_is_read_from_it(secret):
    assert stacks.secret("parting", "api") == {}

    assert stacks.write_secret("parting", "api", {"agent_tokens": ["one"]})

    assert stacks.secret("parting", "api") == {"agent_tokens": ["one"]}


def test_a_secret_the_stack_has_not_made_is_not_made_by_writing_it(as_integrator, account):
    assert not stacks.write_secret("parting", "wapcrm", {"secret_key": "k"})
    with pytest.raises(ClientError):
        account["secretsmanager"].describe_secret(SecretId="santral/parting/wapcrm")


@pytest.mark.parametrize("days", [None, 30], ids=["there", "in its days of grace"])
def test_the_name_of_a_deleted_secret_can_be_used_again(secret, account, days):
    secrets = account["secretsmanager"]
    secrets.create_secret(Name="santral/parting-others/api")
    if days:
        secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=days)

    stacks.delete_secrets("parting")

    secrets.create_secret(Name=secret)
    # A tenant whose name begins alike keeps its own.
    secrets.delete_secret(SecretId="santral/parting-others/api", ForceDeleteWithoutRecovery=True)


def test_a_bucket_goes_with_every_version_and_a_table_with_its_rows(account):
    s3, dynamodb = account["s3"], account["dynamodb"]
    s3.create_bucket(Bucket="parting", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    s3.put_bucket_versioning(Bucket="parting", VersioningConfiguration={"Status": "Enabled"})
    for content in (b"first", b"second"):
        s3.put_object(Bucket="parting", Key="recordings/original/0", Body=content)
    s3.delete_object(Bucket="parting", Key="recordings/original/0")
    dynamodb.create_table(
        TableName="parting",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )

    assert stacks.delete_bucket("parting") == 3
    stacks.delete_table("parting")

    assert "parting" not in {it["Name"] for it in s3.list_buckets()["Buckets"]}
    assert "parting" not in dynamodb.list_tables()["TableNames"]
