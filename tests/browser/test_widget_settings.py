"""The widget's settings: whether everything works and how to mend it, who one is, and the language."""

import json

from playwright.sync_api import expect

from simulators.faults import Status
from tests.browser.steps import Held
from tests.browser.widget import fits, tab, violations


def settings(open_widget, name="Settings", **where):
    page = open_widget(**{"record": "Elif Yılmaz", **where})
    tab(page, name).click()
    return page


def line(page, name):
    return page.locator(f"[data-check='{name}']")


def test_what_fails_comes_first_with_the_way_to_mend_it(open_widget, sandbox, picture):
    sandbox.simulators["wapcrm"].faults.add("/api/users", Status(code=200, body=b'{"status": false, "code": 500}'))
    page = settings(open_widget, width=800)

    page.get_by_role("button", name="Test connection").click()

    expect(page.get_by_text("Not working: 1.")).to_be_visible()
    first = page.locator("[data-check]").first
    expect(first).to_have_attribute("data-check", "wapcrm")
    expect(first).to_contain_text("Not working")
    expect(first).to_contain_text("What to do:")
    expect(line(page, "verimor")).to_contain_text("Works")
    expect(page.get_by_text("Version ")).to_be_visible()
    assert violations(page) == []
    picture(page, "widget-settings-failing")


def test_warnings_are_amber_and_everything_well_is_said_in_one_sentence(open_widget, picture):
    page = settings(open_widget, width=320)
    checks = [
        {"name": "zoho", "ok": True, "level": "ok", "sentence": "Zoho CRM answers.", "fix": None},
        {"name": "zoho field", "ok": True, "level": "warning", "sentence": "It is not unique.", "fix": "Make it so."},
    ]
    told = {"ok": True, "version": "1.2.3", "checks": checks}
    page.route("**/status", lambda route: route.fulfill(content_type="application/json", body=json.dumps(told)))

    page.get_by_role("button", name="Test connection").click()

    expect(page.get_by_text("It works. To look at: 1.")).to_be_visible()
    expect(page.locator("[data-check]").first).to_contain_text("Look at it")
    assert fits(page)
    assert violations(page) == []
    picture(page, "widget-settings-warning-narrow")

    checks.pop()
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("Everything works.")).to_be_visible()
    assert violations(page) == []


def test_a_test_that_is_not_answered_says_so(open_widget):
    page = settings(open_widget)
    page.route("**/status", lambda route: route.abort())

    page.get_by_role("button", name="Test connection").click()

    expect(page.get_by_role("alert")).to_contain_text("Santral cannot be reached.")
    expect(page.get_by_role("button", name="Test connection")).to_have_attribute("aria-disabled", "false")
    assert violations(page) == []


def test_who_one_is_and_where_one_can_be_reached_is_told(open_widget):
    page = settings(open_widget, user="leyla@example.com")

    facts = page.get_by_role("region", name="You")

    expect(facts).to_contain_text("leyla@example.com")
    expect(facts).to_contain_text("Elif Yılmaz")
    expect(facts).to_contain_text("VirtualATS extension")
    expect(facts).to_contain_text("1003")


def test_the_language_chosen_is_spoken_at_once_and_kept(open_widget, picture):
    page = settings(open_widget, width=320, language="en")

    page.get_by_label("Language").focus()
    page.get_by_label("Language").select_option("tr")
    expect(page.get_by_role("button", name="Bağlantıyı sına")).to_be_visible()
    expect(page.get_by_label("Dil")).to_be_focused()
    page.get_by_label("Dil").select_option("az")
    expect(page.get_by_role("button", name="Bağlantını yoxla")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "az"
    assert fits(page)
    assert violations(page) == []
    picture(page, "widget-settings-az-narrow")

    page.reload()
    expect(tab(page, "Parametrlər")).to_be_visible()


def test_a_tab_chosen_before_the_widget_has_started_stays_chosen_and_keeps_the_focus(open_widget):
    held = Held()
    page = open_widget(prepare=lambda page: page.route("**/page/sandbox.json", held))
    tab(page, "Phone").press("End")
    expect(tab(page, "Settings")).to_be_focused()

    held.let_go(page)

    expect(page.get_by_role("button", name="Test connection")).to_be_visible()
    expect(tab(page, "Settings")).to_be_focused()
    expect(tab(page, "Settings")).to_have_attribute("aria-selected", "true")
