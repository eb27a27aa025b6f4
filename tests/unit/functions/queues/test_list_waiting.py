from functions.queues.list_waiting import handler as list_waiting
from tests.fakes.doors import call, sample


def test_only_who_waits_in_this_queue_is_listed(tenant):
    heard = call(list_waiting, sample("queues/list_waiting"))

    assert heard.json == {
        "waiting": [
            {"queue": "200", "number": "05321234567", "call_id": "verimor:w1", "joined_at": "2026-01-15T09:29:00Z"}
        ]
    }
