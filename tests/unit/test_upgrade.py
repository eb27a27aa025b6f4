"""What the version before left in the table and the queue is taken on; what a newer one writes is not lost on us."""

import json
from pathlib import Path

import pytest

import santral.jobs
from functions.workers.record_event import handler
from santral.messages import MessageState
from santral.messaging.notes import write_due_notes
from santral.store.calls import Owed
from santral.store.intents import IntentState
from santral.telephony.outbox import retry_pending
from simulators.zoho import ZohoCrm
from tests.fakes import Clock, MemorySecrets, make_tenant
from tests.fakes.doors import Context, sample
from tests.fakes.in_process import connect, zoho_secret
from tests.upgrade.record import ALIAS, DIALLED, ERASED, INTENT, LOGGED, MESSAGE, OWED, RINGING, ended, recorded

LEFT = sorted((Path(__file__).parents[1] / "upgrade").glob("*.json"))


@pytest.fixture
def zoho():
    return ZohoCrm(clock=Clock())


@pytest.fixture
def tenant(zoho, monkeypatch):
    secrets = MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}, zoho=zoho_secret(zoho))
    tenant = make_tenant(clock=zoho.clock, secrets=secrets)
    connect(tenant, zoho)
    monkeypatch.setattr(santral.jobs, "current", lambda: tenant)
    return tenant


@pytest.fixture(params=LEFT, ids=lambda file: file.stem)
def left(request, tenant):
    """What a version left: its rows are in the table, its messages still in the queue."""
    left = json.loads(request.param.read_text(encoding="utf-8"))
    tenant.table.rows.update(left["rows"])
    return left


def delivered(*bodies):
    """Let the worker have messages as the queue delivers them; return the ids of those that go back."""
    event = sample("workers/record_event")
    [record] = event["Records"]
    event["Records"] = [
        {**record, "messageId": str(place), "body": body, "attributes": {"MessageGroupId": str(place)}}
        for place, body in enumerate(bodies)
    ]
    return [it["itemIdentifier"] for it in handler(event, Context())["batchItemFailures"]]


class TestOfTheVersionBefore:
    def test_there_is_something_it_left(self):
        assert LEFT

    @pytest.mark.parametrize("call_id", [RINGING, LOGGED, OWED, ERASED, DIALLED, ALIAS])
    def test_its_calls_are_shown_as_it_showed_them(self, left, tenant, call_id):
        now = tenant.calls.get(call_id).as_call().model_dump(mode="json", by_alias=True)

        assert {name: now[name] for name in left["shown"][call_id]} == left["shown"][call_id]

    def test_its_messages_are_taken_and_go_on_where_its_rows_stood(self, left, tenant, zoho):
        assert delivered(*left["queued"]) == []

        assert tenant.calls.get(RINGING).facts.seconds["talk_seconds"] == 45
        assert [call["Santral_Call_ID"] for call in zoho.calls()] == [RINGING]
        assert tenant.messages.get("wapcrm:message-2").state is MessageState.RECEIVED
        assert {it.phone for it in tenant.campaigns.results_of("verimor:131")} == {"+905321234567", "+905321234568"}

    def test_what_it_owed_is_paid_once_and_what_it_had_logged_is_not_logged_again(self, left, tenant, zoho):
        for _ in range(5):
            tenant.clock.pass_seconds(90)
            retry_pending(tenant, 55)
        delivered(ended(Clock(), LOGGED).written())

        assert [call["Santral_Call_ID"] for call in zoho.calls()] == [OWED]
        assert not tenant.calls.get(OWED).owed - {Owed.RECORDING}

    def test_its_due_note_is_looked_after(self, left, tenant):
        tenant.clock.pass_seconds(90)
        write_due_notes(tenant, 55)

        assert tenant.table.rows[f"MESSAGE#{MESSAGE}"].get("next_attempt_at") is None

    def test_its_users_and_clicks_are_known(self, left, tenant):
        assert tenant.directory.owner_of("virtualats", "101").email == "ayse@example.com"
        held = tenant.intents.look(INTENT)
        assert (held.state, held.status, held.body) == (IntentState.DONE, 202, '{"call_id": "virtualats:1"}')

    def test_whoever_it_erased_stays_erased(self, left, tenant, zoho):
        delivered(ended(Clock(), ERASED).written())

        assert tenant.calls.get(ERASED).erased_at
        assert zoho.calls() == []


class TestOfTheVersionAfter:
    """A deploy replaces functions one after the other: its rows and messages come by while this code still runs."""

    @pytest.fixture
    def now(self, tenant):
        """What this version leaves, with more in it than it knows."""
        rows = recorded()["rows"]
        for pk, row in rows.items():
            if pk.startswith(("CALL#", "MESSAGE#")):
                row["mood"] = {"score": 7}
        rows[f"CALL#{RINGING}"]["facts"]["texts"]["mood"] = [[0, 0, 0], "merry"]
        rows[f"CALL#{RINGING}"]["facts"]["times"]["parked_at"] = "2026-01-15T09:29:10+00:00"
        rows[f"CALL#{RINGING}"]["facts"]["seconds"]["hold_seconds"] = 3
        rows[f"CALL#{RINGING}"]["recording"]["transcript_key"] = "recordings/text/1"
        tenant.table.rows.update(rows)
        return tenant.table.rows

    def test_what_it_tells_beyond_what_we_know_is_no_hindrance(self, tenant, zoho):
        told = json.loads(ended(Clock(), RINGING).written())

        assert delivered(json.dumps({**told, "mood": "merry"})) == []
        assert [call["Santral_Call_ID"] for call in zoho.calls()] == [RINGING]

    def test_what_it_wrote_into_rows_is_still_there_after_we_wrote_them(self, tenant, now):
        assert delivered(ended(Clock(), RINGING).written()) == []

        row = now[f"CALL#{RINGING}"]
        assert (row["state"] if "state" in row else row["facts"]["state"]) == "ended"
        assert row["mood"] == {"score": 7}
        assert row["facts"]["texts"]["mood"] == [[0, 0, 0], "merry"]
        assert row["facts"]["times"]["parked_at"] == "2026-01-15T09:29:10+00:00"
        assert row["facts"]["seconds"]["hold_seconds"] == 3
        assert row["recording"]["transcript_key"] == "recordings/text/1"
        assert row["recording"]["state"] == "pending"

    def test_of_a_message_too(self, tenant, now):
        tenant.messages.change(MESSAGE, lambda kept: kept.having(note_due_at=None))

        assert now[f"MESSAGE#{MESSAGE}"]["mood"] == {"score": 7}
        assert "next_attempt_at" not in now[f"MESSAGE#{MESSAGE}"]

    def test_but_nothing_of_it_stays_of_who_is_erased(self, tenant, now):
        tenant.calls.erase(RINGING)

        assert "mood" not in json.dumps(now[f"CALL#{RINGING}"])

    @pytest.mark.parametrize("strange", [{"v": 2}, {"kind": "survey"}])
    def test_a_message_it_alone_can_read_goes_back_to_its_queue_and_holds_nobody_up(self, tenant, zoho, strange):
        told = json.loads(ended(Clock(), RINGING).written())
        for_us = ended(Clock(), LOGGED).written()

        assert delivered(json.dumps({**told, **strange}), for_us) == ["0"]
        assert [call["Santral_Call_ID"] for call in zoho.calls()] == [LOGGED]
        assert f"CALL#{RINGING}" not in tenant.table.rows
