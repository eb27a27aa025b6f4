"""The widget's WhatsApp: what customers write, how far our messages come, and what is said when they do not."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import requests
from playwright.sync_api import expect

from simulators.faults import Reset
from simulators.wapcrm_chats import MessageScript
from tests.browser.steps import Held
from tests.browser.widget import fits, tab, violations

ELIF = "905321234567"
AT_ONCE = MessageScript(sent_after=0, delivered_after=0.1, viewed_after=0.2)
WORDS = {
    "en": {"box": "Message", "send": "Send", "read": "Viewed", "today": "Today", "open": "You can write freely"},
    "tr": {"box": "Mesaj", "send": "Gönder", "read": "Görüldü", "today": "Bugün", "open": "daha serbestçe"},
    "az": {"box": "Mesaj", "send": "Göndər", "read": "Baxıldı", "today": "Bu gün", "open": "sərbəst yaza"},
}


@pytest.fixture
def wapcrm(sandbox):
    wapcrm = sandbox.simulators["wapcrm"]
    wapcrm.use_script(AT_ONCE)
    return wapcrm


@pytest.fixture
def chat(open_widget):
    def opened(**where):
        page = open_widget(**{"record": "Elif Yılmaz", **where})
        tab(page, "WhatsApp").click()
        return page

    return opened


def bubbles(page):
    return page.locator(".bubble")


def write(page, text):
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def requests_for(page, method, path):
    """The requests of a kind, as they are made from now on."""
    seen = []
    pattern = re.compile(rf"^https?://[^/]+{path}(\?|$)")
    page.on("request", lambda it: seen.append(it) if it.method == method and pattern.match(it.url) else None)
    return seen


def hide(page, *, hidden=True):
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});"
        "document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


@pytest.mark.parametrize("language", WORDS)
def test_a_conversation_is_read_and_answered(chat, wapcrm, picture, language):
    words = WORDS[language]
    wapcrm.customer_writes(ELIF, ["Merhaba", "Fiyat alabilir miyim?"])
    wapcrm.customer_sends_file(ELIF, "https://files.example.com/plan%20kat.pdf")
    page = chat(language=language)
    log = page.get_by_role("log")
    expect(log.get_by_role("heading", name=words["today"])).to_be_visible()
    expect(bubbles(page)).to_have_count(3)
    expect(page.get_by_text(words["open"])).to_contain_text(re.compile("23|24"))
    link = log.get_by_role("link", name="plan kat.pdf")
    expect(link).to_have_attribute("href", "https://files.example.com/plan%20kat.pdf")
    expect(link).to_have_attribute("rel", "noreferrer")

    box = page.get_by_label(words["box"], exact=True)
    box.fill("Elbette.")
    box.press("Shift+Enter")
    box.press_sequentially("Teklif hazır.")
    page.get_by_role("button", name=words["send"]).click()

    ours = page.locator(".bubble.ours")
    expect(ours).to_contain_text("Elbette.\nTeklif hazır.")
    expect(ours.locator("[data-state=read]")).to_have_text(words["read"])
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    assert [message.text for message in wapcrm.sent] == ["Elbette.\nTeklif hazır."]
    assert violations(page) == []
    picture(page, f"widget-messages-{language}")


def test_what_was_sent_stands_once_and_keeps_its_state_when_the_conversation_tells_of_it(chat, wapcrm):
    # The conversation has no ids: an equal message of before is another one.
    wapcrm.colleague_writes(ELIF, "Merhaba")
    page = chat(prepare=lambda page: page.clock.install())
    expect(bubbles(page)).to_have_count(1)
    write(page, "Merhaba")
    expect(bubbles(page).nth(1).locator("[data-state=accepted], [data-state=read]")).to_be_visible()
    wapcrm.customer_writes(ELIF, "Selam")

    page.clock.run_for(16_000)

    expect(bubbles(page)).to_contain_text(["Merhaba", "Merhaba", "Selam"])
    expect(bubbles(page).nth(1).locator("[data-state=read]")).to_have_count(1)
    expect(page.locator("[data-state]")).to_have_count(1)


def test_new_messages_are_looked_for_calmly_and_only_while_somebody_can_see_them(chat, wapcrm):
    page = chat(prepare=lambda page: page.clock.install())
    expect(page.get_by_text("No messages yet.")).to_be_visible()
    looks = requests_for(page, "GET", "/messages")

    def after(seconds, expected):
        # One by one: a look waits for the answer of the one before.
        for _ in range(seconds // 15):
            with page.expect_response("**/messages?*"):
                page.clock.run_for(15_500)
        assert len(looks) == expected

    after(45, 3)
    hide(page)
    page.clock.run_for(300_000)
    tab(page, "Settings").click()
    hide(page, hidden=False)
    page.clock.run_for(300_000)
    assert len(looks) == 3

    wapcrm.customer_writes(ELIF, "Orada mısınız?")
    tab(page, "WhatsApp").click()
    expect(bubbles(page)).to_contain_text("Orada mısınız?")


def test_how_long_one_may_write_freely_is_said_before_and_after(chat, wapcrm):
    wapcrm.customer_writes(ELIF, "Merhaba")
    now = datetime.now(UTC)
    page = chat(prepare=lambda page: page.clock.set_fixed_time(now + timedelta(hours=23, minutes=30)))
    expect(page.get_by_text(re.compile("freely to this customer for another (29|30) min"))).to_be_visible()

    page = chat(prepare=lambda page: page.clock.set_fixed_time(now + timedelta(hours=24, minutes=1)))
    expect(page.get_by_text("more than 24 hours ago: WhatsApp may refuse")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Yesterday|Today|\\d"))).to_be_visible()


def test_one_answers_on_the_line_the_customer_wrote_to_or_on_the_one_chosen(chat, wapcrm):
    satis, destek = wapcrm.channels
    wapcrm.use_script(MessageScript(ends_as="delivered", sent_after=0, delivered_after=0.1))
    wapcrm.customer_writes(ELIF, "Salam", instance_id=destek)
    page = chat()
    line = page.get_by_label("Line")
    expect(line).to_have_value(str(destek))
    write(page, "Buyurun")
    expect(page.locator("[data-state=delivered]")).to_have_text("Delivered")
    wapcrm.customer_reads(wapcrm.sent[0].message_id)
    expect(page.locator("[data-state=read]")).to_have_text("Viewed")

    line.select_option(str(satis))
    expect(page.get_by_text("The customer has not written yet")).to_be_visible()
    write(page, "Satıştan yazıyorum")
    expect(page.locator("[data-state=delivered]")).to_be_visible()

    assert [message.instance_id for message in wapcrm.sent] == [destek, satis]


def test_a_message_that_could_not_be_delivered_says_why(chat, wapcrm):
    wapcrm.use_script(MessageScript(ends_as="not sent", sent_after=0.1, reason="Not on WhatsApp"))
    page = chat()

    write(page, "Merhaba")

    expect(page.locator(".bubble.trouble")).to_contain_text("Not sent")
    expect(page.locator(".bubble.trouble")).to_contain_text("Not on WhatsApp")
    assert violations(page) == []


def test_an_answer_that_was_lost_is_told_as_such_and_nothing_is_sent_again(chat, wapcrm, picture):
    wapcrm.faults.add("/api/chatoperation", Reset())
    page = chat()
    posts = requests_for(page, "POST", "/messages")

    write(page, "Merhaba")

    expect(page.locator(".bubble.trouble")).to_contain_text("Nobody knows whether it was sent.")
    # What may have left is not put back into the box, where Enter would send it once more.
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
    assert len(posts) == 1
    assert len(wapcrm.requests.to("/api/chatoperation")) == 1
    assert violations(page) == []
    picture(page, "widget-messages-unknown")


def test_what_was_refused_is_put_back_and_may_be_sent_again(chat, wapcrm):
    page = chat()
    refuse = {"status": 429, "content_type": "application/json", "body": '{"message": "Too Many Requests"}'}
    page.route("**/messages", lambda route: route.fulfill(**refuse))

    write(page, "Merhaba")

    expect(page.locator(".bubble.trouble")).to_contain_text("That was too much at once.")
    expect(page.get_by_label("Message", exact=True)).to_have_value("Merhaba")
    page.unroute_all()
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.ours [data-state=read]")).to_be_visible()
    expect(bubbles(page)).to_have_count(1)
    assert len(wapcrm.sent) == 1


def test_the_same_text_twice_within_seconds_is_sent_once_and_said_so(chat, wapcrm):
    page = chat()
    write(page, "Merhaba")
    expect(page.locator("[data-state=read]")).to_be_visible()

    write(page, "Merhaba")

    expect(page.get_by_text("it was not sent twice")).to_be_visible()
    expect(bubbles(page)).to_have_count(1)
    assert len(wapcrm.sent) == 1


def test_what_is_written_quickly_arrives_in_its_order_one_after_the_other(chat, wapcrm):
    page = chat()
    held = Held()
    page.route("**/messages", held, times=1)

    write(page, "Bir")
    write(page, "İki")

    expect(bubbles(page)).to_have_count(2)
    expect(page.locator("[data-state=sending]")).to_have_count(2)
    assert wapcrm.sent == []
    held.let_go(page)
    expect(page.locator("[data-state=read]")).to_have_count(2)
    assert [message.text for message in wapcrm.sent] == ["Bir", "İki"]


def test_a_text_that_is_too_long_is_counted_and_not_sent(chat, wapcrm):
    page = chat()
    box = page.get_by_label("Message", exact=True)
    box.fill("ş" * 900)
    expect(page.get_by_text("Characters left: 100")).to_be_visible()

    # Characters, not the halves JavaScript counts.
    box.fill("😀" * 1000)
    expect(page.get_by_text("Characters left: 0")).to_be_visible()
    box.fill("😀" * 1001)
    box.press("Enter")

    expect(page.get_by_text("Too long by 1: a message holds 1000 characters.")).to_be_visible()
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "true")
    assert violations(page) == []
    assert wapcrm.sent == []


def test_a_file_reaches_the_customer_under_its_name(chat, wapcrm, picture):
    page = chat(width=320)
    file = {"name": "Teklif Özeti 2026.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 teklif"}
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("button", name="Remove Teklif Özeti 2026.pdf")).to_be_visible()
    picture(page, "widget-messages-file-narrow")
    assert fits(page)

    page.get_by_role("button", name="Send").click()

    ours = page.locator(".bubble.ours")
    expect(ours).to_contain_text("Teklif Özeti 2026.pdf")
    expect(ours.locator("[data-state=read]")).to_be_visible()
    [sent] = wapcrm.sent
    assert sent.file_name == "Teklif Özeti 2026.pdf"
    fetched = requests.get(sent.file_url, timeout=30)
    assert fetched.content == b"%PDF-1.7 teklif"
    assert fetched.headers["content-type"] == "application/pdf"


def test_a_file_that_could_not_be_uploaded_stays_and_one_that_is_refused_says_why(chat, wapcrm):
    page = chat()
    page.route("**/message-files/*", lambda route: route.abort())
    page.locator("input[type=file]").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"a"})
    page.get_by_label("Message", exact=True).fill("Ekte.")

    page.get_by_role("button", name="Send").click()

    expect(page.locator(".bubble.trouble")).to_contain_text("The file could not be uploaded, so nothing was sent.")
    # Nor is the text sent without what it speaks of.
    expect(page.get_by_label("Message", exact=True)).to_have_value("Ekte.")
    page.get_by_role("button", name="Remove a.pdf").click()
    page.locator("input[type=file]").set_input_files({"name": 'a"b.pdf', "mimeType": "application/pdf", "buffer": b"a"})
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble.trouble")).to_contain_text("Some of the fields are not right.")
    assert wapcrm.sent == []


def test_without_a_record_a_number_is_asked_for(chat, wapcrm, picture):
    wapcrm.customer_writes("905334445566", "Merhaba")
    page = chat(record=None)
    expect(page.get_by_text("Whom do you want to write to?")).to_be_visible()
    assert violations(page) == []

    number = page.get_by_role("tabpanel").get_by_label("Number")
    number.fill("12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is not a phone number")
    assert violations(page) == []
    picture(page, "widget-messages-no-number")

    number.fill("0533 444 55 66")
    page.get_by_role("button", name="Open the conversation").click()
    expect(bubbles(page)).to_have_text(re.compile("Merhaba"))


def test_when_nobody_answers_it_is_said_and_may_be_tried_again(chat, picture):
    unavailable = {"status": 503, "content_type": "application/json", "body": '{"message": "Service Unavailable"}'}

    def fail(page):
        page.route("**/messages?*", lambda route: route.fulfill(**unavailable))

    page = chat(language="tr", width=320, prepare=fail)
    expect(page.get_by_role("alert")).to_contain_text("Santral zamanında yanıt vermedi.")
    assert violations(page) == []
    assert fits(page)
    picture(page, "widget-messages-failed-narrow")

    page.unroute_all()
    page.get_by_role("button", name="Yeniden dene").click()
    expect(page.get_by_text("Henüz mesaj yok.")).to_be_visible()


def test_where_whatsapp_is_not_set_up_nothing_is_offered(chat):
    problem = {
        "type": "urn:santral:problem:not_configured",
        "title": "Unprocessable Content",
        "status": 422,
        "code": "not_configured",
        "detail": "wapcrm is not enabled for this company.",
        "request_id": "1",
    }
    told = {"status": 422, "content_type": "application/problem+json", "body": json.dumps(problem)}

    page = chat(prepare=lambda page: page.route("**/messages?*", lambda route: route.fulfill(**told)))

    expect(page.get_by_role("alert")).to_have_text(problem["detail"])
    expect(page.get_by_label("Message", exact=True)).to_have_count(0)
    assert violations(page) == []


def test_what_loads_has_its_place_and_moves_nothing_when_it_comes(chat, wapcrm, picture):
    wapcrm.customer_writes(ELIF, "Merhaba")
    held = Held()
    page = chat(prepare=lambda page: page.route("**/messages?*", held))
    box = page.get_by_label("Message", exact=True)
    expect(page.get_by_role("log").get_by_text("Loading")).to_be_attached()
    expect(page.get_by_label("Line")).to_be_visible()
    # Above everything, once per browser: who is an agent is told by another answer.
    expect(page.get_by_role("region", name="Call centre agent")).to_be_visible()
    before = box.bounding_box()
    assert violations(page) == []
    picture(page, "widget-messages-loading")

    held.let_go(page)

    expect(bubbles(page)).to_have_count(1)
    assert box.bounding_box() == before
