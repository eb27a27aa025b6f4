import functools
import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from santral.calls import CallEvent, CallState, Direction, Disposition, Facts

START = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"


def event(state, **told):
    return CallEvent(call_id=CALL_ID, provider="virtualats", state=state, **told)


def folded(events):
    return functools.reduce(Facts.joined, map(Facts.of, events), Facts())


NEW = event(
    CallState.RINGING, direction=Direction.INBOUND, from_="994557967473", started_at=START, caller_name="Hüseyn"
)
UPDATE = event(
    CallState.ANSWERED, direction=Direction.INBOUND, disposition=Disposition.ANSWERED, extension="100", started_at=START
)
HANGUP = event(
    CallState.ENDED,
    direction=Direction.INBOUND,
    disposition=Disposition.ANSWERED,
    from_="994557967473",
    extension="100",
    started_at=START,
    ended_at=START + timedelta(seconds=75),
    ring_seconds=25,
    talk_seconds=50,
    recording_ref="12345",
)

events = st.builds(
    event,
    st.sampled_from(CallState),
    direction=st.none() | st.sampled_from(Direction),
    disposition=st.none() | st.sampled_from(Disposition),
    extension=st.none() | st.sampled_from(["100", "101", "102"]),
    caller_name=st.none() | st.text(max_size=5),
    started_at=st.none() | st.datetimes(min_value=datetime(2026, 1, 1), timezones=st.just(UTC)),
    ended_at=st.none() | st.datetimes(min_value=datetime(2026, 1, 1), timezones=st.just(UTC)),
    ring_seconds=st.none() | st.integers(0, 100),
    talk_seconds=st.none() | st.integers(0, 100),
    outcome=st.none() | st.sampled_from(["Sale", "No sale"]),
    note=st.none() | st.sampled_from(["", "call back"]),
    said_at=st.none() | st.datetimes(min_value=datetime(2026, 1, 1), timezones=st.just(UTC)),
)


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations([NEW, UPDATE, HANGUP])),
    ids=lambda order: "-".join(told.state for told in order),
)
@pytest.mark.parametrize("doubled", [None, 0, 1, 2])
def test_any_order_and_any_duplicate_gives_the_same_call(order, doubled):
    told = list(order) + ([order[doubled]] if doubled is not None else [])

    assert folded(told).model_dump_json() == folded([NEW, UPDATE, HANGUP]).model_dump_json()


@given(st.lists(events, max_size=5), st.randoms())
def test_the_fold_does_not_know_order_or_repetition(told, random):
    shuffled = told + told[: len(told) // 2]
    random.shuffle(shuffled)

    assert folded(shuffled) == folded(told)


@given(events, events, events)
def test_the_fold_does_not_know_grouping(first, second, third):
    a, b, c = map(Facts.of, (first, second, third))

    assert a.joined(b).joined(c) == a.joined(b.joined(c))


@given(st.lists(events, max_size=4))
def test_facts_survive_being_stored(told):
    facts = folded(told)

    assert Facts.model_validate_json(facts.model_dump_json()) == facts


def test_a_subset_of_events_tells_what_it_can():
    assert folded([HANGUP]).counterpart == "994557967473"
    assert folded([NEW]).state is CallState.RINGING
    assert folded([NEW, HANGUP]).text("caller_name") == "Hüseyn"


def test_two_different_updates_are_both_folded():
    first = event(CallState.ANSWERED, disposition=Disposition.ANSWERED, extension="100")
    second = event(CallState.ANSWERED, disposition=Disposition.ANSWERED, transferred_to="102")

    facts = folded([first, second])

    assert first.fingerprint() != second.fingerprint()
    assert (facts.text("extension"), facts.text("transferred_to")) == ("100", "102")


def test_who_talked_was_answered_whatever_a_later_event_says():
    talked = event(CallState.ANSWERED, talk_seconds=12)
    says_missed = event(CallState.ENDED, disposition=Disposition.NO_ANSWER)

    assert folded([talked, says_missed]).disposition is Disposition.ANSWERED


def test_the_answered_leg_names_the_extension():
    rang_out = event(CallState.ENDED, disposition=Disposition.NO_ANSWER, extension="101")
    answered = event(CallState.ENDED, disposition=Disposition.ANSWERED, extension="102", talk_seconds=5)

    assert folded([answered, rang_out]).text("extension") == "102"


def test_our_own_request_does_not_pull_the_start_forward():
    requested = event(CallState.REQUESTED, started_at=START - timedelta(seconds=3))

    assert folded([requested]).started_at == START - timedelta(seconds=3)
    assert folded([requested, NEW]).started_at == START


def test_a_calls_counterpart_is_the_one_outside():
    outbound = event(CallState.RINGING, direction=Direction.OUTBOUND, from_="102", to="+905321234567")

    assert folded([outbound]).counterpart == "+905321234567"
    assert folded([NEW]).counterpart == "994557967473"


def test_times_without_offset_are_refused_and_others_become_utc():
    with pytest.raises(ValidationError):
        event(CallState.RINGING, started_at=datetime(2026, 1, 15, 9, 30))

    baku = event(CallState.RINGING, started_at="2026-01-15T13:30:00+04:00")

    assert json.loads(baku.written())["started_at"] == "2026-01-15T09:30:00+00:00"


def test_an_older_reader_ignores_what_a_newer_writer_adds():
    text = json.dumps({**json.loads(HANGUP.written()), "sentiment": "happy"})

    assert CallEvent.model_validate_json(text) == HANGUP


@pytest.mark.parametrize(
    "call_id", ["virtualats:", "VirtualAts:1", "virtualats:a/b", "virtualats:" + "a" * 129, "x y:1"]
)
def test_a_call_id_is_provider_and_plain_id(call_id):
    with pytest.raises(ValidationError):
        CallEvent(call_id=call_id, provider="virtualats", state=CallState.ENDED)


def test_what_a_person_says_of_a_call_last_is_what_counts():
    first = event(CallState.REQUESTED, outcome="Sale", note="sure", said_at=START)
    last = event(CallState.REQUESTED, outcome="No sale", note="", said_at=START + timedelta(minutes=5))

    for order in itertools.permutations([HANGUP, first, last]):
        facts = folded(order)
        assert (facts.text("outcome"), facts.text("note")) == ("No sale", "")
        assert facts.state is CallState.ENDED
