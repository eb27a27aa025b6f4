from functions.queues.create_queue import handler as create_queue
from santral.errors import OutcomeUnknown
from tests.fakes.doors import call, sample


def test_a_queue_is_created_once_and_its_password_goes_to_the_pbx_alone(tenant, call_center):
    first = call(create_queue, sample("queues/create_queue"))
    second = call(create_queue, sample("queues/create_queue"))

    assert (first.status, first.json) == (201, {"queue": "10003", "name": "SATISQ"})
    assert second.json == first.json
    [(_, queue, password, agents)] = call_center.done
    assert (queue.queue, password, agents) == ("10003", "sample-only", ("100", "101"))
    assert "sample-only" not in str(tenant.table.rows)


def test_a_lost_answer_is_final_and_no_queue_is_created_twice(tenant, call_center):
    call_center.failure = OutcomeUnknown("no answer", system="kobikom")
    first = call(create_queue, sample("queues/create_queue"))
    second = call(create_queue, sample("queues/create_queue"))

    assert (first.status, second.status, len(call_center.done)) == (504, 504, 1)
