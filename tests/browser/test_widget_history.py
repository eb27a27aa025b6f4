"""The widget's list of calls, the player of their recordings, and the bar of call centre agents."""

import json
import re

import pytest
from playwright.sync_api import expect

from simulators.kobikom_words import Style
from simulators.virtualats_exchange import CallScript
from tests.browser.steps import Held
from tests.browser.widget import LANGUAGES, fits, tab, violations

CALLS = {"tr": "Aramalar", "az": "Zənglər", "en": "Calls"}
OUTGOING = {"tr": "Giden arama", "az": "Gedən zəng", "en": "Outgoing call"}
PLAY = {"tr": "Ses kaydını dinle", "az": "Səs yazısını dinlə", "en": "Play the recording"}
SECOND = 1_100


def listed(number, **changes):
    return {
        "call_id": f"verimor:{number}",
        "provider": "verimor",
        "direction": "inbound",
        "state": "ended",
        "disposition": "no_answer",
        "from": "+905321234567",
        "to": "+902121112233",
        "started_at": f"2026-01-{28 - number:02}T12:00:00+03:00",
        "recording": "none",
        **changes,
    }


def answers(page, pattern, *told):
    """Answers requests one after the other with `(status, body)`, and then always with the last."""
    left = list(told)

    def answer(route):
        status, body = left.pop(0) if len(left) > 1 else left[0]
        route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    page.route(pattern, answer)


def row(page):
    return page.locator(".calls > li")


@pytest.fixture
def called(open_widget, exchange):
    """A widget beside Elif, who was called and talked to for some seconds just now."""
    exchange.use_script(CallScript(ring_seconds=0.2, talk_seconds=3))

    def called(language="en", **where):
        page = open_widget(record="Elif Yılmaz", language=language, **where)
        page.locator(".call-box button").click()
        expect(page.locator(".current-call")).to_have_attribute("data-state", "ended")
        tab(page, CALLS[language]).click()
        expect(row(page).first).to_contain_text(OUTGOING[language])
        return page

    return called


def test_a_recording_is_played_sought_by_keyboard_and_sped_up(called, picture):
    page = called()
    page.get_by_role("button", name="Play the recording").first.click()
    player = page.get_by_role("group", name="Recording of the call")
    position = player.get_by_label("Position")
    expect(player.get_by_role("button")).to_be_focused()
    # It plays by itself, to its end.
    expect(player.locator(".time")).to_have_text("0:03 / 0:03")
    expect(player.get_by_role("button", name="Play")).to_be_visible()

    position.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(position).to_have_attribute("aria-valuetext", "0:01 of 0:03")
    assert page.evaluate("document.querySelector('audio').currentTime") == 1
    player.get_by_label("Speed").select_option("1.5")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.5
    player.get_by_role("button", name="Play").click()
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    assert violations(page) == []
    picture(page, "widget-history-player")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_is_told_in_the_users_language_and_opens_by_keyboard(called, picture, language):
    page = called(language, width=320)
    summary = row(page).first.locator(".summary")
    expect(summary).to_have_attribute("aria-expanded", "false")
    summary.focus()
    page.keyboard.press("Enter")

    expect(row(page).first.locator(".details")).to_contain_text("VirtualATS")
    assert fits(page)
    assert violations(page) == []
    picture(page, f"widget-history-{language}-320")


def test_a_recording_on_its_way_is_waited_for(open_widget, picture):
    def prepare(page):
        page.clock.install()
        answers(page, "**/calls?*", (200, {"calls": [listed(1, recording="pending")], "next_cursor": None}))
        problem = {"status": 410, "code": "erased", "detail": "This recording has been erased."}
        answers(page, "**/recording", (202, {"state": "fetching"}), (202, {"state": "fetching"}), (410, problem))

    page = open_widget(record="Elif Yılmaz", prepare=prepare)
    tab(page, "Calls").click()
    page.get_by_role("button", name="Play the recording").click()
    with page.expect_response("**/recording"):
        expect(page.get_by_role("status").filter(has_text="Fetching the recording…")).to_be_visible()
        page.clock.run_for(5 * SECOND)
    page.clock.run_for(5 * SECOND)

    expect(page.get_by_role("alert")).to_have_text("This recording has been erased.")
    # There is nothing to try again.
    expect(page.locator(".player").get_by_role("button")).to_have_count(0)
    assert violations(page) == []
    picture(page, "widget-history-erased")


def test_older_calls_come_page_by_page_and_each_once(open_widget):
    def prepare(page):
        first = {"calls": [listed(1), listed(2, disposition="answered", talk_seconds=61)], "next_cursor": "next"}
        last = {"calls": [listed(2), listed(3)], "next_cursor": None}
        answers(page, re.compile(r"/calls\?(?!.*cursor)"), (200, first))
        answers(page, re.compile(r"/calls\?.*cursor=next"), (503, {"message": "Service Unavailable"}), (200, last))

    page = open_widget(prepare=prepare)
    tab(page, "Calls").click()
    expect(row(page)).to_have_count(2)
    expect(row(page).nth(0)).to_contain_text("Missed call")
    expect(row(page).nth(1)).to_contain_text("1:01")

    page.get_by_role("button", name="Older calls").click()
    expect(page.get_by_role("alert")).to_contain_text("did not answer in time")
    page.get_by_role("button", name="Older calls").click()
    expect(row(page)).to_have_count(3)
    expect(page.get_by_role("button", name="Older calls")).to_have_count(0)


def test_no_calls_and_calls_that_cannot_be_read_are_said(open_widget, picture):
    page = open_widget(record="Elif Yılmaz", width=1200)
    tab(page, "Calls").click()
    expect(page.get_by_text("No calls yet.")).to_be_visible()
    assert violations(page) == []
    picture(page, "widget-history-empty-1200")

    answers(page, "**/calls?*", (401, {"message": "Unauthorized"}))
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("alert")).to_contain_text("You are not signed in to Santral.")
    page.unroute("**/calls?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_agent_logs_in_takes_a_break_and_comes_back_by_keyboard(open_widget, sandbox, picture):
    kobikom = sandbox.simulators["kobikom"]
    kobikom.use_style(Style(break_end="break"))
    agent = kobikom.call_center.agents["1003"]
    page = open_widget(user="leyla@example.com", width=320)
    bar = page.get_by_role("region", name="Call centre agent")
    expect(bar).to_contain_text("Agent 1003 state unknown")

    bar.get_by_role("button", name="Log in").focus()
    page.keyboard.press("Enter")
    expect(bar).to_contain_text("Agent 1003 available")
    expect(bar.get_by_role("button", name="Break…")).to_be_focused()
    assert agent.logged_in

    page.keyboard.press("Enter")
    bar.get_by_label("Reason of the break").select_option("YEMEK MOLASI")
    assert violations(page) == []
    picture(page, "widget-agent-320")
    bar.get_by_role("button", name="Start the break").click()
    expect(bar).to_contain_text("Agent 1003 on a break")
    expect(bar.get_by_role("timer")).to_have_text(re.compile(r"0:\d\d"))
    assert agent.break_id == "2"
    assert fits(page)

    # The widget is loaded anew on every record; the break goes on.
    page.reload()
    bar.get_by_role("button", name="End the break").click()
    expect(bar).to_contain_text(re.compile(r"The break is over\. It took 0:\d\d\."))
    assert agent.break_id is None

    bar.get_by_role("button", name="Log out").click()
    expect(bar).to_contain_text("Agent 1003 logged out")
    assert not agent.logged_in


def test_how_long_a_break_was_is_left_open_where_the_pbx_does_not_say(open_widget, sandbox):
    sandbox.simulators["kobikom"].use_style(Style())
    page = open_widget(language="az")
    bar = page.get_by_role("region", name="Çağrı mərkəzi operatoru")
    bar.get_by_role("button", name="Fasilə…").click()
    bar.get_by_role("button", name="Fasiləyə çıx").click()
    bar.get_by_role("button", name="Fasiləni bitir").click()

    expect(bar).to_contain_text("Fasilə bitdi; stansiya nə qədər çəkdiyini demədi.")


def test_an_agents_bar_stands_at_once_on_the_next_record_until_they_are_none_any_more(open_widget):
    page = open_widget()
    bar = page.get_by_role("region", name="Call centre agent")
    expect(bar).to_contain_text("Agent 1001")

    page.route("**/calls/live*", Held())
    page.reload()
    expect(bar).to_contain_text("Agent 1001")
    expect(page.get_by_role("button", name="Call", exact=True)).to_have_count(0)

    answers(page, "**/calls/live*", (200, {"calls": [], "phones": [], "agent": None}))
    page.reload()
    expect(page.get_by_text("No extension is known for you.")).to_be_visible()
    expect(bar).to_have_count(0)

    page.route("**/calls/live*", Held())
    page.reload()
    expect(page.locator("main:not([aria-busy])")).to_be_visible()
    expect(bar).to_have_count(0)


def test_who_is_no_agent_has_no_bar(open_widget):
    def prepare(page):
        answers(page, "**/calls/live*", (200, {"calls": [], "phones": [], "agent": None}))

    page = open_widget(prepare=prepare)
    expect(page.get_by_text("No extension is known for you.")).to_be_visible()
    expect(page.locator(".agent-bar")).to_have_count(0)
