import functions.workers.retry_pending as module
from tests.fakes.doors import Context, sample


def test_the_schedule_gives_the_sweep_the_time_that_is_left(tenant, monkeypatch):
    swept = []
    monkeypatch.setattr(module, "retry_pending", lambda _tenant, seconds: swept.append(seconds))

    module.handler(sample("workers/retry_pending"), Context())

    assert swept == [30.0]
