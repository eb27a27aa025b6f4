"""Calls through every PBX: what the agent does about them, and what the outside world does meanwhile."""

import pytest
from playwright.sync_api import expect

from simulators import verimor_exchange
from simulators.kobikom_exchange import PbxCall
from simulators.virtualats_exchange import CallScript
from tests.browser.steps import call_button, choose, expect_line, expect_written, fits

ASKED = 3 * 60_000


@pytest.fixture
def long_calls(exchange):
    exchange.use_script(CallScript(ring_seconds=1, talk_seconds=60))


def dial(page, pbx, name="Elif Yılmaz"):
    page.get_by_label("Dialling through").select_option(pbx)
    choose(page, name)
    call_button(page).click()
    expect_line(page, "answered")


def hang_up(page):
    page.get_by_role("button", name="Hang up", exact=True).click()
    expect_line(page, "ended")


def going_on(sandbox, pbx):
    exchange = sandbox.simulators[pbx].exchange
    return [call for call in exchange.calls() if call.ended_at is None]


def queue_of(call):
    if isinstance(call, PbxCall):
        return call.legs[0].destination
    return getattr(call, "queue", None)


def refusal(page):
    return page.locator("#control-told")


@pytest.mark.usefixtures("long_calls")
@pytest.mark.parametrize(
    ("pbx", "name"), [("virtualats", "VirtualATS"), ("kobikom", "Kobikom"), ("verimor", "Verimor")]
)
def test_a_call_through_each_pbx_is_made_and_hung_up(page, sandbox, pbx, name):
    dial(page, pbx)
    assert len(going_on(sandbox, pbx)) == 1
    expect(page.locator("#live-calls li")).to_contain_text("extension 101")

    hang_up(page)

    assert going_on(sandbox, pbx) == []
    expect(page.get_by_text("Nobody is on the phone.")).to_be_visible()
    expect(page.locator("#calls > li")).to_contain_text(name)


def test_a_call_at_verimor_is_muted_and_handed_over(page, sandbox, picture):
    dial(page, "verimor")
    [call] = going_on(sandbox, "verimor")

    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("button", name="unmute")).to_have_attribute("aria-pressed", "true")
    assert call.muted
    picture(page, "desktop-on-the-phone")
    page.get_by_role("button", name="unmute").click()
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "false")
    assert not call.muted

    page.get_by_label("Colleague").select_option("102")
    page.get_by_role("button", name="Transfer").click()
    expect(page.get_by_text("Handed over to extension 102.")).to_be_visible()
    assert [leg.number for leg in call.legs if leg.is_user and leg.ended_at is None] == ["102"]


def test_a_call_at_kobikom_is_handed_over_and_its_record_awaited(page, sandbox):
    dial(page, "kobikom")
    [call] = going_on(sandbox, "kobikom")

    page.get_by_label("Colleague").select_option("103")
    page.get_by_role("button", name="Transfer").click()

    expect(page.get_by_text("Handed over to extension 103.")).to_be_visible()
    assert call.extensions == {"103"}


@pytest.mark.usefixtures("long_calls")
def test_what_a_pbx_cannot_do_is_said_in_a_sentence(page, picture):
    dial(page, "virtualats")

    page.get_by_role("button", name="Mute").click()
    expect(refusal(page)).to_contain_text("virtualats does not support this")
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Transfer").click()
    expect(refusal(page)).to_contain_text("transfer")
    picture(page, "desktop-cannot")
    hang_up(page)


def test_who_misses_a_call_at_verimor_finds_it_in_the_crm(page, sandbox, crm):
    # Long enough to be noticed on a busy machine, too.
    sandbox.simulators["verimor"].use_script(verimor_exchange.CallScript(ring_seconds=6))
    page.get_by_label("Dialling through").select_option("verimor")
    choose(page, "Elif Yılmaz")

    page.get_by_role("button", name="Missed call from this person").click()
    expect_line(page, "ended")
    expect_written(page)

    assert [call["Call_Type"] for call in crm.calls()] == ["Missed"]


@pytest.mark.usefixtures("long_calls")
@pytest.mark.parametrize(("pbx", "queue"), [("virtualats", None), ("kobikom", "10000"), ("verimor", "201")])
def test_a_customer_calls_in_and_hangs_up_through_a_queue_where_there_are_any(page, sandbox, pbx, queue):
    page.get_by_label("Dialling through").select_option(pbx)
    choose(page, "Ömer Doğan")
    expect(page.get_by_label("Network")).to_have_value(pbx)
    if queue:
        page.get_by_label("Incoming calls reach").select_option(queue)

    page.get_by_role("button", name="Incoming call from this person").click()
    expect_line(page, "answered")
    expect(page.get_by_text("On the phone with Ömer Doğan")).to_be_visible()
    [call] = going_on(sandbox, pbx)
    assert queue_of(call) == queue

    page.get_by_role("button", name="The customer hangs up").click()
    expect_line(page, "ended")
    assert going_on(sandbox, pbx) == []


def test_a_recording_of_verimor_plays_and_the_call_gets_its_outcome(page, sandbox, picture):
    dial(page, "verimor")
    hang_up(page)
    expect_written(page)
    row = page.locator("#calls > li")

    row.get_by_role("button", name="Play the recording").click()
    expect(row.locator("audio")).to_be_visible()
    row.get_by_role("button", name="How did it turn out?").click()
    row.get_by_label("Result").select_option("Satış: Teklif istedi")
    row.get_by_label("Note").fill("Cuma günü tekrar aranacak.")
    picture(page, "desktop-outcome")
    row.get_by_role("button", name="Save the outcome").click()

    expect(row).to_contain_text("Outcome: Satış: Teklif istedi · Cuma günü tekrar aranacak.")
    expect(row.locator("audio")).to_be_visible()
    [saved] = sandbox.simulators["wapcrm"].conversations
    assert (saved.child_result, saved.note) == ("Teklif istedi", "Cuma günü tekrar aranacak.")


@pytest.mark.usefixtures("long_calls")
def test_live_calls_are_asked_for_only_while_something_goes_on(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/calls/live" in request.url else None)
    choose(page, "Elif Yılmaz")
    page.clock.install()
    page.clock.fast_forward(ASKED)
    page.wait_for_load_state("networkidle")
    asked.clear()

    page.clock.fast_forward(ASKED)
    assert asked == []

    page.get_by_role("button", name="Incoming call from this person").click()
    expect_line(page, "answered")
    assert asked != []


def test_the_calls_controls_fit_a_narrow_screen(open_page, picture):
    page = open_page(width=360)
    page.get_by_label("Dialling through").select_option("verimor")
    choose(page, "Elif Yılmaz")
    call_button(page).click()
    expect_line(page, "answered")
    expect(page.get_by_label("Colleague")).to_be_visible()
    assert fits(page)
    picture(page, "narrow-controls")

    hang_up(page)
    expect_written(page)
    # Elif may have been called before; the newest call stands first.
    page.get_by_role("button", name="How did it turn out?").first.click()
    expect(page.get_by_label("Result")).to_be_focused()
    assert fits(page)
    picture(page, "narrow-outcome")
