"""The table's rules, held for DynamoDB and for the stand-in of the unit tests alike, so that one is like the other."""

import threading
import uuid
from decimal import Decimal

import pytest

from santral.store.table import Counter, DynamoTable, index_start, rewrite
from tests.fakes import MemoryTable


@pytest.fixture(params=["DynamoDB", "memory"])
def table(request, embedded_aws, as_function):
    if request.param == "memory":
        return MemoryTable()
    as_function("RetryPending")
    return DynamoTable(embedded_aws.outputs["TableName"])


@pytest.fixture
def row():
    pk = f"CALL#{uuid.uuid4()}"

    def make(**more):
        return {"pk": pk, "sk": "-", "v": 1, **more}

    return make


def test_a_row_comes_back_as_it_was_written(table, row):
    content = row(
        number=5, text="Çağrı", list=["a", "b"], map={"deep": {"n": 1}}, flag=True, nothing=None, expires_at=99
    )
    assert table.add(content, now=0)

    read = table.get(content["pk"])

    assert read == {**{name: value for name, value in content.items() if value is not None}, "version": 1}
    assert not any(isinstance(value, Decimal) for value in read.values())


def test_what_is_not_there_is_none(table, row):
    assert table.get(row()["pk"]) is None


def test_only_the_first_adds(table, row):
    assert table.add(row(value=1), now=0)
    assert not table.add(row(value=2), now=0)
    assert table.get(row()["pk"])["value"] == 1


def test_an_expired_row_may_be_added_over_and_one_that_lives_may_not(table, row):
    table.add(row(value=1, expires_at=100), now=0)

    assert not table.add(row(value=2, expires_at=200), now=100)
    assert table.add(row(value=3, expires_at=200), now=101)
    assert table.get(row()["pk"])["value"] == 3


def test_one_can_only_replace_what_one_has_seen(table, row):
    table.add(row(value=1), now=0)
    seen = table.get(row()["pk"])

    assert table.replace({**seen, "value": 2})
    assert not table.replace({**seen, "value": 3})
    assert table.get(row()["pk"])["value"] == 2


def test_of_many_writers_none_is_lost(table, row):
    def add_one():
        def change(seen):
            value = seen["value"] if seen else 0
            return row(value=value + 1), None

        for _ in range(5):
            while True:
                try:
                    rewrite(table, row()["pk"], change, now=0)
                    break
                except Exception as error:  # noqa: BLE001 (a conflict is no loss: it is told, and tried again)
                    assert type(error).__name__ == "Conflict"  # noqa: PT017 (in a thread)

    writers = [threading.Thread(target=add_one) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert table.get(row()["pk"])["value"] == 20


@pytest.fixture
def counting(table, as_function):
    """The same table for a function that counts."""
    if isinstance(table, DynamoTable):
        as_function("Dial")
    return table


def counter(most, expires_at=100):
    return Counter(f"QUOTA#{uuid.uuid4()}", most, expires_at)


def test_what_is_added_is_counted_and_the_counter_stops_at_its_most(counting, row):
    two, many = counter(2), counter(9)
    in_the_way = [counting.add_counted({**row(), "pk": f"INTENT#{uuid.uuid4()}"}, (two, many), now=0) for _ in range(4)]

    assert in_the_way == [None, None, two.pk, two.pk]
    assert counting.get(two.pk) == {"pk": two.pk, "sk": "-", "v": 1, "version": 2, "counted": 2, "expires_at": 100}
    assert counting.get(many.pk)["counted"] == 2


def test_what_is_there_already_is_not_counted_and_stands_in_the_way_before_a_full_counter(counting):
    once = counter(1)
    intent = {"pk": f"INTENT#{uuid.uuid4()}", "sk": "-", "v": 1, "expires_at": 100}

    assert counting.add_counted(intent, (once,), now=0) is None
    assert counting.add_counted(intent, (once,), now=0) == intent["pk"]
    assert counting.add_counted(intent, (counter(1),), now=101) is None
    assert counting.get(once.pk)["counted"] == 1


def test_a_full_counter_leaves_the_row_unwritten(counting):
    once = counter(1)
    first, second = ({"pk": f"INTENT#{uuid.uuid4()}", "sk": "-", "v": 1} for _ in range(2))
    counting.add_counted(first, (once,), now=0)

    assert counting.add_counted(second, (once,), now=0) == once.pk
    assert counting.get(second["pk"]) is None


def test_of_many_who_count_none_is_lost_and_none_too_many_gets_through(counting):
    most = counter(10)
    got = []

    def claim():
        for _ in range(5):
            row = {"pk": f"INTENT#{uuid.uuid4()}", "sk": "-", "v": 1}
            got.append(counting.add_counted(row, (most,), now=0))

    claimants = [threading.Thread(target=claim) for _ in range(4)]
    for claimant in claimants:
        claimant.start()
    for claimant in claimants:
        claimant.join()

    assert got.count(None) == 10
    assert set(got) == {None, most.pk}
    assert counting.get(most.pk)["counted"] == 10


def test_an_index_is_sparse_sorted_and_paged(table):
    due = f"calls-{uuid.uuid4()}"
    for number in range(7):
        pk = f"CALL#{uuid.uuid4()}"
        told = {"due": due, "next_attempt_at": number, "waiting_since": number + 100, "number": number}
        table.add({"pk": pk, "sk": "-", "v": 1, **told}, now=0)
    table.add({"pk": f"CALL#{uuid.uuid4()}", "sk": "-", "v": 1, "next_attempt_at": 3}, now=0)

    first = table.query("due", due, between=(1, 5), newest_first=False, limit=3)
    second = table.query("due", due, between=(1, 5), newest_first=False, limit=3, start=first.next_key)
    newest = table.query("due", due, between=(1, 5), newest_first=True, limit=1)

    assert [row["next_attempt_at"] for row in first.rows + second.rows] == [1, 2, 3, 4, 5]
    assert newest.rows[0]["next_attempt_at"] == 5
    # The backlog's age is read from the index alone.
    assert newest.rows[0]["waiting_since"] == 105
    assert {key: first.next_key[key] for key in ("pk", "sk")} == {
        key: index_start("due", first.rows[-1])[key] for key in ("pk", "sk")
    }


def test_rows_under_one_key_are_apart_from_it_and_paged_in_their_order(table, row, as_function):
    campaign = row(name="Anket")
    contacts = [{**campaign, "sk": f"LEAD#{number}", "number": number} for number in range(5)]
    for written in (*contacts, campaign, {**campaign, "sk": "OTHER#1"}):
        assert table.add(written, now=0)
    assert table.replace({**table.get(campaign["pk"], "LEAD#3"), "number": 30})
    if isinstance(table, DynamoTable):
        as_function("ListResults")

    found, start = [], None
    while True:
        page = table.under(campaign["pk"], prefix="LEAD#", limit=2, start=start)
        assert len(page.rows) <= 2
        found += [each["number"] for each in page.rows]
        if page.next_key is None:
            break
        start = page.next_key

    assert found == [0, 1, 2, 30, 4]
