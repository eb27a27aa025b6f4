"""Who calls is known while it rings, costs the CRM no request more, and never holds up what is told."""

from datetime import timedelta

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition, RecordLink
from santral.store.calls import Owed
from santral.telephony import recognition
from santral.telephony.joining import live_id
from santral.telephony.live_calls import list_live_calls
from santral.telephony.outbox import fold, pay
from simulators.faults import Status

pytestmark = pytest.mark.usefixtures("no_real_waiting")

ELIF = "905321234567"
COUPLE = "902164441234"
LEAD = "905321112233"
STRANGER = "905051112233"
CALL = "virtualats:1"


@pytest.fixture
def event(clock):
    def event(state, last=1, **told):
        return CallEvent(
            **{
                "call_id": f"virtualats:{last}",
                "provider": "virtualats",
                "state": state,
                "direction": Direction.INBOUND,
                "from_": ELIF,
                "to": "902121112233",
                "extension": "101",
                "started_at": clock() - timedelta(seconds=2),
                **told,
            }
        )

    return event


@pytest.fixture
def ringing(event):
    return lambda last=1, **told: event(CallState.RINGING, last, **told)


@pytest.fixture
def ended(event):
    def ended(last=1, **told):
        return event(CallState.ENDED, last, **{"disposition": Disposition.ANSWERED, "talk_seconds": 30, **told})

    return ended


@pytest.fixture
def tell(tenant):
    """Tell of calls as one batch of the queue does."""
    return lambda *events: pay(tenant, [fold(tenant, each) for each in events])


@pytest.fixture
def shown(tenant):
    """The record that screens show of the one call that goes on."""

    def look():
        [call] = list_live_calls(tenant, provider="virtualats", extension="101").calls
        return call.record

    return look


@pytest.fixture
def crm(tenant):
    """Somebody else at work in the CRM."""

    def ask(method, path, **values):
        answer = tenant.zoho.request(method, path, safe=True, body={"data": [values]} if values else None)
        return answer["data"][0]["details"]["id"]

    return ask


def requests_to(zoho):
    return sum(zoho.counts[kind] for kind in ("composite", "coql", "insert", "upsert", "update_one", "get"))


def of(records, last_name):
    return next(record for record in records if record["Last_Name"] == last_name)


def linked(call):
    return (call.get("Who_Id") or call.get("What_Id") or {}).get("id")


def test_a_call_that_rings_shows_whose_it_is(zoho, tell, ringing, shown):
    tell(ringing())

    elif_ = of(zoho.contacts(), "Yılmaz")
    assert shown() == RecordLink(module="Contacts", id=elif_["id"], name=elif_["Full_Name"])


def test_one_search_does_for_the_whole_call_however_often_it_is_told_of(zoho, tell, event, ringing, ended):
    tell(ringing())
    tell(ringing(caller_name="Elif"))
    tell(event(CallState.ANSWERED))
    tell(ended())

    assert zoho.counts["composite"] == 1
    assert [linked(call) for call in zoho.calls()] == [of(zoho.contacts(), "Yılmaz")["id"]]


@pytest.mark.parametrize("first", [905321234567, 905051112200], ids=["known", "unknown"])
@pytest.mark.parametrize(("calls", "most_per_call"), [(1, 2.0), (10, 0.7)])
def test_a_call_that_rang_costs_no_request_more_than_one_that_did_not(
    tenant, zoho, tell, ringing, ended, calls, most_per_call, first
):
    tell(ended(99, from_="905559998877"))
    before = requests_to(zoho)
    numbers = [str(first + each) for each in range(calls)]
    tell(*(ringing(last, from_=number) for last, number in enumerate(numbers)))
    tenant.clock.pass_seconds(45)
    tell(*(ended(last, from_=number) for last, number in enumerate(numbers)))

    assert len(zoho.calls()) == calls + 1
    assert (requests_to(zoho) - before) / calls <= most_per_call


def test_a_call_that_is_over_before_anybody_looked_is_not_looked_for_twice(zoho, tell, ringing, ended):
    tell(ringing(), ended())

    assert zoho.counts["composite"] == 1


@pytest.mark.parametrize(
    "told",
    [
        {"direction": Direction.INTERNAL},
        {"direction": None},
        {"from_": "anonymous"},
        {"from_": "101"},
        {"campaign_id": "verimor:131"},
    ],
    ids=["internal", "unknown direction", "no number", "extension", "campaign"],
)
def test_what_the_crm_will_not_hold_by_number_is_not_looked_for(zoho, tell, ringing, told):
    tell(ringing(**told))

    assert zoho.counts["composite"] == 0


def test_a_call_dialled_from_a_record_is_that_records(tenant, zoho, tell, ringing, shown):
    lead = of(zoho.leads(), "Işık")
    link = RecordLink(module="Leads", id=lead["id"], name="Ümit Işık")
    tenant.calls.change(CALL, lambda entry: entry.having(record=link))
    tell(ringing(direction=Direction.OUTBOUND, from_="101", to=ELIF))

    assert (shown(), zoho.counts["composite"]) == (link, 0)


def test_a_call_that_goes_by_its_channel_keeps_its_match_under_the_id_of_its_record(zoho, tell, ringing, ended):
    told = {"provider": "kobikom", "channel": "SIP/101-0000a3f2"}
    tell(ringing(**told, call_id=live_id("kobikom", told["channel"])))
    tell(ended(**told, call_id="kobikom:0123456789abcdef"))

    assert zoho.counts["composite"] == 1
    assert [linked(call) for call in zoho.calls()] == [of(zoho.contacts(), "Yılmaz")["id"]]


# --- a CRM that is away or slow --------------------------------------------------------------------------------------


def test_while_the_crm_is_down_calls_ring_and_end_and_are_logged_when_it_is_back(
    tenant, zoho, tell, ringing, ended, shown, metrics
):
    zoho.faults.add("/crm/", Status(code=503), times=None)
    tell(ringing())
    assert shown() is None
    zoho.faults.clear()
    tell(ended())

    assert [linked(call) for call in zoho.calls()] == [of(zoho.contacts(), "Yılmaz")["id"]]
    assert sum(metrics()["callers_not_recognised"]) == 1


def test_when_its_time_is_over_nothing_more_is_asked_of_the_crm(tenant, zoho, tell, ringing, monkeypatch):
    monkeypatch.setattr(recognition, "SECONDS", 0)
    tell(*(ringing(last, from_=f"90532777000{last}") for last in range(10)))

    assert zoho.counts["composite"] == 0
    assert all(tenant.calls.get(f"virtualats:{last}").goes_on for last in range(10))


def test_what_rings_does_not_hurry_what_is_to_be_logged(tenant, zoho, tell, ringing, ended, monkeypatch):
    monkeypatch.setattr(recognition, "SECONDS", 0)
    tell(ringing(1), ended(2))

    assert [call["Santral_Call_ID"] for call in zoho.calls()] == ["virtualats:2"]


def test_what_is_owed_is_paid_though_we_stumble_over_who_calls(tenant, zoho, tell, ringing, ended, monkeypatch):
    def stumble(*_):
        raise KeyError("id")

    monkeypatch.setattr(recognition, "find_callers", stumble)
    with pytest.raises(KeyError):
        tell(ringing(1), ended(2, from_="anonymous"))

    assert [call["Santral_Call_ID"] for call in zoho.calls()] == ["virtualats:2"]
    assert tenant.calls.get("virtualats:2").owed == frozenset()


# --- what changes while they talk ------------------------------------------------------------------------------------


def test_a_contact_that_was_deleted_since_is_not_the_calls(tenant, zoho, tell, ringing, ended, crm):
    tell(ringing())
    crm("DELETE", f"/Contacts/{of(zoho.contacts(), 'Yılmaz')['id']}")
    tell(ended())

    [logged] = zoho.calls()
    assert linked(logged) is None
    assert tenant.calls.get(CALL).owed == frozenset()


@pytest.mark.parametrize("lag", [0, 120])
def test_of_two_contacts_merged_since_the_one_that_is_left_gets_the_call(zoho, tell, ringing, ended, shown, crm, lag):
    zoho.arrange(index_lag_seconds=lag)
    tell(ringing(from_=COUPLE))
    merged = shown()
    [left] = [each for each in zoho.contacts() if each["Last_Name"] == "Güneş" and each["id"] != merged.id]
    crm("DELETE", f"/Contacts/{merged.id}")
    tell(ended(from_=COUPLE))

    assert [linked(call) for call in zoho.calls()] == [left["id"]]


def test_a_caller_whose_contact_is_gone_is_an_unknown_one(tenant, zoho, tell, ringing, ended, crm):
    tenant.settings = tenant.settings.model_copy(update={"unknown_caller": "lead"})
    zoho.arrange(index_lag_seconds=120)
    tell(ringing())
    crm("DELETE", f"/Contacts/{of(zoho.contacts(), 'Yılmaz')['id']}")
    tell(ended())

    [logged] = zoho.calls()
    [lead] = [each for each in zoho.leads() if each["Phone"] == "+905321234567"]
    assert linked(logged) == lead["id"]


def test_the_record_a_call_was_dialled_from_may_be_gone_as_well(tenant, zoho, tell, ended, crm):
    gone = crm("POST", "/Leads", Last_Name="Gone", Phone="05321234567")
    tenant.calls.change(CALL, lambda entry: entry.having(record=RecordLink(module="Leads", id=gone)))
    crm("DELETE", f"/Leads/{gone}")
    tell(ended(direction=Direction.OUTBOUND, from_="101", to=ELIF))

    assert [linked(call) for call in zoho.calls()] == [of(zoho.contacts(), "Yılmaz")["id"]]


def test_a_lead_that_was_converted_while_they_talked_is_not_the_calls(tenant, zoho, tell, ringing, ended, shown, crm):
    tell(ringing(from_=LEAD))
    lead = shown()
    assert lead.module == "Leads"
    zoho.convert_lead(lead.id)
    contact = crm("POST", "/Contacts", Last_Name="Işık", Phone="0532 111 22 33")
    tenant.clock.pass_seconds(90)
    tell(ended(from_=LEAD))

    assert [linked(call) for call in zoho.calls()] == [contact]


def test_who_is_entered_while_they_talk_is_no_stranger_any_more(tenant, zoho, tell, ringing, ended, shown, crm):
    tenant.settings = tenant.settings.model_copy(update={"unknown_caller": "lead"})
    leads = len(zoho.leads())
    tell(ringing(from_=STRANGER))
    assert shown() is None
    contact = crm("POST", "/Contacts", Last_Name="Yeni", Phone=STRANGER)
    tenant.clock.pass_seconds(90)
    tell(ended(from_=STRANGER))

    assert ([linked(call) for call in zoho.calls()], len(zoho.leads())) == ([contact], leads)


def test_a_stranger_who_calls_again_is_the_lead_we_made(tenant, zoho, tell, ringing, ended, shown):
    tenant.settings = tenant.settings.model_copy(update={"unknown_caller": "lead"})
    zoho.arrange(index_lag_seconds=120)
    tell(ringing(1, from_=STRANGER))
    tell(ended(1, from_=STRANGER))
    tell(ringing(2, from_=STRANGER))

    [lead] = [each for each in zoho.leads() if each["Phone"] == "+" + STRANGER]
    assert shown().id == lead["id"]


# --- one number in several records -----------------------------------------------------------------------------------


def test_the_call_names_the_other_records_with_its_number_once_also_after_it_is_told_again(zoho, tell, ringing, ended):
    tell(ringing(from_=COUPLE))
    tell(ended(from_=COUPLE))
    tell(ended(from_=COUPLE, talk_seconds=40))

    [logged] = zoho.calls()
    [other] = [each for each in zoho.contacts() if each["Last_Name"] == "Güneş" and each["id"] != linked(logged)]
    lines = [line for line in logged["Description"].splitlines() if line.startswith("Other records")]
    assert lines == [f"Other records with this number: {other['Full_Name']} (Contacts {other['id']})"]
    assert logged["Call_Duration"] == "00:40"


def test_a_number_on_lead_and_contact_is_the_contacts_and_the_lead_is_named(zoho, tell, ended, crm):
    lead = crm("POST", "/Leads", Last_Name="Yılmaz", Phone="+90 532 123 45 67")
    tell(ended())

    [logged] = zoho.calls()
    assert linked(logged) == of(zoho.contacts(), "Yılmaz")["id"]
    assert f"Other records with this number: Yılmaz (Leads {lead})" in logged["Description"].splitlines()


def test_a_call_with_one_record_names_no_others(zoho, tell, ringing, ended):
    tell(ringing(1), ended(2, from_=STRANGER))
    tell(ended(1))

    assert not any("Other records" in call["Description"] for call in zoho.calls())


def test_who_is_to_be_forgotten_takes_the_names_along(tenant, tell, ringing):
    tell(ringing(from_=COUPLE))
    tenant.calls.erase(CALL)

    entry = tenant.calls.get(CALL)
    assert (entry.matches, entry.as_call().record, entry.owed & {Owed.RECORD}) == ((), None, frozenset())
