import itertools
from datetime import timedelta

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition, RecordingState, RecordLink
from santral.store.calls import Owed
from santral.telephony import debts, outbox
from santral.telephony.outbox import record, retry_pending
from simulators.faults import CommitThen, Status

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"
ELIF = "905321234567"


@pytest.fixture
def tell(clock):
    start = clock() - timedelta(minutes=2)

    def event(state, **told):
        return CallEvent(
            **{
                "call_id": CALL_ID,
                "provider": "virtualats",
                "state": state,
                "direction": Direction.INBOUND,
                "from_": ELIF,
                "to": "902121112233",
                "extension": "101",
                "started_at": start,
                **told,
            }
        )

    return event


@pytest.fixture
def life(tell, clock):
    """A call's whole life: it rings, is answered, ends with a recording."""
    return [
        tell(CallState.RINGING, extension=None, caller_name="Elif"),
        tell(CallState.ANSWERED, disposition=Disposition.ANSWERED),
        tell(
            CallState.ENDED,
            disposition=Disposition.ANSWERED,
            ended_at=clock() - timedelta(seconds=10),
            ring_seconds=20,
            talk_seconds=90,
            recording_ref="12345",
        ),
    ]


def later(tenant, minutes):
    for _ in range(minutes):
        tenant.clock.pass_seconds(60)
        retry_pending(tenant, 55)


def test_an_ended_call_is_in_the_crm_once_with_owner_contact_and_permalink(tenant, zoho, life):
    for event in life:
        record(tenant, event)

    [call] = zoho.calls()
    [elif_] = [contact for contact in zoho.contacts() if contact["Last_Name"] == "Yılmaz"]
    assert (call["Call_Type"], call["Call_Duration"]) == ("Inbound", "01:30")
    assert call["Call_Start_Time"] == "2026-01-15T12:28:00+03:00"
    assert call["Who_Id"]["id"] == elif_["id"]
    assert call["Owner"]["id"] == zoho.users.by_email("ayse@example.com").id
    assert call["Voice_Recording__s"].startswith("https://phone.example/recordings/k1.")
    assert tenant.calls.get(CALL_ID).owed == {Owed.RECORDING}
    assert tenant.recording_queue.sent == [CALL_ID]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("doubled", [None, 0, 1, 2])
def test_any_order_and_any_duplicate_is_one_record_and_the_same(tenant, zoho, life, order, doubled):
    told = [life[number] for number in order] + ([life[doubled]] if doubled is not None else [])
    for event in told:
        record(tenant, event)
    later(tenant, 2)

    [call] = zoho.calls()
    assert (call["Call_Type"], call["Call_Duration"]) == ("Inbound", "01:30")
    assert len([commit for commit in zoho.commits if commit.module == "Calls" and commit.action == "insert"]) == 1


@pytest.mark.parametrize("told", [[2], [0, 2], [1, 2], [0, 1, 2]])
def test_what_was_told_is_enough(tenant, zoho, life, told):
    for number in told:
        record(tenant, life[number])

    assert len(zoho.calls()) == 1


@pytest.mark.parametrize("told", [[0], [1], [0, 1]])
def test_a_call_that_did_not_end_is_not_logged(tenant, zoho, life, told):
    for number in told:
        record(tenant, life[number])

    assert zoho.calls() == []


def test_an_internal_call_is_never_logged(tenant, zoho, tell):
    record(tenant, tell(CallState.ENDED, direction=Direction.INTERNAL, from_="101", to="102"))
    later(tenant, 2)

    assert zoho.calls() == []


@pytest.mark.parametrize(
    ("direction", "disposition", "talk", "kind", "duration"),
    [
        (Direction.INBOUND, Disposition.ANSWERED, 61, "Inbound", "01:01"),
        (Direction.OUTBOUND, Disposition.ANSWERED, 61, "Outbound", "01:01"),
        (Direction.INBOUND, Disposition.NO_ANSWER, 0, "Missed", None),
        (Direction.INBOUND, Disposition.BUSY, 0, "Missed", None),
        (Direction.OUTBOUND, Disposition.NO_ANSWER, 0, "Outbound", "00:00"),
    ],
)
def test_type_and_duration_follow_direction_and_outcome(
    tenant, zoho, tell, direction, disposition, talk, kind, duration
):
    record(tenant, tell(CallState.ENDED, direction=direction, disposition=disposition, talk_seconds=talk, to=ELIF))

    [call] = zoho.calls()
    assert call["Call_Type"] == kind
    assert call.get("Call_Duration") in (duration, "00:00" if duration is None else duration)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_when_the_crm_fails_the_call_stays_due_and_is_logged_later(tenant, zoho, life, status):
    zoho.faults.add("/crm/", Status(code=status), times=None)
    for event in life:
        record(tenant, event)
    assert Owed.RECORD in tenant.calls.get(CALL_ID).owed
    assert zoho.calls() == []

    zoho.faults.clear()
    later(tenant, 10)

    assert len(zoho.calls()) == 1
    assert Owed.RECORD not in tenant.calls.get(CALL_ID).owed


def test_an_answer_lost_after_the_commit_does_not_double_the_call(tenant, zoho, life):
    zoho.faults.add("/Calls", CommitThen(fault=Status(code=500)), times=1)
    for event in life:
        record(tenant, event)
    later(tenant, 10)

    assert zoho.faults.injected == 1
    assert len(zoho.calls()) == 1


def test_a_revoked_token_loses_nothing(tenant, zoho, life):
    zoho.revoke_refresh_token()
    for event in life:
        record(tenant, event)
    later(tenant, 5)
    tries_while_revoked = zoho.counts["token"]
    zoho.restore_refresh_token()
    later(tenant, 70)

    assert len(zoho.calls()) == 1
    assert tries_while_revoked <= 7


def test_a_crm_that_is_not_set_up_yet_gets_its_calls_later(tenant, zoho, life, monkeypatch):
    source = tenant.secrets._source
    secret = source.texts.pop("zoho")
    for event in life:
        record(tenant, event)
    source.texts["zoho"] = secret
    later(tenant, 10)

    assert len(zoho.calls()) == 1


def test_one_call_we_stumble_over_does_not_hold_up_the_others(tenant, zoho, tell, monkeypatch):
    real = debts.log_calls

    def stumble(tenant, calls):
        if any(call.entry.call_id == "virtualats:bad" for call in calls):
            raise ValueError("a defect of ours")
        return real(tenant, calls)

    monkeypatch.setattr(debts, "log_calls", stumble)
    record(tenant, tell(CallState.ENDED, call_id="virtualats:bad"))
    zoho.faults.add("/crm/", Status(code=503), times=None)
    record(tenant, tell(CallState.ENDED, call_id="virtualats:good"))
    zoho.faults.clear()
    later(tenant, 5)

    assert [call["Santral_Call_ID"] for call in zoho.calls()] == ["virtualats:good"]
    assert Owed.RECORD in tenant.calls.get("virtualats:bad").owed


def test_a_call_dialled_from_a_record_belongs_to_it(tenant, zoho, tell):
    [lead, *_] = zoho.leads()
    link = RecordLink(module="Leads", id=lead["id"])
    tenant.calls.change(CALL_ID, lambda entry: entry.having(record=link, acting_user="ayse@example.com"))
    record(tenant, tell(CallState.ENDED, direction=Direction.OUTBOUND, from_="101", to=ELIF))

    [call] = zoho.calls()
    assert call["What_Id"]["id"] == lead["id"]
    assert zoho.counts["composite"] == 0


@pytest.mark.parametrize(("setting", "leads", "calls"), [("lead", 1, 1), ("unlinked", 0, 1), ("skip", 0, 0)])
def test_an_unknown_caller_is_treated_as_the_tenant_chose(clock, zoho, tenant, tell, setting, leads, calls):
    before = len(zoho.leads())
    tenant.settings = tenant.settings.model_copy(update={"unknown_caller": setting})
    record(tenant, tell(CallState.ENDED, from_="905559998877"))
    later(tenant, 3)

    assert (len(zoho.leads()) - before, len(zoho.calls())) == (leads, calls)
    assert tenant.calls.get(CALL_ID).owed == set()


def test_calls_before_the_tenants_first_day_are_not_logged(tenant, zoho, tell, clock):
    tenant.settings = tenant.settings.model_copy(update={"log_calls_from": clock()})
    record(tenant, tell(CallState.ENDED))

    assert zoho.calls() == []


def test_a_recording_told_after_the_end_is_added_to_the_record(tenant, zoho, tell):
    record(tenant, tell(CallState.ENDED, disposition=Disposition.ANSWERED, talk_seconds=5))
    assert not zoho.calls()[0].get("Voice_Recording__s")

    record(tenant, tell(CallState.ENDED, disposition=Disposition.ANSWERED, talk_seconds=5, recording_ref="777"))

    [call] = zoho.calls()
    assert "/recordings/" in call["Voice_Recording__s"]
    assert tenant.recording_queue.sent == [CALL_ID]


def test_two_workers_on_one_due_call_write_it_once(tenant, zoho, life):
    zoho.faults.add("/crm/", Status(code=503), times=None)
    for event in life:
        record(tenant, event)
    zoho.faults.clear()
    tenant.clock.pass_seconds(3600)
    [call_id] = tenant.calls.due(limit=10)

    first = outbox._claimed(tenant, call_id)
    second = outbox._claimed(tenant, call_id)

    assert (first is not None, second) == (True, None)


def test_a_worker_that_died_after_the_fold_leaves_the_call_due(tenant, zoho, life, monkeypatch):
    def die(*_args, **_kwargs):
        raise KeyboardInterrupt

    for event in life[:2]:
        record(tenant, event)
    with monkeypatch.context() as dying:
        dying.setattr(outbox, "pay", die)
        with pytest.raises(KeyboardInterrupt):
            record(tenant, life[2])
    record(tenant, life[2])
    assert zoho.calls() == []
    later(tenant, 2)

    assert len(zoho.calls()) == 1


def test_a_sweep_stops_when_the_crm_wants_to_be_left_alone(tenant, zoho, tell):
    zoho.faults.add("/crm/", Status(code=503), times=None)
    for number in range(5):
        record(tenant, tell(CallState.ENDED, call_id=f"virtualats:{number}"))
    zoho.faults.clear()
    zoho.faults.add("/crm/", Status(code=429), times=None)
    tenant.clock.pass_seconds(300)
    before = len(zoho.requests)
    retry_pending(tenant, 55)

    assert len(zoho.requests) - before <= 2


def test_a_sweep_does_not_begin_what_it_has_no_time_for(tenant, zoho, life):
    zoho.faults.add("/crm/", Status(code=503), times=None)
    for event in life:
        record(tenant, event)
    zoho.faults.clear()
    tenant.clock.pass_seconds(3600)
    retry_pending(tenant, 5)

    assert zoho.calls() == []


def test_the_recording_state_is_pending_until_it_is_archived(tenant, life):
    for event in life:
        record(tenant, event)

    assert tenant.calls.get(CALL_ID).recording.state is RecordingState.PENDING
