import functools
import itertools
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from santral.calls import CallEvent, CallState, Direction, Disposition, Facts, Told, iso

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

TIMES = ("started_at", "answered_at", "ended_at")

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


WORDS = {
    "reason": "busy", "from_": "994557967473", "to": "902121112233", "caller_name": "Hüseyn", "extension": "100",
    "agent": "Ayşe", "line": "902121112233", "queue": "sales", "transferred_to": "102", "recording_ref": "12345",
    "outcome": "sold", "note": "calls back on Monday",
}  # fmt: skip


@pytest.mark.parametrize(("name", "word"), WORDS.items())
def test_every_word_told_is_kept_under_the_name_it_is_written_with(name, word):
    told = event(CallState.ENDED, **{name: word})
    written = name.removesuffix("_")

    assert folded([NEW, told]).text(written) == json.loads(told.written())[written] == word
    assert Facts().text(written) is None


def test_a_state_only_moves_on():
    assert [folded([NEW, told]).state for told in (UPDATE, HANGUP)] == [CallState.ANSWERED, CallState.ENDED]
    assert folded([event(CallState.REQUESTED), NEW]).state is CallState.RINGING


def test_of_times_the_earliest_start_and_answer_and_the_latest_end_stand():
    first, later = ({name: START + timedelta(seconds=shift) for name in TIMES} for shift in (0, 7))
    facts = folded([event(CallState.ENDED, **later), event(CallState.ENDED, **first)])

    assert facts.times == {"started_at": START, "answered_at": START, "ended_at": START + timedelta(seconds=7)}


def test_of_durations_the_longest_stands():
    facts = folded([HANGUP, event(CallState.ENDED, ring_seconds=30), event(CallState.ENDED, talk_seconds=49)])

    assert facts.seconds == {"ring_seconds": 30, "talk_seconds": 50}


@pytest.mark.parametrize("disposition", [each for each in Disposition if each is not Disposition.UNKNOWN])
def test_how_a_call_turned_out_is_what_was_told_unless_somebody_talked(disposition):
    assert folded([NEW, event(CallState.ENDED, disposition=disposition)]).disposition is disposition
    assert folded([event(CallState.ENDED, talk_seconds=0)]).disposition is Disposition.UNKNOWN


def test_of_two_outcomes_the_one_nearer_to_a_conversation_stands():
    weakest_first = ["unknown", "failed", "no_answer", "busy", "rejected", "answered"]

    for weaker, stronger in itertools.combinations(weakest_first, 2):
        told = [event(CallState.ENDED, disposition=disposition) for disposition in (stronger, weaker)]
        assert folded(told).disposition == stronger


def test_what_only_people_say_is_outcome_and_note():
    said = event(CallState.REQUESTED, outcome="Sale", note="sure", said_at=START)

    assert folded([HANGUP, said]).only_said() == Facts(texts=folded([said]).texts)
    assert folded([HANGUP]).only_said() == Facts()


def test_times_read_off_our_own_clock_say_at_most_when_a_call_was_requested():
    facts = folded([HANGUP])
    without = facts.without_own_times()

    assert (without.state, without.disposition, without.texts) == (facts.state, facts.disposition, facts.texts)
    assert (without.times, without.seconds) == ({"requested_at": START}, {})
    assert folded([event(CallState.RINGING)]).without_own_times().times == {}


def test_whoever_counted_the_talk_outweighs_who_did_not():
    counted = event(CallState.ENDED, disposition=Disposition.ANSWERED, extension="100", talk_seconds=1)
    uncounted = event(CallState.ENDED, disposition=Disposition.ANSWERED, extension="999")

    assert folded([counted, uncounted]).text("extension") == "100"


def test_of_a_call_nothing_is_known_of_there_is_neither_direction_nor_counterpart():
    assert (Facts().direction, Facts().counterpart, Facts().started_at) == (None, None, None)


def test_without_a_direction_the_caller_is_taken_for_the_one_outside():
    assert folded([event(CallState.RINGING, from_="994557967473", to="902121112233")]).counterpart == "994557967473"


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


@pytest.fixture
def far_from_utc(monkeypatch):
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "BAKU-4")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
def test_times_are_written_in_utc_wherever_the_machine_stands():
    assert iso(START) == "2026-01-15T09:30:00+00:00"
    assert event(CallState.RINGING, started_at=START).started_at.isoformat() == "2026-01-15T09:30:00+00:00"


def test_a_replayed_event_is_another_one_than_the_first():
    assert HANGUP.model_copy(update={"replayed": True}).fingerprint() != HANGUP.fingerprint()


@pytest.mark.parametrize("name", ["ring_seconds", "talk_seconds"])
def test_a_duration_is_never_negative(name):
    assert event(CallState.ENDED, **{name: 0})
    with pytest.raises(ValidationError):
        event(CallState.ENDED, **{name: -1})


def test_what_is_not_told_is_not_written():
    assert json.loads(event(CallState.RINGING, from_="101").written()).keys() == {
        "v", "kind", "call_id", "provider", "state", "from",
    }  # fmt: skip


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


@pytest.mark.parametrize("ref", ["12345", "a.wav", ".a", "2026/01/15/q-10000-05321234567.WAV", "a/" * 127 + "ab"])
def test_a_recordings_reference_may_have_segments(ref):
    assert event(CallState.ENDED, recording_ref=ref).recording_ref == ref


@pytest.mark.parametrize(
    "ref",
    ["", ".", "..", "...", "/a", "a/", "a//b", "a/../b", "a/./b", "a/..", "../a", "a b", "a\\b", "a%2fb", "a" * 257],
)
def test_a_recordings_reference_never_climbs(ref):
    with pytest.raises(ValidationError):
        event(CallState.ENDED, recording_ref=ref)


def test_what_only_a_newer_version_tells_is_kept_whichever_way_it_is_joined():
    newer = Facts(
        texts={"mood": Told((1, 0, 0), "merry")},
        times={"parked_at": datetime(2026, 1, 15, 9, 30, tzinfo=UTC)},
        seconds={"hold_seconds": 3},
    )
    ours = Facts(texts={"from": Told((0, 1, 0), "905321234567")}, seconds={"talk_seconds": 45})

    assert newer.joined(ours) == ours.joined(newer)
    joined = newer.joined(ours)
    assert (joined.text("mood"), joined.text("from")) == ("merry", "905321234567")
    assert joined.times == newer.times
    assert joined.seconds == {"hold_seconds": 3, "talk_seconds": 45}
