"""The widget in its frame beside a record and on its own tab: by the API itself, and by Zoho's SDK and Connections."""

import re

import pytest
from playwright.sync_api import expect

from simulators.virtualats_exchange import CallScript
from tests.browser.steps import open_record, related, until, widget

BOTH_WAYS = pytest.mark.parametrize("through", ["direct", "connection"])
# The demo's first user reads Turkish.
CALL, HANG_UP, WHATSAPP, CAMPAIGNS, SEND = "Ara", "Kapat", "WhatsApp", "Kampanyalar", "Gönder"


pytestmark = pytest.mark.usefixtures("built_widget")


@pytest.fixture
def beside(page):
    """Opens a record with the widget beside it, and keeps what the widget's frame asked the network for."""

    def opened(through, name="Elif Yılmaz", user="ayse@example.com", module="Contacts"):
        asked = []
        page.on("request", lambda request: asked.append(request.url) if request.frame != page.main_frame else None)
        page.get_by_label("Working as").select_option(user)
        page.get_by_label("Widget uses").select_option(through)
        open_record(page, name, module)
        return widget(page), asked

    return opened


def tab(frame, name):
    return frame.get_by_role("tab", name=name, exact=True)


def button(frame, name):
    return frame.get_by_role("button", name=name, exact=True)


@BOTH_WAYS
def test_the_widget_calls_writes_and_shows_campaigns_whichever_way_it_asks(
    page, beside, exchange, sandbox, picture, through
):
    exchange.use_script(CallScript(ring_seconds=0.5, talk_seconds=60))
    frame, asked = beside(through)
    element = page.locator("iframe.widget")
    until(page, lambda: element.evaluate("frame => frame.style.height") != "")

    button(frame, CALL).click()
    expect(frame.locator(".current-call")).to_have_attribute("data-state", "answered")
    picture(page, f"crm-widget-{through}")
    button(frame, HANG_UP).click()
    expect(related(page, "Calls")).to_have_count(1)

    tab(frame, WHATSAPP).click()
    frame.get_by_role("textbox").first.fill("Merhaba Elif Hanım")
    button(frame, SEND).click()
    expect(frame.get_by_text("Merhaba Elif Hanım").first).to_be_visible()
    tab(frame, CAMPAIGNS).click()
    expect(frame.get_by_role("tabpanel")).not_to_contain_text("yetkiniz")

    sent = sandbox.simulators["wapcrm"].requests
    until(page, lambda: sent.to("/api/chatoperation"))
    [order] = [request.json() for request in sent.to("/api/chatoperation")]
    assert order["userKey"] == "ayse@example.com"
    assert len(exchange.requests.to("/call/originate")) == 1
    if through == "connection":
        assert {url.split("/")[3].split("?")[0] for url in asked} == {"widget"}, (
            "the frame asks the network for its files alone"
        )


def test_inside_zoho_the_frame_gets_neither_token_nor_administrators_rights(page, beside, sandbox):
    frame, _ = beside("connection", user="mehmet@example.com")
    expect(button(frame, CALL)).to_be_visible()
    inside = next(each for each in page.frames if each != page.main_frame)

    assert inside.evaluate("location.origin") != sandbox.url
    assert inside.evaluate("() => { try { return parent.document.title } catch { return null } }") is None
    assert sandbox.ready["agent_token"] not in inside.content()

    tab(frame, CAMPAIGNS).click()
    expect(frame.get_by_text("Bunun için gereken Zoho bağlantısı size tanımlanmamış.").first).to_be_visible()


@BOTH_WAYS
def test_the_web_tab_has_the_widget_without_a_record_in_its_users_language(page, through):
    page.get_by_label("Working as").select_option("leyla@example.com")
    page.get_by_label("Widget uses").select_option(through)

    page.get_by_role("navigation", name="Modules").get_by_role("link", name="Santral").click()

    expect(tab(widget(page), "Zənglər")).to_be_visible()
    expect(widget(page).get_by_text("+90 532 123 45 67")).to_have_count(0)


@BOTH_WAYS
def test_who_calls_is_opened_from_the_widget_on_the_page_around_it(page, beside, exchange, through):
    exchange.use_script(CallScript(ring_seconds=30))
    beside(through, "Rəşad Məmmədov", module="Leads")
    page.get_by_role("button", name="Incoming call from this person").click()
    page.get_by_role("link", name="Accounts").click()
    page.get_by_role("table").get_by_role("link").first.click()

    widget(page).get_by_role("button", name=re.compile("Kaydı aç")).first.click()

    # By itself it stays in this window, inside Zoho it opens another one.
    until(page, lambda: any(_heading(each, "Rəşad Məmmədov").count() for each in page.context.pages))


def _heading(page, name):
    return page.get_by_role("heading", name=name, level=1)


def test_a_call_made_again_at_once_is_the_former_one_and_what_the_gateway_says_becomes_a_sentence(
    page, beside, exchange
):
    exchange.use_script(CallScript(ring_seconds=0.5, talk_seconds=1))
    frame, _ = beside("direct")
    button(frame, CALL).click()
    expect(frame.locator(".current-call")).to_have_attribute("data-state", "ended")

    button(frame, CALL).click()
    expect(frame.get_by_text("Bu, az önceki aramadır.").first).to_be_visible()
    assert len(exchange.requests.to("/call/originate")) == 1

    page.route("**/calls", lambda route: route.fulfill(status=503, json={"message": "Service Unavailable"}))
    button(frame, CALL).click()
    expect(frame.get_by_text("Santral zamanında yanıt vermedi.").first).to_be_visible()
