"""One lead per caller: at every step of a worker another one works on the same caller's call, or the process dies."""

import contextlib
import threading
from datetime import timedelta

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.http import Http
from santral.store.secrets import Secrets
from santral.telephony.outbox import record, retry_pending
from santral.zoho.client import Zoho
from simulators.zoho import ZohoCrm
from tests.fakes import Clock, MemoryRecordingQueue, MemorySecrets, MemoryTable, make_tenant
from tests.fakes.in_process import HOME, zoho_secret
from tests.faults.parts import Network, Port, answered
from tests.faults.troubles import Crash

# Token, layouts, matching, the lead, the call, and the table's reads and writes among them.
FEWEST_STEPS = 30
MOST_MINUTES = 30
CALLER = "+905321110099"


class Steps:
    """The steps of one worker, counted; at one of them something comes between."""

    def __init__(self, number=0, act=None):
        self.taken = 0
        self._number, self._act = number, act

    def take(self, step):
        self._boundary()
        result = step()
        self._boundary()
        return result

    def _boundary(self):
        self.taken += 1
        if self.taken == self._number:
            self._act()


class Company:
    """A tenant whose CRM's search knows nothing new for an hour, and as many workers as wanted."""

    def __init__(self):
        self.clock = Clock()
        self.table = MemoryTable()
        self.zoho = ZohoCrm(clock=self.clock, api_domain=HOME)
        self.zoho.arrange(index_lag_seconds=3600)
        self.leads_before = len(self.zoho.leads())
        self.recordings = MemoryRecordingQueue()
        self.answers_lost = 0

    def worker(self, steps):
        tenant = make_tenant(clock=self.clock, unknown_caller="lead")
        tenant.table = Port(self.table, steps, lambda _table, _name, step, _args: step())
        tenant.secrets = Secrets(
            MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}, zoho=zoho_secret(self.zoho))
        )
        tenant.recording_queue = self.recordings
        network = Network(self.zoho, steps, self._trouble)
        tenant.zoho = Zoho(
            tenant.secrets,
            tenant.table,
            clock=self.clock,
            http=lambda url: Http("zoho", url, transport=network, monotonic=lambda: self.clock().timestamp()),
            sleep=lambda _seconds: None,
        )
        return tenant

    def _trouble(self, send):
        before = len(self.zoho.leads())
        answer = send()
        if self.answers_lost and len(self.zoho.leads()) > before:
            self.answers_lost -= 1
            return answered(500)
        return answer

    def hears_of(self, call, steps=None):
        """A worker takes the event of a call; its process may die."""
        with contextlib.suppress(Crash):
            record(self.worker(steps or Steps()), ended(call, self.clock))

    def comes_to_rest(self):
        """The queue delivers again what was not done, and the sweep does what is due."""
        for call in ("first", "second"):
            self.hears_of(call)
        for _ in range(MOST_MINUTES):
            self.clock.pass_seconds(60)
            retry_pending(self.worker(Steps()), 55)
            if not any("due" in row for row in self.table.rows.values()):
                return
        pytest.fail("does not come to rest")

    def assert_one_lead_for_both_calls(self):
        assert len(self.zoho.leads()) - self.leads_before == 1
        assert sorted(call["Santral_Call_ID"] for call in self.zoho.calls()) == [
            "virtualats:first",
            "virtualats:second",
        ]
        assert len({call["What_Id"]["id"] for call in self.zoho.calls()}) == 1


def ended(call, clock):
    return CallEvent(
        call_id=f"virtualats:{call}",
        provider="virtualats",
        state=CallState.ENDED,
        direction=Direction.INBOUND,
        disposition=Disposition.ANSWERED,
        talk_seconds=30,
        from_=CALLER,
        to="902121112233",
        extension="101",
        started_at=clock.now - timedelta(minutes=2),
    )


@pytest.fixture(scope="module")
def step_count():
    steps = Steps()
    Company().hears_of("first", steps)
    assert steps.taken >= FEWEST_STEPS
    return steps.taken


@pytest.fixture(autouse=True)
def _silence(quiet):
    """Thousands of expected warnings would hide the one result."""


def beside(work):
    """Run in a thread of its own while the caller stands still, as a second process would."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.parametrize("answers_lost", [0, 1, 2])
def test_a_second_worker_at_any_step_of_the_first_makes_no_second_lead(step_count, answers_lost):
    for number in range(1, step_count + 1):
        company = Company()
        company.answers_lost = answers_lost
        company.hears_of("first", Steps(number, lambda: beside(lambda: company.hears_of("second"))))  # noqa: B023 (used in this round)
        company.comes_to_rest()

        company.assert_one_lead_for_both_calls()


@pytest.mark.parametrize("answers_lost", [0, 1])
def test_a_death_at_any_step_makes_no_second_lead(step_count, answers_lost):
    def die():
        raise Crash

    for number in range(1, step_count + 1):
        company = Company()
        company.answers_lost = answers_lost
        company.hears_of("first", Steps(number, die))
        company.hears_of("second")
        company.comes_to_rest()

        company.assert_one_lead_for_both_calls()
