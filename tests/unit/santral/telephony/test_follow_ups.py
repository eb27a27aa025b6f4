"""A missed call is followed up: one task, for the right person, and only where somebody wants one."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.store.calls import Owed
from santral.telephony.outbox import fold, pay, retry_pending
from simulators.faults import CommitThen, Status

pytestmark = pytest.mark.usefixtures("no_real_waiting")

ELIF = "905321234567"


@pytest.fixture(autouse=True)
def asked_for(tenant):
    tenant.settings = tenant.settings.model_copy(update={"missed_call_task": True})


@pytest.fixture
def missed(clock):
    def event(number=1, **told):
        return CallEvent(
            **{
                "call_id": f"virtualats:call-{number}",
                "provider": "virtualats",
                "state": CallState.ENDED,
                "direction": Direction.INBOUND,
                "disposition": Disposition.NO_ANSWER,
                "from_": ELIF,
                "to": "902121112233",
                "extension": "101",
                "started_at": clock() - timedelta(minutes=2),
                **told,
            }
        )

    return event


@pytest.fixture
def tell(tenant):
    return lambda *events: pay(tenant, [fold(tenant, event) for event in events])


def sweep(tenant, minutes):
    for _ in range(minutes):
        tenant.clock.pass_seconds(60)
        retry_pending(tenant, 55)


def test_a_missed_call_gets_a_task_for_whose_extension_it_rang(tenant, zoho, tell, missed):
    tell(missed(caller_name="Elif"))

    [task] = zoho.tasks()
    [call] = zoho.calls()
    assert task["Subject"] == "Call back +905321234567, missed 2026-01-15 12:28"
    assert task["Due_Date"] == "2026-01-15"
    assert task["Who_Id"]["id"] == call["Who_Id"]["id"]
    assert task["Owner"]["id"] == zoho.users.by_email("ayse@example.com").id
    assert task["Description"] == "Santral call virtualats:call-1\nCaller: Elif"
    assert tenant.calls.get("virtualats:call-1").owed == set()


def test_a_call_nobodys_extension_rang_for_is_called_back_by_the_owner_of_the_record(tenant, zoho, tell, missed):
    mehmet = zoho.users.by_email("mehmet@example.com").as_owner()
    record = next(each for each in zoho.store.records("Contacts") if each.values["Last_Name"] == "Yılmaz")
    record.values["Owner"] = mehmet

    tell(missed(extension=None))

    [task] = zoho.tasks()
    assert task["Owner"]["id"] == mehmet["id"]


def test_an_unknown_caller_nobodys_extension_rang_for_is_left_to_the_administrator(zoho, tell, missed):
    tell(missed(extension=None, from_="905559998877"))

    [task] = zoho.tasks()
    assert task.get("Who_Id") is task.get("What_Id") is None


def test_who_called_in_the_evening_is_called_back_the_next_day(tenant, zoho, tell, missed):
    tenant.clock.now = datetime(2026, 1, 15, 15, 30, tzinfo=UTC)
    tell(missed(started_at=datetime(2026, 1, 15, 15, 0, tzinfo=UTC)))

    assert [task["Due_Date"] for task in zoho.tasks()] == ["2026-01-16"]


@pytest.mark.parametrize(
    ("hours", "zone", "missed_at", "due"),
    [
        (0, "Europe/Istanbul", "2026-01-15T20:59:00+00:00", "2026-01-15"),
        (0, "Europe/Istanbul", "2026-01-15T21:00:00+00:00", "2026-01-16"),
        (4, "Asia/Baku", "2026-01-15T15:30:00+00:00", "2026-01-15"),
        (48, "Asia/Baku", "2026-01-15T15:30:00+00:00", "2026-01-17"),
        # An hour before midnight the clocks go forward in between, half an hour after it they go back.
        (24, "Europe/Berlin", "2026-03-28T22:30:00+00:00", "2026-03-30"),
        (24, "Europe/Berlin", "2026-10-24T22:30:00+00:00", "2026-10-25"),
    ],
)
def test_the_task_is_due_on_the_day_on_which_the_companys_hours_are_over(
    tenant, zoho, tell, missed, hours, zone, missed_at, due
):
    started_at = datetime.fromisoformat(missed_at)
    tenant.clock.now = started_at + timedelta(minutes=2)
    settings = {"missed_call_task_due_hours": hours, "time_zone": ZoneInfo(zone)}
    tenant.settings = tenant.settings.model_copy(update=settings)

    tell(missed(started_at=started_at))

    assert [task["Due_Date"] for task in zoho.tasks()] == [due]


@pytest.mark.parametrize("named", ["leyla@example.com", "Leyla@Example.com"])
def test_whom_the_company_names_calls_back_where_nobody_else_is_responsible(tenant, zoho, tell, missed, named):
    tenant.settings = tenant.settings.model_copy(update={"missed_call_task_owner": named})

    tell(missed(extension=None, from_="905559998877"), missed(2))

    owners = {task["Owner"]["email"] for task in zoho.tasks()}
    assert owners == {"leyla@example.com", "ayse@example.com"}


def test_a_list_of_users_that_may_not_be_read_costs_no_task(tenant, zoho, tell, missed):
    tenant.settings = tenant.settings.model_copy(update={"missed_call_task_owner": "leyla@example.com"})
    body = json.dumps({"code": "NO_PERMISSION", "details": {}, "message": "no", "status": "error"})
    zoho.faults.add("/users", Status(code=403, body=body), times=None)

    tell(missed(extension=None, from_="905559998877"))

    assert len(zoho.tasks()) == 1


def test_somebody_named_who_is_gone_costs_no_task(tenant, zoho, tell, missed):
    tenant.settings = tenant.settings.model_copy(update={"missed_call_task_owner": "gone@example.com"})

    tell(missed(extension=None, from_="905559998877"))

    assert [task["Owner"]["email"] for task in zoho.tasks()] == [zoho.users.current.email]


@pytest.mark.parametrize(
    "told",
    [
        {"disposition": Disposition.ANSWERED, "talk_seconds": 3},
        {"direction": Direction.OUTBOUND, "to": ELIF},
        {"direction": Direction.INTERNAL, "from_": "101", "to": "102"},
        {"from_": "anonymous"},
        {"started_at": datetime(2026, 1, 13, 9, 0, tzinfo=UTC)},
        {"replayed": True},
    ],
)
def test_other_calls_get_none(zoho, tell, missed, told):
    tell(missed(**told))

    assert zoho.tasks() == []


def test_no_task_where_the_tenant_wants_none(tenant, zoho, tell, missed):
    tenant.settings = tenant.settings.model_copy(update={"missed_call_task": False})
    tell(missed())

    assert (len(zoho.calls()), zoho.tasks()) == (1, [])


def test_no_task_for_a_caller_who_is_kept_out_of_the_crm(tenant, zoho, tell, missed):
    tenant.settings = tenant.settings.model_copy(update={"unknown_caller": "skip"})
    tell(missed(from_="905559998877"))

    assert (zoho.calls(), zoho.tasks()) == ([], [])
    assert tenant.calls.get("virtualats:call-1").owed == set()


def test_a_call_that_turns_out_to_have_been_taken_needs_no_task(tenant, zoho, tell, missed):
    tell(missed(), missed(disposition=Disposition.ANSWERED, talk_seconds=20))

    assert (len(zoho.calls()), zoho.tasks()) == (1, [])
    assert tenant.calls.get("virtualats:call-1").owed == set()


def test_telling_it_again_makes_no_second_task(tenant, zoho, tell, missed):
    for _ in range(3):
        tell(missed())
    tell(missed(reason="nobody there"))
    sweep(tenant, 3)

    assert len(zoho.tasks()) == 1


def test_while_the_call_is_not_logged_its_task_waits(tenant, zoho, tell, missed):
    zoho.faults.add("/crm/", Status(code=503), times=None)
    tell(missed(1), missed(2))
    zoho.faults.clear()
    sweep(tenant, 3)

    assert sorted(task["Description"] for task in zoho.tasks()) == [
        "Santral call virtualats:call-1",
        "Santral call virtualats:call-2",
    ]
    assert all(task["Who_Id"] for task in zoho.tasks())


@pytest.mark.parametrize("calls", [1, 4])
@pytest.mark.parametrize("arrived", [True, False])
def test_a_task_whose_answer_was_lost_is_looked_for_before_it_is_made_again(tenant, zoho, tell, missed, calls, arrived):
    lost = Status(code=500)
    zoho.faults.add("/crm/v8/Tasks", CommitThen(fault=lost) if arrived else lost, method="POST")
    tell(*(missed(number) for number in range(calls)))
    tenant.clock.pass_seconds(59)
    retry_pending(tenant, 55)
    assert len(zoho.tasks()) == (calls if arrived else 0)
    sweep(tenant, 5)

    # Same caller, same minute: only our line in the description tells them apart.
    assert {task["Description"] for task in zoho.tasks()} == {f"Santral call virtualats:call-{n}" for n in range(calls)}
    assert len(zoho.tasks()) == calls
    assert all(not tenant.calls.get(f"virtualats:call-{number}").owed for number in range(calls))


def test_without_the_right_to_create_tasks_calls_are_logged_all_the_same(tenant, zoho, tell, missed):
    refusal = b'{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"invalid oauth scope","status":"error"}'
    zoho.faults.add("/crm/v8/Tasks", Status(code=401, body=refusal), times=None)
    tell(*(missed(number) for number in range(15)))
    sweep(tenant, 3)
    tell(*(missed(number) for number in range(15, 30)))
    sweep(tenant, 3)

    assert len(zoho.calls()) == 30
    assert tenant.calls.get("virtualats:call-1").owed == {Owed.TASK}


def test_many_missed_calls_share_the_requests_for_their_tasks(zoho, tell, missed):
    tell(*(missed(number, from_=f"90532777{number:04}") for number in range(10)))

    assert len(zoho.tasks()) == 10
    # Six to match, one for the calls, one for the tasks, and once a day what fields calls and tasks have.
    assert zoho.counts["composite"] + zoho.counts["upsert"] + zoho.counts["insert"] == 8


@pytest.mark.parametrize(
    ("language", "subject", "caller"),
    [
        ("tr", "Geri arayın: +905321234567, cevapsız çağrı 2026-01-15 12:28", "Arayanın adı: Elif"),
        ("az", "Geri zəng edin: +905321234567, cavabsız zəng 2026-01-15 12:28", "Zəng edənin adı: Elif"),
    ],
)
def test_a_task_is_written_in_the_companys_language(tenant, zoho, tell, missed, language, subject, caller):
    tenant.settings = tenant.settings.model_copy(update={"language": language})
    tell(missed(caller_name="Elif"))

    [task] = zoho.tasks()
    assert (task["Subject"], task["Description"]) == (subject, f"Santral call virtualats:call-1\n{caller}")


def test_a_task_is_found_again_when_the_companys_language_has_changed_since(tenant, zoho, tell, missed):
    zoho.faults.add("/crm/v8/Tasks", CommitThen(fault=Status(code=500)), method="POST")
    tell(missed(1))
    tenant.settings = tenant.settings.model_copy(update={"language": "tr"})
    sweep(tenant, 5)

    assert len(zoho.tasks()) == 1
    assert tenant.calls.get("virtualats:call-1").owed == set()


def test_more_tasks_are_looked_for_than_fit_into_one_search(tenant, zoho, tell, missed):
    zoho.faults.add("/crm/v8/Tasks", CommitThen(fault=Status(code=500)), method="POST")
    tell(*(missed(number, from_=f"9053212345{number:02}") for number in range(40)))
    sweep(tenant, 5)

    # Three languages of forty subjects are more values than Zoho takes at once.
    assert len(zoho.tasks()) == 40
