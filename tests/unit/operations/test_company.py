import sys

import boto3
import pytest

import operations.redriving
from operations.__main__ import main
from operations.company import UnusableStack, company
from santral.errors import NotConfigured

OUTPUTS = {
    "TableName": "table",
    "BucketName": "bucket",
    "EventsQueueUrl": "https://queue.example/events.fifo",
    "EventsDlqUrl": "https://queue.example/events-dlq.fifo",
    "RecordingsQueueUrl": "https://queue.example/recordings",
    "RecordingsDlqUrl": "https://queue.example/recordings-dlq",
    "ApiUrl": "https://phone.example",
}
PARAMETERS = {
    "Tenant": "acme",
    "WithVirtualAts": "true",
    "WithWapCrm": "false",
    "TelephonyProvider": "virtualats",
    "Country": "AZ",
    "TimeZone": "Asia/Baku",
    "Language": "az",
    "UnknownCaller": "lead",
    "LogCallsFrom": "",
    "RetentionDays": "365",
    "PermalinkDays": "365",
    "DialsPerUserHour": "600",
    "DialsPerDay": "10000",
    "MessagesPerUserHour": "600",
    "MessagesPerDay": "10000",
    "AllowedDestinations": "",
    "DeniedDestinations": "+90900,+979",
    "CommercialHours": "09:00-20:00",
    "Architecture": "arm64",
}


@pytest.fixture
def deployed(monkeypatch):
    """Let there be a stack with these parameters and outputs."""

    class CloudFormation:
        def __init__(self, parameters, outputs):
            self._stack = {
                "StackStatus": "CREATE_COMPLETE",
                "Parameters": [{"ParameterKey": key, "ParameterValue": it} for key, it in parameters.items()],
                "Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in outputs.items()],
            }

        def describe_stacks(self, *, StackName):  # noqa: N803 (AWS's name)
            assert StackName == "acme-stack"
            return {"Stacks": [self._stack]}

    def deploy(parameters=PARAMETERS, outputs=OUTPUTS):
        monkeypatch.setattr(boto3, "client", lambda _service: CloudFormation(parameters, outputs))

    return deploy


def test_a_stack_tells_all_that_its_functions_are_told(deployed):
    deployed()
    settings = company("acme-stack").tenant.settings

    assert (settings.tenant, settings.table_name, settings.bucket_name) == ("acme", "table", "bucket")
    assert (settings.providers, settings.country, settings.time_zone.key) == (("virtualats",), "AZ", "Asia/Baku")
    assert settings.log_calls_from is None
    assert settings.public_url == "https://phone.example"


def test_the_dead_letters_are_those_of_both_queues(deployed):
    deployed()

    assert [letters.name for letters in company("acme-stack").holdings.dead_letters] == ["events", "recordings"]


def test_a_stack_that_is_none_of_ours_is_named_with_what_it_lacks(deployed):
    deployed(parameters={"Tenant": "acme"}, outputs={"BucketName": "bucket"})

    with pytest.raises(UnusableStack) as raised:
        company("acme-stack")
    assert "table_name" in raised.value.sentence
    assert "acme-stack" in raised.value.sentence


def test_what_cannot_be_done_is_a_sentence(monkeypatch, capsys):
    def refuse(_stack):
        raise NotConfigured("secret virtualats has no value", sentence="virtualats is not set up: its secret is empty.")

    monkeypatch.setattr(operations.redriving, "company", refuse)
    monkeypatch.setattr(sys, "argv", ["operations", "redrive", "--stack", "acme"])

    assert main() == 1
    assert capsys.readouterr().err == (
        "virtualats is not set up: its secret is empty. (secret virtualats has no value)\n"
    )
