import pytest

from santral.errors import Conflict
from santral.store.table import rewrite
from tests.fakes import MemoryTable


def row(value):
    return {"pk": "THING#1", "sk": "-", "v": 1, "value": value}


def test_a_rewrite_applies_to_what_is_there_or_to_nothing():
    table = MemoryTable()

    assert rewrite(table, "THING#1", lambda seen: (row(1), seen), now=0) is None
    assert rewrite(table, "THING#1", lambda seen: (row(seen["value"] + 1), seen["value"]), now=0) == 1
    assert table.get("THING#1")["value"] == 2


def test_a_rewrite_that_changes_nothing_writes_nothing():
    table = MemoryTable()
    rewrite(table, "THING#1", lambda _: (None, None), now=0)

    assert table.writes == 0


def test_a_faster_writer_makes_it_apply_again_to_what_that_one_wrote():
    table = MemoryTable()
    table.add(row(1), now=0)
    interruptions = iter([10, 20])

    def change(seen):
        if (other := next(interruptions, None)) is not None:
            table.replace({**seen, "value": other})
        return row(seen["value"] + 1), None

    rewrite(table, "THING#1", change, now=0)

    assert table.get("THING#1")["value"] == 21


def test_it_gives_up_when_others_keep_writing():
    table = MemoryTable()
    table.add(row(1), now=0)

    def change(seen):
        table.replace(seen)
        return row(0), None

    with pytest.raises(Conflict):
        rewrite(table, "THING#1", change, now=0)
