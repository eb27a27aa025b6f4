import pytest

from functions.calls.save_outcome import handler as save_outcome
from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.errors import OutcomeUnknown
from tests.fakes.doors import call, http, sample

CALL = "virtualats:3489655c982f4e46b9c9ca975b031781"


@pytest.fixture
def told(tenant):
    def told(**facts):
        given = {
            "state": CallState.ENDED,
            "direction": Direction.INBOUND,
            "disposition": Disposition.ANSWERED,
            "from_": "05321234567",
            "extension": "101",
            "line": "902125550000",
            "ring_seconds": 5,
            "talk_seconds": 50,
            **facts,
        }
        event = CallEvent(call_id=CALL, provider="virtualats", **given)
        tenant.calls.change(CALL, lambda entry: entry.told(event))

    return told


def test_the_sample_is_saved_with_all_the_ledger_knows_of_the_call(tenant, messenger, told):
    told()
    heard = call(save_outcome, sample("calls/save_outcome"))

    assert heard.status == 200
    assert heard.json["outcome"] == "Satış: Kapandı"
    [saved] = messenger.saved
    assert (saved.provider_call_id, saved.phone, saved.answered) == (CALL.partition(":")[2], "+905321234567", True)
    assert (saved.result_id, saved.child_result_id, saved.note) == (23, 21, "Pazartesi tekrar aranacak")
    assert (saved.extension, saved.line, saved.ring_seconds, saved.talk_seconds) == ("101", "902125550000", 5, 50)


def test_it_is_told_of_the_call_too_so_that_the_crm_hears_of_it(tenant, told):
    told()
    call(save_outcome, sample("calls/save_outcome"))

    [said] = tenant.event_queue.sent
    assert (said.call_id, said.outcome, said.note) == (CALL, "Satış: Kapandı", "Pazartesi tekrar aranacak")


def test_what_the_provider_later_tells_under_this_id_is_told_of_this_call(tenant, told):
    told()
    call(save_outcome, sample("calls/save_outcome"))

    assert tenant.calls.behind(f"wapcrm:{CALL.partition(':')[2]}").call_id == CALL


@pytest.mark.parametrize(
    ("body", "field"),
    [({"result_id": 99}, "result_id"), ({"result_id": 23, "child_result_id": 99}, "child_result_id")],
)
def test_a_result_that_is_not_in_the_tree_is_refused_before_anything_is_saved(messenger, told, body, field):
    told()
    heard = call(save_outcome, http("calls/save_outcome", body=body))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, field)
    assert messenger.saved == []


@pytest.mark.parametrize("facts", [{"direction": Direction.INTERNAL}, {"from_": "anonymous"}])
def test_a_call_without_a_customer_gets_no_outcome(messenger, told, facts):
    told(**facts)
    heard = call(save_outcome, sample("calls/save_outcome"))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "call_id")
    assert messenger.saved == []


def test_a_lost_answer_is_final_and_nothing_is_saved_twice(messenger, told):
    told()
    messenger.failure = OutcomeUnknown("no answer", system="wapcrm")
    first = call(save_outcome, sample("calls/save_outcome"))
    messenger.failure = None
    second = call(save_outcome, sample("calls/save_outcome"))

    assert (first.status, second.status) == (504, 504)
    assert len(messenger.saved) == 1
