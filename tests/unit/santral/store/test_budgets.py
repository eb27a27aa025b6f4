import pytest

from santral.errors import Busy
from santral.store.budgets import ProviderBudget
from tests.fakes import MemoryTable


@pytest.fixture
def budget(clock):
    return ProviderBudget(MemoryTable(), "verimor", clock=clock)


def test_what_a_minute_allows_is_given_and_no_more(budget):
    for _ in range(6):
        budget.take("cdrs", per_minute=6)

    with pytest.raises(Busy) as refused:
        budget.take("cdrs", per_minute=6)
    assert 0 < refused.value.retry_after <= 60


def test_limits_are_counted_apart(budget):
    budget.take("statuses", per_minute=1)

    budget.take("cdrs", per_minute=1)


def test_two_containers_share_one_limit(clock):
    table = MemoryTable()
    ProviderBudget(table, "verimor", clock=clock).take("statuses", per_minute=1)

    with pytest.raises(Busy):
        ProviderBudget(table, "verimor", clock=clock).take("statuses", per_minute=1)


def test_a_new_minute_brings_a_new_share(budget, clock):
    budget.take("statuses", per_minute=1)
    clock.pass_seconds(60)

    budget.take("statuses", per_minute=1)
