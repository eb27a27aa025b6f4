"""Every provider's calls, messages and campaigns, through the real functions with their own rights."""

from datetime import timedelta

import pytest

from santral.providers.kobikom import Kobikom
from santral.telephony.joining import live_id
from simulators.kobikom_exchange import CallScript as PbxScript
from simulators.verimor_campaigns import ContactScript
from simulators.verimor_exchange import CallScript as CloudScript

ELIF = "905321234567"


@pytest.fixture
def verimor(company):
    verimor = company.sandbox.simulators["verimor"]
    verimor.exchange.script = CloudScript(ring_after=0.05, pickup_seconds=0.1, ring_seconds=0.2, talk_seconds=1)
    return verimor


@pytest.fixture
def kobikom(company):
    kobikom = company.sandbox.simulators["kobikom"]
    kobikom.use_script(PbxScript(pick_up_seconds=0.1, ring_seconds=0.3, talk_seconds=60))
    return kobikom


def records(company, kobikom):
    """What the PBX's records tell, as reconciling reads them minutes later: into the queue."""
    client = Kobikom(Kobikom.Credentials.model_validate(company.sandbox.secrets["kobikom"]))
    moments = [call.started_at for call in kobikom.exchange.calls()]
    events = client.history(since=min(moments) - timedelta(seconds=2), until=max(moments), offset=0, limit=100).events
    for event in events:
        company.sandbox.root.sqs.send_message(
            QueueUrl=company.sandbox.ready["events_queue_url"],
            MessageBody=event.written(),
            MessageGroupId=event.group,
            MessageDeduplicationId=event.fingerprint(),
        )
    company.sandbox.wait_until_idle()
    return events


def notes(company):
    company.sandbox.fire("RetryPending")
    return company.zoho.notes()


def test_a_call_of_verimor_is_in_the_crm_once_with_its_recording(company, verimor):
    call_id = f"verimor:{verimor.place_inbound_call(source='05321234567', extension='102')}"
    company.ended(call_id)
    company.sandbox.wait_until_idle()

    [logged] = company.logged(call_id)
    assert (logged["Call_Type"], logged["Owner"]["email"]) == ("Inbound", "mehmet@example.com")
    company.until(lambda: company.get(f"/calls/{call_id}/recording").status_code, lambda status: status == 200)


def test_a_dial_through_kobikom_its_live_call_and_its_record_are_one_call(company, kobikom):
    answer = company.post("/calls", {"to": "0532 123 45 67", "provider": "kobikom"})
    dialled = answer.json()["call_id"]
    assert dialled.startswith("kobikom:dial-")
    company.until(
        lambda: [call.answered_at for call in kobikom.exchange.calls()], lambda moments: moments and all(moments)
    )
    company.sandbox.fire("PollLiveCalls")
    company.sandbox.wait_until_idle()
    assert company.get(f"/calls/{dialled}").json()["state"] == "answered"
    [call] = kobikom.exchange.calls()
    channel = call.legs[0].near.name
    kobikom.hang_up(call.unique_id)

    for _ in range(2):
        [event] = records(company, kobikom)
    for known in (dialled, live_id("kobikom", channel), event.call_id):
        assert company.get(f"/calls/{known}").json()["call_id"] == event.call_id
    [logged] = company.logged(event.call_id)
    assert logged["Owner"]["email"] == "ayse@example.com"
    assert [call["call_id"] for call in company.get("/calls?phone=05321234567").json()["calls"]] == [event.call_id]
    assert len(company.zoho.calls()) == 1


def test_what_a_customer_writes_is_one_note_on_their_record(company):
    [message_id] = company.wapcrm.customer_writes(ELIF, "Merhaba, siparişim ne zaman gelir?", sender_name="Elif")
    [note] = company.until(lambda: notes(company), bool)

    assert note["Note_Title"].startswith("Gelen WhatsApp mesajı, ")
    assert note["Note_Content"].startswith("Merhaba, siparişim ne zaman gelir?")
    company.wapcrm.repeat_events(message_id)
    company.sandbox.wait_until_idle()
    assert len(notes(company)) == 1


def test_a_message_we_sent_comes_as_far_as_its_acks_say(company):
    message_id = company.post("/messages", {"to": "0532 123 45 67", "text": "Merhaba"}).json()["message_id"]

    def state():
        row = company.row(f"MESSAGE#{message_id}")
        return row and row["state"]["S"]

    company.until(state, lambda reached: reached in ("delivered", "read"))
    assert company.row(f"MESSAGE#{message_id}")["text"]["S"] == "Merhaba"


def test_results_of_a_campaign_come_back_and_its_calls_owe_nothing(company, verimor):
    verimor.campaigns.script = ContactScript(ring_seconds=0.1, listen_seconds=0.1, keys=("2",), talk_seconds=0.1)
    campaign = {
        "name": "Memnuniyet anketi",
        "provider": "verimor",
        "kind": "ivr",
        "caller_id": verimor.company.numbers[0],
        "announcement_id": str(min(verimor.company.announcements)),
        "targets": {"2": "hangup/hangup"},
        "contacts": [{"phone": "0532 123 45 67"}],
    }
    as_admin = {"Authorization": f"Bearer {company.sandbox.ready['admin_token']}"}
    made = company.post("/campaigns", campaign, **as_admin)
    assert made.status_code == 201, made.text
    campaign_id = made.json()["campaign_id"]

    def results():
        return company.get(f"/campaign-results?campaign_id={campaign_id}", headers=as_admin).json().get("results")

    [result] = company.until(results, bool)
    company.sandbox.wait_until_idle()
    assert (result["phone"], result["digit"], result["disposition"]) == ("+905321234567", "2", "answered")
    assert company.zoho.calls() == []
