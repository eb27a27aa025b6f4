"""What tests do on the page again and again."""

from playwright.sync_api import expect

# The system's own deadlines are the product's to keep; these only end a test that waits in vain.
PATIENCE = 30_000


def choose(page, name):
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def call_button(page):
    return page.get_by_role("button", name="Call", exact=True)


def expect_line(page, state):
    expect(page.locator("#line")).to_have_attribute("data-state", state, timeout=PATIENCE)


def expect_written(page):
    expect(page.locator("#line-sentence")).to_have_text("Written to the CRM.", timeout=PATIENCE)


def make_call(page, name="Elif Yılmaz"):
    choose(page, name)
    call_button(page).click()
    expect_line(page, "ended")
    expect_written(page)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
