import pytest

from santral.errors import Conflict
from santral.zoho.objections import WHOLE, Objection, Objections
from tests.fakes import MemoryTable

FILLED = Objection(code="MANDATORY_NOT_FOUND", wanted=True, label="Contract No", value="-")
REFUSED = Objection(code="INVALID_DATA", label="Voice recording")
HELD_BACK = Objection(code="NO_PERMISSION", waits=True)


@pytest.fixture
def table():
    return MemoryTable()


@pytest.fixture
def container(table, clock):
    return lambda: Objections(table, clock=clock)


@pytest.fixture
def objections(container):
    return container()


def test_what_one_container_learns_the_others_heed(objections, container):
    objections.remember("Calls", "Contract_No", FILLED)
    objections.remember("Calls", "Voice_Recording__s", REFUSED)
    objections.remember("Calls", WHOLE, HELD_BACK)

    allowance = container().allowance("Calls")

    assert allowance.filled == {"Contract_No": "-"}
    assert allowance.left_out == {"Voice_Recording__s"}
    assert allowance.applied({"Subject": "x", "Voice_Recording__s": "y"}) == {"Subject": "x", "Contract_No": "-"}
    assert container().allowance("Tasks").applied({"Subject": "x"}) == {"Subject": "x"}


def test_a_value_of_the_record_is_worth_more_than_one_filled_in(objections):
    objections.remember("Calls", "Caller_ID", FILLED)

    assert objections.allowance("Calls").applied({"Caller_ID": "101"}) == {"Caller_ID": "101"}


def test_after_an_hour_it_is_tried_again_and_told_all_the_same(objections, clock):
    objections.remember("Calls", "Contract_No", FILLED)
    clock.pass_seconds(3601)

    assert objections.allowance("Calls").filled == {}
    assert "Contract_No" in objections.to("Calls")

    clock.pass_seconds(7 * 86_400)
    assert objections.to("Calls") == {}


@pytest.mark.parametrize(
    ("record", "left"),
    [
        ({"Subject": "x"}, {"Voice_Recording__s"}),
        ({"Subject": "x", "Contract_No": "-"}, {"Contract_No", "Voice_Recording__s"}),
        ({"Subject": "x", "Contract_No": "-", "Voice_Recording__s": "y"}, {"Contract_No"}),
    ],
)
def test_a_record_that_is_taken_disproves_what_it_can(objections, container, record, left):
    objections.remember("Calls", "Contract_No", FILLED)
    objections.remember("Calls", "Voice_Recording__s", REFUSED)
    objections.remember("Calls", WHOLE, HELD_BACK)

    objections.accepted("Calls", record, whole=True)

    assert container().to("Calls").keys() == left


def test_values_of_a_record_that_is_there_disprove_only_what_was_held_against_them(objections):
    objections.remember("Calls", "Contract_No", FILLED)
    objections.remember("Calls", "Voice_Recording__s", REFUSED)
    objections.remember("Calls", WHOLE, HELD_BACK)

    objections.accepted("Calls", {"Voice_Recording__s": "y"}, whole=False)

    assert objections.to("Calls").keys() == {"Contract_No", WHOLE}


def test_the_same_again_is_not_written_again(objections, table, clock):
    objections.remember("Calls", "Contract_No", FILLED)
    writes = table.writes
    objections.remember("Calls", "Contract_No", FILLED)
    objections.accepted("Tasks", {}, whole=True)
    assert table.writes == writes

    clock.pass_seconds(301)
    objections.remember("Calls", "Contract_No", FILLED)
    assert table.writes == writes + 1


def test_a_note_that_cannot_be_taken_does_not_make_a_written_record_seem_to_have_failed(objections, table, monkeypatch):
    def busy(*_args, **_named):
        raise Conflict

    objections.remember("Calls", WHOLE, HELD_BACK)
    monkeypatch.setattr("santral.zoho.objections.rewrite", busy)

    objections.accepted("Calls", {}, whole=True)

    assert WHOLE in objections.to("Calls")
