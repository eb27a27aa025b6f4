import functions.workers.reconcile_calls as module
from tests.fakes.doors import Context, sample


def test_the_schedule_gives_reconciling_the_time_that_is_left(tenant, monkeypatch):
    given = []
    monkeypatch.setattr(module, "reconcile", lambda _tenant, seconds: given.append(seconds))

    module.handler(sample("workers/reconcile_calls"), Context())

    assert given == [30.0]
