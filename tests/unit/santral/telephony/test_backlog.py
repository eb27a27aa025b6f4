import pytest

from santral.store.calls import Owed
from santral.telephony.backlog import measure_backlog


@pytest.fixture
def measured(tenant, metrics):
    def measure():
        metrics()
        measure_backlog(tenant)
        found = metrics()
        return found["calls_pending"], found["oldest_pending_seconds"]

    return measure


def owe(tenant, number, *kinds):
    tenant.calls.change(
        f"virtualats:{number}",
        lambda entry: entry.owing(frozenset(kinds), next_attempt_at=int(tenant.clock().timestamp()) + 3600),
    )


def settle(tenant, number, kind):
    tenant.calls.change(f"virtualats:{number}", lambda entry: entry.settled(kind))


def test_nothing_owed_is_said_as_well(measured):
    assert measured() == ([0], [0])


def test_the_crm_waits_since_it_was_first_owed_something_however_often_it_was_tried(tenant, clock, measured):
    owe(tenant, 1, Owed.RECORD)
    clock.pass_seconds(600)
    owe(tenant, 1, Owed.RECORD)
    owe(tenant, 2, Owed.UPDATE)
    clock.pass_seconds(60)

    assert measured() == ([2], [660])

    settle(tenant, 1, Owed.RECORD)
    assert measured() == ([1], [60])


def test_a_recording_that_is_waited_for_is_pending_but_the_crm_does_not_wait(tenant, clock, measured):
    owe(tenant, 1, Owed.RECORD, Owed.RECORDING)
    clock.pass_seconds(600)
    settle(tenant, 1, Owed.RECORD)

    assert measured() == ([1], [0])

    clock.pass_seconds(600)
    owe(tenant, 1, Owed.UPDATE)
    clock.pass_seconds(5)
    assert measured() == ([1], [5])


def test_a_large_backlog_is_counted_page_by_page_and_not_without_end(tenant, clock, measured, monkeypatch):
    monkeypatch.setattr("santral.store.calls._BACKLOG_PAGE", 2)
    monkeypatch.setattr("santral.store.calls._BACKLOG_PAGES", 3)
    for number in range(5):
        owe(tenant, number, Owed.RECORD)
        clock.pass_seconds(10)
    assert measured() == ([5], [50])

    for number in range(5, 9):
        owe(tenant, number, Owed.RECORD)
    assert measured() == ([6], [50])
