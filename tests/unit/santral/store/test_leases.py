import pytest

from tests.fakes import make_tenant


@pytest.fixture
def leases(clock):
    return make_tenant(clock=clock).leases


def test_a_lease_is_held_by_one_at_a_time(leases):
    assert [leases.take("sweep", 60), leases.take("sweep", 60), leases.take("other", 60)] == [True, False, True]


def test_who_dies_holds_it_until_it_ends(leases, clock):
    leases.take("sweep", 60)
    clock.pass_seconds(60)
    assert not leases.take("sweep", 60)
    clock.pass_seconds(1)

    assert leases.take("sweep", 60)


def test_given_back_it_is_free_at_once(leases):
    for _ in range(3):
        assert leases.take("sweep", 60)
        leases.give_back("sweep")


def test_given_back_with_a_pause_it_is_free_after_it(leases, clock):
    leases.take("sweep", 60)
    leases.give_back("sweep", pause=300)
    clock.pass_seconds(300)
    assert not leases.take("sweep", 60)
    clock.pass_seconds(1)

    assert leases.take("sweep", 60)
