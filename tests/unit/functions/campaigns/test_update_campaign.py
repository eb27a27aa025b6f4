from functions.campaigns.create_campaign import handler as create_campaign
from functions.campaigns.list_campaigns import handler as list_campaigns
from functions.campaigns.update_campaign import handler as update_campaign
from tests.fakes.doors import call, http, sample

IVR = "campaigns/create_campaign"


def test_a_campaign_is_held_and_goes_on(tenant, cloud_pbx):
    call(create_campaign, sample(IVR))
    heard = call(update_campaign, sample("campaigns/update_campaign"))

    assert (heard.status, heard.json) == (200, {"campaign_id": "verimor:20212", "status": "off"})
    assert cloud_pbx.done[-1] == ("switch campaign", "20212", False)
    assert call(list_campaigns, sample("campaigns/list_campaigns")).json["campaigns"][0]["state"] == "off"


def test_a_provider_that_cannot_hold_campaigns_says_who_can(tenant):
    heard = call(update_campaign, http("campaigns/update_campaign", path={"campaign_id": "kobikom:12"}))

    assert (heard.status, heard.json["code"]) == (422, "not_supported")
