import threading

import pytest

from santral.errors import Busy, Unanswered
from santral.store import snapshots as module
from santral.store.snapshots import Snapshots
from tests.fakes import MemoryTable


@pytest.fixture
def table():
    return MemoryTable()


@pytest.fixture
def reads():
    return []


@pytest.fixture
def ask(table, clock, reads):
    def ask(name="live kobikom", max_age_seconds=2):
        def read():
            reads.append(name)
            return [len(reads)]

        return Snapshots(table, clock=clock).get(name, max_age_seconds=max_age_seconds, read=read)

    return ask


def test_many_who_ask_cost_one_reading(ask, reads):
    assert [ask() for _ in range(50)] == [[1]] * 50
    assert len(reads) == 1


def test_an_old_one_is_read_anew(ask, clock):
    ask()
    clock.pass_seconds(1.9)
    assert ask() == [1]
    clock.pass_seconds(0.1)
    assert ask() == [2]


def test_a_fresh_one_costs_a_single_read_of_the_table(ask, table):
    ask()
    table.reads = table.writes = 0
    ask()

    assert (table.reads, table.writes) == (1, 0)


def test_snapshots_do_not_share_names(ask, reads):
    ask("live kobikom")
    ask("extensions verimor")

    assert reads == ["live kobikom", "extensions verimor"]


def test_while_one_reads_the_others_take_what_was_true_just_before(table, clock, ask, reads):
    ask()
    clock.pass_seconds(3)
    heard = []

    def slow():
        heard.append(ask())
        return ["new"]

    assert Snapshots(table, clock=clock).get("live kobikom", max_age_seconds=2, read=slow) == ["new"]
    assert heard == [[1]]
    assert len(reads) == 1


def test_who_finds_nothing_while_another_reads_waits_for_it(table, clock, ask, reads, monkeypatch):
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.001)
    reading, answer = threading.Event(), threading.Event()

    def slow():
        reading.set()
        answer.wait(5)
        return ["new"]

    first = threading.Thread(
        target=lambda: Snapshots(table, clock=clock).get("live kobikom", max_age_seconds=2, read=slow)
    )
    first.start()
    reading.wait(5)
    threading.Timer(0.05, answer.set).start()

    assert ask() == ["new"]
    assert reads == []
    first.join()


def test_who_waits_too_long_is_told_so(table, clock, ask, monkeypatch):
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0)

    def slow():
        with pytest.raises(Busy):
            ask()
        return []

    Snapshots(table, clock=clock).get("live kobikom", max_age_seconds=2, read=slow)


def test_a_failed_reading_is_told_and_the_next_one_tries_again(table, clock, ask):
    def failing():
        raise Unanswered("hangs", system="kobikom")

    with pytest.raises(Unanswered):
        Snapshots(table, clock=clock).get("live kobikom", max_age_seconds=2, read=failing)

    assert ask() == [1]


def test_a_reader_that_died_holds_the_others_up_for_seconds_only(table, clock, ask):
    snapshots = Snapshots(table, clock=clock)
    assert snapshots._claimed("live kobikom", 2000)
    clock.pass_seconds(6)

    assert ask() == [1]
