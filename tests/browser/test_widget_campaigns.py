"""The widget's campaigns, as an administrator sees them."""

import json
import re

import pytest
from playwright.sync_api import expect

from simulators.faults import Reset
from simulators.kobikom_words import Style
from simulators.verimor_campaigns import ContactScript
from tests.browser.widget import fits, tab, violations

AT_ONCE = ContactScript(ring_seconds=0.1, listen_seconds=0.1, talk_seconds=0.1)
MENU = "Verimor: an announcement and a menu"
QUEUE = "Kobikom: agents of a queue"
ELIF_AND_UMIT = "0532 123 45 67, Elif Yılmaz\n\n+90 (542) 111-22-33; Ümit Işık"


@pytest.fixture
def campaigns(open_widget, sandbox):
    sandbox.simulators["verimor"].use_contact(AT_ONCE)

    def opened(name="Campaigns", **where):
        page = open_widget(**where)
        tab(page, name).click()
        return page

    return opened


def fill(page, name, kind, contacts):
    page.get_by_role("button", name="New campaign").click()
    expect(page.get_by_label("Name of the campaign")).to_be_focused()
    page.get_by_label("Name of the campaign").fill(name)
    page.get_by_label("Kind").select_option(label=kind)
    page.get_by_label("From", exact=True).fill("00:00")
    page.get_by_label("Until", exact=True).fill("23:59")
    page.get_by_label("Contacts").fill(contacts)


def create(page, name, kind, contacts=ELIF_AND_UMIT):
    fill(page, name, kind, contacts)
    page.get_by_role("button", name="Start the campaign").click()
    expect(page.get_by_text(f"“{name}” is created and calls.")).to_be_visible()
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))


def rows(campaign, table):
    return campaign.get_by_role("table", name=table).locator("tbody tr")


def test_a_menus_campaign_shows_who_pressed_what_and_is_stopped_restarted_and_deleted(campaigns, sandbox, picture):
    verimor = sandbox.simulators["verimor"]
    page = campaigns(record="Elif Yılmaz")
    expect(page.get_by_text("No campaign has been created yet.")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("button", name="New campaign").click()
    expect(page.get_by_label("Contacts")).to_have_value(re.compile("Elif Yılmaz$"))
    page.get_by_role("button", name="Add key 3").click()
    page.get_by_label("Key 3").select_option("queue/204")
    assert violations(page) == []
    picture(page, "widget-campaigns-form")
    page.get_by_role("button", name="Cancel").click()
    campaign = create(page, "Bayram", MENU)

    expect(rows(campaign, "By answer")).to_have_text([re.compile(r"Pressed 1\s*2\s*100\s*%")])
    expect(rows(campaign, "By contact")).to_have_count(2)
    assert violations(page) == []
    picture(page, "widget-campaigns-results")
    [placed] = verimor.campaigns.all()
    switch = campaign.get_by_role("switch", name="Let Bayram call")
    switch.click()
    expect(campaign.get_by_text("Stopped")).to_be_visible()
    expect(switch).to_have_attribute("aria-checked", "false")
    assert not placed.is_on
    switch.press("Space")
    expect(campaign.get_by_text("Calling")).to_be_visible()
    assert placed.is_on

    campaign.get_by_role("button", name="Delete").click()
    # Nothing is lost by pressing Enter once more.
    expect(campaign.get_by_role("button", name="Cancel")).to_be_focused()
    assert violations(page) == []
    campaign.get_by_role("button", name="Yes, delete it").click()
    expect(campaign.get_by_text("Deleted")).to_be_visible()
    expect(switch).to_have_count(0)
    assert verimor.campaigns.all() == []


def test_a_queues_campaign_reaches_an_agent_and_what_its_pbx_cannot_do_is_said(campaigns, sandbox, picture):
    sandbox.simulators["kobikom"].use_style(Style())
    page = campaigns(width=320)

    campaign = create(page, "Hatırlatma", QUEUE, "0532 123 45 67, Elif Yılmaz")

    row = rows(campaign, "By contact")
    expect(row).to_contain_text("Elif Yılmaz")
    expect(row).to_contain_text("agent 1001")
    assert fits(page)
    campaign.get_by_role("switch").click()
    expect(campaign.get_by_role("alert")).to_contain_text("kobikom does not support this")
    assert violations(page) == []
    picture(page, "widget-campaigns-refused-narrow")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("tr", ("Kampanyalar", "Yeni kampanya", "Kampanyayı başlat", "En az bir numara yazın.", "1. satır")),
        ("az", ("Kampaniyalar", "Yeni kampaniya", "Kampaniyanı başlat", "Ən azı bir nömrə yazın.", "1. sətir")),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(campaigns, picture, language, words):
    title, new, start, needed, line = words
    page = campaigns(title, language=language, width=320)
    sent = []
    page.on("request", lambda it: sent.append(it.url) if it.method == "POST" else None)
    page.get_by_role("button", name=new).click()
    form = page.get_by_role("form", name=new)
    form.locator("input").first.fill("Boş")

    page.get_by_role("button", name=start).click()
    expect(page.get_by_role("alert")).to_have_text(needed)
    form.locator("textarea").fill("Elif Yılmaz")
    page.get_by_role("button", name=start).click()
    expect(page.get_by_role("alert")).to_contain_text(f"{line}")

    assert sent == []
    assert fits(page)
    assert violations(page) == []
    picture(page, f"widget-campaigns-form-{language}-narrow")


def test_a_lost_answer_leaves_the_form_and_says_to_look_first(campaigns, sandbox):
    sandbox.simulators["verimor"].faults.add("/ivr_campaigns", Reset(), method="POST")
    page = campaigns()

    fill(page, "Bayram", MENU, ELIF_AND_UMIT)
    page.get_by_role("button", name="Start the campaign").click()

    expect(page.get_by_role("alert")).to_contain_text("The campaign may exist; look at the list")
    expect(page.get_by_label("Name of the campaign")).to_have_value("Bayram")
    asked = sandbox.simulators["verimor"].requests.all()
    assert len([it for it in asked if it.method == "POST" and "ivr_campaigns" in it.path]) == 1


def test_contacts_that_were_not_taken_are_named(campaigns):
    page = campaigns()
    contacts = [{"phone": "+905321234567", "state": "failed"}, {"phone": "+905421112233", "state": "unknown"}]
    answer = {"campaign_id": "verimor:1", "contacts": contacts}
    fill(page, "Bayram", MENU, ELIF_AND_UMIT)

    def created(route):
        if route.request.method == "POST":
            route.fulfill(status=201, content_type="application/json", body=json.dumps(answer))
        else:
            route.continue_()

    page.route("**/campaigns", created)
    page.get_by_role("button", name="Start the campaign").click()

    expect(page.get_by_text("“Bayram” is created. Contacts not taken: +905321234567")).to_be_visible()
    expect(page.get_by_text("Contacts of which nobody knows whether they were taken: +905421112233")).to_be_visible()


def test_who_is_no_administrator_is_told_so(campaigns, picture):
    forbidden = {"status": 403, "content_type": "application/json", "body": '{"message": "Forbidden"}'}
    page = campaigns(prepare=lambda page: page.route("**/campaigns", lambda route: route.fulfill(**forbidden)))

    expect(page.get_by_role("alert")).to_have_text("You are not allowed to do this. Ask your administrator.")

    expect(page.get_by_role("button", name="New campaign")).to_have_count(0)
    assert violations(page) == []
    picture(page, "widget-campaigns-forbidden")
