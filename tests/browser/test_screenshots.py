"""The pictures of docs/zoho-setup.md. `make screenshots` takes them; CI does not, since each run would change them."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from simulators.virtualats_exchange import CallScript
from simulators.wapcrm_chats import VIEWED
from tests.browser.steps import open_record, press, related, until, widget

FOLDER = os.environ.get("SANTRAL_SCREENSHOTS")
pytestmark = pytest.mark.skipif(not FOLDER, reason="only `make screenshots` takes the pictures")


@pytest.fixture
def take(page):
    """Takes a picture of one part of the page, or of all but the panel "Outside", which Zoho does not have."""
    Path(FOLDER or ".").mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": 1400, "height": 1100})

    def taken(name, part=None, height=720):
        settings = {"path": Path(FOLDER) / f"{name}.png", "scale": "css", "animations": "disabled"}
        if part:
            part.screenshot(**settings)
        else:
            page.screenshot(**settings, clip={"x": 0, "y": 0, "width": 1132, "height": height})

    return taken


def test_a_record_with_its_buttons_and_the_widget(page, take, sandbox, exchange):
    exchange.use_script(CallScript(ring_seconds=0.5, talk_seconds=60))
    open_record(page, "Elif Yılmaz")
    press(page, "Call")
    expect(widget(page).locator(".current-call")).to_have_attribute("data-state", "answered")
    page.get_by_role("button", name="Close").click()
    take("zoho-record")

    press(page, "Hang up")
    expect(related(page, "Calls")).to_have_count(1)
    widget(page).get_by_role("tab", name="WhatsApp").click()
    widget(page).get_by_role("textbox").first.fill("Merhaba Elif Hanım, teklifiniz hazır.")
    widget(page).get_by_role("button", name="Gönder", exact=True).click()
    until(page, lambda: VIEWED in [message.status for message in sandbox.simulators["wapcrm"].messages])
    page.get_by_label("This person writes").fill("Teşekkürler, yarın arar mısınız?")
    page.get_by_role("button", name="Let them write").click()
    expect(widget(page).get_by_text("Teşekkürler").first).to_be_visible()
    take("zoho-widget-whatsapp", page.get_by_role("region", name="Santral"))


def test_a_list_with_the_campaigns_button(page, take):
    page.get_by_role("link", name="Leads").click()
    for name in ("Ümit Işık", "Ömer Doğan"):
        page.get_by_label(f"Select {name}").check()
    take("zoho-list", height=400)


def test_the_web_tab_with_the_connection_tested(page, take):
    page.get_by_role("navigation", name="Modules").get_by_role("link", name="Santral").click()
    widget(page).get_by_role("tab", name="Ayarlar").click()
    widget(page).get_by_role("button", name="Bağlantıyı sına").click()
    expect(widget(page).get_by_text("Her şey çalışıyor.")).to_be_visible()
    take("zoho-web-tab", page.get_by_role("region", name="Santral"))
