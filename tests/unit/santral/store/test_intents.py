import pytest

from santral.errors import IdempotencyMismatch, QuotaExceeded
from santral.sentences import say
from santral.store.intents import LONGEST_EFFECT_SECONDS, Held, Intent, Intents, IntentState
from santral.store.quotas import Quota
from tests.fakes import MemoryTable

CLICK = Intent(route="POST /calls", key="click-1", request="digest of the request", seconds=60)
SHORT = Intent(route="POST /calls", key="click-2", request="digest of the request", seconds=5)
NOW = 1_768_469_400


class LosesAnswers(MemoryTable):
    """Writes, loses the answer, and is asked again by the AWS client, as if nothing had been written."""

    def __init__(self, clock, seconds=0):
        super().__init__()
        self.clock, self.seconds = clock, seconds

    def add(self, row, *, now):
        super().add(row, now=now)
        self.clock.pass_seconds(self.seconds)
        return super().add(row, now=now)


class Forgets(MemoryTable):
    """Lets a row expire between the write it refuses and the reading."""

    def add(self, row, *, now):
        return False


@pytest.fixture
def table():
    return MemoryTable()


@pytest.fixture
def intents(table, clock):
    return Intents(table, clock=clock)


def test_who_comes_first_may_act_and_nobody_else(intents, clock):
    assert intents.begin(CLICK) == Held(IntentState.OPEN, ours=True, began_at=NOW)
    clock.pass_seconds(3)

    assert intents.begin(CLICK) == intents.look(CLICK) == Held(IntentState.OPEN, ours=False, began_at=NOW)


@pytest.mark.parametrize("state", [IntentState.DONE, IntentState.UNKNOWN])
def test_the_answer_is_kept_for_whoever_asks_later(intents, clock, state):
    held = intents.begin(CLICK)
    clock.pass_seconds(4)
    intents.finish(CLICK, held, state, status=202, body='{"call_id": "virtualats:1"}')

    answer = Held(state, ours=False, began_at=NOW, status=202, body='{"call_id": "virtualats:1"}')
    assert intents.begin(CLICK) == intents.look(CLICK) == answer


def test_of_several_quotas_the_one_that_is_used_up_says_so_and_when_its_next_stretch_begins(intents, clock):
    roomy = Quota("dial", "", most=9, seconds=3600, sentence=say("Nobody may."))
    tight = Quota("dial", "ayse@example.com", most=1, seconds=600, sentence=say("You may not."))
    intents.begin(CLICK, [roomy, tight])
    clock.pass_seconds(100)

    with pytest.raises(QuotaExceeded) as refused:
        intents.begin(SHORT, [roomy, tight])

    assert refused.value.sentence == tight.sentence
    assert refused.value.retry_after == 600 - (NOW + 100) % 600
    assert str(refused.value) == "dial: 1 in 600 s"


def test_the_same_key_for_another_request_is_refused(intents):
    intents.begin(CLICK)
    other = Intent(CLICK.route, CLICK.key, "digest of another request", CLICK.seconds)

    with pytest.raises(IdempotencyMismatch):
        intents.begin(other)


@pytest.mark.parametrize(("route", "key"), [("POST /messages", "click-1"), ("POST /calls", "click-3")])
def test_a_key_stands_for_one_route_alone(intents, route, key):
    intents.begin(CLICK)

    assert intents.begin(Intent(route, key, CLICK.request, CLICK.seconds)).ours


def test_a_claim_whose_answer_was_lost_is_still_ours(clock):
    intents = Intents(LosesAnswers(clock), clock=clock)

    assert intents.begin(CLICK) == Held(IntentState.OPEN, ours=True, began_at=NOW)
    assert not intents.begin(CLICK).ours


def test_what_is_ours_is_not_cut_off_however_long_its_writing_took(clock):
    intents = Intents(LosesAnswers(clock, seconds=LONGEST_EFFECT_SECONDS + 1), clock=clock)

    assert intents.begin(CLICK) == Held(IntentState.OPEN, ours=True, began_at=NOW)


def test_a_claim_that_expired_under_our_eyes_is_not_ours(clock):
    intents = Intents(Forgets(), clock=clock)

    assert intents.begin(CLICK) == Held(IntentState.UNKNOWN, ours=False)


def test_nothing_is_known_of_what_nobody_began(intents):
    assert intents.look(CLICK) == Held(IntentState.UNKNOWN, ours=False)


def test_what_is_open_for_longer_than_any_function_lives_was_cut_off(intents, clock):
    intents.begin(CLICK)
    clock.pass_seconds(LONGEST_EFFECT_SECONDS)
    assert intents.look(CLICK).state is IntentState.OPEN
    clock.pass_seconds(1)

    assert intents.look(CLICK) == Held(IntentState.UNKNOWN, ours=False, began_at=NOW)


def test_an_effect_may_take_as_long_as_api_gateway_waits():
    assert LONGEST_EFFECT_SECONDS > 29


def test_an_answer_stays_an_answer_however_old_it_is(intents, clock):
    intents.finish(CLICK, intents.begin(CLICK), IntentState.DONE, status=200, body="{}")
    clock.pass_seconds(LONGEST_EFFECT_SECONDS + 1)

    assert intents.look(CLICK).state is IntentState.DONE


def test_a_key_stands_for_its_time_from_the_first_request_on(intents, clock):
    held = intents.begin(SHORT)
    clock.pass_seconds(3)
    intents.finish(SHORT, held, IntentState.DONE, status=200, body="{}")
    clock.pass_seconds(2)
    assert not intents.begin(SHORT).ours
    clock.pass_seconds(1)

    assert intents.begin(SHORT).ours


def test_while_the_effect_is_under_way_the_key_does_not_expire(intents, clock):
    intents.begin(SHORT)
    clock.pass_seconds(LONGEST_EFFECT_SECONDS)
    assert not intents.begin(SHORT).ours
    clock.pass_seconds(1)

    assert intents.begin(SHORT).ours


def test_a_long_window_is_longer_than_the_longest_effect(intents, clock):
    intents.begin(CLICK)
    clock.pass_seconds(CLICK.seconds)
    assert not intents.begin(CLICK).ours
    clock.pass_seconds(1)

    assert intents.begin(CLICK).ours


def test_a_row_of_an_older_version_may_lack_what_was_added_since(intents, table):
    row = {"pk": "INTENT#POST /calls#click-1", "sk": "-", "v": 1, "request": CLICK.request, "nonce": "other"}
    table.add({**row, "state": "done"}, now=NOW)
    assert intents.begin(CLICK) == Held(IntentState.DONE, ours=False, began_at=0, status=0, body="")

    table.replace({**row, "state": "intent", "version": 1})
    assert intents.look(CLICK) == Held(IntentState.UNKNOWN, ours=False, began_at=0)


def test_a_finished_row_names_nobody_as_its_owner_any_more(intents, table):
    intents.finish(CLICK, intents.begin(CLICK), IntentState.DONE, status=200, body="{}")

    [row] = table.rows.values()
    assert (row["nonce"], row["version"]) == ("", 2)
