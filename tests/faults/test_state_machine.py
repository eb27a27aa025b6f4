"""A model of queue, table and CRM, driven by Hypothesis: it looks for an order of events nobody thought of."""

import contextlib
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.faults.observers import observe
from tests.faults.planted import acknowledged_before_queued, retried_without_looking
from tests.faults.scorecard import score
from tests.faults.troubles import Troubles
from tests.faults.world import CASES, World

pytestmark = pytest.mark.usefixtures("no_network", "quiet")
CRM_TROUBLES = ("crm_fails", "crm_fails_after_commit", "crm_lost", "crm_lost_after_commit", "crm_busy")

AWS_TROUBLES = ("table_conflict", "table_answer_lost", "queue_refuses", "queue_answer_lost", "message_redelivered")
# Who is only read, or knows a call from two sides, has no events a model could hold back.
TOLD_BY_WEBHOOKS = [case for case in CASES if case.pbx != "kobikom" and case.wapcrm == "none"]


class Ordered(Troubles):
    """Troubles that come when they are ordered, and at no other time."""

    def __init__(self):
        super().__init__(0, {})
        self.orders = Counter()
        self.steps_to_crash = 0

    def strikes(self, kind):
        if kind == "crash" and self.steps_to_crash:
            self.steps_to_crash -= 1
            struck = self.steps_to_crash == 0
        else:
            struck = self.orders[kind] > 0
            self.orders[kind] -= struck
        self.injected[kind] += struck
        return struck

    def calm(self):
        self.orders.clear()
        self.steps_to_crash = 0


class Calls(RuleBasedStateMachine):
    """What has been told to whom is the model; the world is what really happened."""

    folder = None

    @initialize(case=st.sampled_from(TOLD_BY_WEBHOOKS))
    def begin(self, case):
        self.troubles = Ordered()
        self.world = World(7, case, given_troubles=self.troubles, reconciles=False)
        self.in_place = contextlib.ExitStack()
        self.in_place.enter_context(self.world.in_place())
        self.held, self.told = [], []
        # The PBX tells nothing by itself: the rules decide what is told, when and how often.
        self.world.sender.send = self.held.append

    @rule()
    def a_call_happens(self):
        self.world.place_call()
        self.world.timeline.advance(180)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def an_event_is_told(self, data):
        event = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        self.told.append(event)
        self.tell(event)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def an_event_is_told_again(self, data):
        self.tell(data.draw(st.sampled_from(self.told)))

    def tell(self, event):
        self.world.sender._schedule(event, 1, 0)
        self.world.timeline.advance(0.01)

    @rule()
    def the_queues_are_worked_off(self):
        self.world.work()

    @rule()
    def the_sweep_comes(self):
        self.world.sweep()

    @rule(steps=st.integers(1, 40))
    def the_next_process_dies(self, steps):
        self.troubles.steps_to_crash = steps

    @rule(kind=st.sampled_from(CRM_TROUBLES), times=st.integers(1, 4))
    def the_crm_fails(self, kind, times):
        self.troubles.orders[kind] += times

    @rule()
    def the_crm_recovers(self):
        for kind in CRM_TROUBLES:
            self.troubles.orders[kind] = 0

    @rule(kind=st.sampled_from(AWS_TROUBLES))
    def aws_stumbles(self, kind):
        self.troubles.orders[kind] += 1

    @rule()
    def two_work_at_once(self):
        self.troubles.orders["workers_at_once"] = 1

    @rule(seconds=st.sampled_from([5, 61, 95, 361, 1900, 7300]))
    def time_passes(self, seconds):
        self.world.timeline.advance(seconds)

    @rule()
    def the_dead_letters_are_redriven(self):
        self.world.events.redrive()
        self.world.recordings.redrive()

    @invariant()
    def what_was_acknowledged_is_queued_or_folded(self):
        if not hasattr(self, "world"):
            return
        queued = {message.group for message in (*self.world.events.messages.values(), *self.world.events.dead)}
        for entry in self.world.sender.book:
            call_id = entry["call_id"]
            acknowledged = entry["status"] in range(200, 300)
            assert not acknowledged or call_id in queued or f"CALL#{call_id}" in self.world.table.rows

    @invariant()
    def no_call_is_doubled(self):
        if hasattr(self, "world") and self.world.case.call_id_field != "absent":
            inserted = Counter(
                commit.fields["Santral_Call_ID"]
                for commit in self.world.zoho.commits
                if commit.module == "Calls" and commit.action == "insert"
            )
            assert max(inserted.values(), default=0) <= 1

    def teardown(self):
        if not hasattr(self, "world"):
            return
        with self.in_place:
            for event in self.held:
                self.tell(event)
            self.world.rest()
        observe(self.world, self.folder)
        broken = dict(score(self.folder).broken)
        assert not any(broken.values()), broken


@pytest.fixture
def quest(tmp_path):
    """Let Hypothesis look for such an order."""

    class Here(Calls):
        folder = tmp_path

    def run(**how):
        Here.TestCase.settings = settings(
            stateful_step_count=30, deadline=None, database=None, suppress_health_check=list(HealthCheck), **how
        )
        Here.TestCase().runTest()

    return run


def test_no_order_of_events_loses_or_doubles_a_call(quest):
    quest(max_examples=20)


@pytest.mark.parametrize("bug", [acknowledged_before_queued, retried_without_looking])
def test_a_planted_bug_is_found(quest, bug):
    with bug(), pytest.raises((AssertionError, ExceptionGroup)):
        # The first order that shows it will do, however long.
        quest(max_examples=200, phases=[Phase.generate], report_multiple_bugs=False)
