"""How each kind of debt is paid, on a CRM that does as it is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition, RecordLink
from santral.crm.call_log import RecordGone
from santral.crm.matching import MATCHED_TOGETHER
from santral.errors import Conflict, Rejected, Unreachable
from santral.store.calls import Owed
from santral.telephony import debts
from santral.telephony.debts import Claim, OutOfTimeError, pay_debts
from santral.telephony.permalinks import call_handle, permalink
from tests.fakes import MemorySecrets, make_tenant

NOW = int(datetime(2026, 1, 15, 9, 30, tzinfo=UTC).timestamp())
ELIF = "+905321234567"
REFUSED = Rejected("INVALID_DATA", system="zoho")
GONE = Unreachable("refused", system="zoho")
CONTACT = RecordLink(module="Contacts", id="1")
LEAD = RecordLink(module="Leads", id="2")
EACH = (Owed.RECORD, Owed.UPDATE, Owed.TASK, Owed.RECORDING)


class Crm:
    """Answers as it is told and remembers what it was asked."""

    def __init__(self):
        self.records, self.leads, self.outcomes = {}, {}, {}
        self.asked, self.callers, self.logged, self.updated, self.tasks = [], [], [], [], []
        self.gone = set()
        self.meanwhile = lambda: None
        self.tenant = None

    def find_callers(self, tenant, numbers):
        assert tenant is self.tenant
        self.asked.append(list(numbers))
        for number in numbers:
            if isinstance(self.records.get(number), Exception):
                raise self.records[number]
        found = {number: self.records.get(number, ()) for number in numbers}
        return {number: each if isinstance(each, tuple) else (each,) for number, each in found.items()}

    def create_leads(self, tenant, callers):
        assert tenant is self.tenant
        self.callers.append(dict(callers))
        if isinstance(self.leads, Exception):
            raise self.leads
        return {number: self.leads.get(number, LEAD) for number in callers}

    def log_calls(self, tenant, calls):
        assert tenant is self.tenant
        self.logged.append(list(calls))
        self.meanwhile()
        return [
            RecordGone(call.record)
            if call.with_record and call.record in self.gone
            else self._outcome(call.entry, f"crm-{call.entry.call_id}")
            for call in calls
        ]

    def update_call(self, tenant, entry, *, recording_url):
        assert tenant is self.tenant
        self.updated.append((entry.call_id, recording_url))
        self.meanwhile()
        if outcome := self.outcomes.get(entry.call_id):
            raise outcome

    def create_tasks(self, tenant, entries, *, tried_before):
        assert tenant is self.tenant
        self.tasks.append(([entry.call_id for entry in entries], tried_before))
        return {entry.call_id: self._outcome(entry, "task") for entry in entries}

    def _outcome(self, entry, otherwise):
        outcome = self.outcomes.get(entry.call_id, otherwise)
        if isinstance(outcome, ValueError):
            raise outcome
        return outcome


@pytest.fixture
def crm(monkeypatch):
    crm = Crm()
    for name in ("find_callers", "create_leads", "log_calls", "update_call", "create_tasks"):
        monkeypatch.setattr(debts, name, getattr(crm, name))
    return crm


@pytest.fixture
def tenant(clock, crm):
    crm.tenant = make_tenant(clock=clock, secrets=MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}))
    return crm.tenant


@pytest.fixture
def log(monkeypatch):
    lines = []

    def line(message, **told):
        lines.append((message, told))

    monkeypatch.setattr(debts, "logger", SimpleNamespace(warning=line, exception=line))
    return lines


@pytest.fixture
def owing(tenant, clock):
    """A call that owes something, as the one to whom it belongs for now sees it."""

    def claim(last, *kinds, tried_before=False, having=None, **told):
        event = CallEvent(
            **{
                "call_id": f"virtualats:{last}",
                "provider": "virtualats",
                "state": CallState.ENDED,
                "direction": Direction.INBOUND,
                "disposition": Disposition.NO_ANSWER,
                "from_": f"90532777{last:04}",
                "started_at": clock() - timedelta(minutes=2),
                **told,
            }
        )
        tenant.calls.change(
            event.call_id,
            lambda entry: entry.told(event).owing(frozenset(kinds), next_attempt_at=NOW + 90).having(**(having or {})),
        )
        return Claim(tenant.calls.get(event.call_id), frozenset(kinds), tried_before=tried_before)

    return claim


@pytest.fixture
def left(tenant):
    return lambda last: tenant.calls.get(f"virtualats:{last}").owed


def paid(tenant, *claims, ends_at=None):
    return {call_id: type(error) for call_id, error in pay_debts(tenant, list(claims), ends_at=ends_at).items()}


def number(last):
    return f"+90532777{last:04}"


def test_a_call_is_logged_with_the_record_of_its_number_and_how_it_came_about(tenant, crm, owing, metrics):
    crm.records = {number(1): CONTACT}
    claims = [owing(1, Owed.RECORD), owing(2, Owed.RECORD, tried_before=True)]
    assert paid(tenant, *claims) == {}

    [[first, second]] = crm.logged
    assert (first.entry, first.record, first.recording_url, first.tried_before) == (
        claims[0].entry.having(matches=(CONTACT,)), CONTACT, None, False,
    )  # fmt: skip
    assert (second.record, second.tried_before) == (None, True)
    entry = tenant.calls.get("virtualats:1")
    assert (entry.owed, entry.crm_call_id, entry.record) == (set(), "crm-virtualats:1", CONTACT)
    assert sum(metrics()["calls_logged"]) == 2


def test_a_call_that_has_its_record_is_not_looked_for(tenant, crm, owing):
    paid(tenant, owing(1, Owed.RECORD, having={"record": CONTACT}), owing(2, Owed.RECORD, from_="anonymous"))

    assert crm.asked == []
    assert [call.record for call in crm.logged[0]] == [CONTACT, None]


def test_one_number_is_looked_for_once_and_only_so_many_at_a_time(tenant, crm, owing):
    numbers = [*range(1, MATCHED_TOGETHER + 2), 1]
    claims = [owing(100 + place, Owed.RECORD, from_=number(last)) for place, last in enumerate(numbers)]
    paid(tenant, *claims)

    assert crm.asked == [[number(last) for last in range(1, MATCHED_TOGETHER + 1)], [number(MATCHED_TOGETHER + 1)]]
    assert len(crm.logged[0]) == len(numbers)


def test_when_numbers_can_no_longer_be_looked_for_their_calls_stay_due_and_the_others_are_logged(tenant, crm, owing):
    crm.records = {number(MATCHED_TOGETHER + 1): GONE}
    claims = [owing(last, Owed.RECORD) for last in range(1, 2 * MATCHED_TOGETHER + 2)]
    failures = paid(tenant, *claims)

    assert len(crm.asked) == 2
    assert failures == {f"virtualats:{last}": Unreachable for last in range(11, 22)}
    assert [call.entry.call_id for call in crm.logged[0]] == [f"virtualats:{last}" for last in range(1, 11)]


@pytest.fixture
def stopwatch(monkeypatch):
    stopwatch = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(debts, "time", SimpleNamespace(monotonic=lambda: stopwatch.seconds))
    return stopwatch


@pytest.mark.parametrize(
    ("ends_at", "asked"), [(None, 3), (1012, 3), (1011, 1), (990, 1)], ids=["endless", "enough", "too little", "over"]
)
def test_without_time_only_the_first_numbers_are_looked_for(tenant, crm, owing, stopwatch, ends_at, asked):
    claims = [owing(last, Owed.RECORD) for last in range(1, 2 * MATCHED_TOGETHER + 2)]
    failures = paid(tenant, *claims, ends_at=ends_at)

    assert len(crm.asked) == asked
    late = range(11, 22) if asked == 1 else ()
    assert failures == {f"virtualats:{last}": OutOfTimeError for last in late}
    assert len(crm.logged[0]) == len(claims) - len(late)


@pytest.mark.parametrize(("setting", "logged", "leads"), [("lead", 2, 1), ("unlinked", 2, 0), ("skip", 1, 0)])
def test_an_unknown_caller_is_what_the_tenant_chose(tenant, crm, owing, left, metrics, setting, logged, leads):
    tenant.settings = tenant.settings.model_copy(update={"unknown_caller": setting})
    crm.records = {number(1): CONTACT}
    claims = [owing(1, Owed.RECORD), owing(2, Owed.RECORD)]
    assert paid(tenant, *claims) == {}

    assert (len(crm.logged[0]), crm.callers) == (logged, [{number(2): claims[1].entry}] * leads)
    assert (left(1), left(2)) == (set(), set())
    assert metrics().get("calls_skipped") == ([1] if setting == "skip" else None)


@pytest.fixture
def lead_wanted(tenant):
    tenant.settings = tenant.settings.model_copy(update={"unknown_caller": "lead"})


@pytest.mark.usefixtures("lead_wanted")
def test_a_lead_is_remembered_for_its_call_before_the_call_is_logged(tenant, crm, owing):
    crm.outcomes = {"virtualats:1": REFUSED}
    paid(tenant, owing(1, Owed.RECORD), owing(2, Owed.RECORD, from_="anonymous"))

    assert tenant.calls.get("virtualats:1").record == LEAD
    assert tenant.calls.get("virtualats:2").record is None
    assert [call.record for call in crm.logged[0]] == [LEAD, None]


@pytest.mark.usefixtures("lead_wanted")
def test_a_caller_whose_lead_cannot_be_made_now_waits_and_the_others_do_not(tenant, crm, owing, left):
    crm.leads = {number(1): REFUSED}
    failures = paid(tenant, owing(1, Owed.RECORD), owing(2, Owed.RECORD))

    assert failures == {"virtualats:1": Rejected}
    assert (left(1), left(2)) == ({Owed.RECORD}, set())


@pytest.mark.usefixtures("lead_wanted")
def test_when_no_lead_can_be_made_those_with_a_record_are_logged_all_the_same(tenant, crm, owing):
    crm.leads = GONE
    crm.records = {number(2): CONTACT}

    assert paid(tenant, owing(1, Owed.RECORD), owing(2, Owed.RECORD)) == {"virtualats:1": Unreachable}
    assert [call.record for call in crm.logged[0]] == [CONTACT]


def test_who_was_found_when_the_call_began_is_not_looked_for_again_unless_it_is_a_lead(tenant, crm, owing):
    crm.records = {number(2): CONTACT}
    paid(
        tenant,
        owing(1, Owed.RECORD, having={"matches": (CONTACT, LEAD)}),
        owing(2, Owed.RECORD, having={"matches": (LEAD,)}),
    )

    assert crm.asked == [[number(2)]]
    assert [(call.record, call.entry.matches) for call in crm.logged[0]] == [
        (CONTACT, (CONTACT, LEAD)),
        (CONTACT, (CONTACT,)),
    ]
    assert [tenant.calls.get(f"virtualats:{last}").matches for last in (1, 2)] == [(CONTACT, LEAD), (CONTACT,)]


def test_a_call_dialled_from_a_record_has_no_others_with_its_number(tenant, crm, owing):
    paid(tenant, owing(1, Owed.RECORD, having={"record": LEAD}))

    assert (crm.logged[0][0].record, crm.logged[0][0].entry.matches) == (LEAD, ())


def test_a_record_that_is_gone_is_forgotten_and_its_call_alone_is_matched_anew_and_logged(
    tenant, crm, owing, left, metrics
):
    tenant.matches.keep(number(1), (CONTACT,), seconds=60)
    crm.gone = {CONTACT}
    crm.records = {number(1): (CONTACT, LEAD), number(2): LEAD}
    claims = [owing(1, Owed.RECORD, having={"matches": (CONTACT,)}), owing(2, Owed.RECORD)]

    assert paid(tenant, *claims) == {}
    assert [[(call.record, call.with_record) for call in calls] for calls in crm.logged] == [
        [(CONTACT, True), (LEAD, True)],
        [(LEAD, False)],
    ]
    assert crm.asked == [[number(2)], [number(1)]]
    assert tenant.matches.of(number(1)) == (LEAD,)
    assert (left(1), tenant.calls.get("virtualats:1").record) == (set(), LEAD)
    assert sum(metrics()["crm_matches_outdated"]) == 1


def test_a_record_that_is_gone_is_forgotten_before_the_crm_is_asked_anew(tenant, crm, owing):
    crm.gone = {CONTACT}
    tenant.matches.keep(number(1), (CONTACT,), seconds=60)
    crm.records = {number(1): GONE}

    assert paid(tenant, owing(1, Owed.RECORD, having={"record": CONTACT})) == {"virtualats:1": Unreachable}
    assert tenant.matches.of(number(1)) is None
    assert tenant.calls.get("virtualats:1").record is None


def test_also_those_whose_record_is_gone_are_looked_for_no_longer_than_there_is_time(
    tenant, crm, owing, stopwatch, metrics
):
    crm.gone = {CONTACT}
    some = range(1, MATCHED_TOGETHER + 2)
    failures = paid(tenant, *(owing(last, Owed.RECORD, having={"record": CONTACT}) for last in some), ends_at=1011)

    assert crm.asked == [[number(last) for last in range(1, MATCHED_TOGETHER + 1)]]
    assert failures == {f"virtualats:{MATCHED_TOGETHER + 1}": OutOfTimeError}
    assert sum(metrics()["crm_matches_outdated"]) == len(some)


@pytest.mark.parametrize("began", [(True, False), (False, True), (False, False)])
def test_two_claims_on_one_call_are_one_on_what_is_known_last(owing, began):
    first, last = owing(1, Owed.TASK), owing(1, Owed.RECORD, caller_name="Elif")
    both = replace(last, began=began[1]).after(replace(first, began=began[0]))

    assert (both.entry, both.owed, both.began) == (last.entry, {Owed.TASK, Owed.RECORD}, any(began))


def test_of_several_that_failed_only_those_whose_record_is_gone_are_tried_anew(tenant, crm, owing):
    crm.gone = {CONTACT}
    crm.records = {number(1): CONTACT, number(2): LEAD}
    crm.outcomes = {"virtualats:2": REFUSED}

    assert paid(tenant, owing(1, Owed.RECORD), owing(2, Owed.RECORD)) == {"virtualats:2": Rejected}
    assert [len(calls) for calls in crm.logged] == [2, 1]
    assert crm.logged[1][0].record is None


@pytest.mark.usefixtures("lead_wanted")
def test_a_lead_just_made_is_remembered_for_whoever_calls_next(tenant, crm, owing):
    crm.leads = {number(1): REFUSED}
    paid(tenant, owing(1, Owed.RECORD), owing(2, Owed.RECORD))

    assert (tenant.matches.of(number(1)), tenant.matches.of(number(2))) == (None, (LEAD,))


@pytest.mark.usefixtures("lead_wanted")
def test_who_is_gone_without_another_becomes_a_lead(tenant, crm, owing):
    crm.gone = {CONTACT}
    crm.records = {number(1): CONTACT}

    assert paid(tenant, owing(1, Owed.RECORD)) == {}
    assert [call.record for calls in crm.logged for call in calls] == [CONTACT, LEAD]


def test_what_the_crm_refuses_stays_due_and_the_log_says_what_and_why(tenant, crm, owing, left, log):
    crm.outcomes = {"virtualats:1": REFUSED}

    assert paid(tenant, owing(1, Owed.RECORD), owing(2, Owed.RECORD)) == {"virtualats:1": Rejected}
    assert (left(1), left(2)) == ({Owed.RECORD}, set())
    told = {"call_id": "virtualats:1", "owed": Owed.RECORD, "code": "rejected", "reason": str(REFUSED)}
    assert log == [("stays due", told)]


def test_a_call_that_others_keep_writing_stays_due_and_holds_up_no_other(tenant, crm, owing, left, monkeypatch):
    claims = [owing(1, Owed.RECORD), owing(2, Owed.RECORD)]
    change = tenant.calls.change

    def contended(call_id, how):
        if call_id == "virtualats:1":
            raise Conflict("others kept writing this call")
        return change(call_id, how)

    monkeypatch.setattr(tenant.calls, "change", contended)

    assert paid(tenant, *claims) == {"virtualats:1": Conflict}
    assert (left(1), left(2)) == ({Owed.RECORD}, set())


def test_an_answer_about_fewer_calls_than_were_written_is_not_believed(tenant, crm, owing, monkeypatch):
    real = crm.log_calls
    monkeypatch.setattr(debts, "log_calls", lambda tenant, calls: real(tenant, calls)[: max(1, len(calls) - 1)])

    assert paid(tenant, owing(1, Owed.RECORD), owing(2, Owed.RECORD)) == {}
    # Together, and then each alone as if it had been written.
    assert [[call.tried_before for call in calls] for calls in crm.logged] == [[False, False], [True], [True]]
    assert [tenant.calls.get(f"virtualats:{last}").crm_call_id for last in (1, 2)] == [
        "crm-virtualats:1",
        "crm-virtualats:2",
    ]


def test_a_number_told_the_national_way_is_looked_for_in_the_tenants_country(tenant, crm, owing):
    paid(tenant, owing(1, Owed.RECORD, from_="05321234567"))

    assert crm.asked == [[ELIF]]


@pytest.mark.parametrize("other", [Owed.RECORD, Owed.UPDATE])
def test_one_call_without_its_permalink_holds_up_no_other(tenant, crm, owing, left, other):
    tenant.secrets._source.texts.clear()
    failures = paid(tenant, owing(1, other, recording_ref="12345"), owing(2, other))

    assert failures.keys() == {"virtualats:1"}
    assert (left(1), left(2)) == ({other}, set())


def test_an_event_that_came_while_the_crm_was_writing_is_owed_as_an_update_at_once(tenant, crm, owing):
    crm.meanwhile = lambda: owing(1, Owed.RECORD, reason="busy")
    paid(tenant, owing(1, Owed.RECORD))

    entry = tenant.calls.get("virtualats:1")
    assert (entry.owed, entry.next_attempt_at, entry.crm_call_id) == ({Owed.UPDATE}, NOW, "crm-virtualats:1")


@pytest.mark.parametrize("kind", [Owed.RECORD, Owed.UPDATE])
def test_a_recorded_call_carries_a_permalink_that_leads_to_it(tenant, crm, owing, kind):
    paid(tenant, owing(1, kind, recording_ref="12345"))

    [told] = [call.recording_url for calls in crm.logged for call in calls] + [url for _, url in crm.updated]
    assert told == f"https://phone.example/recordings/{permalink(tenant, 'virtualats:1')}"
    assert tenant.calls.behind(call_handle("virtualats:1")).call_id == "virtualats:1"


def test_an_update_is_paid_when_the_crm_took_it(tenant, crm, owing, left):
    crm.outcomes = {"virtualats:2": REFUSED}
    failures = paid(tenant, owing(1, Owed.UPDATE), owing(2, Owed.UPDATE), owing(3, Owed.UPDATE))

    assert crm.updated == [(f"virtualats:{last}", None) for last in (1, 2, 3)]
    assert failures == {"virtualats:2": Rejected}
    assert (left(1), left(2), left(3)) == (set(), {Owed.UPDATE}, set())


def test_an_event_that_came_during_an_update_is_owed_at_once(tenant, crm, owing):
    crm.meanwhile = lambda: owing(1, Owed.UPDATE, reason="busy")
    assert paid(tenant, owing(1, Owed.UPDATE)) == {}

    entry = tenant.calls.get("virtualats:1")
    assert (entry.owed, entry.next_attempt_at) == ({Owed.UPDATE}, NOW)


LOGGED = {"crm_call_id": "4876876000000333002"}


def test_a_missed_call_that_is_logged_gets_its_task(tenant, crm, owing, left, metrics):
    crm.outcomes = {"virtualats:2": REFUSED}
    failures = paid(tenant, *(owing(last, Owed.TASK, having=LOGGED) for last in (1, 2, 3)))

    assert crm.tasks == [(["virtualats:1", "virtualats:2", "virtualats:3"], False)]
    assert failures == {"virtualats:2": Rejected}
    assert (left(1), left(2), left(3)) == (set(), {Owed.TASK}, set())
    assert sum(metrics()["tasks_created"]) == 2


@pytest.mark.parametrize("tried", [(False, True), (True, False)])
def test_tasks_are_looked_for_when_any_of_them_may_have_been_made(tenant, crm, owing, tried):
    paid(tenant, *(owing(last, Owed.TASK, having=LOGGED, tried_before=before) for last, before in enumerate(tried)))

    assert crm.tasks == [(["virtualats:0", "virtualats:1"], True)]


def test_a_task_waits_for_its_call_and_holds_up_no_other(tenant, crm, owing, left):
    crm.outcomes = {"virtualats:1": REFUSED}
    failures = paid(tenant, owing(1, Owed.RECORD, Owed.TASK), owing(2, Owed.RECORD, Owed.TASK))

    assert failures == {"virtualats:1": Rejected}
    assert crm.tasks == [(["virtualats:2"], False)]
    assert (left(1), left(2)) == ({Owed.RECORD, Owed.TASK}, set())


@pytest.mark.parametrize(
    "told",
    [{"having": LOGGED, "disposition": Disposition.ANSWERED}, {}],
    ids=["taken after all", "kept out of the CRM"],
)
def test_a_call_nobody_has_to_call_back_owes_no_task(tenant, crm, owing, left, told):
    assert paid(tenant, owing(1, Owed.TASK, **told), owing(2, Owed.TASK, having=LOGGED)) == {}

    assert crm.tasks == [(["virtualats:2"], False)]
    assert (left(1), left(2)) == (set(), set())


def test_where_nobody_has_to_be_called_back_the_crm_is_not_asked(tenant, crm, owing):
    assert paid(tenant, owing(1, Owed.TASK)) == {}

    assert crm.tasks == []


def recording_due(tenant, last):
    entry = tenant.calls.get(f"virtualats:{last}")
    return tenant.recording_queue.sent, entry.owed, entry.next_attempt_at


@pytest.mark.parametrize("due_at", [None, 0, NOW])
def test_a_recording_is_handed_to_the_archiver_and_again_after_ten_minutes(tenant, crm, owing, due_at):
    claim = owing(1, Owed.RECORDING, recording_ref="12345")
    waiting = claim.entry.recording.model_copy(update={"due_at": due_at})
    assert paid(tenant, Claim(claim.entry.having(recording=waiting), claim.owed)) == {}

    assert recording_due(tenant, 1) == (["virtualats:1"], {Owed.RECORDING}, NOW + 600)


def test_a_recording_the_archiver_could_not_fetch_waits_for_its_own_time(tenant, crm, owing):
    claim = owing(1, Owed.RECORDING, recording_ref="12345")
    waiting = claim.entry.recording.model_copy(update={"due_at": NOW + 1})
    paid(tenant, Claim(claim.entry.having(recording=waiting), claim.owed))

    assert recording_due(tenant, 1) == ([], {Owed.RECORDING}, NOW + 1)


def test_a_recording_does_not_hold_up_what_else_the_call_owes(tenant, crm, owing):
    crm.outcomes = {"virtualats:1": REFUSED}
    paid(tenant, owing(1, Owed.RECORDING, Owed.RECORD, recording_ref="12345"))

    assert recording_due(tenant, 1) == (["virtualats:1"], {Owed.RECORDING, Owed.RECORD}, NOW + 90)


def test_only_what_is_claimed_is_paid(tenant, crm, owing, left):
    claim = owing(1, *EACH, having=LOGGED)
    paid(tenant, Claim(claim.entry, frozenset({Owed.UPDATE})))

    assert left(1) == set(EACH) - {Owed.UPDATE}
    assert (crm.asked, crm.logged, crm.tasks, tenant.recording_queue.sent) == ([], [], [], [])


def test_what_fails_of_one_kind_does_not_keep_the_other_kinds_from_being_paid(tenant, crm, owing, left):
    crm.outcomes = {"virtualats:1": REFUSED}
    failures = paid(tenant, owing(1, Owed.UPDATE, having=LOGGED), owing(2, Owed.TASK, having=LOGGED))

    assert failures == {"virtualats:1": Rejected}
    assert (left(1), left(2)) == ({Owed.UPDATE}, set())


def test_when_the_crm_refuses_a_request_for_all_none_is_paid(tenant, crm, owing, monkeypatch):
    def refuse(*_args, **_how):
        raise GONE

    monkeypatch.setattr(debts, "create_tasks", refuse)
    failures = paid(tenant, owing(1, Owed.TASK, having=LOGGED), owing(2, Owed.TASK, having=LOGGED))

    assert failures == {"virtualats:1": Unreachable, "virtualats:2": Unreachable}


def test_a_call_we_stumble_over_is_found_by_trying_each_alone_as_if_it_had_been_tried(
    tenant, crm, owing, left, metrics, log
):
    crm.outcomes = {"virtualats:2": ValueError("a defect of ours")}
    failures = pay_debts(tenant, [owing(last, Owed.RECORD) for last in (1, 2, 3)], ends_at=None)

    assert {call_id: error.code for call_id, error in failures.items()} == {"virtualats:2": "internal_error"}
    assert [[(call.entry.call_id, call.tried_before) for call in calls] for calls in crm.logged] == [
        [("virtualats:1", False), ("virtualats:2", False), ("virtualats:3", False)],
        [("virtualats:1", True)],
        [("virtualats:2", True)],
        [("virtualats:3", True)],
    ]
    assert (left(1), left(2), left(3)) == (set(), {Owed.RECORD}, set())
    assert sum(metrics()["unexpected_errors"]) == 2
    stumbled = [told["call_ids"] for message, told in log if message == "stumbled"]
    assert stumbled == [["virtualats:1", "virtualats:2", "virtualats:3"], ["virtualats:2"]]
