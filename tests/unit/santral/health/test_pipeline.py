from datetime import datetime, timedelta

import pytest

from santral.calls import CallEvent, CallState
from santral.store.calls import Owed


def called(tenant, **ago):
    event = CallEvent(
        call_id="virtualats:1",
        provider="virtualats",
        state=CallState.ENDED,
        started_at=tenant.clock() - timedelta(**ago),
    )
    return tenant.calls.change(event.call_id, lambda entry: entry.told(event))


def test_everything_is_green_in_a_new_company(look):
    assert {name: said[0] for name, said in look().items() if said[0] != "ok"} == {}


def test_a_dead_letter_is_red_and_the_fix_is_to_redrive(look, aws):
    aws.depths["events-dlq.fifo"] = 2

    level, sentence, fix = look()["events dead letters"]

    assert (level, sentence) == ("failed", "2 messages were given up.")
    assert "operations redrive" in fix


def test_a_queue_that_grows_is_amber(look, aws):
    aws.depths["events.fifo"] = 1000

    level, _, fix = look()["events"]

    assert level == "warning"
    assert "concurrency" in fix


@pytest.mark.parametrize(("minutes", "level"), [(15, "ok"), (16, "failed")])
def test_a_crm_that_has_waited_for_a_quarter_of_an_hour_is_red(look, tenant, minutes, level):
    called(tenant, minutes=1)
    now = int(tenant.clock().timestamp())
    tenant.calls.change("virtualats:1", lambda it: it.owing(frozenset({Owed.RECORD}), next_attempt_at=now))
    tenant.clock.pass_seconds(60 * minutes)

    said = look()["backlog"]

    assert (said[0], f"{minutes} minutes" in said[1], "retry_pending" in said[2]) == (level, True, level == "failed")


def test_a_recording_that_is_waited_for_is_not_owed_to_the_crm(look, tenant):
    called(tenant, minutes=1)
    tenant.calls.change("virtualats:1", lambda it: it.owing(frozenset({Owed.RECORDING}), next_attempt_at=0))

    assert look()["backlog"] == ("ok", "Nothing is owed to the CRM; 1 calls wait for their recording.", "")


@pytest.mark.parametrize(
    ("first", "level", "words"),
    [
        (None, "ok", "whenever they were"),
        ("2026-01-15T12:30:00+03:00", "ok", "since 2026-01-15T09:30:00+00:00"),
        ("2026-01-15T12:30:00", "ok", "since 2026-01-15T09:30:00+00:00"),
        ("2999-01-01T00:00:00Z", "failed", "No call is logged"),
    ],
)
def test_a_company_that_was_never_connected_is_red(look, tenant, first, level, words):
    moment = datetime.fromisoformat(first) if first else None
    tenant.settings = tenant.settings.model_copy(update={"log_calls_from": moment})

    said = look()["logging"]

    assert (said[0], words in said[1]) == (level, True)
    assert ("operations connect acme" in said[2]) == (level == "failed")


@pytest.mark.parametrize(("days", "level"), [(0, "ok"), (2, "ok"), (4, "warning")])
def test_calls_that_came_and_then_no_more_for_three_days_are_amber(look, tenant, days, level):
    called(tenant, days=days, hours=1)

    said = look()["last event"]

    assert (said[0], "latest call started" in said[1], "webhooks of virtualats, wapcrm" in said[2]) == (
        level,
        True,
        level == "warning",
    )


def test_a_company_that_has_not_called_for_a_week_is_not_suspected(look, tenant):
    called(tenant, days=20)

    assert look()["last event"] == ("ok", "No call has started within the last week.", "")


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [(10, "ok", "agrees"), (60, "warning", "60 seconds behind"), (-600, "failed", "600 seconds ahead")],
)
def test_a_clock_that_is_off_is_told_by_how_much_and_against_whose(look, tenant, aws, seconds, level, words):
    aws.time = tenant.clock() + timedelta(seconds=seconds)

    said = look()["clock"]

    assert (said[0], words in said[1], "NTP" in said[2]) == (level, True, level != "ok")


def test_zohos_clock_counts_as_well(look, tenant, monkeypatch):
    asked = tenant.zoho.request

    def request(*args, **how):
        answer = asked(*args, **how)
        tenant.zoho.clock_ahead = timedelta(minutes=-5)
        return answer

    monkeypatch.setattr(tenant.zoho, "request", request)

    assert look()["clock"][:2] == ("failed", "Our clock is 300 seconds behind Zoho's.")
