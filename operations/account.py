"""What the AWS account allows a stack: alarms, the way out, quotas. What nobody may tell is amber, never green."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.company import Company
from santral.health.findings import Finding, Look, warning
from santral.sentences import Sentence, say

_ROLES_OF_A_STACK = 65
"""Each function has its own role; rounded up."""
_FEW_AT_ONCE = 100
"""Of a new account's ten a busy morning's webhooks alone take more."""
_PENDING = "PendingConfirmation"
SUBNETS = "EgressSubnets"
_SUBNET = re.compile(r"subnet-[0-9a-z]+")


def looks(company: Company) -> Iterator[Look]:
    """Return what there is to ask AWS about the account."""
    asked: Mapping[str, tuple[str, Callable[[Company], Finding]]] = {
        "alarms": ("cloudformation:DescribeStackResource and sns:ListSubscriptionsByTopic", _alarms),
        "egress": ("ec2:DescribeRouteTables and ec2:DescribeNatGateways", _egress),
        "account roles": ("iam:GetAccountSummary", _roles),
        "account concurrency": ("lambda:GetAccountSettings", _concurrency),
    }
    for name, (rights, find) in asked.items():
        yield Look(name, partial(_told, find, company, rights))


def _told(find: Callable[[Company], Finding], company: Company, rights: str) -> Finding:
    try:
        return find(company)
    except ClientError as error:
        return _not_told(error.response["Error"]["Code"], rights)
    except BotoCoreError as error:
        return _not_told(type(error).__name__, rights)


def _not_told(reason: str, rights: str) -> Finding:
    return warning(
        say("AWS does not tell ({reason}).", reason=reason), fix=say("Whoever runs this needs {rights}.", rights=rights)
    )


def _alarms(company: Company) -> Finding:
    email = company.stack.parameters.get("AlarmEmail")
    if not email:
        return warning(
            say("Nobody is told when something is wrong: no AlarmEmail is set."), fix=say("Set AlarmEmail and deploy.")
        )
    resource = boto3.client("cloudformation").describe_stack_resource(
        StackName=company.stack_name, LogicalResourceId="AlarmTopic"
    )
    topic = resource["StackResourceDetail"]["PhysicalResourceId"]
    there = boto3.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    if any(it["SubscriptionArn"] != _PENDING for it in there):
        return Finding(say("Alarms are sent by e-mail to who has confirmed it."))
    return warning(
        say("Alarms reach nobody yet: the subscription is not confirmed."),
        fix=say("Have the owner of AlarmEmail open the link AWS sent; it is sent anew by deploying another address."),
    )


def _egress(company: Company) -> Finding:
    subnets = _SUBNET.findall(company.stack.parameters.get(SUBNETS, ""))
    asks = "wapcrm" in company.tenant.settings.providers
    if not subnets:
        none = say("Requests leave from no fixed address.")
        if not asks:
            return Finding(none)
        return warning(
            none,
            fix=say("WapCRM answers registered addresses only: set {subnets} and register their address.",
                    subnets=SUBNETS),
        )  # fmt: skip
    addresses = _addresses(subnets)
    if not addresses:
        return warning(
            say("The functions' subnets lead to no NAT gateway: they reach no provider."),
            fix=say("Give each subnet in {subnets} a default route to a NAT gateway.", subnets=SUBNETS),
        )
    return Finding(_from(addresses, asks=asks))


def _from(addresses: list[str], *, asks: bool) -> Sentence:
    if not asks:
        return say("Requests leave from {addresses}.", addresses=", ".join(addresses))
    return say("Requests leave from {addresses}: these are to be registered at WapCRM.", addresses=", ".join(addresses))


def _addresses(subnets: list[str]) -> list[str]:
    """Return the public addresses of the NAT gateways behind subnets."""
    ec2 = boto3.client("ec2")
    gateways = {gateway for subnet in subnets for gateway in _gateways(ec2, subnet)}
    if not gateways:
        return []
    told = ec2.describe_nat_gateways(NatGatewayIds=sorted(gateways))["NatGateways"]
    return sorted(it["PublicIp"] for gateway in told for it in gateway["NatGatewayAddresses"] if "PublicIp" in it)


def _gateways(ec2: Any, subnet: str) -> list[str]:
    tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["RouteTables"]
    if not tables:
        # A subnet without a table of its own goes by its VPC's main one.
        vpc = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"]
        main = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
        tables = ec2.describe_route_tables(Filters=main)["RouteTables"]
    return [route["NatGatewayId"] for table in tables for route in table["Routes"] if "NatGatewayId" in route]


def _roles(_company: Company) -> Finding:
    told = boto3.client("iam").get_account_summary()["SummaryMap"]
    if not {"Roles", "RolesQuota"} <= told.keys():
        return _not_told("no Roles", "iam:GetAccountSummary")
    room = (told["RolesQuota"] - told["Roles"]) // _ROLES_OF_A_STACK
    sentence = say(
        "The account has {roles} of {quota} roles: room for {room} more companies.",
        roles=told["Roles"],
        quota=told["RolesQuota"],
        room=max(0, room),
    )
    if room >= 1:
        return Finding(sentence)
    return warning(
        sentence, fix=say("Ask AWS for more by Service Quotas (IAM, roles per account), or use another account.")
    )


def _concurrency(_company: Company) -> Finding:
    limits = boto3.client("lambda").get_account_settings()["AccountLimit"]
    at_once = limits["ConcurrentExecutions"]
    sentence = say("All functions of the account together may run {number} times at once.", number=at_once)
    if at_once >= _FEW_AT_ONCE:
        return Finding(sentence)
    return warning(sentence, fix=say("Ask AWS for 1000 by Service Quotas (AWS Lambda, concurrent executions)."))
