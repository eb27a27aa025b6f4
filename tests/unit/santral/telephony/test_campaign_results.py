"""The calls of a campaign are in the CRM once, or not at all, as the tenant wants."""

import itertools
from datetime import timedelta

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.campaigns import CampaignResultEvent
from santral.forgotten import bury
from santral.telephony.campaign_results import take
from santral.telephony.outbox import fold, pay, record

CALL_ID = "verimor:aacdb242-364b-11e7-8bed-c9aec7093786"


@pytest.fixture
def result(tenant):
    def told(**more):
        return CampaignResultEvent(
            **{
                "provider": "verimor",
                "campaign_id": "verimor:131",
                "notification_id": "5",
                "lead_id": "1878",
                "phone": "905321234567",
                "name": "Memnuniyet anketi",
                "disposition": Disposition.ANSWERED,
                "digit": "2",
                "call_id": CALL_ID,
                "told_at": tenant.clock(),
                **more,
            }
        )

    return told


@pytest.fixture
def hung_up(tenant):
    return CallEvent(
        call_id=CALL_ID,
        provider="verimor",
        state=CallState.ENDED,
        direction=Direction.OUTBOUND,
        disposition=Disposition.ANSWERED,
        to="05321234567",
        started_at=tenant.clock() - timedelta(seconds=50),
        ended_at=tenant.clock() - timedelta(seconds=5),
        talk_seconds=40,
    )


@pytest.fixture
def logged(tenant):
    tenant.settings = tenant.settings.model_copy(update={"campaign_calls_logged": True})


def tell(tenant, event):
    claim = fold(tenant, event) if isinstance(event, CallEvent) else take(tenant, event)
    pay(tenant, [claim])


@pytest.mark.parametrize("order", list(itertools.product([True, False], repeat=3)))
def test_a_result_and_its_call_are_one_record_in_any_order(tenant, zoho, logged, result, hung_up, order):
    for result_first in order:
        for event in (result(), hung_up) if result_first else (hung_up, result()):
            tell(tenant, event)

    [call] = zoho.calls()
    assert (call["Santral_Call_ID"], call["Call_Type"]) == (CALL_ID, "Outbound")
    assert tenant.calls.get(CALL_ID).facts.text("campaign_id") == "verimor:131"
    assert tenant.calls.get(CALL_ID).facts.started_at == hung_up.started_at


def test_a_call_that_only_its_result_tells_of_is_logged_once(tenant, zoho, logged, result):
    for _ in range(2):
        tell(tenant, result(disposition=Disposition.NO_ANSWER))

    [call] = zoho.calls()
    assert (call["Call_Type"], call["Call_Duration"]) == ("Outbound", "00:00")


@pytest.mark.parametrize("hung_up_too", [False, True])
def test_unless_the_tenant_wants_them_a_result_owes_the_crm_nothing(tenant, zoho, result, hung_up, hung_up_too):
    tell(tenant, result())
    if hung_up_too:
        tell(tenant, hung_up)

    assert zoho.calls() == []
    assert tenant.calls.get(CALL_ID).owed == frozenset()
    assert [told.digit for told in tenant.campaigns.results_of("verimor:131")] == ["2"]


def test_an_attempt_that_rang_nobody_is_a_result_and_no_call(tenant, zoho, logged, result):
    tell(tenant, result(call_id=None, disposition=Disposition.FAILED))

    assert zoho.calls() == []
    assert len(list(tenant.campaigns.results_of("verimor:131"))) == 1


def test_the_call_of_a_result_told_before_is_not_logged_anew_by_a_mark(tenant, zoho, result, hung_up):
    record(tenant, hung_up)
    tell(tenant, result())

    assert len(zoho.calls()) == 1


def test_results_of_one_who_is_forgotten_are_dropped(tenant, result):
    bury(tenant, "+905321234567")
    take(tenant, result())

    assert list(tenant.campaigns.results_of("verimor:131")) == []
    assert tenant.calls.peek(CALL_ID) is None
