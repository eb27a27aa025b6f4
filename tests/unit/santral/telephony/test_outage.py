"""A CRM that is away for six hours of virtual time: afterwards every call is there, once, the oldest first.

Five thousand calls take some minutes of CPU, so the default run has fewer: SANTRAL_OUTAGE_CALLS=5000 has them all.
"""

import os
from collections import Counter
from datetime import timedelta

import pytest

from santral import health
from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.health import pipeline
from santral.store.calls import Owed
from santral.telemetry import logger
from santral.telephony.outbox import fold, pay, retry_pending
from simulators.faults import CommitThen, Status

pytestmark = pytest.mark.usefixtures("no_real_waiting")

CALLS = int(os.environ.get("SANTRAL_OUTAGE_CALLS", "120"))
HOURS = 6
BATCH = 10
TOKEN_MINUTES = 50


@pytest.fixture(autouse=True)
def quiet():
    before = logger.level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(before)


def ended(number, at):
    return CallEvent(
        call_id=f"virtualats:{number:05}",
        provider="virtualats",
        state=CallState.ENDED,
        direction=Direction.INBOUND,
        disposition=Disposition.ANSWERED,
        talk_seconds=30,
        from_=f"+9053{number % 9}777{number % 10_000:04}",
        to="902121112233",
        extension="101",
        started_at=at - timedelta(seconds=40),
    )


class Day:
    """A tenant's day, minute by minute: calls come in as batches of the queue, then the sweep runs."""

    def __init__(self, tenant, zoho):
        self.tenant = tenant
        self.zoho = zoho
        self.minutes = 0
        self.told = 0
        self.tokens_by_minute = []

    def minute(self, calls=0):
        tenant = self.tenant
        tokens = self.zoho.counts["token"]
        tenant.clock.pass_seconds(60)
        self.minutes += 1
        events = [ended(self.told + number, tenant.clock()) for number in range(calls)]
        self.told += calls
        for start in range(0, calls, BATCH):
            pay(tenant, [fold(tenant, event) for event in events[start : start + BATCH]])
        retry_pending(tenant, 55)
        self.tokens_by_minute.append(self.zoho.counts["token"] - tokens)

    def pass_hours(self, hours, calls=0):
        minutes = hours * 60
        for minute in range(minutes):
            self.minute(calls * (minute + 1) // minutes - calls * minute // minutes)

    def until_all_is_logged(self, most_minutes):
        for _ in range(most_minutes):
            if not self.waiting:
                return
            self.minute()

    @property
    def waiting(self):
        return sum(Owed.RECORD in row.get("owed", ()) for row in self.tenant.table.rows.values())

    @property
    def logged(self):
        """Ids of calls in the order in which the CRM got them."""
        commits = (commit for commit in self.zoho.commits if commit.module == "Calls" and commit.action == "insert")
        return [commit.fields["Santral_Call_ID"] for commit in commits]


@pytest.fixture
def day(tenant, zoho):
    return Day(tenant, zoho)


@pytest.mark.parametrize("status", [503, 429])
def test_six_hours_without_a_crm_lose_nothing_double_nothing_and_keep_the_order(day, zoho, status):
    day.minute(1)
    zoho.faults.add("/crm/", Status(code=status), times=None)
    day.pass_hours(HOURS, CALLS)
    assert day.waiting == CALLS
    zoho.faults.clear()
    before = sum(zoho.counts.values())
    day.until_all_is_logged(most_minutes=60)

    assert day.logged == [f"virtualats:{number:05}" for number in range(CALLS + 1)]
    assert len(zoho.calls()) == CALLS + 1
    assert zoho.counts["token"] <= day.minutes // TOKEN_MINUTES + 1
    requests = (sum(zoho.counts.values()) - before) / CALLS
    print(f"{CALLS} calls after {HOURS} h with {status}: {requests:.2f} requests a call")  # noqa: T201 (asked for)
    assert requests <= 0.7


@pytest.mark.parametrize("field", ["plain", "absent"])
def test_a_crm_that_comes_back_losing_answers_gets_no_call_twice(day, zoho, field):
    zoho.arrange(call_id_field=field)
    zoho.faults.add("/crm/", Status(code=503), times=None)
    day.pass_hours(1, 60)
    zoho.faults.clear()
    zoho.faults.add("/crm/v8/Calls", CommitThen(fault=Status(code=500)), method="POST", times=3)
    zoho.faults.add("/__composite", Status(code=500), times=2)
    day.until_all_is_logged(most_minutes=120)

    assert zoho.faults.injected > 3
    written = Counter(call["Description"].splitlines()[0] for call in zoho.calls())
    assert written == {f"Santral call virtualats:{number:05}": 1 for number in range(60)}


def test_a_revoked_token_is_tried_once_a_minute_at_most_and_everything_waits(day, tenant, zoho, monkeypatch):
    monkeypatch.setattr(pipeline, "depth", lambda _url: 0)
    monkeypatch.setattr(pipeline, "time_told", lambda _url: tenant.clock())
    day.minute(1)
    zoho.revoke_refresh_token()
    zoho.expire_access_tokens()
    day.pass_hours(2, 60)

    assert (day.waiting, len(day.logged)) == (60, 1)
    # Two in one minute happen when one is just after its beginning and the other just before its end.
    assert sum(day.tokens_by_minute) <= day.minutes + 1
    check = next(check for check in health.status(tenant, "en").checks if check.name == "zoho")
    assert not check.ok
    assert "connect Zoho again" in check.sentence

    zoho.restore_refresh_token()
    day.until_all_is_logged(most_minutes=10)
    assert day.logged == [f"virtualats:{number:05}" for number in range(61)]
