import json

import pytest

from santral import telemetry
from santral.breaker import Breaker
from santral.errors import Unreachable


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker("pbx", monotonic=clock)


def fail(breaker, times):
    for _ in range(times):
        breaker.let_through()
        breaker.down()


def refused(breaker):
    with pytest.raises(Unreachable) as refusal:
        breaker.let_through()
    return refusal.value


def states(capsys):
    telemetry.flush()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "breaker_open" in line]
    return [(line["system"], value) for line in lines for value in line["breaker_open"]]


def test_five_failures_in_a_row_open_it_and_it_says_when_to_ask_again(breaker):
    fail(breaker, 4)
    breaker.let_through()
    breaker.down()

    refusal = refused(breaker)

    assert (refusal.system, refusal.retry_after) == ("pbx", 11)
    assert "Nothing was sent" in refusal.sentence


def test_an_answer_between_failures_keeps_it_closed(breaker):
    fail(breaker, 4)
    breaker.up()
    fail(breaker, 4)

    breaker.let_through()


def test_after_the_pause_one_probe_goes_out_and_the_others_wait_for_it(breaker, clock):
    fail(breaker, 5)
    clock.now += 10

    breaker.let_through()

    refused(breaker)


def test_a_probe_that_is_answered_closes_it(breaker, clock):
    fail(breaker, 5)
    clock.now += 10
    breaker.let_through()
    breaker.up()

    fail(breaker, 4)
    breaker.let_through()


def test_a_probe_that_fails_keeps_it_open_for_another_pause(breaker, clock):
    fail(breaker, 5)
    clock.now += 10
    breaker.let_through()
    clock.now += 5
    breaker.down()

    clock.now += 9
    refused(breaker)
    clock.now += 1
    breaker.let_through()


def test_a_probe_that_never_comes_back_does_not_keep_it_open_for_ever(breaker, clock):
    fail(breaker, 5)
    for _ in range(3):
        clock.now += 10
        breaker.let_through()


def test_its_state_is_written_when_it_opens_refuses_and_closes_and_never_else(breaker, clock, capsys):
    telemetry.flush()
    capsys.readouterr()
    fail(breaker, 4)
    assert states(capsys) == []

    fail(breaker, 1)
    refused(breaker)
    assert states(capsys) == [("pbx", 1), ("pbx", 1)]

    clock.now += 10
    breaker.let_through()
    breaker.up()
    assert states(capsys) == [("pbx", 0)]

    breaker.up()
    assert states(capsys) == []
