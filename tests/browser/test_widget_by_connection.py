"""What administrators and agents do in the widget where each request goes through Zoho's SDK, which tells no status."""

import pytest
import requests
from playwright.sync_api import expect

from simulators.faults import Reset
from simulators.verimor_campaigns import ContactScript
from tests.browser.steps import open_record, widget

pytestmark = pytest.mark.usefixtures("built_widget")


def test_files_campaigns_and_the_status_come_through_a_connection_too(page, sandbox, picture):
    sandbox.simulators["verimor"].use_contact(ContactScript(ring_seconds=0.1, listen_seconds=0.1, talk_seconds=0.1))
    wapcrm = sandbox.simulators["wapcrm"]
    page.get_by_label("Working as").select_option("ayse@example.com")
    page.get_by_label("Widget uses").select_option("connection")
    open_record(page, "Elif Yılmaz", "Contacts")
    frame = widget(page)

    frame.get_by_role("tab", name="WhatsApp").click()
    expect(frame.get_by_text("Henüz mesaj yok.")).to_be_visible()
    file = {"name": "Teklif.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    frame.locator("input[type=file]").set_input_files(file)
    frame.get_by_role("button", name="Gönder").click()
    expect(frame.locator(".bubble [data-state=read]")).to_be_visible()
    [sent] = wapcrm.sent
    assert requests.get(sent.file_url, timeout=30).content == b"%PDF-1.7"
    wapcrm.faults.add("/api/chatoperation", Reset())
    frame.get_by_label("Mesaj", exact=True).fill("Merhaba")
    frame.get_by_role("button", name="Gönder").click()
    expect(frame.locator(".bubble.trouble")).to_contain_text("Gidip gitmediği bilinmiyor.")

    frame.get_by_role("tab", name="Kampanyalar").click()
    frame.get_by_role("button", name="Yeni kampanya").click()
    frame.get_by_label("Kampanyanın adı").fill("Bayram")
    frame.get_by_label("Saatten", exact=True).fill("00:00")
    frame.get_by_label("Saate kadar").fill("23:59")
    frame.get_by_role("button", name="Kampanyayı başlat").click()
    expect(frame.get_by_role("table", name="Yanıtlara göre")).to_contain_text("1 tuşladı")
    frame.get_by_role("button", name="Sil", exact=True).click()
    frame.get_by_role("button", name="Evet, sil").click()
    expect(frame.get_by_text("Silindi")).to_be_visible()

    frame.get_by_role("tab", name="Ayarlar").click()
    # By keyboard: the frame shrinks with the shorter tab, and a button that moves under the pointer is not clicked.
    frame.get_by_role("button", name="Bağlantıyı sına").press("Enter")
    expect(frame.locator("[data-check=verimor]")).to_contain_text("Çalışıyor")
    picture(page, "crm-widget-settings")
