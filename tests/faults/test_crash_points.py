"""F33: a real process killed at every step boundary of every function that moves a call, on the embedded AWS.

After each death comes what AWS, the PBX and the clock do: the message is delivered again, the webhook is sent again,
leases run out, the schedule fires. Then the observers compare.
"""

import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from boto3.dynamodb.types import TypeDeserializer

from sandbox.aws import REGION, EmbeddedAws, Stack
from sandbox.system import ROOT, TEMPLATE
from sandbox.template import Template
from sandbox.tenant import TenantFile, outside_of, settings_of
from simulators.faults import Status
from simulators.serving import serving
from simulators.virtualats_exchange import CallScript, ExchangeCall
from simulators.virtualats_signature import HEADER
from tests.fakes.doors import http
from tests.faults.observers import call_seen_by_pbx, commits_seen_by_crm, describe, rows, write
from tests.faults.scorecard import score, table

INGEST = "functions.webhooks.virtualats"
RECORD = "functions.workers.record_event"
SWEEP = "functions.workers.retry_pending"
ARCHIVE = "functions.workers.archive_recording"
RECONCILE = "functions.workers.reconcile_calls"
NAMES = {
    INGEST: "VirtualAtsWebhook",
    RECORD: "RecordEvent",
    SWEEP: "RetryPending",
    ARCHIVE: "ArchiveRecording",
    RECONCILE: "ReconcileCalls",
}
# How long somebody has something to themselves: a record under way, the CRM's token to be renewed.
UNTIL = {"in_flight_until", "leased_until"}
MOST_BOUNDARIES = 120
FEW_BOUNDARIES = 30


class System:
    """The stack, its simulators, and functions that may be told when to die."""

    def __init__(self, stack, outside, nursery):
        self.stack, self.nursery = stack, nursery
        self.secrets = outside.secrets()
        self.pbx, self.zoho = outside.simulators["virtualats"], outside.simulators["zoho"]
        self.aws = stack.root
        self.table, self.bucket = stack.outputs["TableName"], stack.outputs["BucketName"]
        self.events = stack.outputs["EventsQueueUrl"]
        self.recordings = next(
            each["RECORDINGS_QUEUE_URL"] for each in stack.environments.values() if "RECORDINGS_QUEUE_URL" in each
        )

    def begin(self):
        """Be as if nobody had ever called: the more calls there were, the longer each look at all of them takes."""
        self.stack.empty(kept=())
        self.pbx.exchange.forget()
        self.zoho.reset()
        # Whoever finds a lead again has not found it by searching.
        self.zoho.arrange(index_lag_seconds=3600)
        self.book, self.deaths, self.looked_back = [], 0, False

    def run(self, module, event, dies_at=None):
        environment = dict(self.stack.environments[NAMES[module]])
        order = {"module": module, "event": event, "seconds": 290, "environment": environment, "dies_at": dies_at}
        self.nursery.stdin.write(json.dumps(order) + "\n")
        self.nursery.stdin.flush()
        answer = json.loads(self.nursery.stdout.readline())
        assert answer is None or "failed" not in answer, answer["failed"]
        self.deaths += answer is None
        return answer

    def ended_call(self):
        """A call of a few minutes ago, of somebody new, with a recording, that nobody was told of yet."""
        now = datetime.now(UTC).replace(microsecond=0)
        caller = f"90537{len(self.pbx.exchange._calls):07}"
        call = ExchangeCall("INBOUND", caller, "994124886606", "Elif", "101", CallScript(), now - timedelta(minutes=10))
        call.disposition, call.answered_at = "ANSWERED", call.started_at + timedelta(seconds=5)
        call.ended_at, call.recording_id = call.started_at + timedelta(seconds=8), uuid.uuid4().hex[:12]
        self.pbx.exchange._calls[call.call_id] = self.pbx.exchange._recordings[call.recording_id] = call
        return call

    def told(self, call, dies_at=None):
        """The PBX sends its webhook; whether it was told that all is well."""
        body = self.pbx.webhooks._body(call, "HANGUP", self.pbx.api_url)
        headers = {HEADER: self.pbx.keys.authentication(body, datetime.now(UTC))}
        path = {"token": self.secrets["virtualats"]["webhook_tokens"][0]}
        answer = self.run(INGEST, http("webhooks/virtualats", raw=body, headers=headers, path=path), dies_at)
        status = answer and answer["returned"]["statusCode"]
        event = sha256(body).hexdigest()[:16]
        told = {name: value for name, value in json.loads(body).items() if name != "apiKey"}
        self.book.append(
            {
                "kind": "delivery",
                "call_id": f"virtualats:{call.call_id}",
                "event": event,
                "status": status,
                "told": told,
            }
        )
        return answer

    def messages(self, url):
        """All messages of a queue, taken out of it: from here on we deliver them."""
        found = []
        while batch := self.aws.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["MessageGroupId"]
        ).get("Messages", []):
            for message in batch:
                self.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                group = message.get("Attributes", {}).get("MessageGroupId")
                attributes = {"MessageGroupId": group} if group else {}
                found.append({"messageId": message["MessageId"], "body": message["Body"], "attributes": attributes})
        return {"Records": found}

    def deliver(self, module, batch, dies_at=None):
        return self.run(module, batch, dies_at) if batch["Records"] else {"boundaries": []}

    def time_passes(self):
        """Leases run out and what is due later is due now."""
        for page in self.aws.dynamodb.get_paginator("scan").paginate(TableName=self.table):
            for item in page["Items"]:
                key = {"pk": item["pk"], "sk": item["sk"]}
                if item["pk"]["S"].startswith("LEASE#"):
                    self.aws.dynamodb.delete_item(TableName=self.table, Key=key)
                elif "due" in item:
                    self.aws.dynamodb.update_item(
                        TableName=self.table,
                        Key=key,
                        UpdateExpression="SET next_attempt_at = :now, version = version + :one",
                        ExpressionAttributeValues={":now": {"N": "1"}, ":one": {"N": "1"}},
                    )
                for until in UNTIL & item.keys():
                    self.aws.dynamodb.update_item(
                        TableName=self.table,
                        Key=key,
                        UpdateExpression="SET #until = :past",
                        ExpressionAttributeNames={"#until": until},
                        ExpressionAttributeValues={":past": {"N": "0"}},
                    )

    def forget_what_is_warm(self):
        """Let the next process find neither token nor layout, so that it takes every step there is."""
        self.zoho.accounts._minted_in_window = 0
        for page in self.aws.dynamodb.get_paginator("scan").paginate(TableName=self.table):
            for item in page["Items"]:
                if not item["pk"]["S"].startswith(("CALL#", "ALIAS#", "RECONCILE#")):
                    self.aws.dynamodb.delete_item(TableName=self.table, Key={"pk": item["pk"], "sk": item["sk"]})

    def settle(self):
        """Deliver, archive and sweep until nothing is left."""
        for _ in range(12):
            if answer := self.deliver(RECORD, self.messages(self.events)):
                assert not answer.get("returned", {}).get("batchItemFailures"), answer
            self.deliver(ARCHIVE, self.messages(self.recordings))
            if not self.owing():
                return
            self.time_passes()
            self.run(SWEEP, {})
        pytest.fail(f"does not come to rest: {self.owing()}")

    def owing(self):
        return [row for row in self.rows() if row.get("owed")]

    def rows(self):
        plain = TypeDeserializer().deserialize
        return [
            {name: plain(value) for name, value in item.items()}
            for page in self.aws.dynamodb.get_paginator("scan").paginate(TableName=self.table)
            for item in page["Items"]
            if item["pk"]["S"].startswith("CALL#")
        ]

    def observe(self, folder):
        exchange = self.pbx.exchange
        calls = [call_seen_by_pbx(call, exchange.audio(call.recording_id)) for call in exchange.calls()]
        write(folder / "sender.jsonl", [*calls, *self.book])
        write(folder / "crm.jsonl", commits_seen_by_crm(self.zoho))
        objects = []
        for page in self.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="recordings/"):
            for found in page.get("Contents", []):
                content = self.aws.s3.get_object(Bucket=self.bucket, Key=found["Key"])["Body"].read()
                objects.append({"kind": "object", "key": found["Key"], "sha256": sha256(content).hexdigest()})
        write(folder / "table.jsonl", [*rows(self.rows()), *objects])
        describe(folder, seed=0, calls=len(calls), faults={"process killed": self.deaths}, case="crash points")


@pytest.fixture
def system(running):
    running.begin()
    return running


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aws")
    tenant = TenantFile(secrets={"virtualats": {}, "zoho": {}})
    outside = outside_of(tenant)
    aws = EmbeddedAws(folder)
    log = (folder / "nursery.log").open("w")
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        cwd=ROOT,
        env={
            "PYTHONPATH": "layers/santral:.",
            "AWS_ENDPOINT_URL": aws.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        },
    )
    try:
        template = Template(TEMPLATE, settings_of(tenant), {"Tenant": "sandbox", "RequireTls": "false"})
        with serving(outside.simulators["virtualats"]), serving(outside.simulators["zoho"]):
            aws.wait_until_healthy()
            stack = Stack(aws, template, "http://127.0.0.1:9")
            for name, value in outside.secrets().items():
                stack.write_secret(name, value)
            yield System(stack, outside, nursery)
    finally:
        nursery.stdin.close()
        nursery.wait()
        nursery.stdout.close()
        log.close()
        aws.stop()


def prepare_ingest(system, call):
    return lambda dies_at: system.told(call, dies_at), lambda: system.told(call)


def prepare_record(system, call):
    system.told(call)
    batch = system.messages(system.events)
    system.forget_what_is_warm()
    return lambda dies_at: system.deliver(RECORD, batch, dies_at), lambda: system.deliver(RECORD, batch)


def prepare_sweep(system, call):
    system.told(call)
    system.zoho.faults.add("/Calls", Status(code=503), times=None)
    system.deliver(RECORD, system.messages(system.events))
    system.zoho.faults.clear()
    system.messages(system.recordings)
    system.time_passes()
    system.forget_what_is_warm()
    return lambda dies_at: system.run(SWEEP, {}, dies_at), lambda: None


def prepare_archive(system, call):
    system.told(call)
    system.deliver(RECORD, system.messages(system.events))
    batch = system.messages(system.recordings)
    return lambda dies_at: system.deliver(ARCHIVE, batch, dies_at), lambda: system.deliver(ARCHIVE, batch)


def prepare_reconcile(system, call):
    # The long windows are looked through once; from then on a run looks at the last hours, in which nobody was told
    # of this call.
    while not system.looked_back:
        system.looked_back = len(system.run(RECONCILE, {})["boundaries"]) < FEW_BOUNDARIES
    return lambda dies_at: system.run(RECONCILE, {}, dies_at), lambda: system.run(RECONCILE, {})


@pytest.mark.parametrize(
    "prepare",
    [prepare_ingest, prepare_record, prepare_sweep, prepare_archive, prepare_reconcile],
    ids=["ingest", "record_event", "retry_pending", "archive_recording", "reconcile_calls"],
)
def test_f33_killed_at_every_step_boundary(system, tmp_path, prepare):
    run, _ = prepare(system, system.ended_call())
    points = run(None)["boundaries"]
    system.settle()
    assert 0 < len(points) < MOST_BOUNDARIES

    died = []
    for number in range(1, len(points) + 1):
        run, again = prepare(system, system.ended_call())
        if run(number) is None:
            died.append(number)
        again()
        system.settle()
    system.observe(tmp_path)
    found = score(tmp_path)

    print(f"{len(died)} of {len(points)} points: {', '.join(points)}")
    print(table(found))
    assert died == list(range(1, len(points) + 1))
    assert not any(found.broken.values()), dict(found.broken)
    assert found.holds
