"""What a CRM agent sees and what pressing the buttons does, in a real browser against the whole system."""

import re
import time

import pytest
from playwright.sync_api import expect

from simulators.faults import CommitThen, Reset, Status
from simulators.virtualats_exchange import CallScript
from tests.browser.steps import PATIENCE, call_button, choose, expect_line, expect_written, fits, make_call


def dialled(exchange):
    return len(exchange.requests.to("/call/originate"))


def test_a_call_rings_is_answered_ends_and_is_in_the_crm_once(page, exchange, crm, unhurried_calls, picture):
    refused = []
    page.on("response", lambda response: refused.append(response.url) if response.status >= 400 else None)
    choose(page, "Elif Yılmaz")
    expect(page.get_by_text("No calls yet.")).to_be_visible()
    picture(page, "desktop-idle")

    call_button(page).click()
    expect_line(page, "ringing")
    expect(page.get_by_text("Ringing Elif Yılmaz")).to_be_visible()
    expect(call_button(page)).to_be_disabled()
    expect(page.locator("#calls > li")).to_contain_text("Goes to the CRM when it ends")
    picture(page, "desktop-ringing")
    expect_line(page, "answered")
    expect(page.get_by_text("On the phone with Elif Yılmaz")).to_be_visible()
    picture(page, "desktop-answered")
    expect_line(page, "ended")
    expect(page.get_by_text("The call with Elif Yılmaz has ended: answered")).to_be_visible()
    expect_written(page)

    row = page.locator("#calls > li")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Outgoing call")
    expect(row).to_contain_text("owner Ayşe Demir")
    expect(row).to_contain_text("CRM ✓")
    expect(row).to_contain_text("Ledger ✓")
    [record] = crm.calls()
    assert (record["Call_Type"], record["Who_Id"]["name"]) == ("Outbound", "Elif Yılmaz")
    assert dialled(exchange) == 1
    assert refused == []


@pytest.mark.parametrize("form", ["wav", "wav49"])
def test_the_recording_plays(page, exchange, picture, form):
    exchange.use_script(CallScript(ring_seconds=0.5, talk_seconds=1, recording_form=form))
    make_call(page)

    page.get_by_role("button", name="Play the recording").click()
    player = page.locator("#calls audio")
    expect(player).to_be_visible(timeout=PATIENCE)

    deadline = time.monotonic() + PATIENCE / 1000
    while not player.evaluate("audio => audio.currentTime > 0.2"):
        assert time.monotonic() < deadline, player.evaluate("audio => audio.error?.message ?? 'it stands still'")
        page.wait_for_timeout(50)
    assert player.evaluate("audio => audio.duration") == pytest.approx(1, abs=0.6)
    assert player.evaluate("audio => audio.error") is None
    picture(page, "desktop-after-the-call")


def test_the_link_in_the_crm_record_leads_to_the_recording(page):
    make_call(page)

    link = page.get_by_role("link", name="Recording link in the CRM").get_attribute("href")
    answer = page.request.get(link)

    assert answer.status == 200
    assert answer.body().startswith(b"RIFF")


def test_a_recording_that_cannot_be_fetched_yet_is_asked_for_again(page):
    make_call(page)
    answers = [{"status": 202, "headers": {"retry-after": "1"}, "json": {"state": "fetching"}}]

    # The first answer alone is ours: the archive is too quick to be caught at work.
    page.route("**/calls/*/recording", lambda route: route.fulfill(**answers.pop()) if answers else route.continue_())
    page.get_by_role("button", name="Play the recording").click()

    expect(page.get_by_text("The recording is still being fetched…")).to_be_visible()
    expect(page.locator("#calls audio")).to_be_visible(timeout=PATIENCE)


def test_a_double_click_rings_once(page, exchange, crm):
    choose(page, "Elif Yılmaz")

    call_button(page).dblclick()
    expect_line(page, "ended")
    expect_written(page)

    assert dialled(exchange) == 1
    assert len(crm.calls()) == 1


def test_the_same_click_in_two_windows_rings_once(open_page, exchange):
    windows = [open_page(), open_page()]
    for window in windows:
        choose(window, "Elif Yılmaz")

    for window in windows:
        call_button(window).click()
    for window in windows:
        expect_line(window, "ended")

    assert dialled(exchange) == 1


def test_a_call_made_again_at_once_is_said_to_be_the_former_one(page, exchange):
    make_call(page)

    call_button(page).click()

    expect(page.get_by_text("This is the call of a moment ago.")).to_be_visible(timeout=PATIENCE)
    assert dialled(exchange) == 1


def test_whoever_is_chosen_makes_the_call(page, exchange, crm):
    page.get_by_label("Working as").select_option("mehmet@example.com")

    make_call(page)

    [call] = crm.calls()
    assert call["Owner"]["email"] == "mehmet@example.com"
    expect(page.locator("#calls > li")).to_contain_text("extension 102")


def test_a_call_nobody_answers_is_logged_without_a_recording(page, crm):
    page.get_by_label("The called person").select_option("does not answer")

    make_call(page)

    expect(page.get_by_text("has ended: not answered")).to_be_visible()
    expect(page.locator("#calls > li")).to_contain_text("Outgoing call, not answered")
    expect(page.get_by_role("button", name="Play the recording")).to_have_count(0)
    [call] = crm.calls()
    assert call["Call_Duration"] == "00:00"


def test_a_missed_call_is_shown_and_logged_as_missed(page, crm, exchange):
    # Long enough to be noticed on a busy machine, too.
    exchange.use_script(CallScript(ring_seconds=6))
    choose(page, "Elif Yılmaz")

    page.get_by_role("button", name="Missed call from this person").click()
    expect(page.get_by_text("Elif Yılmaz is calling")).to_be_visible(timeout=PATIENCE)
    expect_line(page, "ended")
    expect_written(page)

    expect(page.locator("#calls > li")).to_contain_text("Missed call")
    assert [call["Call_Type"] for call in crm.calls()] == ["Missed"]


def test_a_stranger_who_calls_is_a_lead_afterwards(page, crm, exchange):
    exchange.use_script(CallScript(ring_seconds=3, talk_seconds=1))
    before = page.locator("#groups li").count()

    page.get_by_role("button", name="Incoming call from a stranger").click()
    expect_line(page, "ended")
    expect_written(page)

    expect(page.locator("#groups li")).to_have_count(before + 1)
    assert [call["Call_Type"] for call in crm.calls()] == ["Inbound"]


def test_a_message_goes_out_once_and_is_shown_once(page, sandbox):
    choose(page, "Ümit Işık")

    page.get_by_label("Message", exact=True).fill("Merhaba, teklifiniz hazır.")
    page.get_by_role("button", name="Send").dblclick()

    expect(page.locator("#messages li")).to_have_count(1)
    expect(page.locator("#messages li")).to_contain_text("read ✓✓", timeout=PATIENCE)
    [sent] = [request.json() for request in sandbox.simulators["wapcrm"].requests.to("/api/chatoperation")]
    assert (sent["messageText"], sent["userKey"]) == ("Merhaba, teklifiniz hazır.", "ayse@example.com")


def test_a_message_that_was_refused_says_why_and_can_be_sent_again(page, sandbox):
    sandbox.simulators["wapcrm"].faults.add("/api/chatoperation", Status(code=503))
    choose(page, "Ömer Doğan")

    page.get_by_label("Message", exact=True).fill("Bir daha")
    page.get_by_role("button", name="Send").click()

    failed = page.locator("#messages li.failed small")
    expect(failed).to_have_text(re.compile(r"^[A-Z].+\.$"), timeout=PATIENCE)


def test_a_number_that_is_none_is_refused_in_a_sentence(page, exchange, picture):
    choose(page, "Nigar Həsənova")

    call_button(page).click()

    expect(page.get_by_text("Nigar Həsənova was not called")).to_be_visible()
    expect(page.locator("#line-sentence")).to_contain_text("is not a phone number.")
    expect(call_button(page)).to_be_enabled()
    assert dialled(exchange) == 0
    picture(page, "desktop-error")


def test_a_lost_answer_is_said_to_be_unknown_and_not_to_have_failed(page, exchange):
    exchange.faults.add("/call/originate", CommitThen(fault=Reset()))
    choose(page, "Elif Yılmaz")

    call_button(page).click()

    expect(page.get_by_text("Elif Yılmaz may be ringing")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#line-sentence")).to_contain_text("it may have happened")
    call_button(page).click()
    expect(page.locator("#line-sentence")).to_contain_text("it may have happened", timeout=PATIENCE)
    assert dialled(exchange) == 1


def test_what_the_gateway_answers_by_itself_becomes_a_sentence(page):
    choose(page, "Elif Yılmaz")

    page.route("**/calls", lambda route: route.fulfill(status=503, json={"message": "Service Unavailable"}))
    call_button(page).click()

    expect(page.locator("#line-sentence")).to_have_text(
        "The telephone system did not answer in time. Look before you try again."
    )
    expect(page.get_by_text("Elif Yılmaz may be ringing")).to_be_visible()


def test_a_system_that_is_gone_is_said_to_be_gone(page):
    choose(page, "Elif Yılmaz")

    page.route("**/calls", lambda route: route.abort())
    call_button(page).click()

    expect(page.locator("#line-sentence")).to_contain_text("cannot be reached")


def test_the_system_panel_says_what_works_and_what_does_not(page, exchange, picture):
    expect(page.locator("#system-summary")).to_have_text("System works", timeout=PATIENCE)
    exchange.faults.add("/account/list", Status(code=401), times=10)

    page.locator("#system summary").click()

    expect(page.locator("#system-summary")).to_contain_text(re.compile(r"1 of \d+ need"), timeout=PATIENCE)
    failing = page.locator("#checks li.bad")
    expect(failing).to_have_count(1)
    expect(failing).to_contain_text("virtualats needs attention")
    assert colour(failing.locator(".dot")) != colour(page.locator("#checks li.good .dot").first)
    picture(page, "desktop-system")
    page.keyboard.press("Escape")
    expect(page.locator("#checks")).to_be_hidden()


def test_markup_in_a_name_is_shown_as_it_is_written(crm, open_page):
    name = "<img src=x onerror=alert(1)>"
    crm.store.put_old("Contacts", {"Last_Name": name, "Phone": "+905301112233"}, crm.users.current, crm.clock())

    page = open_page()
    choose(page, name)

    expect(page.locator("#card img")).to_have_count(0)


def test_the_page_is_used_by_keyboard_alone(page, exchange):
    page.get_by_label("Search by name").focus()
    page.keyboard.type("elif")
    expect(page.locator("#groups li")).to_have_count(1)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Elif Yılmaz", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(call_button(page)).to_be_focused()
    page.keyboard.press("Enter")

    expect_line(page, "ended")
    assert dialled(exchange) == 1


def test_a_narrow_screen_needs_no_scrolling_to_the_side(open_page, unhurried_calls, picture):
    page = open_page(width=360)
    assert fits(page)
    picture(page, "narrow-list")

    choose(page, "Elif Yılmaz")
    expect(page.locator("#people")).to_be_hidden()
    assert fits(page)
    picture(page, "narrow-idle")

    call_button(page).click()
    expect_line(page, "answered")
    assert fits(page)
    picture(page, "narrow-answered")

    expect_written(page)
    page.get_by_role("button", name="Play the recording").click()
    expect(page.locator("#calls audio")).to_be_visible(timeout=PATIENCE)
    assert fits(page)
    picture(page, "narrow-after-the-call")

    page.get_by_role("link", name="All people").click()
    choose(page, "Nigar Həsənova")
    call_button(page).click()
    expect_line(page, "problem")
    assert fits(page)
    picture(page, "narrow-error")


def colour(dot):
    return dot.evaluate("dot => getComputedStyle(dot).backgroundColor")
