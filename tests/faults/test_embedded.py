"""The same judgement over the real functions in their own processes, on the embedded AWS, under the CRM's failures."""

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from boto3.dynamodb.types import TypeDeserializer

from sandbox.system import Sandbox
from simulators.faults import CommitThen, Reset, Status
from simulators.virtualats_exchange import CallScript
from simulators.virtualats_webhooks import DeliveryPolicy
from tests.faults.observers import call_seen_by_pbx, commits_seen_by_crm, describe, rows, write
from tests.faults.scorecard import score, table

FAULTS = (Status(code=503), CommitThen(fault=Status(code=500)), CommitThen(fault=Reset()), Status(code=429), Reset())
SECONDS_TO_REST = 240
AT_ONCE = 20


@pytest.fixture
def sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", with_timers=False) as running:
        yield running


def plain_rows(sandbox):
    plain = TypeDeserializer().deserialize
    pages = sandbox.root.dynamodb.get_paginator("scan").paginate(TableName=sandbox.ready["table"])
    return [{name: plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]


def let_time_pass(sandbox):
    """Let leases run out and what is due later be due now, for which nobody wants to wait."""
    for row in plain_rows(sandbox):
        key = {"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}}
        if row["pk"].startswith("LEASE#"):
            sandbox.root.dynamodb.delete_item(TableName=sandbox.ready["table"], Key=key)
        elif "due" in row:
            sandbox.root.dynamodb.update_item(
                TableName=sandbox.ready["table"],
                Key=key,
                UpdateExpression="SET next_attempt_at = :now, version = version + :one",
                ExpressionAttributeValues={":now": {"N": "1"}, ":one": {"N": "1"}},
            )
        elif "in_flight_until" in row:
            sandbox.root.dynamodb.update_item(
                TableName=sandbox.ready["table"],
                Key=key,
                UpdateExpression="SET in_flight_until = :past",
                ExpressionAttributeValues={":past": {"N": "0"}},
            )


def until_all_is_told(pbx, copies):
    give_up_at = time.monotonic() + SECONDS_TO_REST
    while sum(delivery.accepted for delivery in pbx.webhooks.log) < copies * len(pbx.webhooks._sent):
        assert time.monotonic() < give_up_at, "webhooks are not taken"
        time.sleep(0.1)


def rest(sandbox):
    """Redeliver and sweep until nothing is owed. Thousands of calls take their time: only a standstill is too long."""
    owing, give_up_at = None, time.monotonic() + SECONDS_TO_REST
    while True:
        sandbox.redeliver()
        sandbox.wait_until_idle(600)
        left = sum(bool(row.get("owed")) for row in plain_rows(sandbox))
        if not left:
            return
        if left != owing:
            owing, give_up_at = left, time.monotonic() + SECONDS_TO_REST
        assert time.monotonic() < give_up_at, "does not come to rest"
        let_time_pass(sandbox)
        sandbox.fire("RetryPending")


def observe(sandbox, folder, seed):
    pbx, zoho = sandbox.simulators["virtualats"], sandbox.simulators["zoho"]
    calls = [call_seen_by_pbx(call, pbx.exchange.audio(call.recording_id)) for call in pbx.exchange.calls()]
    told = {(sent.call_id, sent.state): sent.body for sent in pbx.webhooks._sent}
    book = []
    for delivery in pbx.webhooks.log:
        body = told[delivery.call_id, delivery.state]
        book.append(
            {
                "kind": "delivery",
                "call_id": f"virtualats:{delivery.call_id}",
                "event": sha256(body).hexdigest()[:16],
                "status": delivery.status,
                "told": {**json.loads(body), "apiKey": ""},
            }
        )
    write(folder / "sender.jsonl", [*calls, *book])
    write(folder / "crm.jsonl", commits_seen_by_crm(zoho))
    bucket, objects = sandbox.ready["bucket"], []
    for page in sandbox.root.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="recordings/"):
        for found in page.get("Contents", []):
            content = sandbox.root.s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
            objects.append({"kind": "object", "key": found["Key"], "sha256": sha256(content).hexdigest()})
    write(folder / "table.jsonl", [*rows(plain_rows(sandbox)), *objects])
    faults = {f"crm {kind}": number for kind, number in zoho.faults.injected_by_kind.items()}
    faults["doubled webhooks"] = len(calls)
    describe(folder, seed=seed, calls=len(calls), faults=faults, case="embedded AWS")


def test_nothing_is_lost_and_nothing_doubled_on_the_embedded_aws(request, sandbox, tmp_path, seed):
    calls = request.config.getoption("--embedded-calls", 40)
    dice, pbx, zoho = random.Random(seed), sandbox.simulators["virtualats"], sandbox.simulators["zoho"]
    zoho.arrange(credits_per_day=10_000_000)
    pbx.use_script(CallScript(ring_after=0.05, ring_seconds=0.1, talk_seconds=1))
    pbx.use_delivery(DeliveryPolicy(tries=10, retry_after=1, copies=2))

    def place(number):
        if dice.random() < 0.3:
            zoho.faults.add("/(Calls|coql|__composite)", dice.choice(FAULTS), times=1)
        outcome = dice.choice(("ANSWERED", "NO_ANSWERED", "BUSY"))
        pbx.place_inbound_call(source=f"90532{number:07d}", extension="101", outcome=outcome)

    for begun in range(0, calls, AT_ONCE):
        with ThreadPoolExecutor(4) as callers:
            list(callers.map(place, range(begun, min(begun + AT_ONCE, calls))))
        give_up_at = time.monotonic() + 60
        while any(call.state != "HANGUP" for call in pbx.exchange.calls()):
            assert time.monotonic() < give_up_at, "calls do not end"
            time.sleep(0.05)
    until_all_is_told(pbx, copies=2)
    rest(sandbox)
    observe(sandbox, tmp_path / "seen", seed)
    found = score(tmp_path / "seen")

    print(f"seed {seed}\n{table(found)}")
    assert found.calls == calls
    assert not any(found.broken.values()), dict(found.broken)
    assert any(kind.startswith("crm") for kind in found.faults)
    assert found.holds
