from functions.webhooks.verimor_campaign import handler
from santral.campaigns import CampaignResultEvent
from tests.fakes.doors import call, sample


def test_a_result_of_a_verimor_campaign_is_queued(company):
    assert call(handler, sample("webhooks/verimor_campaign")).status == 200

    [event] = company.event_queue.sent
    assert isinstance(event, CampaignResultEvent)
    assert (event.group, event.lead_id, event.digit) == ("verimor:131", "1878", "2")
