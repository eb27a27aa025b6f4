"""WhatsApp: what customers write, and how far our messages come."""

from playwright.sync_api import expect

from simulators.wapcrm_chats import MessageScript
from tests.browser.steps import choose


def test_what_a_customer_writes_appears_in_the_conversation(page):
    choose(page, "Elif Yılmaz")
    expect(page.get_by_text("No messages yet.")).to_be_visible()

    page.get_by_label("This person writes").fill("Fiyat alabilir miyim?")
    page.get_by_role("button", name="Let them write").click()

    expect(page.locator("#messages li")).to_contain_text("Fiyat alabilir miyim?")
    expect(page.locator("#messages li.ours")).to_have_count(0)


def test_a_message_is_seen_to_arrive_and_to_be_read(page, picture):
    page.get_by_label("Our messages").select_option("arrive and stay unread")
    choose(page, "Elif Yılmaz")

    page.get_by_label("Message", exact=True).fill("Merhaba Elif Hanım")
    page.get_by_role("button", name="Send").click()
    message = page.locator("#messages li.ours")
    expect(message).to_contain_text("delivered ✓✓")
    page.get_by_role("button", name="They read our last message").click()

    expect(message).to_contain_text("read ✓✓")
    picture(page, "desktop-messages")


def test_a_message_that_could_not_be_delivered_says_why(page, sandbox):
    sandbox.simulators["wapcrm"].use_script(MessageScript(ends_as="not sent", reason="Not on WhatsApp"))
    choose(page, "Elif Yılmaz")

    page.get_by_label("Message", exact=True).fill("Merhaba")
    page.get_by_role("button", name="Send").click()

    expect(page.locator("#messages li.failed")).to_contain_text("Not on WhatsApp")
