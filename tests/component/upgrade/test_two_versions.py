"""A deploy under way: functions of the version before and of this one take turns over one table, bucket and queue.

The version before is the real one, from this repository's history. A clone without history cannot play it; then
tests/unit/test_upgrade.py still holds this version to what that one has written.
"""

import io
import itertools
import subprocess
import tarfile
from collections import Counter
from dataclasses import replace

import pytest

from sandbox.runtime import Code, Pool
from sandbox.system import ROOT
from simulators.faults import Status
from tests.component.pipeline.conftest import company  # noqa: F401 (a fixture)

PREVIOUS = "746aab1"
"""The last commit of 0.1.0."""
CHANGING = ("Dial", "VirtualAtsWebhook", "RecordEvent", "RetryPending", "ArchiveRecording", "GetCall")


@pytest.fixture(scope="module")
def previous(tmp_path_factory):
    """Where the functions of the version before lie."""
    asked = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=tar", PREVIOUS, "functions", "layers/santral"],
        capture_output=True,
        check=False,
    )
    if asked.returncode:
        pytest.skip("this clone has no history to take the version before from")
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=io.BytesIO(asked.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


class TakingTurns:
    """A function half of whose containers are of the version before."""

    def __init__(self, now, before):
        self.pools = (before, now)
        self.turns = Counter()
        self._whose = itertools.cycle((0, 1))

    def invoke(self, event):
        place = next(self._whose)
        self.turns["now" if place else "before"] += 1
        return self.pools[place].invoke(event)

    def stop(self):
        for pool in self.pools:
            pool.stop()


@pytest.fixture
def deploying(company, previous):  # noqa: F811 (the fixture above)
    """The functions that take turns, by name."""
    sandbox = company.sandbox
    now = {name: sandbox.pools[name] for name in CHANGING}
    for name, pool in now.items():
        there = pool.function
        code = Code(previous, tuple(previous / path.relative_to(ROOT) for path in there.code.python_path))
        before = Pool(replace(there, code=code), lambda name=name: sandbox.stack.credentials(name))
        sandbox.pools[name] = TakingTurns(pool, before)
    yield {name: sandbox.pools[name] for name in CHANGING}
    for name, pool in now.items():
        sandbox.pools[name].pools[0].stop()
        sandbox.pools[name] = pool


def test_while_two_versions_share_everything_each_call_is_logged_once_and_nothing_is_given_up(company, deploying):  # noqa: F811
    sandbox, zoho = company.sandbox, company.zoho
    # Long enough that calls are left for the sweep, which either version may make.
    zoho.faults.add("/crm/v8/", Status(code=503), times=None)
    dialled = [
        company.post("/calls", {"to": f"053212345{number}"}, Idempotency_Key=f"upgrade-{number}").json()["call_id"]
        for number in (70, 71)
    ]
    inbound = [
        company.pbx.place_inbound_call(source=f"90532123456{number}", destination="994124886606", extension="101")
        for number in range(6)
    ]
    company.settle()
    come_due(sandbox)
    sandbox.fire("RetryPending")
    zoho.faults.clear()
    calls = [*(f"virtualats:{provider_id}" for provider_id in inbound), *dialled]
    owed = come_due(sandbox)
    assert owed

    def logged():
        sandbox.fire("RetryPending")
        come_due(sandbox)
        return Counter(call["Santral_Call_ID"] for call in zoho.calls())

    assert company.until(logged, lambda records: len(records) == len(calls), seconds=60) == dict.fromkeys(calls, 1)
    company.until(lambda: recordings(company, calls), lambda states: "pending" not in states)
    assert recordings(company, calls) == {"ready"}
    for letters in ("events_dlq_url", "recordings_dlq_url"):
        answer = sandbox.root.sqs.get_queue_attributes(
            QueueUrl=sandbox.ready[letters], AttributeNames=["ApproximateNumberOfMessages"]
        )
        assert answer["Attributes"]["ApproximateNumberOfMessages"] == "0"
    for name, function in deploying.items():
        assert min(function.turns["before"], function.turns["now"]) > 0, (name, function.turns)


def recordings(company, calls):  # noqa: F811 (named after the fixture it is)
    return {company.get(f"/calls/{call_id}").json()["recording"] for call_id in calls}


def come_due(sandbox):
    """Let what waits for its next attempt come due now; return how many calls that were."""
    table, dynamodb = sandbox.ready["table"], sandbox.root.dynamodb
    owing = dynamodb.scan(TableName=table, FilterExpression="attribute_exists(due)")["Items"]
    for row in owing:
        dynamodb.update_item(
            TableName=table,
            Key={"pk": row["pk"], "sk": row["sk"]},
            UpdateExpression="SET next_attempt_at = :now",
            ExpressionAttributeValues={":now": {"N": "0"}},
        )
    return len(owing)
