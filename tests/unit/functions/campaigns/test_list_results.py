from functions.campaigns.list_results import handler as list_results
from santral.calls import Disposition
from santral.campaigns import CampaignResultEvent
from tests.fakes.doors import call, http, sample


def result(phone="905321234567", notification="n1", **told):
    return CampaignResultEvent(
        provider="verimor",
        campaign_id="verimor:20212",
        notification_id=notification,
        lead_id=phone,
        phone=phone,
        name="Randevu hatırlatma",
        status="Cevaplandı",
        disposition=Disposition.ANSWERED,
        digit="1",
        told_at="2026-01-15T09:00:00Z",
        **told,
    )


def test_results_come_from_the_provider_where_it_tells_them(tenant, call_center):
    heard = call(list_results, http("campaigns/list_results", query={"provider": "kobikom", "phone": "0532 123 45 67"}))

    assert heard.json["results"][0]["disposition"] == "answered"
    assert call_center.done == [("results", None, "+905321234567")]


def test_results_told_by_webhook_are_read_by_campaign_by_number_and_by_both(tenant):
    for told in (result(), result("905331234567", "n2", reason=None)):
        tenant.campaigns.tell(told)

    def asked(**query):
        heard = call(list_results, http("campaigns/list_results", query=query))
        return sorted(found["phone"] for found in heard.json["results"])

    both = {"campaign_id": "verimor:20212", "phone": "0532 123 45 67"}
    assert asked(campaign_id="verimor:20212") == ["+905321234567", "+905331234567"]
    assert asked(provider="verimor", phone="0533 123 45 67") == ["+905331234567"]
    assert asked(**both) == ["+905321234567"]


def test_a_result_tells_what_was_pressed_and_how_often_it_was_tried(tenant):
    tenant.campaigns.tell(result())
    [found] = call(list_results, sample("campaigns/list_results")).json["results"]

    assert (found["digit"], found["status"], found["attempts"]) == ("1", "Cevaplandı", 1)


def test_results_by_webhook_need_a_campaign_or_a_number(tenant):
    heard = call(list_results, http("campaigns/list_results", query={"provider": "verimor"}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "campaign_id")
