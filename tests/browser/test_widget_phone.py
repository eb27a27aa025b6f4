"""The widget's telephone: the call, its controls and its end, who rings, and how often it looks."""

import json
import re

import pytest
from playwright.sync_api import expect

from simulators import verimor_exchange
from simulators.virtualats_exchange import CallScript
from tests.browser.widget import LANGUAGES, fits, tab, violations

ELIF = "+90 532 123 45 67"
CALL = {"tr": "Ara", "az": "Zəng et", "en": "Call"}
HANG_UP = {"tr": "Kapat", "az": "Dəstəyi as", "en": "Hang up"}
PHONE = {"provider": "verimor", "extensions": ["101"], "can": ["dial", "hang_up", "transfer", "mute"]}
RINGING = {
    "call_id": "verimor:1",
    "provider": "verimor",
    "direction": "inbound",
    "state": "ringing",
    "disposition": "unknown",
    "from": "+905321234567",
    "extension": "101",
    "recording": "none",
    "record": {"module": "Leads", "id": "7", "name": "Aysel Məmmədova"},
}


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def expect_call(page, state):
    expect(page.locator(".current-call")).to_have_attribute("data-state", state)


def dial(page, pbx, language="en"):
    page.get_by_role("tabpanel").get_by_role("combobox").first.select_option(pbx)
    button(page, CALL[language]).click()
    expect_call(page, "answered")


def going_on(sandbox, pbx):
    return [call for call in sandbox.simulators[pbx].exchange.calls() if call.ended_at is None]


def answers(page, pattern, body, status=200):
    """Lets requests be answered so; `body` may be a function, which is asked each time."""

    def answer(route):
        told = body() if callable(body) else body
        route.fulfill(status=status, content_type="application/json", body=json.dumps(told))

    page.route(pattern, answer)


@pytest.fixture
def long_calls(exchange):
    exchange.use_script(CallScript(ring_seconds=0.5, talk_seconds=60))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_is_made_muted_handed_over_and_hung_up(open_widget, sandbox, picture, language):
    def with_colleagues(page):
        # Verimor tells of them once a minute, and three languages come sooner.
        mehmet = {"extension": "102", "name": "Mehmet Öztürk", "state": "available"}
        answers(page, "**/extensions?provider=verimor", {"extensions": [mehmet]})

    page = open_widget(record="Elif Yılmaz", language=language, width=320, prepare=with_colleagues)
    expect(page.get_by_text(ELIF)).to_be_visible()
    expect(page.locator("#panel-phone").get_by_text("102").last).to_be_visible()
    assert violations(page) == []

    dial(page, "verimor", language)
    [call] = going_on(sandbox, "verimor")
    expect(button(page, CALL[language])).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"0:\d\d"))
    assert fits(page)
    assert violations(page) == []
    picture(page, f"widget-phone-{language}-320")

    mute = page.locator(".current-call [aria-pressed]")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    assert call.muted
    page.locator(".transfer select").select_option("102")
    page.locator(".transfer button").click()
    # It is the colleague's from now on, and leaves the list of one's own.
    expect(page.locator(".current-call")).to_contain_text("102")
    expect_call(page, "ended")
    assert [leg.number for leg in call.legs if leg.is_user and leg.ended_at is None] == ["102"]
    assert violations(page) == []


@pytest.mark.usefixtures("long_calls")
@pytest.mark.parametrize("pbx", ["virtualats", "kobikom"])
def test_what_a_pbx_cannot_do_is_not_offered(open_widget, sandbox, picture, pbx):
    page = open_widget(record="Elif Yılmaz")
    dial(page, pbx)

    expect(page.locator(".current-call [aria-pressed]")).to_have_count(0)
    # Kobikom hands over but lists no extensions: there one is typed.
    expect(page.get_by_label("Transfer to")).to_have_count(1 if pbx == "kobikom" else 0)
    picture(page, f"widget-phone-{pbx}")
    button(page, "Hang up").focus()
    page.keyboard.press("Enter")
    expect_call(page, "ended")
    assert going_on(sandbox, pbx) == []
    # What had the keyboard is gone with the call; it stands on what is left.
    expect(button(page, "Dismiss")).to_be_focused()
    button(page, "Dismiss").click()
    expect(page.locator(".current-call")).to_have_count(0)
    expect(tab(page, "Phone")).to_be_focused()


def test_a_colleagues_extension_is_typed_where_the_list_cannot_be_read(open_widget, sandbox):
    def busy(page):
        refusal = {"status": 503, "code": "busy", "detail": "Verimor asks us to slow down."}
        answers(page, "**/extensions?provider=verimor", refusal, 503)

    page = open_widget(record="Elif Yılmaz", prepare=busy)
    expect(page.get_by_role("alert")).to_have_text("Verimor asks us to slow down.")
    dial(page, "verimor")
    [call] = going_on(sandbox, "verimor")
    # Until the refusal has come there is a list to choose from.
    page.get_by_role("textbox", name="Transfer to").fill("103")
    page.keyboard.press("Enter")

    expect(page.locator(".sentence")).to_have_text("The call with Elif Yılmaz was handed over to extension 103")
    assert [leg.number for leg in call.legs if leg.is_user and leg.ended_at is None] == ["103"]


@pytest.mark.usefixtures("long_calls")
def test_two_clicks_make_one_call(open_widget, exchange):
    page = open_widget(record="Elif Yılmaz")
    button(page, "Call").dblclick()
    expect_call(page, "answered")

    assert len(exchange.requests.to("/call/originate")) == 1


def look_often(page):
    """As if the user came back to the page again and again."""
    page.evaluate("setInterval(() => document.dispatchEvent(new Event('visibilitychange')), 300)")


def test_who_calls_ones_own_extension_is_shown_on_every_tab(open_widget, sandbox, picture):
    exchange = sandbox.simulators["verimor"]
    exchange.use_script(verimor_exchange.CallScript(ring_seconds=30))
    page = open_widget(record="Elif Yılmaz", language="tr")
    expect(page.get_by_text(ELIF)).to_be_visible()
    tab(page, "Ayarlar").click()

    exchange.place_inbound_call(source="05551112233", extension="102")
    call_id = exchange.place_inbound_call(source="05321234567", extension="101")
    look_often(page)
    expect_call(page, "ringing")
    expect(page.locator(".sentence")).to_have_text("Elif Yılmaz arıyor")
    expect(page.locator("[aria-live=assertive]")).to_have_text("Elif Yılmaz arıyor")
    expect(button(page, "Reddet")).to_be_visible()
    assert violations(page) == []
    picture(page, "widget-phone-rings")

    exchange.hang_up(call_id)
    expect_call(page, "ended")
    expect(page.locator(".sentence")).to_have_text("Elif Yılmaz ile arama bitti: yanıt yok")


def test_what_may_ring_for_a_colleague_is_shown_and_goes_when_they_take_it(open_widget, exchange):
    exchange.use_script(CallScript(ring_seconds=5, talk_seconds=60))
    page = open_widget(record="Elif Yılmaz")
    expect(page.get_by_text(ELIF)).to_be_visible()

    # VirtualATS tells only with the answer whose telephone rang.
    exchange.place_inbound_call(source="905321234567", extension="102")
    look_often(page)
    expect_call(page, "ringing")
    expect(button(page, "Reject")).to_have_count(0)

    expect(page.locator(".current-call")).to_have_count(0)


def test_the_record_of_who_calls_is_opened_in_the_crm(open_widget):
    def ringing(page):
        answers(page, "**/calls/live*", {"calls": [RINGING], "phones": [PHONE], "agent": None})

    page = open_widget(prepare=ringing)
    expect(page.locator(".sentence")).to_have_text("Aysel Məmmədova is calling")
    button(page, "Open the record").click()
    page.wait_for_url("**/#Leads/7")


COUNTED_LOOKS = """
    window.looks = 0;
    window.going = [];
    const phones = [{provider: "verimor", extensions: ["101"], can: ["dial", "hang_up"]}];
    const asked = window.fetch;
    window.fetch = async (url, options) => {
      if (!url.startsWith("/calls/live")) return asked(url, options);
      window.looks += 1;
      return {status: 200, headers: new Headers(), json: async () => ({calls: window.going, phones, agent: null})};
    };
"""


def test_it_looks_every_two_seconds_during_ones_own_call_else_every_twenty_and_never_while_hidden(open_widget):
    # Answered within the page, so that no time passes but the clock's.
    def prepare(page):
        page.add_init_script(COUNTED_LOOKS)
        page.clock.install()

    page = open_widget(prepare=prepare)
    expect(button(page, "Call")).to_be_visible()
    page.clock.pause_at(page.evaluate("Date.now() + 30_000"))

    def looks_within(seconds):
        before = page.evaluate("looks")
        page.clock.run_for(seconds * 1000)
        return page.evaluate("looks") - before

    def show(hidden):
        page.evaluate(
            "hidden => {Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});"
            "document.dispatchEvent(new Event('visibilitychange'))}",
            hidden,
        )

    assert looks_within(60) == 3
    page.evaluate("call => { going = [call] }", RINGING)
    assert looks_within(20) == 1
    expect_call(page, "ringing")
    assert looks_within(21) == 10

    before = page.evaluate("looks")
    show(hidden=True)
    assert looks_within(120) == 0
    show(hidden=False)
    assert page.evaluate("looks") == before + 1

    page.evaluate("going = [{...going[0], state: 'ended', disposition: 'no_answer'}]")
    assert looks_within(3) == 1
    expect_call(page, "ended")
    assert looks_within(60) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_that_never_comes_says_what_may_have_happened(open_widget, picture, language):
    page = open_widget(record="Elif Yılmaz", language=language)
    expect(button(page, CALL[language])).to_be_visible()
    page.route("**/calls", lambda route: route.abort() if route.request.method == "POST" else route.continue_())

    button(page, CALL[language]).click()

    expect(page.locator(".call-box").get_by_role("alert")).to_contain_text(
        {
            "tr": "Telefon çalıyor olabilir. Yeniden aramadan önce bakın. Santral'e ulaşılamıyor.",
            "az": "Telefon zəng çala bilər. Yenidən zəng etməzdən əvvəl baxın. Santrala çatmaq olmur.",
            "en": "The phone may be ringing. Look before you call again. Santral cannot be reached.",
        }[language]
    )
    assert violations(page) == []
    picture(page, f"widget-phone-lost-{language}")


def test_the_call_of_a_moment_ago_is_not_taken_for_a_new_one(open_widget):
    def prepare(page):
        ended = {**RINGING, "direction": "outbound", "state": "ended", "disposition": "busy", "to": "+905321234567"}
        answers(page, "**/calls/live*", {"calls": [], "phones": [PHONE], "agent": None})
        answers(page, "**/calls", {"call_id": "verimor:1", "provider": "verimor", "state": "requested"}, 202)
        answers(page, "**/calls/verimor:1", ended)

    page = open_widget(record="Elif Yılmaz", prepare=prepare)
    button(page, "Call").click()
    expect(page.locator(".sentence")).to_have_text("The call with Aysel Məmmədova has ended: busy")
    button(page, "Call").click()
    expect(page.get_by_role("status").filter(has_text="This is the call of a moment ago.")).to_be_visible()


def test_a_control_whose_answer_is_lost_says_so(open_widget):
    def prepare(page):
        call = {**RINGING, "state": "answered"}
        answers(page, "**/calls/live*", {"calls": [call], "phones": [PHONE], "agent": None})
        page.route("**/hangup", lambda route: route.abort())

    page = open_widget(prepare=prepare)
    button(page, "Hang up").click()
    told = page.get_by_role("region", name="Current call").get_by_role("alert")
    expect(told).to_contain_text("It may have been done all the same")
    expect_call(page, "answered")


def test_a_refusal_says_that_nobody_was_called_and_why(open_widget):
    page = open_widget()
    page.get_by_label("Number").fill("12")
    button(page, "Call").click()

    expect(page.locator(".call-box").get_by_role("alert")).to_contain_text("No call was made.")


def test_who_has_no_phone_and_what_cannot_be_seen_is_said(open_widget, picture):
    def no_phones(page):
        answers(page, "**/calls/live*", {"calls": [], "phones": [], "agent": None})

    page = open_widget(prepare=no_phones)
    expect(page.get_by_role("status").filter(has_text="No extension is known for you.")).to_be_visible()
    assert violations(page) == []

    def kobikom_down(page):
        answers(page, "**/calls/live*", {"calls": [], "phones": [PHONE], "agent": None, "unread": ["kobikom"]})

    page = open_widget(prepare=kobikom_down)
    expect(page.get_by_text("Kobikom cannot be read right now; calls there are not shown.")).to_be_visible()
    # Nothing keeps the user from calling through another.
    expect(button(page, "Call")).to_have_attribute("aria-disabled", "false")

    def throttled(page):
        answers(page, "**/calls/live*", {"message": "Too Many Requests"}, 429)

    page = open_widget(prepare=throttled, width=1200)
    expect(page.get_by_text("Calls that go on cannot be seen right now. That was too much at once.")).to_be_visible()
    assert violations(page) == []
    picture(page, "widget-phone-blind-1200")
