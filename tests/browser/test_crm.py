"""The small Zoho around the widget: lists, records, what their buttons do, and what the outside world does."""

import re

import pytest
from playwright.sync_api import expect

from simulators import verimor_exchange
from simulators.faults import CommitThen, Reset, Status
from simulators.kobikom_exchange import PbxCall
from simulators.virtualats_exchange import CallScript
from simulators.wapcrm_chats import VIEWED
from tests.browser.steps import expect_said, fill_dialog, open_record, press, related, until
from tests.browser.widget import fits, violations

PBXES = ["virtualats", "kobikom", "verimor"]
RINGING = "Your phone is ringing."


@pytest.fixture
def long_calls(exchange):
    exchange.use_script(CallScript(ring_seconds=0.5, talk_seconds=60))


def dialled(exchange):
    return len(exchange.requests.to("/call/originate"))


def going_on(sandbox, pbx):
    return [call for call in sandbox.simulators[pbx].exchange.calls() if call.ended_at is None]


def queue_of(call):
    if isinstance(call, PbxCall):
        return call.legs[0].destination
    return getattr(call, "queue", None)


# --- calls ---


def test_a_call_is_in_the_crm_once_with_its_owner_and_a_recording_that_is_there(page, sandbox, exchange, crm, picture):
    open_record(page, "Elif Yılmaz")
    expect(page.get_by_text("No calls have been logged yet.")).to_be_visible()
    picture(page, "crm-record")

    # A double click is one click: nothing in the page holds the second one back.
    page.get_by_role("button", name="Call", exact=True).dblclick()

    expect_said(page, RINGING)
    entry = related(page, "Calls")
    expect(entry).to_contain_text("owner Ayşe Demir")
    expect(entry).to_have_count(1)
    [record] = crm.calls()
    assert (record["Call_Type"], record["Who_Id"]["name"]) == ("Outbound", "Elif Yılmaz")
    assert dialled(exchange) == 1
    # The link stands in the CRM as soon as the call does; what it leads to is fetched beside that.
    sandbox.wait_until_idle()
    recording = page.request.get(entry.get_by_role("link", name="Recording").get_attribute("href"))
    assert recording.status == 200
    assert recording.body().startswith(b"RIFF")
    picture(page, "crm-record-after-a-call")

    entry.get_by_role("link").first.click()
    expect(page.get_by_role("region", name="Details")).to_contain_text("Santral call ID")
    expect(page.get_by_role("link", name="Elif Yılmaz")).to_be_visible()


def test_the_same_click_in_two_windows_rings_once(open_page, exchange):
    windows = [open_page(), open_page()]
    for window in windows:
        open_record(window, "Elif Yılmaz")

    for window in windows:
        press(window, "Call")
    for window in windows:
        expect_said(window, RINGING)

    assert dialled(exchange) == 1


@pytest.mark.usefixtures("long_calls")
@pytest.mark.parametrize("pbx", PBXES)
def test_a_call_through_each_pbx_is_made_by_whoever_works_there_and_ended(page, sandbox, pbx):
    page.get_by_label("Working as").select_option("mehmet@example.com")
    page.get_by_label("Dialling through").select_option(pbx)
    open_record(page, "Elif Yılmaz")

    press(page, "Call")
    expect_said(page, RINGING)
    _until_answered(page, sandbox, pbx, "mehmet@example.com")
    press(page, "Hang up")

    expect_said(page, "The call was ended.")
    assert going_on(sandbox, pbx) == []


@pytest.mark.parametrize("pbx", ["kobikom", "verimor"])
def test_a_call_is_handed_over_to_a_colleague(page, sandbox, pbx):
    page.get_by_label("Dialling through").select_option(pbx)
    open_record(page, "Elif Yılmaz")
    press(page, "Call")
    _until_answered(page, sandbox, pbx)

    # What goes on at Kobikom is known to the second: asked too early it says that nothing was done, and one asks again.
    def hands_over():
        press(page, "Transfer", Colleague="103")
        expect_said(page, re.compile(r"\.$"))
        return page.locator("#said > p").inner_text() == "The call was transferred."

    until(page, hands_over)
    [call] = going_on(sandbox, pbx)
    reached = (
        call.extensions if isinstance(call, PbxCall) else {leg.number for leg in call.legs if leg.ended_at is None}
    )
    assert "103" in reached


def test_whoever_made_the_call_owns_it_and_one_nobody_answers_has_no_recording(page, crm):
    page.get_by_label("Working as").select_option("mehmet@example.com")
    # The network has to know before the call is made.
    with page.expect_response(lambda answer: "use_script" in answer.url):
        page.get_by_label("The called person").select_option("does not answer")
    open_record(page, "Elif Yılmaz")

    press(page, "Call")

    expect(related(page, "Calls")).to_contain_text("owner Mehmet Kaya")
    expect(related(page, "Calls").get_by_role("link", name="Recording")).to_have_count(0)
    [call] = crm.calls()
    assert (call["Owner"]["email"], call["Call_Duration"]) == ("mehmet@example.com", "00:00")


@pytest.mark.parametrize(("pbx", "form"), [("virtualats", "wav"), ("virtualats", "wav49"), ("verimor", None)])
def test_the_last_recording_plays_and_the_call_gets_its_outcome(page, sandbox, exchange, picture, pbx, form):
    if form:
        exchange.use_script(CallScript(ring_seconds=0.5, talk_seconds=1, recording_form=form))
    else:
        script = verimor_exchange.CallScript(queue_seconds=0.5, ring_seconds=0.5, talk_seconds=1)
        sandbox.simulators["verimor"].use_script(script)
    page.get_by_label("Dialling through").select_option(pbx)
    open_record(page, "Elif Yılmaz")
    press(page, "Call")
    expect(related(page, "Calls")).to_have_count(1)
    sandbox.wait_until_idle()

    press(page, "Play last recording")
    expect_said(page, "The recording opens.")
    player = page.locator("#said audio")
    until(page, lambda: player.evaluate("audio => audio.currentTime") > 0.2)
    related(page, "Calls").get_by_role("link").first.click()
    press(page, "Call outcome", Result="Satış: Teklif istedi", Note="Cuma günü tekrar aranacak.")

    expect_said(page, "The outcome of the call was saved.")
    [saved] = sandbox.simulators["wapcrm"].conversations
    assert (saved.child_result, saved.note) == ("Teklif istedi", "Cuma günü tekrar aranacak.")
    picture(page, f"crm-outcome-{pbx}")


# --- what cannot be done, and what nobody knows ---


def test_what_cannot_be_done_is_said_in_a_sentence(page, exchange, picture):
    open_record(page, "Nigar Həsənova")
    press(page, "Call")
    expect_said(page, re.compile(r"is not a phone number\."))
    assert dialled(exchange) == 0
    picture(page, "crm-refused")

    press(page, "Hang up")
    expect_said(page, "You have no call going on.")
    press(page, "Play last recording")
    expect_said(page, re.compile(r"^[A-Z].+\.$"))


def test_a_lost_answer_is_said_to_be_unknown_and_is_not_dialled_again(page, exchange):
    exchange.faults.add("/call/originate", CommitThen(fault=Reset()))
    open_record(page, "Elif Yılmaz")

    for _ in range(2):
        press(page, "Call")
        expect_said(page, re.compile("it may have happened"))

    assert dialled(exchange) == 1


@pytest.mark.usefixtures("long_calls")
def test_what_a_pbx_cannot_do_is_said(page, sandbox):
    open_record(page, "Elif Yılmaz")
    press(page, "Call")
    _until_answered(page, sandbox, "virtualats")

    press(page, "Transfer", Colleague="102")

    expect_said(page, re.compile("virtualats does not support this"))


# --- what customers do ---


@pytest.mark.parametrize(("pbx", "queue"), [("virtualats", None), ("kobikom", "10000"), ("verimor", "201")])
@pytest.mark.usefixtures("long_calls")
def test_a_customer_calls_in_and_hangs_up_through_a_queue_where_there_are_any(page, sandbox, pbx, queue):
    page.get_by_label("Dialling through").select_option(pbx)
    open_record(page, "Ömer Doğan", "Leads")
    expect(page.get_by_label("Network")).to_have_value(pbx)
    if queue:
        page.get_by_label("Incoming calls reach").select_option(queue)

    page.get_by_role("button", name="Incoming call from this person").click()
    until(page, lambda: [call for call in going_on(sandbox, pbx) if call.answered_at is not None])
    assert queue_of(going_on(sandbox, pbx)[0]) == queue
    page.get_by_role("button", name="The customer hangs up").click()

    until(page, lambda: going_on(sandbox, pbx) == [])


@pytest.mark.parametrize("pbx", ["virtualats", "verimor"])
def test_a_missed_call_is_logged_as_missed_with_a_task(page, crm, pbx):
    page.get_by_label("Dialling through").select_option(pbx)
    open_record(page, "Elif Yılmaz")

    page.get_by_role("button", name="Missed call from this person").click()

    expect(related(page, "Calls")).to_contain_text("Missed")
    expect(related(page, "Tasks")).to_have_count(1)
    assert [call["Call_Type"] for call in crm.calls()] == ["Missed"]


def test_a_stranger_who_calls_is_a_lead_afterwards(page, crm):
    page.get_by_role("link", name="Leads").click()
    rows = page.get_by_role("table", name="Leads").locator("tbody tr")
    expect(rows).to_have_count(len(crm.leads()))
    before = len(crm.leads())

    page.get_by_role("button", name="Incoming call from a stranger").click()

    expect(rows).to_have_count(before + 1)
    page.get_by_role("link", name="Calls").click()
    expect(page.get_by_role("table", name="Calls").locator("tbody tr")).to_contain_text("Inbound")


# --- WhatsApp ---


def test_messages_and_files_go_out_once_as_the_acting_user_and_are_notes_on_the_record(page, sandbox, tmp_path):
    wapcrm = sandbox.simulators["wapcrm"]
    file = tmp_path / "Teklif.txt"
    file.write_text("Fiyat: 100")
    page.get_by_label("Our messages").select_option("arrive and stay unread")
    open_record(page, "Elif Yılmaz")

    press(page, "WhatsApp text", Message="Merhaba, teklifiniz hazır.")
    expect_said(page, "The message is on its way.")
    press(page, "WhatsApp file", File=file)
    expect_said(page, "The file is on its way.")
    page.get_by_label("This person writes").fill("Teşekkürler!")
    page.get_by_role("button", name="Let them write").click()

    until(page, lambda: len(wapcrm.state()["messages"]) == 3)
    sandbox.wait_until_idle()
    sandbox.fire("RetryPending")
    for text in ("Merhaba, teklifiniz hazır.", "Teşekkürler!"):
        expect(related(page, "Notes").filter(has_text=text)).to_have_count(1)
    sent = [request.json() for request in wapcrm.requests.to("/api/chatoperation")]
    assert [message["userKey"] for message in sent] == ["ayse@example.com"] * 2
    ours = [message for message in wapcrm.messages if message.source == "ME"]
    assert VIEWED not in [message.status for message in ours]
    page.get_by_role("button", name="They read our last message").click()
    until(page, lambda: VIEWED in [message.status for message in wapcrm.messages if message.source == "ME"])


def test_a_message_that_was_refused_says_why(page, sandbox):
    sandbox.simulators["wapcrm"].faults.add("/api/chatoperation", Status(code=503))
    open_record(page, "Elif Yılmaz")

    press(page, "WhatsApp text", Message="Bir daha")

    expect_said(page, re.compile(r"^[A-Z].+\.$"))
    expect(page.locator("#said.bad")).to_be_visible()


# --- lists ---


def test_selected_leads_are_called_by_a_campaign_which_only_administrators_create(page, sandbox, picture):
    page.get_by_role("link", name="Leads").click()
    campaign = page.get_by_role("button", name="Campaign")
    expect(campaign).to_be_disabled()
    page.get_by_label("Select Ümit Işık").check()
    page.get_by_label("Select Ömer Doğan").check()
    picture(page, "crm-leads")

    campaign.click()
    fill_dialog(page, Name="Bayram", Queue="kobikom/10000")
    expect_said(page, "The campaign was created.")
    assert len(sandbox.simulators["kobikom"].requests.to("/api/createCampaign")) <= 1

    page.get_by_label("Working as").select_option("mehmet@example.com")
    page.get_by_label("Select Ümit Işık").check()
    campaign.click()
    expect_said(page, "This needs the connection santral_admin, which administrators have.")


def test_a_list_is_searched_by_name_and_by_number_however_it_is_written(page):
    rows = page.get_by_role("table", name="Contacts").locator("tbody tr")
    for sought, found in {"elif": "Elif Yılmaz", "5321234567": "Elif Yılmaz", "ÇAĞRI": "Çağrı Öztürk"}.items():
        page.get_by_label("Search Contacts").fill(sought)
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text(found)
    page.get_by_label("Search Contacts").fill("nobody")
    expect(page.get_by_text("Nothing is found.")).to_be_visible()


def test_markup_in_a_name_is_shown_as_it_is_written(crm, open_page):
    name = "<img src=x onerror=alert(1)>"
    crm.store.put_old("Contacts", {"Last_Name": name, "Phone": "+905301112233"}, crm.users.current, crm.clock())

    page = open_page()
    open_record(page, name)

    expect(page.locator("#view img")).to_have_count(0)


# --- how it is used ---


def test_the_page_is_used_by_keyboard_alone(page, exchange):
    page.get_by_label("Search Contacts").focus()
    page.keyboard.type("elif")
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Elif Yılmaz", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Call", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect_said(page, RINGING)
    assert dialled(exchange) == 1


@pytest.mark.parametrize("width", [320, 800])
def test_a_narrow_screen_needs_no_scrolling_to_the_side(open_page, picture, width):
    page = open_page(width=width)
    assert fits(page)
    assert violations(page) == []
    picture(page, f"crm-list-{width}")

    open_record(page, "Elif Yılmaz")
    expect(page.locator("iframe.widget")).to_be_visible()
    assert fits(page)
    assert violations(page) == []
    picture(page, f"crm-record-{width}")
    page.get_by_role("button", name="WhatsApp text").click()
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    assert fits(page)
    assert violations(page) == []


def _until_answered(page, sandbox, pbx, user="ayse@example.com"):
    until(page, lambda: [call for call in going_on(sandbox, pbx) if call.answered_at is not None])
    # What the PBX tells has to be heard before anybody can act on it.
    asking = {"Authorization": f"Bearer {sandbox.ready['agent_token']}", "X-Crm-User": user}
    live = f"{sandbox.url}/calls/live?extension=me"

    def heard():
        return [call["state"] for call in page.request.get(live, headers=asking).json()["calls"]]

    until(page, lambda: heard() == ["answered"])
