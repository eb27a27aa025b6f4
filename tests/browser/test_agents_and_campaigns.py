"""The call centre's agents, and campaigns as an administrator sees them."""

import re

from playwright.sync_api import expect

from simulators.kobikom_words import Style
from tests.browser.steps import fits


def create(page, name, kind, *contacts):
    form = page.locator("#new-campaign")
    form.get_by_label("Kind").select_option(kind)
    form.get_by_label("Name", exact=True).fill(name)
    for contact in contacts:
        form.get_by_label(contact).check()
    form.get_by_role("button", name="Create the campaign").click()
    expect(page.get_by_text("The campaign has been created and calls.")).to_be_visible()
    return page.locator("#campaign-list > li", has_text=name)


def test_an_agent_logs_in_takes_a_break_and_comes_back(page, sandbox, picture):
    kobikom = sandbox.simulators["kobikom"]
    kobikom.use_style(Style(break_end="break"))
    agent = kobikom.call_center.agents["1003"]
    page.get_by_label("Working as").select_option("leyla@example.com")
    page.locator("#agent summary").click()

    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Agent 1003 is available.")).to_be_visible()
    assert agent.logged_in

    page.get_by_label("Reason of the break").select_option("YEMEK MOLASI")
    page.get_by_role("button", name="Start the break").click()
    expect(page.get_by_text("Agent 1003 is on a break.")).to_be_visible()
    assert agent.break_id == "2"
    picture(page, "desktop-agent")

    page.get_by_role("button", name="End the break").click()
    expect(page.locator("#agent-told")).to_have_text(re.compile(r"The break is over. It took 0:\d\d min \(\d+ s\)\."))
    assert agent.break_id is None

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Agent 1003 is logged out.")).to_be_visible()
    assert not agent.logged_in


def test_how_long_a_break_was_is_left_open_where_the_pbx_does_not_say(page, sandbox):
    sandbox.simulators["kobikom"].use_style(Style())
    page.locator("#agent summary").click()
    expect(page.get_by_label("Reason of the break")).to_have_value("2")
    page.get_by_role("button", name="Start the break").click()
    expect(page.get_by_text("Agent 1001 is on a break.")).to_be_visible()

    page.get_by_role("button", name="End the break").click()

    expect(page.locator("#agent-told")).to_have_text("The break is over; the PBX did not say how long it was.")


def test_a_menus_campaign_shows_who_pressed_what_and_is_stopped_restarted_and_deleted(page, sandbox, picture):
    page.get_by_role("link", name="Campaigns").click()
    expect(page.get_by_text("No campaign has been created yet.")).to_be_visible()

    campaign = create(page, "Bayram", "Verimor: an announcement and a menu", "Elif Yılmaz", "Ümit Işık")

    expect(campaign).to_contain_text("Pressed 1: 2")
    expect(campaign.locator("tbody tr")).to_have_count(2)
    picture(page, "desktop-campaign")
    [placed] = sandbox.simulators["verimor"].campaigns.all()
    campaign.get_by_role("button", name="Stop").click()
    expect(campaign.get_by_text("stopped")).to_be_visible()
    assert not placed.is_on
    campaign.get_by_role("button", name="Restart").click()
    expect(campaign.get_by_text("calling")).to_be_visible()
    assert placed.is_on
    campaign.get_by_role("button", name="Delete").click()
    expect(campaign.get_by_text("deleted")).to_be_visible()
    assert sandbox.simulators["verimor"].campaigns.all() == []


def test_a_queues_campaign_reaches_an_agent_and_what_its_pbx_cannot_do_is_said(page, picture):
    page.get_by_role("link", name="Campaigns").click()

    campaign = create(page, "Hatırlatma", "Kobikom: agents of a queue", "Ömer Doğan")

    expect(campaign.locator("tbody tr")).to_contain_text("agent 1001")
    campaign.get_by_role("button", name="Stop").click()
    expect(page.locator("#campaigns-told")).to_contain_text("kobikom does not support this")
    picture(page, "desktop-campaign-refused")


def test_a_campaign_without_contacts_is_refused_in_a_sentence(page):
    page.get_by_role("link", name="Campaigns").click()
    page.locator("#new-campaign").get_by_label("Name", exact=True).fill("Boş")

    page.get_by_role("button", name="Create the campaign").click()

    expect(page.locator("#campaigns-told")).to_have_text(re.compile(r"[cC]ontacts"))


def test_campaigns_and_what_contacts_press_outside_fit_a_narrow_screen(open_page, picture):
    page = open_page(width=360)
    page.locator("#agent summary").click()
    expect(page.get_by_role("button", name="Start the break")).to_be_in_viewport()
    assert fits(page)
    picture(page, "narrow-agent")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Campaigns").click()
    expect(page.locator("#people")).to_be_hidden()
    page.get_by_label("Called contacts press").select_option("9, which the menu does not know")
    campaign = create(page, "Bayram", "Verimor: an announcement and a menu", "Elif Yılmaz")
    expect(campaign.locator("tbody tr")).to_contain_text("Pressed a wrong key")
    assert fits(page)
    picture(page, "narrow-campaign")
