from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest

from santral.calls import CallEvent, CallState, Direction
from santral.errors import CredentialsRefused
from santral.forgotten import bury
from santral.http import Http
from santral.providers.ports import HistoryBudget, Page, Webhook
from santral.providers.registry import PROVIDERS, Ability, Provider
from santral.providers.virtualats import VirtualAts
from santral.store.cursors import Figures
from santral.store.table import Page as IndexPage
from santral.telephony import reconcile as module
from santral.telephony.outbox import record
from santral.telephony.reconcile import reconcile
from simulators.faults import Status
from simulators.timeline import SteppedTime
from simulators.virtualats import VirtualAts as Exchange
from simulators.virtualats_exchange import CallScript
from simulators.zoho import ZohoCrm
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.in_process import HOME, InProcess, connect, zoho_secret

ELIF = "905321234567"
MINUTE, HOUR, DAY = 60, 3600, 86_400
SECRET = {
    "base_url": f"{HOME}/vats/api",
    "public_key": "1234567",
    "secret_key": "vats-demo-secret",
    "crm_api_key": "1234567890abcdef",
    "webhook_tokens": ["token"],
}


class Company:
    """A tenant beside a simulated PBX and CRM, on one virtual clock. Webhooks arrive only where a test says so."""

    def __init__(self):
        self.time = SteppedTime(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))
        self.exchange = Exchange(timeline=self.time)
        self.exchange.use_script(CallScript(ring_after=1, ring_seconds=5, talk_seconds=30))
        self.pbx = VirtualAts(
            VirtualAts.Credentials.model_validate(SECRET),
            http=Http("virtualats", SECRET["base_url"], transport=InProcess(self.exchange)),
            clock=self.time.now,
        )
        self.zoho = ZohoCrm(clock=self.time.now)
        secrets = MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}, zoho=zoho_secret(self.zoho))
        self.tenant = make_tenant(clock=self.time.now, secrets=secrets, providers=("virtualats",))
        connect(self.tenant, self.zoho)
        self.sources = {"virtualats": self.pbx}
        self.tenant.provider = lambda name, _ability: self.sources[name]

    def call(self, **how):
        """A customer calls, and the call ends."""
        provider_id = self.exchange.place_inbound_call(source=ELIF, destination="994124886606", **how)
        self.time.advance(MINUTE)
        return f"virtualats:{provider_id}"

    def webhooks(self, *states):
        """Let the webhooks of these states arrive and be worked off."""
        for told in self.exchange.webhooks._sent:
            if told.state in states:
                for event in self.pbx.events(Webhook({}, told.body)):
                    record(self.tenant, event)

    def run(self, seconds=240):
        """Reconcile once; return the ids of the calls that went into the queue."""
        before = len(self.queue)
        reconcile(self.tenant, seconds)
        return [event.call_id for event in self.queue[before:]]

    def work_off(self):
        """Let the queue's worker do its work. Redelivery is harmless, so nothing is taken out."""
        for event in self.queue:
            record(self.tenant, event)

    @property
    def queue(self):
        return self.tenant.event_queue.sent

    @property
    def asked(self):
        return [
            {name: values[0] for name, values in parse_qs(request.query).items()}
            for request in self.exchange.requests.to("/callRecord/history")
        ]

    @property
    def logged(self):
        return [call["Santral_Call_ID"] for call in self.zoho.calls()]

    @property
    def cursor(self):
        return self.tenant.cursors.get("virtualats")

    def configure(self, **settings):
        self.tenant.settings = self.tenant.settings.model_copy(update=settings)


@pytest.fixture
def company():
    return Company()


@pytest.fixture
def settled(company):
    """A company whose long windows have been looked through already."""
    while not (len(company.cursor.passes) == 3 and all(walk.done for walk in company.cursor.passes.values())):
        company.run()
    company.time.advance(5 * MINUTE)
    company.exchange.requests.clear()
    return company


@pytest.fixture
def counted(monkeypatch):
    counts = {}

    def count(name, value=1):
        counts[name] = counts.get(name, 0) + value

    monkeypatch.setattr(module, "count", count)
    return counts


def written(moment):
    return moment.strftime("%d%m%Y%H%M%S+0000")


# --- what is found ---------------------------------------------------------------------------------------------------


def test_a_call_whose_webhooks_never_came_is_found_and_logged_once(settled):
    call_id = settled.call()
    settled.time.advance(5 * MINUTE)

    assert settled.run() == [call_id]
    settled.work_off()
    settled.time.advance(5 * MINUTE)
    assert settled.run() == []
    settled.work_off()

    assert settled.logged == [call_id]
    assert settled.tenant.calls.get(call_id).facts.text("recording_ref")


def test_a_lost_hangup_is_found(settled, counted):
    call_id = settled.call()
    settled.webhooks("NEW", "UPDATE")
    settled.time.advance(5 * MINUTE)

    assert settled.run() == [call_id]
    assert (counted["calls_missing"], counted["calls_different"]) == (1, 0)
    settled.work_off()

    assert settled.tenant.calls.get(call_id).facts.state is CallState.ENDED
    assert settled.logged == [call_id]


def test_what_the_webhooks_told_is_not_told_again(settled):
    settled.call()
    settled.webhooks("NEW", "UPDATE", "HANGUP")
    settled.time.advance(5 * MINUTE)

    assert settled.run() == []
    assert settled.cursor.today.checked == 1


def test_what_the_records_know_better_is_told(settled, counted):
    call_id = settled.call()
    ended = next(call for call in settled.exchange.exchange.ended_calls())
    ref, ended.recording_id = ended.recording_id, ""
    [event] = settled.pbx.history(
        since=ended.started_at, until=ended.started_at + timedelta(1), offset=0, limit=9
    ).events
    record(settled.tenant, event)
    ended.recording_id = ref
    settled.time.advance(5 * MINUTE)

    assert settled.run() == [call_id]
    assert settled.queue[-1].recording_ref == ref
    assert (counted["calls_different"], counted["calls_missing"]) == (1, 0)


def test_a_call_that_ended_a_moment_ago_is_left_to_its_webhooks(settled):
    call_id = settled.call(talk_seconds=10 * MINUTE)
    settled.time.advance(10 * MINUTE)
    assert settled.exchange.exchange.ended_calls()

    assert settled.run() == []
    settled.time.advance(2 * MINUTE)
    assert settled.run() == [call_id]


def test_reconciling_beside_late_webhooks_makes_no_second_record(settled):
    call_id = settled.call()
    settled.time.advance(3 * MINUTE)
    settled.run()
    settled.work_off()
    settled.webhooks("HANGUP", "NEW", "UPDATE")
    settled.work_off()

    assert settled.logged == [call_id]


def test_a_whole_day_told_again_changes_nothing(settled):
    calls = [settled.call() for _ in range(5)]
    settled.time.advance(5 * MINUTE)
    settled.run()
    settled.work_off()
    rows = {pk: row for pk, row in settled.tenant.table.rows.items() if pk.startswith("CALL#")}
    day = settled.pbx.history(
        since=settled.time.now() - timedelta(days=1), until=settled.time.now(), offset=0, limit=1000
    )
    for event in [*day.events, *reversed(day.events)]:
        record(settled.tenant, event)

    assert {pk: row for pk, row in settled.tenant.table.rows.items() if pk.startswith("CALL#")} == rows
    assert sorted(settled.logged) == sorted(calls)


def test_a_call_missing_for_half_an_hour_is_late(settled, counted):
    settled.call()
    settled.time.advance(10 * MINUTE)
    settled.run()
    assert (counted["calls_missing"], counted["calls_late"]) == (1, 0)

    settled.call()
    settled.time.advance(31 * MINUTE)
    settled.work_off()
    settled.run()
    assert (counted["calls_missing"], counted["calls_late"]) == (2, 1)
    assert settled.cursor.today == Figures(checked=3, missing=2, late=1)


def test_a_call_in_more_than_one_window_is_told_once(company, counted):
    call_id = company.call()
    company.time.advance(5 * MINUTE)

    assert company.run() == [call_id]
    assert (counted["calls_checked"], counted["calls_missing"]) == (3, 1)


def test_figures_begin_anew_with_the_tenants_day(settled):
    settled.time.advance((settled.time.now().replace(hour=20, minute=50) - settled.time.now()).total_seconds())
    settled.call()
    settled.time.advance(5 * MINUTE)
    settled.run()
    assert (settled.cursor.day, settled.cursor.today.missing) == ("2026-03-10", 1)

    settled.work_off()
    settled.time.advance(10 * MINUTE)
    settled.run()

    # 21:06 UTC is past midnight in Istanbul.
    assert (settled.cursor.day, settled.cursor.today) == ("2026-03-11", Figures(checked=1))


def test_calls_are_missed_until_a_whole_look_finds_none(settled):
    settled.call()
    settled.time.advance(5 * MINUTE)
    settled.run()
    since = settled.cursor.missing_since
    assert since == settled.time.now()

    settled.time.advance(5 * MINUTE)
    settled.run()
    assert settled.cursor.missing_since == since

    settled.work_off()
    settled.time.advance(5 * MINUTE)
    settled.run()
    assert settled.cursor.missing_since is None


def test_half_a_look_does_not_end_it(settled):
    settled.call()
    settled.time.advance(5 * MINUTE)
    settled.run()
    since = settled.cursor.missing_since
    settled.work_off()

    settled.pbx.history_budget = HistoryBudget(rows=1, requests=1)
    settled.time.advance(5 * MINUTE)
    settled.run()
    assert settled.cursor.missing_since == since

    settled.run()
    assert settled.cursor.missing_since is None


def test_what_only_the_long_windows_find_is_late_and_no_sign_of_webhooks_missing_now(company, counted):
    company.call()
    company.time.advance(5 * HOUR)

    assert len(company.run()) == 1
    assert counted["calls_late"] == 1
    assert company.cursor.missing_since is None


def test_a_provider_without_webhooks_misses_only_what_is_late(settled, monkeypatch):
    only_history = Provider("-", frozenset({Ability.HISTORY}))
    monkeypatch.setitem(PROVIDERS, "virtualats", only_history)
    settled.call()
    settled.time.advance(5 * MINUTE)
    assert len(settled.run()) == 1
    assert settled.cursor.missing_since is None

    settled.time.advance(31 * MINUTE)
    settled.run()
    assert settled.cursor.missing_since == settled.time.now()


def test_a_call_logged_under_an_id_the_pbx_does_not_know_is_doubled(company):
    call_id = company.call()
    [event] = company.pbx.history(
        since=company.time.now() - timedelta(hours=1), until=company.time.now(), offset=0, limit=9
    ).events
    record(company.tenant, event)
    record(company.tenant, event.model_copy(update={"call_id": "virtualats:dial-1"}))
    assert len(company.zoho.calls()) == 2
    company.call()
    company.time.advance(5 * MINUTE)

    company.run()

    assert company.cursor.today.doubled == 1
    assert call_id.startswith("virtualats:")


@pytest.mark.parametrize(
    "other",
    [
        {"from_": "905559998877"},
        {"extension": "102"},
        {"started_at": datetime(2026, 3, 10, 8, 57, tzinfo=UTC)},
        {"call_id": "kobikom:x", "provider": "kobikom"},
    ],
    ids=["someone else", "another extension", "another time", "another provider"],
)
def test_another_call_is_not_doubled(company, other):
    company.time.advance(5 * MINUTE)
    company.call()
    events = company.pbx.history(
        since=company.time.now() - timedelta(hours=1), until=company.time.now(), offset=0, limit=9
    ).events
    record(company.tenant, events[0])
    record(company.tenant, events[0].model_copy(update={"call_id": "virtualats:x", **other}))
    # The period that is compared begins with the earlier of the two.
    company.exchange.exchange.place(
        replace(company.exchange.exchange.calls()[0], call_id="0" * 32, started_at=datetime(2026, 3, 10, 8, tzinfo=UTC))
    )
    company.time.advance(5 * MINUTE)

    company.run()

    assert len(company.zoho.calls()) == 2
    assert company.cursor.today.doubled == 0


# --- where it reads --------------------------------------------------------------------------------------------------


def test_nothing_to_do_costs_one_request(settled):
    settled.run()

    assert len(settled.asked) == 1


def test_windows_are_read_newest_first_and_the_long_ones_day_by_day(company):
    company.pbx.history_budget = HistoryBudget(rows=500, requests=100)
    company.run()

    until = company.time.now() - timedelta(minutes=2)
    asked = [(one["from"], one["to"]) for one in company.asked]
    assert asked[0] == (written(until - timedelta(hours=2)), written(until))
    assert asked[1:4] == [
        (written(until - timedelta(days=n + 1)), written(until - timedelta(days=n))) for n in range(3)
    ]
    assert asked[4:] == [
        (written(until - timedelta(days=n + 1)), written(until - timedelta(days=n))) for n in range(35)
    ]


def test_the_long_windows_come_round_once_a_day_and_once_a_week(settled):
    settled.time.advance(DAY)
    settled.run()
    # The newest reaches back over the time in which nobody looked.
    assert len(settled.asked) == 2 + 3

    settled.exchange.requests.clear()
    settled.pbx.history_budget = HistoryBudget(rows=500, requests=100)
    settled.time.advance(6 * DAY)
    settled.run()
    assert len(settled.asked) == 7 + 7 + 35


def test_a_run_asks_no_more_than_the_providers_budget_and_the_next_goes_on(company):
    company.pbx.history_budget = HistoryBudget(rows=500, requests=5)
    for _ in range(9):
        company.run()

    # 1 + 3 + 35 and the newest window's 8 further looks
    assert len(company.asked) == 9 * 5
    assert all(walk.done for name, walk in company.cursor.passes.items() if name == "days")


def test_a_run_that_stopped_in_mid_window_is_gone_on_with(settled):
    calls = [settled.call() for _ in range(10)]
    settled.time.advance(5 * MINUTE)
    settled.pbx.history_budget = HistoryBudget(rows=3, requests=2)

    first = settled.run()
    settled.work_off()
    settled.time.advance(5 * MINUTE)
    second = settled.run()

    assert first == calls[:6]
    assert second == calls[6:]
    assert [one["offset"] for one in settled.asked] == ["0", "3", "6", "9"]


def test_a_run_with_another_budget_goes_on_at_a_whole_page(settled):
    calls = [settled.call() for _ in range(10)]
    settled.time.advance(5 * MINUTE)
    settled.pbx.history_budget = HistoryBudget(rows=3, requests=2)
    settled.run()
    settled.pbx.history_budget = HistoryBudget(rows=4, requests=2)
    settled.run()

    assert [(one["offset"], one["limit"]) for one in settled.asked] == [("0", "3"), ("3", "3"), ("4", "4"), ("8", "4")]
    assert {event.call_id for event in settled.queue} == set(calls)


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_pbx_whose_clock_is_wrong_loses_no_call(settled, minutes):
    settled.tenant.clock = lambda: settled.time.now() + timedelta(minutes=minutes)
    call_id = settled.call()
    for _ in range(4):
        settled.time.advance(5 * MINUTE)
        settled.run()
        settled.work_off()

    assert settled.logged == [call_id]


def test_what_the_ledger_lists_is_not_read_call_by_call(settled, monkeypatch):
    monkeypatch.setattr(module, "_LEDGER_ROWS", 2)
    settled.time.advance((settled.time.now().replace(hour=23, minute=55) - settled.time.now()).total_seconds())
    calls = [settled.call() for _ in range(10)]  # five on each side of midnight
    settled.webhooks("HANGUP")
    settled.time.advance(5 * MINUTE)
    settled.run()
    settled.time.advance(5 * MINUTE)
    before = settled.tenant.table.reads

    assert settled.run() == []
    assert settled.cursor.passes["hours"].found.checked == len(calls)
    # The cursor (here and there), and three pages of the index for each of the two days.
    assert settled.tenant.table.reads - before <= 3 + 6


def test_an_index_that_lags_behind_makes_no_call_missing(settled, counted, monkeypatch):
    settled.call()
    settled.webhooks("HANGUP")
    settled.time.advance(5 * MINUTE)
    monkeypatch.setattr(settled.tenant.table, "query", lambda *_args, **_how: IndexPage([], None))

    assert settled.run() == []
    assert (counted["calls_checked"], counted["calls_missing"]) == (1, 0)


def test_a_cursor_found_after_months_reaches_back_five_weeks(settled):
    settled.time.advance(100 * DAY)
    settled.pbx.history_budget = HistoryBudget(rows=500, requests=35)
    settled.run()

    until = settled.time.now() - timedelta(minutes=2)
    assert settled.asked[-1]["from"] == written(until - timedelta(days=35))
    assert settled.cursor.passes["hours"].done


def test_more_than_a_thousand_calls_in_a_window_are_all_found(settled):
    settled.exchange.use_script(CallScript(ring_after=0, ring_seconds=0, talk_seconds=1))
    calls = set()
    for _ in range(1100):
        calls.add(f"virtualats:{settled.exchange.place_inbound_call(source=ELIF)}")
        settled.time.advance(2)
    settled.time.advance(5 * MINUTE)

    found = settled.run()

    assert len(found) == 1100
    assert set(found) == calls
    assert len(settled.asked) == 3


def test_rows_that_cannot_be_told_do_not_end_reading_early(company):
    event = CallEvent(
        call_id="virtualats:1",
        provider="virtualats",
        state=CallState.ENDED,
        direction=Direction.INBOUND,
        started_at=company.time.now() - timedelta(minutes=20),
        ended_at=company.time.now() - timedelta(minutes=10),
    )

    class RingingFirst:
        history_budget = HistoryBudget(rows=2, requests=2)

        def history(self, *, offset, **_period):
            return Page([], 2) if offset == 0 else Page([event], 1)

    company.sources["virtualats"] = RingingFirst()

    assert company.run() == ["virtualats:1"]


def test_a_run_stops_while_there_is_time_for_no_further_page(company):
    assert company.run(seconds=30) == []
    assert company.asked == []


@pytest.mark.parametrize(
    ("first", "utc"),
    [
        (datetime(2026, 3, 10, 11, 30, tzinfo=ZoneInfo("Europe/Istanbul")), "10032026083000+0000"),
        (datetime.fromisoformat("2026-03-10T12:30:00+04:00"), "10032026083000+0000"),
        (datetime(2026, 3, 10, 11, 30), "10032026083000+0000"),  # without an offset it is the tenant's
    ],
)
def test_calls_before_the_tenants_first_day_are_never_asked_for(company, first, utc):
    company.configure(log_calls_from=first)
    company.run()

    assert {one["from"] for one in company.asked} == {utc}
    assert len(company.asked) == 3


def test_calls_before_the_tenants_first_day_are_never_fed(company):
    company.call()
    first = company.time.now()
    later = company.call()
    company.time.advance(5 * MINUTE)
    before = company.pbx.history(since=first - timedelta(1), until=company.time.now(), offset=0, limit=10)
    company.configure(log_calls_from=first)

    class Generous:
        """A provider that tells more than it was asked for."""

        history_budget = HistoryBudget(rows=500, requests=3)

        def history(self, **_period):
            return before

    company.sources["virtualats"] = Generous()
    assert len(before.events) == 2
    assert set(company.run()) == {later}


def test_a_first_day_to_come_asks_for_nothing(company):
    company.configure(log_calls_from=company.time.now() + timedelta(days=1))

    assert company.run() == []
    assert company.asked == []


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)])
def test_two_hours_are_two_hours_when_the_clocks_change(company, change):
    """In Berlin 2026-03-29 has no 02:30 and 2026-10-25 has it twice."""
    company.time = SteppedTime(change + timedelta(minutes=31))
    company.tenant.clock = lambda: company.time.now().astimezone(ZoneInfo("Europe/Berlin"))
    company.pbx = VirtualAts(
        VirtualAts.Credentials.model_validate(SECRET),
        http=Http("virtualats", SECRET["base_url"], transport=InProcess(company.exchange)),
        clock=company.exchange.timeline.now,
    )
    company.run()

    until = change + timedelta(minutes=29)
    assert company.asked[0]["to"] == written(until)
    assert company.asked[0]["from"] == written(until - timedelta(hours=2))
    assert company.asked[1]["from"] == written(until - timedelta(hours=24))


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_provider_that_is_down_is_asked_again_by_the_next_run(settled, counted):
    call_id = settled.call()
    settled.time.advance(5 * MINUTE)
    before = settled.cursor
    settled.exchange.faults.add("/callRecord/history", Status(code=500), times=None)

    assert settled.run() == []
    assert settled.cursor == before
    assert counted["reconcile_failures"] == 1

    settled.exchange.faults.clear()
    settled.time.advance(5 * MINUTE)
    assert settled.run() == [call_id]


def test_after_an_outage_of_hours_the_newest_window_reaches_back_to_where_it_got_through(settled):
    call_id = settled.call()
    settled.exchange.faults.add("/callRecord/history", Status(code=500), times=None)
    settled.time.advance(6 * HOUR)
    settled.run()
    settled.exchange.faults.clear()

    assert settled.run() == [call_id]


def test_refused_credentials_leave_the_cursor_where_it_was_and_hold_up_no_other_provider(settled, monkeypatch):
    monkeypatch.setitem(PROVIDERS, "refused", PROVIDERS["virtualats"])

    class Refused:
        history_budget = HistoryBudget(rows=500, requests=3)

        def history(self, **_period):
            raise CredentialsRefused("answered 401", system="refused")

    settled.sources = {"refused": Refused(), **settled.sources}
    settled.configure(providers=("refused", "virtualats"))
    call_id = settled.call()
    settled.time.advance(5 * MINUTE)

    assert settled.run() == [call_id]
    assert settled.tenant.cursors.get("refused").read_at is None


def test_of_two_runs_at_once_the_slower_one_leaves_the_rest(settled):
    calls = [settled.call() for _ in range(6)]
    settled.time.advance(5 * MINUTE)

    class Overtaken:
        """While the first page is read, another run does all the work."""

        history_budget = HistoryBudget(rows=2, requests=9)

        def history(self, **period):
            settled.sources["virtualats"] = settled.pbx
            page = settled.pbx.history(**period)
            reconcile(settled.tenant, 240)
            return page

    settled.sources["virtualats"] = Overtaken()
    found = settled.run()
    settled.work_off()

    assert found == [*calls, *calls[:2]]
    assert sorted(settled.logged) == sorted(calls)


def test_an_erased_person_is_not_brought_back(settled):
    call_id = settled.call()
    settled.time.advance(5 * MINUTE)
    settled.run()
    settled.work_off()
    settled.tenant.calls.erase(call_id)
    settled.time.advance(5 * MINUTE)

    assert settled.run() == []


def test_a_person_to_be_forgotten_is_not_told_of(settled, counted):
    settled.call()
    settled.time.advance(5 * MINUTE)
    bury(settled.tenant, f"+{ELIF}")

    assert settled.run() == []
    assert counted["calls_missing"] == 0


def test_a_slow_provider_leaves_the_others_their_share_of_the_time(settled, monkeypatch):
    monkeypatch.setitem(PROVIDERS, "slow", PROVIDERS["virtualats"])
    seconds = [0.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: seconds[0]))

    class Slow:
        history_budget = HistoryBudget(rows=1, requests=100)

        def history(self, **_period):
            seconds[0] += 20
            return Page([], 1)

    settled.sources = {"slow": Slow(), **settled.sources}
    settled.configure(providers=("slow", "virtualats"))
    call_id = settled.call()
    settled.time.advance(5 * MINUTE)

    assert settled.run(seconds=240) == [call_id]


def test_providers_without_call_records_are_not_asked(company, monkeypatch):
    monkeypatch.setitem(PROVIDERS, "acmepbx", Provider("nowhere:Nothing", frozenset({Ability.DIAL})))
    company.configure(providers=("acmepbx",))

    assert company.run() == []


def test_a_message_of_the_queue_is_the_webhooks_own_event_again(settled):
    """So within five minutes of the webhook the queue drops it, and afterwards the fold does."""
    settled.call()
    [hangup] = [told for told in settled.exchange.webhooks._sent if told.state == "HANGUP"]
    [event] = settled.pbx.events(Webhook({}, hangup.body))
    settled.time.advance(5 * MINUTE)
    settled.run()

    assert settled.queue[-1].fingerprint() == event.fingerprint()
