import functions.workers.archive_recording as module
from tests.fakes.doors import Context, sample

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"


def test_the_sample_asks_for_its_calls_recording(tenant, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "archive", lambda _tenant, call_id: asked.append(call_id))

    assert module.handler(sample("workers/archive_recording"), Context()) == {"batchItemFailures": []}
    assert asked == [CALL_ID]


def test_a_call_the_ledger_does_not_know_goes_back_to_the_queue(tenant):
    answer = module.handler(sample("workers/archive_recording"), Context())

    assert len(answer["batchItemFailures"]) == 1
