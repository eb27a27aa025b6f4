"""The line of waiting calls: who is tried, when and with whom, and which place it gets back."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.errors import Busy, Conflict, OutcomeUnknown, Rejected, Unanswered, Unintelligible, Unreachable
from santral.store.calls import Owed
from santral.telephony import outbox
from santral.telephony.debts import Claim
from santral.telephony.outbox import LEASE_SECONDS, fold, pay, retry_pending
from tests.fakes import make_tenant

NOW = int(datetime(2026, 1, 15, 9, 30, tzinfo=UTC).timestamp())
REFUSED = Rejected("INVALID_DATA", system="zoho")
GONE = Unreachable("refused", system="zoho")
SILENT = Unanswered("no answer", system="zoho")
UNSURE = OutcomeUnknown("no answer", system="zoho")


class Payer:
    """Takes the place of all debts: pays at once, or fails as told, and remembers whom it was asked to pay for."""

    def __init__(self):
        self.failing, self.together, self.claims, self.ends = {}, [], {}, []
        self.before = lambda claims: None

    def __call__(self, tenant, claims, *, ends_at):
        if not claims:
            return {}
        self.before(claims)
        self.together.append([claim.call_id for claim in claims])
        self.ends.append(ends_at)
        failures = {}
        for claim in claims:
            self.claims[claim.call_id] = claim
            told = self.failing.get(claim.call_id)
            failure = told(claims) if callable(told) else told
            if failure:
                failures[claim.call_id] = failure
            else:
                tenant.calls.change(claim.call_id, lambda now: now.settled(Owed.RECORD))
        return failures


def in_company(claims):
    return SILENT if len(claims) > 1 else None


@pytest.fixture
def zoho():
    return SimpleNamespace(credits_left=None, asked=0, answer=None)


@pytest.fixture
def tenant(clock, zoho, monkeypatch):
    tenant = make_tenant(clock=clock)
    tenant.zoho = zoho

    def asked(crm):
        crm.asked += 1
        if crm.answer:
            raise crm.answer

    monkeypatch.setattr(outbox, "current_user", asked)
    return tenant


@pytest.fixture
def payer(monkeypatch):
    payer = Payer()
    monkeypatch.setattr(outbox, "pay_debts", payer)
    return payer


@pytest.fixture
def stopwatch(monkeypatch):
    stopwatch = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: stopwatch.seconds))
    return stopwatch


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    monkeypatch.setattr(outbox, "pause_seconds", lambda failure, attempts: 1000 * attempts + len(failure.code))


@pytest.fixture
def wait(tenant):
    """Let calls wait in line, the first one longest, the last one due this very second."""

    def line(*names, attempts=0):
        for place, name in enumerate(reversed(names)):
            tenant.calls.change(
                name,
                lambda entry, place=place: entry.owing(frozenset({Owed.RECORD}), next_attempt_at=NOW - place).having(
                    attempts=attempts
                ),
            )

    return line


def place(tenant, name):
    entry = tenant.calls.get(name)
    return entry.next_attempt_at, entry.attempts


def test_a_sweep_begins_with_ten_and_goes_on_with_a_hundred_until_nobody_waits(tenant, payer, wait):
    names = [f"virtualats:{number:03}" for number in range(130)]
    wait(*names)
    retry_pending(tenant, 55)

    assert payer.together == [names[:10], names[10:110], names[110:]]


def test_a_call_is_tried_from_its_second_on(tenant, payer, wait):
    wait("virtualats:1")
    tenant.calls.change("virtualats:2", lambda entry: entry.owing(frozenset({Owed.RECORD}), next_attempt_at=NOW + 1))
    retry_pending(tenant, 55)

    assert payer.together == [["virtualats:1"]]


def test_who_is_tried_is_ours_for_the_lease_and_knows_its_place_and_that_it_may_have_been_tried(tenant, payer, wait):
    wait("virtualats:1", "virtualats:2")
    seen = {}
    payer.before = lambda claims: seen.update({claim.call_id: place(tenant, claim.call_id) for claim in claims})
    retry_pending(tenant, 55)

    assert seen == dict.fromkeys(["virtualats:1", "virtualats:2"], (NOW + LEASE_SECONDS, 1))
    assert [claim.place for claim in payer.claims.values()] == [NOW - 1, NOW]
    assert all(claim.tried_before and claim.owed == {Owed.RECORD} for claim in payer.claims.values())


def test_a_call_that_owes_nothing_any_more_or_was_erased_is_nobodys(tenant, wait):
    wait("virtualats:1", "virtualats:2")
    tenant.calls.change("virtualats:1", lambda entry: entry.settled(Owed.RECORD))
    tenant.calls.erase("virtualats:2")

    assert [outbox._claimed(tenant, f"virtualats:{number}") for number in (1, 2)] == [None, None]


def test_what_was_refused_waits_longer_each_time_and_after_three_times_is_tried_alone(tenant, payer, wait, clock):
    wait("virtualats:1", "virtualats:2")
    payer.failing = {"virtualats:1": REFUSED, "virtualats:2": REFUSED}
    waited = []
    for _ in range(4):
        now = int(clock().timestamp())
        retry_pending(tenant, 55)
        waited.append([place(tenant, name)[0] - now for name in payer.failing])
        assert {place(tenant, name)[1] for name in payer.failing} == {len(waited)}
        clock.pass_seconds(10_000)

    assert payer.together == [["virtualats:1", "virtualats:2"]] * 3 + [["virtualats:1"], ["virtualats:2"]]
    assert waited == [[1000 * attempts + len("rejected")] * 2 for attempts in (1, 2, 3, 4)]


@pytest.fixture
def log(monkeypatch):
    lines = []
    monkeypatch.setattr(
        outbox, "logger", SimpleNamespace(warning=lambda message, **told: lines.append((message, told)))
    )
    return lines


@pytest.mark.parametrize("failure", [GONE, Busy("429", system="zoho", retry_after=300)])
def test_while_the_crm_is_away_all_keep_their_places_and_lose_no_try(tenant, payer, wait, log, failure):
    wait("virtualats:4", attempts=5)
    wait("virtualats:1", "virtualats:2", "virtualats:3")
    payer.failing = {"virtualats:2": failure, "virtualats:3": REFUSED}
    tenant.calls.change("virtualats:2", lambda entry: entry.having(attempts=2))
    retry_pending(tenant, 55)

    # Who has failed too often is not even tried.
    assert [sorted(some) for some in payer.together] == [["virtualats:1", "virtualats:2", "virtualats:3"]]
    assert place(tenant, "virtualats:1") == (None, 0)
    assert place(tenant, "virtualats:2") == (NOW - 1, 2)
    assert place(tenant, "virtualats:3") == (NOW, 0)
    assert place(tenant, "virtualats:4") == (NOW, 5)
    assert log == [("sweep ends early", {"code": failure.code})]


def test_whose_outcome_is_unknown_waits_for_the_index_even_when_the_crm_is_away(tenant, payer, wait):
    wait("virtualats:1", "virtualats:2")
    payer.failing = {"virtualats:1": UNSURE, "virtualats:2": GONE}
    retry_pending(tenant, 55)

    assert place(tenant, "virtualats:1") == (NOW + 1000 + len("outcome_unknown"), 1)
    assert place(tenant, "virtualats:2") == (NOW, 0)


def test_what_was_paid_by_another_meanwhile_is_not_put_back_into_the_line(tenant, payer, wait):
    wait("virtualats:1", "virtualats:2")
    payer.before = lambda claims: [tenant.calls.change(c.call_id, lambda e: e.settled(Owed.RECORD)) for c in claims]
    for failure in (REFUSED, GONE):
        wait("virtualats:1")
        payer.failing = {"virtualats:1": failure}
        retry_pending(tenant, 55)

        assert place(tenant, "virtualats:1") == (None, 0)


@pytest.mark.parametrize("failure", [SILENT, Unintelligible("<html>", system="zoho")])
@pytest.mark.parametrize("others", [1, 3])
def test_who_may_have_made_the_crm_stumble_over_all_is_tried_alone(tenant, payer, wait, metrics, failure, others):
    wait("virtualats:0", *(f"virtualats:other-{number}" for number in range(others)))
    payer.failing = {
        "virtualats:0": lambda claims: failure if len(claims) > 1 else None,
        "virtualats:other-0": REFUSED,
    }
    retry_pending(tenant, 55)

    assert [len(some) for some in payer.together] == [1 + others, 1]
    assert payer.together[1] == ["virtualats:0"]
    assert place(tenant, "virtualats:0") == (None, 0)
    # What was not tried again has failed all the same.
    assert place(tenant, "virtualats:other-0") == (NOW + 1000 + len("rejected"), 1)
    assert metrics()["debts_postponed"] == [1]


def test_who_was_alone_already_is_not_tried_twice(tenant, payer, wait):
    wait("virtualats:1")
    payer.failing = {"virtualats:1": SILENT}
    retry_pending(tenant, 55)

    assert payer.together == [["virtualats:1"]]
    assert place(tenant, "virtualats:1") == (NOW + 1000 + len("unanswered"), 1)


def test_each_of_those_tried_alone_fails_for_itself(tenant, payer, wait):
    wait("virtualats:1", "virtualats:2", "virtualats:3")
    payer.failing = dict.fromkeys(["virtualats:1", "virtualats:2", "virtualats:3"], SILENT)
    payer.failing["virtualats:2"] = in_company
    retry_pending(tenant, 55)

    assert payer.together[1:] == [["virtualats:1"], ["virtualats:2"], ["virtualats:3"]]
    assert [place(tenant, f"virtualats:{number}")[1] for number in (1, 2, 3)] == [1, 0, 1]


def test_when_the_crm_goes_away_under_those_tried_alone_the_others_are_left_and_keep_their_places(tenant, payer, wait):
    wait("virtualats:1", "virtualats:2", "virtualats:3")
    payer.failing = dict.fromkeys(["virtualats:1", "virtualats:2", "virtualats:3"], in_company)
    payer.failing["virtualats:2"] = lambda claims: SILENT if len(claims) > 1 else GONE
    retry_pending(tenant, 55)

    assert payer.together[1:] == [["virtualats:1"], ["virtualats:2"]]
    assert [place(tenant, f"virtualats:{number}") for number in (1, 2, 3)] == [(None, 0), (NOW - 1, 0), (NOW, 0)]


@pytest.mark.parametrize("failure", [SILENT, UNSURE, Unintelligible("<html>", system="zoho")])
def test_when_nothing_can_be_paid_the_crm_is_asked_whether_it_answers_at_all(tenant, payer, wait, zoho, failure):
    wait("virtualats:1", "virtualats:2")
    payer.failing = {"virtualats:1": SILENT, "virtualats:2": failure}
    zoho.answer = SILENT
    retry_pending(tenant, 55)

    assert (zoho.asked, len(payer.together)) == (1, 1)
    assert place(tenant, "virtualats:1") == (NOW - 1, 0)


@pytest.mark.parametrize(
    "failing", [{}, {"virtualats:1": SILENT}, dict.fromkeys(["virtualats:1", "virtualats:2"], GONE)]
)
def test_a_crm_that_took_something_or_says_why_not_is_not_asked(tenant, payer, wait, zoho, failing):
    wait("virtualats:1", "virtualats:2")
    payer.failing = failing
    retry_pending(tenant, 55)

    assert zoho.asked == 0


def test_those_that_are_tried_alone_anyhow_say_nothing_about_the_crm(tenant, payer, wait, zoho):
    wait("virtualats:1", attempts=7)
    retry_pending(tenant, 55)

    assert (zoho.asked, payer.together) == (0, [["virtualats:1"]])


def test_every_payment_knows_when_the_sweep_ends(tenant, payer, wait, stopwatch):
    wait("virtualats:1", "virtualats:2")
    payer.failing = {"virtualats:1": in_company}
    retry_pending(tenant, 55)

    assert payer.ends == [1055, 1055]


@pytest.mark.parametrize(("seconds", "tried"), [(12, 1), (11, 0)])
def test_nothing_is_begun_with_less_than_twelve_seconds_left(tenant, payer, wait, stopwatch, seconds, tried):
    wait("virtualats:1")
    retry_pending(tenant, seconds)

    assert len(payer.together) == tried


@pytest.mark.parametrize(("left", "alone"), [(12, [["virtualats:1"], ["virtualats:2"]]), (11, []), (0, [])])
def test_whom_the_time_no_longer_allows_to_be_tried_alone_keeps_its_place(tenant, payer, wait, stopwatch, left, alone):
    wait("virtualats:1", "virtualats:2")
    payer.failing = dict.fromkeys(["virtualats:1", "virtualats:2"], in_company)

    def begun(claims):
        if len(claims) > 1:
            stopwatch.seconds = 1055.0 if payer.together else 1055.0 - left

    payer.before = begun
    retry_pending(tenant, 55)

    assert payer.together[1:] == alone
    if not alone:
        assert [place(tenant, f"virtualats:{number}") for number in (1, 2)] == [(NOW - 1, 0), (NOW, 0)]


def test_a_sweep_that_came_to_its_end_lets_the_next_one_begin_at_once(tenant, payer, wait, zoho, stopwatch):
    retry_pending(tenant, 55)
    zoho.credits_left = 499
    retry_pending(tenant, 55)
    zoho.credits_left = None
    retry_pending(tenant, 5)
    wait("virtualats:1")
    retry_pending(tenant, 55)

    assert payer.together == [["virtualats:1"]]


def test_a_sweep_that_breaks_off_lets_the_next_one_begin_at_once(tenant, payer, wait):
    wait("virtualats:1")

    def break_off(_claims):
        payer.before = lambda claims: None
        raise Conflict("others kept writing")

    payer.before = break_off
    with pytest.raises(Conflict):
        retry_pending(tenant, 55)
    wait("virtualats:2")
    retry_pending(tenant, 55)

    assert payer.together == [["virtualats:2"]]


def test_a_busy_crm_is_left_alone_for_as_long_as_it_asks(tenant, payer, wait, clock):
    wait("virtualats:1")
    payer.failing = {"virtualats:1": Busy("429", system="zoho", retry_after=300)}
    retry_pending(tenant, 55)
    payer.failing = {}
    clock.pass_seconds(300)
    retry_pending(tenant, 55)
    assert len(payer.together) == 1
    clock.pass_seconds(1)
    retry_pending(tenant, 55)

    assert len(payer.together) == 2


@pytest.mark.parametrize(("later", "free"), [(55, False), (56, False), (57, True)])
def test_the_line_belongs_to_one_sweep_for_its_time_and_a_second_more(tenant, payer, wait, clock, later, free):
    wait("virtualats:1")
    taken = []

    def look(_claims):
        clock.pass_seconds(later)
        taken.append(tenant.leases.take("sweep", 1))

    payer.before = look
    retry_pending(tenant, 55)

    assert taken == [free]


@pytest.mark.parametrize(("credits_left", "tried"), [(None, 1), (501, 1), (500, 1), (499, 0)])
def test_the_last_five_hundred_credits_are_left_to_others(tenant, payer, wait, zoho, metrics, log, credits_left, tried):
    wait("virtualats:1")
    zoho.credits_left = credits_left
    retry_pending(tenant, 55)

    assert len(payer.together) == tried
    assert log == ([] if tried else [("sweep leaves the last credits to others", {})])
    assert metrics().get("zoho_credits_left", []) == ([] if credits_left is None else [credits_left])


@pytest.fixture
def ended(clock):
    def event(name="virtualats:1", **told):
        return CallEvent(
            **{
                "call_id": name,
                "provider": "virtualats",
                "state": CallState.ENDED,
                "direction": Direction.INBOUND,
                "disposition": Disposition.NO_ANSWER,
                "from_": "905321234567",
                "started_at": clock() - timedelta(minutes=2),
                **told,
            }
        )

    return event


def test_what_an_event_makes_a_call_owe_is_ours_for_the_lease(tenant, ended):
    claim = fold(tenant, ended(disposition=Disposition.ANSWERED, recording_ref="12345"))

    assert (claim.owed, claim.tried_before) == ({Owed.RECORD, Owed.RECORDING}, False)
    assert claim.entry.facts == tenant.calls.get("virtualats:1").facts
    assert place(tenant, "virtualats:1") == (NOW + LEASE_SECONDS, 0)


@pytest.mark.parametrize(("task_wanted", "owed"), [(True, {Owed.RECORD, Owed.TASK}), (False, {Owed.RECORD})])
def test_a_missed_call_owes_a_task_where_the_tenant_wants_one(tenant, ended, task_wanted, owed):
    tenant.settings = tenant.settings.model_copy(update={"missed_call_task": task_wanted})

    assert fold(tenant, ended()).owed == owed


def test_an_event_that_tells_nothing_new_makes_a_call_owe_nothing_and_does_not_hold_up_what_waits(tenant, ended, clock):
    fold(tenant, ended())
    clock.pass_seconds(30)

    assert fold(tenant, ended()).owed == frozenset()
    assert place(tenant, "virtualats:1") == (NOW + LEASE_SECONDS, 0)


def test_a_call_that_is_not_over_owes_nothing_and_waits_for_nothing(tenant, ended):
    claim = fold(tenant, ended(state=CallState.RINGING, recording_ref="12345"))

    assert (claim.owed, place(tenant, "virtualats:1")) == (frozenset(), (None, 0))


def test_a_logged_call_owes_an_update_for_what_is_new_alone(tenant, ended):
    fold(tenant, ended())
    tenant.calls.change("virtualats:1", lambda entry: entry.settled(Owed.RECORD, crm_call_id="4876876000000333002"))

    assert fold(tenant, ended()).owed == frozenset()
    assert fold(tenant, ended(reason="busy")).owed == {Owed.UPDATE}


def test_events_of_one_call_that_come_together_are_one_claim_for_all_they_made_it_owe(tenant, payer, ended):
    first, second, third = (
        fold(tenant, ended()),
        fold(tenant, ended(recording_ref="1")),
        fold(tenant, ended("virtualats:2")),
    )
    pay(tenant, [first, None, second, third])

    assert payer.together == [["virtualats:1", "virtualats:2"]]
    assert payer.ends == [None]
    assert payer.claims["virtualats:1"] == Claim(second.entry, frozenset({Owed.RECORD, Owed.RECORDING}))


def test_what_fails_at_once_waits_for_the_lease_and_whose_outcome_is_unknown_for_the_index(
    tenant, payer, ended, metrics
):
    names = [f"virtualats:{number}" for number in (1, 2, 3)]
    payer.failing = {"virtualats:1": REFUSED, "virtualats:2": UNSURE}
    pay(tenant, [fold(tenant, ended(name)) for name in names])

    assert [place(tenant, name)[0] for name in names] == [NOW + LEASE_SECONDS, NOW + 60, None]
    assert sum(metrics()["debts_postponed"]) == 2


def test_what_is_told_of_an_erased_call_is_counted_and_dropped(tenant, ended, metrics):
    fold(tenant, ended())
    tenant.calls.erase("virtualats:1")

    assert fold(tenant, ended(reason="busy")) is None
    assert metrics()["events_of_erased_calls"] == [1]


def test_what_is_told_of_an_erased_person_is_counted_and_dropped(tenant, ended, metrics, monkeypatch):
    monkeypatch.setattr(outbox, "erased", lambda _tenant, event: event == ended())

    assert fold(tenant, ended()) is None
    assert metrics()["events_of_erased_calls"] == [1]
    assert tenant.table.rows == {}


def test_what_comes_too_late_for_its_call_is_counted_and_dropped(tenant, ended, metrics, monkeypatch):
    monkeypatch.setattr(outbox, "place_of", lambda _tenant, _event: None)

    assert fold(tenant, ended()) is None
    assert metrics()["events_too_late"] == [1]
    assert tenant.table.rows == {}
