import functions.workers.retry_pending as module
from tests.fakes.doors import Context, sample


def test_the_schedule_gives_the_sweep_the_time_that_is_left(tenant, monkeypatch):
    swept = []
    monkeypatch.setattr(module, "retry_pending", lambda _tenant, seconds: swept.append(seconds))

    module.handler(sample("workers/retry_pending"), Context())

    [seconds] = swept
    assert 0 < seconds <= 30.0


def test_a_few_notes_go_before_the_line_of_calls(tenant, monkeypatch):
    done = []
    monkeypatch.setattr(module, "write_due_notes", lambda _tenant, seconds: done.append(("notes", seconds)))
    monkeypatch.setattr(module, "retry_pending", lambda _tenant, _seconds: done.append(("calls", None)))

    module.handler(sample("workers/retry_pending"), Context())

    assert done == [("notes", 7.5), ("calls", None)]
