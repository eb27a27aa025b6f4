from functions.queues.delete_queue import handler as delete_queue
from tests.fakes.doors import call, sample


def test_a_queue_is_deleted(tenant, call_center):
    heard = call(delete_queue, sample("queues/delete_queue"))

    assert (heard.status, heard.text) == (204, "")
    assert call_center.done == [("delete queue", "10003")]
