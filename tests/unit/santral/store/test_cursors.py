from datetime import UTC, datetime

import pytest

from santral.store.cursors import Cursor, Cursors, Figures, Pass
from tests.fakes import MemoryTable

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
WALK = Pass(since=datetime(2026, 1, 14, tzinfo=UTC), until=NOON, reached=NOON, offset=500, found=Figures(missing=1))


@pytest.fixture
def cursors():
    return Cursors(MemoryTable())


def test_a_provider_never_asked_has_been_nowhere(cursors):
    assert cursors.get("virtualats") == Cursor(provider="virtualats")


def test_a_cursor_comes_back_as_it_was_kept(cursors):
    cursor = Cursor(
        provider="virtualats", passes={"hours": WALK}, day="2026-01-15", today=Figures(checked=7), read_at=NOON
    )

    kept = cursors.keep(cursor, now=0)

    assert cursors.get("virtualats") == kept == cursor.having(version=1)
    assert cursors.get("kobikom").passes == {}


def test_the_slower_of_two_runs_keeps_nothing(cursors):
    first = cursors.keep(Cursor(provider="virtualats"), now=0)
    assert cursors.keep(Cursor(provider="virtualats", day="x"), now=0) is None

    second = cursors.keep(first.having(day="2026-01-15"), now=0)
    assert cursors.keep(first.having(day="x"), now=0) is None
    assert cursors.get("virtualats") == second


def test_what_is_no_longer_known_is_none_again(cursors):
    kept = cursors.keep(Cursor(provider="virtualats", missing_since=NOON), now=0)
    cursors.keep(kept.having(missing_since=None), now=0)

    assert cursors.get("virtualats").missing_since is None


@pytest.mark.parametrize(("reached", "done"), [(NOON, False), (WALK.since, True)])
def test_a_pass_is_done_when_it_reached_its_beginning(reached, done):
    assert WALK.model_copy(update={"reached": reached}).done is done
