from datetime import timedelta

import pytest

from santral.calls import CallEvent, CallState, Direction
from santral.forgotten import bury
from santral.providers.ports import HistoryBudget
from santral.store.calls import Entry
from santral.telephony.replay import Pace

DAY = "--from 2026-01-15 --to 2026-01-16"


@pytest.fixture
def records(pbx, clock):
    """Seven calls of the day, one each two hours."""
    pbx.records = [
        CallEvent(
            call_id=f"virtualats:{number}",
            provider="virtualats",
            state=CallState.ENDED,
            direction=Direction.INBOUND,
            from_=f"90532123450{number}",
            started_at=clock() + timedelta(hours=2 * number - 6),
        )
        for number in range(7)
    ]
    return pbx.records


def test_every_record_of_the_period_is_queued_as_replayed(run, records, company):
    printed = run(f"replay {DAY}")

    sent = company.tenant.event_queue.sent
    assert {event.call_id for event in sent} == {event.call_id for event in records}
    assert all(event.replayed for event in sent)
    assert "virtualats: 7 calls queued." in printed


def test_days_are_those_of_the_company(run, records, pbx, company):
    run(f"replay {DAY}")
    begin, end = pbx.asked[0][0], pbx.asked[-1][1]

    assert begin.isoformat() == "2026-01-15T00:00:00+03:00"
    assert end.isoformat() == "2026-01-16T00:00:00+03:00"


def test_a_replayed_event_gets_through_where_its_twin_was_seen_a_moment_ago(run, records, company):
    run(f"replay {DAY}")

    assert company.tenant.event_queue.sent[0].fingerprint() != records[0].fingerprint()


def test_a_dry_run_says_where_each_call_stands_and_queues_none(run, records, company, clock):
    tenant = company.tenant
    for number, crm_call_id in ((0, "1"), (1, None)):
        tenant.calls.add(Entry(call_id=f"virtualats:{number}", first_seen_at=clock(), crm_call_id=crm_call_id))
    tenant.calls.add(Entry(call_id="virtualats:2", first_seen_at=clock()))
    tenant.calls.erase("virtualats:2")
    clock.pass_seconds(86_400)
    bury(tenant, "+905321234503")
    printed = run(f"replay {DAY} --dry-run")

    assert tenant.event_queue.sent == []
    assert "7 calls would be queued." in printed
    counted = dict(line.rsplit(maxsplit=1) for line in printed.splitlines()[2:])
    assert {where.strip(): int(count) for where, count in counted.items()} == {
        "unknown to us": 3, "erased": 2, "in the CRM": 1, "known, not in the CRM": 1,
    }  # fmt: skip


def test_a_period_has_a_length(run, records):
    run("replay --from 2026-01-16 --to 2026-01-15", code=2)


def test_a_long_replay_keeps_to_the_providers_budget():
    now, waited = [0.0], []

    def sleep(seconds):
        waited.append(seconds)
        now[0] += seconds

    pace = Pace(monotonic=lambda: now[0], sleep=sleep)
    asked = []
    for _ in range(10):
        pace.keep(HistoryBudget(rows=500, requests=3))
        asked.append(now[0])
        now[0] += 1

    assert all(later - earlier >= 300 for earlier, later in zip(asked, asked[3:], strict=False))
    assert asked[:3] == [0, 1, 2]
    assert sum(waited) < 900


@pytest.mark.parametrize(
    ("since", "meant"),
    [
        ("2026-01-15", "2026-01-15T00:00:00+03:00"),
        ("2026-01-15T09:30", "2026-01-15T09:30:00+03:00"),
        ("2026-01-15T09:30+00:00", "2026-01-15T09:30:00+00:00"),
        ("2026-01-15T09:30:15+0400", "2026-01-15T09:30:15+04:00"),
    ],
)
def test_a_moment_without_an_offset_is_the_companys(run, records, pbx, since, meant):
    run(f"replay --from {since} --to 2026-01-16 --dry-run")

    assert pbx.asked[0][0].isoformat() == meant
