from functions.campaigns.create_campaign import handler as create_campaign
from functions.campaigns.delete_campaign import handler as delete_campaign
from functions.campaigns.list_campaigns import handler as list_campaigns
from santral.errors import Unreachable
from tests.fakes.doors import call, sample

IVR = "campaigns/create_campaign"


def test_a_deleted_campaign_stays_listed_as_that(tenant, cloud_pbx):
    call(create_campaign, sample(IVR))
    heard = call(delete_campaign, sample("campaigns/delete_campaign"))

    assert (heard.status, heard.text) == (204, "")
    assert cloud_pbx.done[-1] == ("delete campaign", "20212")
    [campaign] = call(list_campaigns, sample("campaigns/list_campaigns")).json["campaigns"]
    assert (campaign["state"], campaign["name"], campaign["created_by"]) == (
        "deleted",
        "Randevu hatırlatma",
        "ayse@example.com",
    )


def test_a_campaign_nobody_created_here_can_be_deleted_too(tenant, cloud_pbx):
    assert call(delete_campaign, sample("campaigns/delete_campaign")).status == 204


def test_when_the_provider_fails_the_campaign_is_what_it_was(tenant, cloud_pbx):
    call(create_campaign, sample(IVR))
    cloud_pbx.failure = Unreachable("refused", system="verimor")

    assert call(delete_campaign, sample("campaigns/delete_campaign")).status == 503
    assert call(list_campaigns, sample("campaigns/list_campaigns")).json["campaigns"][0]["state"] == "on"
