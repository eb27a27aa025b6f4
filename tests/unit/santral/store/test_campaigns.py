"""What became of a campaign's contacts, however often and in whatever order it is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santral.calls import Disposition
from santral.campaigns import CampaignResultEvent
from santral.store.campaigns import Campaigns
from tests.fakes import Clock, MemoryTable


def told(number, lead="1878", *, phone="905321234567", campaign="verimor:131", **more):
    return CampaignResultEvent(
        **{
            "provider": "verimor",
            "campaign_id": campaign,
            "notification_id": str(number),
            "lead_id": lead,
            "phone": phone,
            "status": "Cevapsız",
            "disposition": Disposition.NO_ANSWER,
            "told_at": f"2026-01-15T09:{number:02}:00+00:00",
            **more,
        }
    )


@pytest.fixture
def campaigns():
    return Campaigns(MemoryTable(), country="TR", clock=Clock())


def rows(campaigns):
    return {name: {**row, "version": 0} for name, row in campaigns._table.rows.items()}


EVENTS = [
    told(1),
    told(2, status="Meşgul", disposition=Disposition.BUSY),
    told(3, status="Cevaplandı", disposition=Disposition.ANSWERED, digit="2"),
    told(3, status="Başarılı", disposition=Disposition.ANSWERED, digit="2"),
    told(4, lead="1879", phone="05559998877"),
    told(5, lead="1880", phone=None, told_at=None),
]


@given(st.lists(st.sampled_from(EVENTS), max_size=12), st.permutations(EVENTS))
def test_neither_order_nor_repetition_of_notifications_matters(repeated, order):
    once, often = (Campaigns(MemoryTable(), country="TR", clock=Clock()) for _ in range(2))
    for event in EVENTS:
        once.tell(event)
    for event in [*repeated, *order]:
        often.tell(event)

    assert rows(once) == rows(often)


def test_a_contacts_result_is_its_last_attempts_and_counts_them(campaigns):
    for event in (EVENTS[2], EVENTS[0], EVENTS[1], EVENTS[0]):
        campaigns.tell(event)

    [result] = campaigns.results_of("verimor:131")
    assert (result.phone, result.campaign_id, result.status) == ("+905321234567", "verimor:131", "Cevaplandı")
    assert (result.disposition, result.digit, result.attempts) == (Disposition.ANSWERED, "2", 3)
    assert result.ended_at == EVENTS[2].told_at


def test_results_are_read_by_campaign_and_by_number(campaigns):
    campaigns.tell(told(1))
    campaigns.tell(told(2, lead="1879", phone="05559998877"))
    campaigns.tell(told(3, lead="7", campaign="verimor:132"))

    assert [result.phone for result in campaigns.results_of("verimor:131")] == ["+905321234567", "+905559998877"]
    by_number = campaigns.results_for("+905321234567")
    assert [result.campaign_id for result in by_number] == ["verimor:132", "verimor:131"]


def test_results_of_many_contacts_are_read_page_by_page(campaigns, monkeypatch):
    monkeypatch.setattr("santral.store.campaigns._PAGE_ROWS", 2)
    for number in range(5):
        campaigns.tell(told(number, lead=str(number)))

    assert len(list(campaigns.results_of("verimor:131"))) == 5
    assert len(list(campaigns.results_for("+905321234567"))) == 5


def test_the_same_notification_again_writes_nothing(campaigns):
    campaigns.tell(told(1))
    writes = campaigns._table.writes
    campaigns.tell(told(1))

    assert campaigns._table.writes == writes
