from functions.campaigns.create_campaign import handler as create_campaign
from functions.campaigns.list_campaigns import handler as list_campaigns
from tests.fakes.doors import call, sample

IVR = "campaigns/create_campaign"


QUEUE = "campaigns/create_campaign_queue"


def test_campaigns_are_listed_newest_first(tenant, call_center):
    call(create_campaign, sample(QUEUE))
    tenant.clock.pass_seconds(60)
    call(create_campaign, sample(IVR))
    listed = call(list_campaigns, sample("campaigns/list_campaigns")).json["campaigns"]

    assert [campaign["provider"] for campaign in listed] == ["verimor", "kobikom"]


def test_campaigns_do_not_stand_among_the_calls_of_a_day(tenant):
    call(create_campaign, sample(IVR))
    today = tenant.clock().date().isoformat()
    page = tenant.calls.on_day(today, since="0", until="9", newest_first=True, limit=10, start=None)

    assert page.entries == []
