"""What an integrator repairs by hand, on the running system: nothing comes back doubled, nothing erased comes back."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import requests

from santral.phone import anywhere
from santral.settings import Settings
from simulators.virtualats_webhooks import DeliveryPolicy

CALLER = "905321239988"
NUMBER = anywhere(f"+{CALLER}")


def events_of(company, call_id):
    """The very messages the webhooks make of a call's life."""
    return [
        json.dumps({"v": 1, "kind": "call", "call_id": call_id, "provider": "virtualats", **told})
        for told in (
            {"state": "ringing", "direction": "inbound", "from": "+994557967473"},
            {"state": "answered", "direction": "inbound", "from": "+994557967473", "extension": "101"},
            {
                "state": "ended",
                "direction": "inbound",
                "from": "+994557967473",
                "started_at": "2026-01-01T07:05:36+00:00",
                "talk_seconds": 50,
            },
        )
    ]


def in_dead_letters(company, name="events_dlq_url"):
    answer = company.sandbox.root.sqs.get_queue_attributes(
        QueueUrl=company.sandbox.ready[name], AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def today():
    """The day of the calls that end now, where the company is; shortly after midnight also the day before."""
    here = datetime.now(UTC) + timedelta(hours=3)
    return f"--from {here - timedelta(hours=1):%Y-%m-%d} --to {here + timedelta(days=1):%Y-%m-%d}"


def records_per_call(company):
    return Counter(call["Santral_Call_ID"] for call in company.zoho.calls())


def test_the_stack_tells_what_the_functions_are_told(here, company):
    environment = company.sandbox.stack.environments["RetryPending"]
    told = Settings.model_validate(
        {name: environment[name.upper()] for name in Settings.model_fields if name.upper() in environment}
    )
    left_out = {"events_dlq_url", "recordings_dlq_url"}

    assert here.tenant.settings.model_dump(exclude=left_out) == told.model_dump(exclude=left_out)


def test_a_redriven_batch_makes_no_second_record_and_logs_what_was_never_seen(run, company):
    known, unseen = company.call_id, f"virtualats:{company.provider_id}-unseen"
    company.webhook(company.event())
    company.logged()
    for call_id in (known, unseen):
        for number, body in enumerate(events_of(company, call_id)):
            company.sandbox.root.sqs.send_message(
                QueueUrl=company.sandbox.ready["events_dlq_url"],
                MessageBody=body,
                MessageGroupId=call_id,
                MessageDeduplicationId=f"{call_id}-{number}",
            )
    assert in_dead_letters(company) == 6

    assert "events: 6 sent back, 0 left." in run("redrive")
    company.logged(unseen)
    company.sandbox.wait_until_idle()
    assert records_per_call(company) == {known: 1, unseen: 1}
    assert "events: 0 sent back, 0 left." in run("redrive")


def test_a_poisoned_call_ends_in_the_dead_letters_with_all_its_events_and_comes_back_as_one_record(run, company):
    table = company.sandbox.ready["table"]
    key = {"pk": {"S": f"CALL#{company.call_id}"}, "sk": {"S": "-"}}
    unreadable = {**key, "v": {"N": "1"}, "version": {"N": "1"}, "call_id": {"S": company.call_id}}
    company.sandbox.root.dynamodb.put_item(TableName=table, Item=unreadable)
    for state in ("NEW", "UPDATE", "HANGUP"):
        assert company.webhook(company.event(state=state)).status_code == 200

    def dead():
        company.sandbox.redeliver()
        return in_dead_letters(company)

    company.until(dead, lambda letters: letters == 3, seconds=60)
    assert company.zoho.calls() == []

    company.sandbox.root.dynamodb.delete_item(TableName=table, Key=key)
    assert "events: 3 sent back, 0 left." in run("redrive")
    company.logged()
    company.sandbox.wait_until_idle()
    assert records_per_call(company) == {company.call_id: 1}


def test_what_is_retried_from_the_quarantine_is_logged_once_and_leaves_it(run, company, here):
    # As a version kept it that did not understand it yet; of now it is an everyday call.
    body = json.dumps(company.event()).encode()
    quarantine_id = here.tenant.quarantine.keep("virtualats", body, "not understood: state")
    company.webhook(company.event(state="TELEPORTED"))
    assert "not understood: state" in run("quarantine list")

    printed = run("quarantine retry --all")
    assert f"{quarantine_id}: understood, 1 queued." in printed
    assert "1 taken out of the quarantine." in printed
    assert len(company.logged()) == 1
    assert quarantine_id not in run("quarantine list")

    run("quarantine drop --all")
    bucket = company.sandbox.ready["bucket"]
    assert not company.sandbox.root.s3.list_object_versions(Bucket=bucket, Prefix="quarantine/").get("Versions")
    assert run("quarantine list") == "The quarantine is empty.\n"


def test_a_replayed_day_brings_what_was_missed_and_doubles_nothing(run, company):
    told = company.pbx.place_inbound_call(source="905321234567", destination="994124886606", extension="102")
    company.logged(f"virtualats:{told}")
    company.pbx.use_delivery(DeliveryPolicy(dropped=frozenset({"NEW", "UPDATE", "HANGUP"})))
    missed = company.pbx.place_inbound_call(source="905321234567", destination="994124886606", extension="102")
    company.settle()

    day = today()
    assert "would be queued" in run(f"replay {day} --dry-run")
    assert company.row(f"CALL#virtualats:{missed}") is None
    for _ in range(2):
        run(f"replay {day}")
        company.sandbox.wait_until_idle()
        company.sandbox.fire("RetryPending")

    records = records_per_call(company)
    assert records[f"virtualats:{told}"] == records[f"virtualats:{missed}"] == 1
    assert set(records.values()) == {1}


@pytest.fixture
def everything_stored(company):
    """Every row, every version of every object, every dead letter, as text."""

    def read():
        root, ready = company.sandbox.root, company.sandbox.ready
        texts = []
        for page in root.dynamodb.get_paginator("scan").paginate(TableName=ready["table"]):
            texts += [json.dumps(row, ensure_ascii=False) for row in page["Items"]]
        for page in root.s3.get_paginator("list_object_versions").paginate(Bucket=ready["bucket"]):
            for it in page.get("Versions", []):
                content = root.s3.get_object(Bucket=ready["bucket"], Key=it["Key"], VersionId=it["VersionId"])
                texts.append(it["Key"] + content["Body"].read().decode("latin-1"))
        return texts

    return read


def test_an_erased_number_is_nowhere_and_no_late_event_brings_it_back(run, company, everything_stored):
    provider_id = company.pbx.place_inbound_call(source=CALLER, destination="994124886606", extension="101")
    call_id = f"virtualats:{provider_id}"
    [logged] = company.logged(call_id)
    company.until(lambda: company.get(f"/calls/{call_id}").json()["recording"], lambda state: state == "ready")
    company.post("/messages", {"to": f"+{CALLER}", "text": "Merhaba"})
    permalink = logged["Voice_Recording__s"]
    assert requests.get(permalink, timeout=10).status_code == 200
    late = company.event(callId=provider_id, source=CALLER, callDate=f"{datetime.now(UTC):%d.%m.%Y %H:%M:%S}+0000")
    company.webhook({**late, "state": "TELEPORTED"})
    company.sandbox.root.sqs.send_message(
        QueueUrl=company.sandbox.ready["events_dlq_url"],
        MessageBody=json.dumps({"from": CALLER}),
        MessageGroupId=call_id,
        MessageDeduplicationId=call_id,
    )
    company.settle()
    assert any(NUMBER.search(text) for text in everything_stored())

    printed = run(f"erase --phone +{CALLER} --yes")

    assert not [text for text in everything_stored() if NUMBER.search(text)]
    bucket = company.sandbox.ready["bucket"]
    left = company.sandbox.root.s3.list_object_versions(Bucket=bucket)
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")
    assert in_dead_letters(company) == 0
    assert requests.get(permalink, timeout=10).status_code == 410
    assert company.get(f"/calls/{call_id}/recording").status_code == 410
    assert "Zoho CRM are the company's own" in printed

    assert company.webhook(late).status_code == 200
    assert company.webhook({**late, "callId": f"{provider_id}-2"}).status_code == 200
    assert "erased" in run(f"replay {today()}")
    company.sandbox.wait_until_idle()
    company.sandbox.fire("RetryPending")
    assert not [text for text in everything_stored() if NUMBER.search(text)]
    assert company.row(f"CALL#{call_id}-2") is None
    assert requests.get(permalink, timeout=10).status_code == 410
    assert records_per_call(company) == {call_id: 1}

    welcome = company.pbx.place_inbound_call(source=CALLER, destination="994124886606", extension="101")
    assert len(company.logged(f"virtualats:{welcome}")) == 1


def test_a_group_of_more_letters_than_one_look_shows_goes_home_whole(run, company):
    for number in range(25):
        company.sandbox.root.sqs.send_message(
            QueueUrl=company.sandbox.ready["events_dlq_url"],
            MessageBody=events_of(company, company.call_id)[2],
            MessageGroupId=company.call_id,
            MessageDeduplicationId=f"{company.call_id}-{number}",
        )
    assert "events: 3 sent back, 22 left." in run("redrive --limit 3")
    assert "events: 22 sent back, 0 left." in run("redrive")
    assert len(company.logged()) == 1


def test_dying_between_sending_home_and_removing_makes_no_second_record(run, here, company, monkeypatch):
    letters, _ = here.holdings.dead_letters
    for number, body in enumerate(events_of(company, company.call_id)):
        company.sandbox.root.sqs.send_message(
            QueueUrl=company.sandbox.ready["events_dlq_url"],
            MessageBody=body,
            MessageGroupId=company.call_id,
            MessageDeduplicationId=f"{company.call_id}-{number}",
        )
    with monkeypatch.context() as dying:
        dying.setattr(type(letters), "remove", lambda *_: None)
        for letter in list(letters.held()):
            letters.send_home(letter)
            letters.release(letter)
    company.logged()

    assert "events: 3 sent back, 0 left." in run("redrive")
    company.sandbox.wait_until_idle()
    company.sandbox.fire("RetryPending")
    assert records_per_call(company) == {company.call_id: 1}
