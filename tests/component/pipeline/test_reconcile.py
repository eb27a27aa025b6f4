"""Webhooks that never came: the call records tell what they would have."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import requests

from simulators.virtualats_exchange import written_as_document
from simulators.virtualats_webhooks import DeliveryPolicy

ELIF = "905321234567"
DEAF = DeliveryPolicy(dropped=frozenset({"NEW", "UPDATE", "HANGUP"}))


@pytest.fixture
def missed(company):
    """A call that no webhook told of, so long ago that none will."""
    company.pbx.use_delivery(DEAF)
    provider_id = company.pbx.place_inbound_call(source=ELIF, destination="994124886606", extension="102")
    company.settle()
    [call] = [call for call in company.pbx.exchange.calls() if call.call_id == provider_id]
    earlier = timedelta(minutes=10)
    call.started_at, call.answered_at, call.ended_at = (
        call.started_at - earlier,
        call.answered_at - earlier,
        call.ended_at - earlier,
    )
    return call


def reconcile(company):
    company.sandbox.fire("ReconcileCalls")
    company.sandbox.wait_until_idle()


def test_a_call_without_webhooks_is_in_the_crm_once_with_its_recording(company, missed):
    call_id = f"virtualats:{missed.call_id}"
    assert company.row(f"CALL#{call_id}") is None

    for _ in range(3):
        reconcile(company)

    [logged] = company.logged(call_id)
    assert logged["Call_Type"] == "Inbound"
    assert logged["Owner"]["email"] == "mehmet@example.com"
    company.until(lambda: company.get(f"/calls/{call_id}/recording").status_code, lambda status: status == 200)
    played = requests.get(logged["Voice_Recording__s"], timeout=10)
    recorded = company.pbx.exchange.audio(missed.recording_id)
    assert hashlib.sha256(played.content).hexdigest() == hashlib.sha256(recorded).hexdigest()


def test_status_tells_what_was_missing(company, missed):
    reconcile(company)

    [line] = [check for check in company.get("/status").json()["checks"] if check["name"] == "reconcile virtualats"]
    assert line["ok"]
    assert "1 calls missing here (0 late)" in line["sentence"]


def test_late_webhooks_and_the_whole_day_told_again_make_no_second_record(company, missed):
    call_id = f"virtualats:{missed.call_id}"
    reconcile(company)
    [logged] = company.logged(call_id)
    before = company.row(f"CALL#{call_id}")

    told = written_as_document(missed, company.pbx.api_url)
    for state in ("HANGUP", "NEW", "UPDATE"):
        assert company.webhook(company.event(**told, state=state)).status_code == 200
    # The cursor forgets, so that every window is read anew.
    company.sandbox.root.dynamodb.delete_item(
        TableName=company.sandbox.ready["table"],
        Key={"pk": {"S": "RECONCILE#virtualats"}, "sk": {"S": "-"}},
    )
    reconcile(company)

    assert company.logged(call_id) == [logged]
    assert company.row(f"CALL#{call_id}")["facts"] == before["facts"]
    assert len(company.zoho.calls()) == 1


def test_without_trouble_nothing_is_queued(company):
    reconcile(company)

    assert "error" not in company.sandbox.log("ReconcileCalls").lower()
    now = datetime.now(UTC)
    cursor = company.row("RECONCILE#virtualats")
    read_at = datetime.fromisoformat(cursor["read_at"]["S"])
    assert now - read_at < timedelta(minutes=5)
    assert cursor["today"]["M"]["missing"]["N"] == "0"
