"""Debian's Chromium before a running sandbox. Each test gets an empty CRM and a page that has asked for nothing yet."""

import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from sandbox.system import Sandbox
from sandbox.widget import BUILT
from simulators import kobikom_exchange, verimor_exchange
from simulators.verimor_campaigns import ContactScript
from simulators.virtualats_exchange import CallScript
from simulators.wapcrm_chats import MessageScript
from tests.browser.steps import PATIENCE
from tests.browser.widget import address
from tests.missing import missing

RESULTS = Path(__file__).parents[2] / "test-results"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What Chromium says by itself of every refusal, which the page shows as a sentence.
STATUS_NOTE = "Failed to load resource"


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("There is no Chromium on this machine (Debian: apt-get install chromium).")
    # The first request to each function waits until it has started.
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def running_sandbox(browser, tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), with_timers=False) as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox):
    simulators = running_sandbox.simulators
    simulators["virtualats"].use_script(CallScript(ring_seconds=0.5, talk_seconds=1))
    simulators["kobikom"].use_script(kobikom_exchange.CallScript(pick_up_seconds=0.5, ring_seconds=1, talk_seconds=60))
    simulators["verimor"].use_script(verimor_exchange.CallScript(queue_seconds=0.5, ring_seconds=1, talk_seconds=60))
    simulators["verimor"].use_contact(ContactScript(ring_seconds=0.5, listen_seconds=0.2, talk_seconds=0.5))
    simulators["wapcrm"].use_script(MessageScript())
    yield running_sandbox
    _end_calls(running_sandbox)
    _until_quiet(running_sandbox)
    running_sandbox.empty()


@pytest.fixture
def exchange(sandbox):
    return sandbox.simulators["virtualats"]


@pytest.fixture
def crm(sandbox):
    return sandbox.simulators["zoho"]


@pytest.fixture
def new_page(browser, sandbox):
    """An empty page in a window of its own; at the end no page may have complained to its console."""
    contexts, complaints = [], []

    def opened(width) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 860}, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda note: complaints.append(note.text) if note.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in complaints if not text.startswith(STATUS_NOTE)] == []


@pytest.fixture
def open_page(new_page, sandbox):
    """Opens the CRM page in a window of its own."""

    def opened(width=1280) -> Page:
        page = new_page(width)
        page.goto(sandbox.url)
        expect(page.get_by_role("link", name="Elif Yılmaz")).to_be_visible()
        return page

    return opened


@pytest.fixture(scope="session")
def built_widget():
    if not BUILT.joinpath("widget.js").exists():
        missing("The widget has not been built yet: run `make widget`.")


@pytest.fixture
def open_widget(new_page, sandbox, built_widget):
    """Opens the widget by itself: `record="Elif Yılmaz"` beside that contact, else as a web tab.

    `prepare` is given the page before it loads.
    """

    def opened(*, width=420, prepare=None, **where) -> Page:
        page = new_page(width)
        if prepare:
            prepare(page)
        page.goto(address(sandbox, **where))
        return page

    return opened


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def picture():
    """Keeps what a page looks like, to be looked at by a person."""
    RESULTS.mkdir(exist_ok=True)

    def taken(page, name):
        page.screenshot(path=RESULTS / f"{name}.png", full_page=True)

    return taken


def _end_calls(sandbox):
    ids = {"virtualats": "call_id", "kobikom": "unique_id", "verimor": "call_uuid"}
    for pbx, name in ids.items():
        simulator = sandbox.simulators[pbx]
        for call in simulator.exchange.calls():
            if call.ended_at is None:
                simulator.hang_up(getattr(call, name))


def _until_quiet(sandbox):
    """A call that goes on would reach into the next test."""
    deadline = time.monotonic() + PATIENCE / 1000
    exchange = sandbox.simulators["virtualats"].exchange
    while any(call.ended_at is None for call in exchange.calls()):
        assert time.monotonic() < deadline, "a simulated call does not end"
        time.sleep(0.05)
    sandbox.wait_until_idle()
