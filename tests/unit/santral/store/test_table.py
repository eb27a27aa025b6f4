from types import SimpleNamespace

import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

import santral.store.table
from santral.calls import CallState
from santral.errors import Conflict
from santral.store.table import Counter, DynamoTable, _to_item, _to_row, rewrite
from tests.fakes import MemoryTable


def row(value):
    return {"pk": "THING#1", "sk": "-", "v": 1, "value": value}


def test_a_row_is_written_as_boto3_would_write_it():
    some = {
        "state": CallState.ENDED,
        "on": True,
        "off": False,
        "much": 10**12,
        "none": None,
        "many": ["a", 1, {"b": []}],
    }
    serialize = TypeSerializer().serialize

    assert _to_item({**row(some), "gone": None}) == {name: serialize(value) for name, value in row(some).items()}
    with pytest.raises(TypeError):
        _to_item(row(0.5))


def test_a_row_is_read_as_it_was_written():
    some = row({"text": "ş", "on": True, "much": 10**12, "less": -1, "none": None, "many": ["a", 1, {"b": []}]})

    assert _to_row(_to_item(some)) == some
    with pytest.raises(TypeError, match="SS"):
        _to_row({"value": {"SS": ["a"]}})


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


class Cancelled(ClientError):
    def __init__(self, *codes):
        reasons = [{"Code": code} for code in codes]
        super().__init__(
            {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}, "Transact"
        )


@pytest.fixture
def cancelling(monkeypatch):
    """Let DynamoDB cancel the next transactions for these reasons each, and return what was asked of it."""

    def cancel(*each):
        left, asked = list(each), []

        def transact_write_items(**request):
            asked.append(request)
            if left:
                raise Cancelled(*left.pop(0))

        dynamodb = SimpleNamespace(
            transact_write_items=transact_write_items,
            exceptions=SimpleNamespace(TransactionCanceledException=Cancelled),
        )
        monkeypatch.setattr(santral.store.table, "client", lambda _service: dynamodb)
        monkeypatch.setattr(santral.store.table, "_CANCELLED_SECONDS", 0)
        return asked

    return cancel


COUNTERS = (Counter("QUOTA#a", 1, 60), Counter("QUOTA#b", 1, 60))


def add_counted():
    return DynamoTable("table").add_counted(row(1), COUNTERS, now=0)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_cancelled_for_now_is_tried_again_whatever_else_was_wrong(cancelling, reason):
    asked = cancelling(("None", reason, "None"), ("ConditionalCheckFailed", reason, "None"))

    assert add_counted() is None
    assert len(asked) == 3


def test_of_several_reasons_the_row_that_is_there_comes_first(cancelling):
    cancelling(("ConditionalCheckFailed", "ConditionalCheckFailed", "None"))

    assert add_counted() == "THING#1"


def test_a_full_counter_is_named(cancelling):
    cancelling(("None", "None", "ConditionalCheckFailed"))

    assert add_counted() == "QUOTA#b"


def test_a_transaction_that_is_always_cancelled_is_given_up(cancelling):
    asked = cancelling(*[("None", "TransactionConflict", "None")] * 20)

    with pytest.raises(Conflict):
        add_counted()
    assert len(asked) == 8


def test_what_no_repetition_mends_is_raised(cancelling):
    asked = cancelling(("ValidationError", "None", "None"))

    with pytest.raises(Cancelled):
        add_counted()
    assert len(asked) == 1
