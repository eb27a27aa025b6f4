"""The outcome of a call: chosen from the company's tree, saved once, and told wherever the call is shown."""

import re
import time

import pytest
import requests
from playwright.sync_api import expect

from simulators.faults import CommitThen, Reset, Status
from simulators.virtualats_exchange import CallScript
from tests.browser.widget import fits, tab, violations

WORDS = {
    "en": ("Calls", "Say how it turned out", "Save the outcome", "Choose a result first.", "Change the outcome"),
    "tr": ("Aramalar", "Görüşme sonucunu yaz", "Sonucu kaydet", "Önce bir sonuç seçin.", "Sonucu değiştir"),
    "az": ("Zənglər", "Zəngin nəticəsini yaz", "Nəticəni yadda saxla", "Əvvəlcə nəticəni seçin.", "Nəticəni dəyiş"),
}


@pytest.fixture
def wapcrm(sandbox):
    return sandbox.simulators["wapcrm"]


@pytest.fixture
def called(open_widget, sandbox, exchange):
    """The list of calls beside Elif, who was called just now."""
    exchange.use_script(CallScript(ring_seconds=0, talk_seconds=0.1))
    client = requests.Session()
    client.headers.update({"Authorization": f"Bearer {sandbox.ready['agent_token']}", "X-Crm-User": "ayse@example.com"})
    order = {"to": "+905321234567", "provider": "virtualats"}
    call_id = client.post(f"{sandbox.url}/calls", json=order, timeout=30).json()["call_id"]
    while client.get(f"{sandbox.url}/calls/{call_id}", timeout=30).json()["state"] != "ended":
        time.sleep(0.1)

    def opened(language="en", **where):
        page = open_widget(record="Elif Yılmaz", language=language, **where)
        tab(page, WORDS[language][0]).click()
        page.locator(".calls .summary").click()
        return page

    return opened


def outcome_of(page):
    return page.locator(".outcome")


@pytest.mark.parametrize("language", WORDS)
def test_an_outcome_with_a_note_is_saved_once_and_stays_with_the_call(called, wapcrm, picture, language):
    _, opener, save, needed, change = WORDS[language]
    page = called(language, width=320 if language == "az" else 700)
    page.get_by_role("button", name=opener).click()
    first = outcome_of(page).get_by_role("combobox").first
    expect(first).to_be_focused()
    page.get_by_role("button", name=save).click()
    expect(page.get_by_role("alert")).to_have_text(needed)

    result = next(result for result in wapcrm.results if result.below)
    first.select_option(label=result.name)
    expect(page.get_by_role("alert")).to_have_count(0)
    outcome_of(page).get_by_role("combobox").nth(1).select_option(label=result.below[0].name)
    outcome_of(page).get_by_role("textbox").fill("Pazartesi aranacak")
    assert fits(page)
    assert violations(page) == []
    picture(page, f"widget-outcome-{language}")
    page.get_by_role("button", name=save).dblclick()

    said = outcome_of(page).get_by_role("status")
    expect(said).to_contain_text(f"{result.name}: {result.below[0].name}")
    expect(said).to_contain_text("Pazartesi aranacak")
    expect(page.get_by_role("button", name=change)).to_be_focused()
    [conversation] = wapcrm.conversations
    assert (conversation.result, conversation.child_result) == (result.name, result.below[0].name)
    assert violations(page) == []


def test_a_lost_answer_is_told_and_nothing_is_saved_twice(called, wapcrm):
    wapcrm.faults.add("/api/addconversation", CommitThen(fault=Reset()))
    page = called()
    page.get_by_role("button", name="Say how it turned out").click()
    outcome_of(page).get_by_role("combobox").first.select_option(index=1)

    page.get_by_role("button", name="Save the outcome").click()

    expect(page.get_by_role("alert")).to_contain_text("It may have been saved; look before you save it again.")
    # Who presses all the same gets the same answer, and the provider is left alone.
    page.get_by_role("button", name="Save the outcome").click()
    expect(page.get_by_role("alert")).to_contain_text("It may have been saved")
    assert len(wapcrm.conversations) == 1


def test_without_a_tree_it_is_said_why_and_may_be_tried_again(called, wapcrm):
    wapcrm.faults.add("/api/callresults", Status(code=200, body=b'{"status": false, "code": 500}'), times=None)
    page = called()

    page.get_by_role("button", name="Say how it turned out").click()
    expect(outcome_of(page).get_by_role("alert")).to_have_text(re.compile("WapCRM"))
    assert violations(page) == []

    wapcrm.faults.clear()
    page.get_by_role("button", name="Try again").click()
    expect(outcome_of(page).get_by_role("combobox")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Say how it turned out")).to_be_focused()
