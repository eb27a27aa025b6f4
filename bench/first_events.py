"""The event each function is started with: its sample, made genuine where a sample cannot be.

A sample holds no token or key of a running tenant, and what one function answers another is asked for: those are put
in here, so that what is measured is the work and not its refusal.
"""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, cast

from bench.senders import Job, written_event
from sandbox.runtime import Answer
from sandbox.system import ROOT, Sandbox
from simulators.virtualats import VirtualAts
from simulators.virtualats_exchange import CallScript

Event = dict[str, Any]
# Beside the pages of today reconciling reads those of the last weeks, so many of them in each run, once.
_PATIENCE_SECONDS = 60
_RUNS_UNTIL_RECONCILED = 12


def first_events(sandbox: Sandbox) -> dict[str, Event]:
    """An event for each function of a company that has been at work for a while."""
    events = {name: _sample(*pool.function.handler.split(".")[1:3]) for name, pool in sandbox.pools.items()}
    token = f"Bearer {sandbox.ready['agent_token']}"
    events["Authorizer"] |= {"identitySource": [token]}
    for name, provider in _webhooks(events):
        events[name]["pathParameters"]["token"] = sandbox.secrets[provider]["webhook_tokens"][0]
    events["VirtualAtsWebhook"]["body"] = written_event(_job(sandbox), 0).decode()
    for _ in range(_RUNS_UNTIL_RECONCILED):
        sandbox.invoke("ReconcileCalls", events["ReconcileCalls"])
    sandbox.invoke("RecordEvent", events["RecordEvent"])
    events["GetRecording"]["pathParameters"]["call_id"] = _recorded_call(sandbox)
    recording = _answer(sandbox, "GetRecording", events["GetRecording"])
    events["OpenRecording"]["pathParameters"]["permalink"] = recording["permalink"].rsplit("/", 1)[1]
    sent = _answer(sandbox, "SendMessage", anew(events["SendMessage"]))
    events["GetMessage"]["pathParameters"]["message_id"] = sent["message_id"]
    return events


def anew(event: Event) -> Event:
    """The same request, asked for once more: without a key of its own it would be the same click."""
    if event.get("requestContext", {}).get("http", {}).get("method") != "POST":
        return event
    return {**event, "headers": {**event["headers"], "idempotency-key": uuid.uuid4().hex}}


def _recorded_call(sandbox: Sandbox) -> str:
    """A call that was told, logged and archived as ever."""
    exchange = cast(VirtualAts, sandbox.simulators["virtualats"])
    exchange.use_script(CallScript(ring_after=0.1, ring_seconds=0.2, talk_seconds=1))
    call_id = f"virtualats:{exchange.place_inbound_call(extension='101')}"
    end = time.monotonic() + _PATIENCE_SECONDS
    while not sandbox.root.s3.list_objects_v2(Bucket=sandbox.ready["bucket"], Prefix="recordings/").get("Contents"):
        assert time.monotonic() < end, sandbox.log("ArchiveRecording")
        time.sleep(0.1)
    sandbox.wait_until_idle()
    return call_id


def _sample(area: str, action: str) -> Event:
    event: Event = json.loads((ROOT / "events" / area / f"{action}.json").read_text(encoding="utf-8"))
    return event


def _webhooks(events: dict[str, Event]) -> Iterator[tuple[str, str]]:
    for name, event in events.items():
        match event.get("routeKey", "").split("/"):
            case ["POST ", "webhooks", provider, *_]:
                yield name, provider


def _job(sandbox: Sandbox) -> Job:
    keys = sandbox.secrets["virtualats"]
    return Job("", keys["public_key"], keys["secret_key"], keys["crm_api_key"], uuid.uuid4().hex, events=1, senders=1)


def _answer(sandbox: Sandbox, function: str, event: Event) -> Event:
    outcome = sandbox.invoke(function, event)
    assert isinstance(outcome, Answer), outcome
    body: Event = json.loads(outcome.json()["body"])
    return body
