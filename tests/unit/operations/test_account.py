from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from operations import account
from operations.stacks import Deployed
from santral.health.findings import checks
from tests.fakes import make_tenant
from tests.fakes.holdings import company_of

TOPIC = "arn:aws:sns:eu-central-1:000000000000:alarms"


def refuse(*_, **__):
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "Asked")


class Aws:
    """What AWS tells of an account; each answer is replaced by a test that breaks it."""

    def __init__(self):
        self.subscription = f"{TOPIC}:1"
        self.concurrency = 1000
        self.roles = {"Roles": 100, "RolesQuota": 1000}
        self.tables = {"subnet-1": [{"NatGatewayId": "nat-1"}], "subnet-2": [{"GatewayId": "igw-1"}]}
        self.main = [{"NatGatewayId": "nat-2"}]
        self.refused = set()

    def client(self, service):
        if service in self.refused:
            return SimpleNamespace(**dict.fromkeys(OPERATIONS, refuse))
        return SimpleNamespace(**{name: getattr(self, name) for name in OPERATIONS})

    def describe_stack_resource(self, **_):
        return {"StackResourceDetail": {"PhysicalResourceId": TOPIC}}

    def list_subscriptions_by_topic(self, *, TopicArn):  # noqa: N803 (AWS's name)
        return {"Subscriptions": [{"SubscriptionArn": self.subscription}] if TopicArn == TOPIC else []}

    def get_account_summary(self):
        return {"SummaryMap": self.roles}

    def get_account_settings(self):
        return {"AccountLimit": {"ConcurrentExecutions": self.concurrency}}

    def describe_route_tables(self, *, Filters):  # noqa: N803 (AWS's name)
        [value] = Filters[0]["Values"]
        routes = self.main if value == "vpc-1" else self.tables.get(value)
        return {"RouteTables": [{"Routes": routes}] if routes else []}

    def describe_subnets(self, **_):
        return {"Subnets": [{"VpcId": "vpc-1"}]}

    def describe_nat_gateways(self, *, NatGatewayIds):  # noqa: N803 (AWS's name)
        addresses = {"nat-1": "203.0.113.1", "nat-2": "203.0.113.2"}
        return {"NatGateways": [{"NatGatewayAddresses": [{"PublicIp": addresses[it]}]} for it in NatGatewayIds]}


OPERATIONS = [name for name in vars(Aws) if not name.startswith("_") and name != "client"]


@pytest.fixture
def aws(monkeypatch):
    aws = Aws()
    monkeypatch.setattr(boto3, "client", aws.client)
    return aws


@pytest.fixture
def look(aws):
    def look(providers=("virtualats", "wapcrm"), **parameters):
        here = company_of(make_tenant(providers=providers))
        told = {"AlarmEmail": "ops@example.com", account.SUBNETS: "subnet-1", **parameters}
        object.__setattr__(here, "stack", Deployed("CREATE_COMPLETE", told, {}))
        return {it.name: (it.level.value, it.sentence, it.fix or "") for it in checks(account.looks(here), "en")}

    return look


def test_an_account_with_room_and_a_way_out_is_green(look):
    said = look()

    assert {name: it[0] for name, it in said.items()} == {
        "alarms": "ok",
        "egress": "ok",
        "account roles": "ok",
        "account concurrency": "ok",
    }
    assert said["egress"][1] == "Requests leave from 203.0.113.1: these are to be registered at WapCRM."
    assert "room for 13 more companies" in said["account roles"][1]


def test_without_an_alarm_address_it_is_amber(look):
    assert look(AlarmEmail="")["alarms"][::2] == ("warning", "Set AlarmEmail and deploy.")


def test_a_subscription_nobody_confirmed_is_amber(look, aws):
    aws.subscription = "PendingConfirmation"

    level, _, fix = look()["alarms"]

    assert (level, "open the link" in fix) == ("warning", True)


def test_without_a_fixed_address_it_is_amber_where_wapcrm_asks_for_one_and_green_elsewhere(look):
    level, sentence, fix = look(**{account.SUBNETS: ""})["egress"]

    assert (level, sentence) == ("warning", "Requests leave from no fixed address.")
    assert account.SUBNETS in fix
    assert look(("virtualats",), **{account.SUBNETS: ""})["egress"] == ("ok", sentence, "")


def test_a_subnet_without_a_table_of_its_own_goes_by_its_networks_main_one(look):
    assert "203.0.113.1, 203.0.113.2" in look(**{account.SUBNETS: "subnet-1,subnet-9"})["egress"][1]


def test_subnets_that_lead_nowhere_are_amber(look):
    level, _, fix = look(**{account.SUBNETS: "subnet-2"})["egress"]

    assert (level, "NAT gateway" in fix) == ("warning", True)


def test_an_account_without_room_for_another_stack_is_amber(look, aws):
    aws.roles = {"Roles": 980, "RolesQuota": 1000}

    level, sentence, fix = look()["account roles"]

    assert (level, "room for 0 more" in sentence, "Service Quotas" in fix) == ("warning", True, True)


def test_a_new_accounts_concurrency_is_amber(look, aws):
    aws.concurrency = 10

    level, sentence, fix = look()["account concurrency"]

    assert (level, "10 times at once" in sentence, "Service Quotas" in fix) == ("warning", True, True)


@pytest.mark.parametrize(
    ("service", "name", "right"),
    [
        ("sns", "alarms", "sns:ListSubscriptionsByTopic"),
        ("ec2", "egress", "ec2:DescribeNatGateways"),
        ("iam", "account roles", "iam:GetAccountSummary"),
        ("lambda", "account concurrency", "lambda:GetAccountSettings"),
    ],
)
def test_what_aws_does_not_tell_is_amber_and_names_the_right_that_lacks(look, aws, service, name, right):
    aws.refused = {service}

    level, sentence, fix = look()[name]

    assert (level, sentence, right in fix) == ("warning", "AWS does not tell (AccessDenied).", True)


def test_a_service_that_is_not_there_is_amber(look, aws, monkeypatch):
    def away(_):
        raise EndpointConnectionError(endpoint_url="https://lambda.example")

    monkeypatch.setattr(boto3, "client", away)

    assert {it[0] for it in look().values()} == {"warning"}


def test_a_summary_without_roles_is_not_taken_for_room(look, aws):
    aws.roles = {}

    assert look()["account roles"][0] == "warning"
