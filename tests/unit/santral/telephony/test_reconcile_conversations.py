"""WapCRM's conversations are held against the ledger: they add what was said, and become calls only where wanted."""

from datetime import timedelta

import pytest

import santral.telephony.reconcile as module
from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.providers.ports import HistoryBudget, Page
from santral.telephony.outbox import record
from santral.telephony.reconcile import reconcile

GUID = "3489655c982f4e46b9c9ca975b031781"


class Report:
    """A provider's call records: those of a list that began in the period."""

    history_budget = HistoryBudget(rows=100, requests=12)

    def __init__(self):
        self.events = []

    def history(self, *, since, until, offset, limit):
        found = [event for event in self.events if since <= event.started_at <= until]
        return Page(found[offset : offset + limit], len(found[offset : offset + limit]))


@pytest.fixture
def reports():
    return {"virtualats": Report(), "wapcrm": Report()}


@pytest.fixture
def tenant(tenant, reports, monkeypatch):
    monkeypatch.setattr(tenant, "provider", lambda name, _ability: reports[name])
    return tenant


@pytest.fixture
def wanted(tenant):
    tenant.settings = tenant.settings.model_copy(update={"wap_crm_calls": True})


def conversation(tenant, **told):
    ended_at = tenant.clock() - timedelta(minutes=3)
    return CallEvent(
        **{
            "call_id": f"wapcrm:{GUID}",
            "provider": "wapcrm",
            "state": CallState.ENDED,
            "direction": Direction.INBOUND,
            "disposition": Disposition.ANSWERED,
            "from_": "905321234567",
            "started_at": ended_at - timedelta(seconds=60),
            "ended_at": ended_at,
            "talk_seconds": 50,
            "outcome": "Sale",
            **told,
        }
    )


def of_the_pbx(tenant):
    return conversation(tenant, call_id=f"virtualats:{GUID}", provider="virtualats", outcome=None, talk_seconds=55)


def run(tenant, minutes=0):
    tenant.clock.pass_seconds(60 * minutes)
    tenant.event_queue.sent.clear()
    reconcile(tenant, 240)
    told = list(tenant.event_queue.sent)
    for event in told:
        record(tenant, event)
    return [event.call_id for event in told]


def test_what_was_said_of_a_known_call_is_told_once(tenant, zoho, reports):
    record(tenant, of_the_pbx(tenant))
    reports["wapcrm"].events = [conversation(tenant)]

    assert run(tenant) == [f"wapcrm:{GUID}"]
    assert run(tenant, 5) == []
    assert tenant.calls.get(f"virtualats:{GUID}").facts.text("outcome") == "Sale"
    assert len(zoho.calls()) == 1


def test_a_known_call_of_which_nothing_was_said_is_not_told(tenant, reports):
    record(tenant, of_the_pbx(tenant))
    reports["wapcrm"].events = [conversation(tenant, outcome=None)]

    assert run(tenant) == []


def test_a_conversation_of_an_unknown_call_waits_half_an_hour_and_is_then_a_call(tenant, zoho, reports, wanted):
    reports["wapcrm"].events = [conversation(tenant)]

    assert run(tenant) == run(tenant, 26) == []
    assert run(tenant, 2) == [f"wapcrm:{GUID}"]
    assert run(tenant, 5) == []
    assert len(zoho.calls()) == 1


def test_a_call_the_pbx_tells_of_later_still_is_folded_into_it(tenant, zoho, reports, wanted):
    call = of_the_pbx(tenant)
    reports["wapcrm"].events = [conversation(tenant)]
    run(tenant, 40)
    reports["virtualats"].events = [call]

    assert run(tenant, 5) == [f"virtualats:{GUID}"]
    assert run(tenant, 5) == []
    assert len(zoho.calls()) == 1
    assert tenant.calls.get(f"virtualats:{GUID}").facts.seconds["talk_seconds"] == 55


def test_conversations_of_unknown_calls_are_no_calls_unless_the_tenant_wants_them(tenant, zoho, reports):
    reports["wapcrm"].events = [conversation(tenant)]

    assert run(tenant, 60) == []
    assert zoho.calls() == []


def test_in_the_time_of_one_run_each_of_four_providers_is_read(tenant, reports, monkeypatch):
    everyone = ("virtualats", "kobikom", "verimor", "wapcrm")
    tenant.settings = tenant.settings.model_copy(update={"providers": everyone})
    reports |= {name: Report() for name in everyone}
    run(tenant)

    assert all(tenant.cursors.get(name).read_at for name in everyone)


@pytest.mark.parametrize(("minutes", "missing"), [(40, 0), (70, 1)])
def test_what_is_told_by_records_alone_is_missing_only_when_it_is_found_late(
    tenant, reports, wanted, minutes, missing, monkeypatch
):
    counted = {}
    monkeypatch.setattr(module, "count", lambda name, value=1: counted.update({name: counted.get(name, 0) + value}))
    reports["wapcrm"].events = [conversation(tenant)]
    run(tenant, minutes)

    assert counted["calls_missing"] == counted["calls_late"] == missing
