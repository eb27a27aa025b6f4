import pytest

from santral.calls import RecordLink
from tests.fakes import make_tenant

ELIF = "+905321234567"
CONTACT = RecordLink(module="Contacts", id="1", name="Elif Yılmaz")
LEAD = RecordLink(module="Leads", id="2")


@pytest.fixture
def matches(clock):
    return make_tenant(clock=clock).matches


def test_what_was_found_is_known_for_so_long_and_then_no_more(matches, clock):
    assert matches.of(ELIF) is None
    matches.keep(ELIF, (CONTACT, LEAD), seconds=60)
    clock.pass_seconds(59)
    assert matches.of(ELIF) == (CONTACT, LEAD)
    clock.pass_seconds(1)

    assert matches.of(ELIF) is None


def test_that_nobody_was_found_is_not_the_same_as_not_knowing(matches):
    matches.keep(ELIF, (), seconds=60)

    assert matches.of(ELIF) == ()


def test_what_is_found_later_stands(matches):
    matches.keep(ELIF, (), seconds=60)
    matches.keep(ELIF, (LEAD,), seconds=60)

    assert matches.of(ELIF) == (LEAD,)


def test_what_is_forgotten_is_asked_again_and_may_be_kept_again(matches):
    matches.keep(ELIF, (CONTACT,), seconds=60)
    matches.forget(ELIF)
    assert matches.of(ELIF) is None
    matches.keep(ELIF, (LEAD,), seconds=60)

    assert matches.of(ELIF) == (LEAD,)


def test_of_a_switchboard_in_hundreds_of_records_only_some_are_kept(matches):
    matches.keep(ELIF, tuple(RecordLink(module="Contacts", id=str(each)) for each in range(1, 300)), seconds=60)

    assert len(matches.of(ELIF)) == 10
