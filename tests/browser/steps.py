"""What tests do on the CRM page again and again."""

from playwright.sync_api import expect

# The system's own deadlines are the product's to keep; these only end a test that waits in vain.
PATIENCE = 60_000


def open_record(page, name, module="Contacts"):
    page.get_by_role("navigation", name="Modules").get_by_role("link", name=module).click()
    page.get_by_role("table").get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def press(page, button, **given):
    """Press a record's button; fill its dialog with `given`, by the fields' labels, where it has one."""
    page.get_by_role("group", name="Buttons").get_by_role("button", name=button, exact=True).click()
    if given:
        fill_dialog(page, **given)


def fill_dialog(page, **given):
    dialog = page.get_by_role("dialog")
    for label, value in given.items():
        field = dialog.get_by_label(label)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "file":
            field.set_input_files(value)
        else:
            field.fill(value)
    dialog.get_by_role("button", name="OK").click()


def expect_said(page, sentence):
    """The function's sentence; a text is compared whole."""
    expect(page.locator("#said > p")).to_have_text(sentence)


def related(page, title):
    """The entries of a record's related list."""
    return page.get_by_role("region", name=title, exact=True).locator("li")


def widget(page):
    """The widget's frame beside a record or on its own tab."""
    return page.frame_locator("iframe.widget")


class Held:
    """Requests that wait until they are let go; a handler for `page.route`."""

    def __init__(self):
        self._waiting = []

    def __call__(self, route):
        self._waiting.append(route)

    def let_go(self, page):
        """Let the first of them go on, once it has been made."""
        until(page, lambda: self._waiting)
        self._waiting[0].continue_()


def until(page, holds):
    """Wait for what no element of the page tells."""
    for _ in range(PATIENCE // 100):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()
