import concurrent.futures
import hashlib

import pytest
import requests

from simulators.faults import CommitThen, Hang, Reset, Status

ELIF = "+90 532 123 45 67"


def contact(company, last_name="Yılmaz"):
    return next(record for record in company.zoho.contacts() if record["Last_Name"] == last_name)


def test_a_dialled_call_is_in_the_crm_once_and_its_recording_plays(company):
    elif_ = contact(company)
    dialled = company.post("/calls", {"to": ELIF, "record": {"module": "Contacts", "id": elif_["id"]}})
    call_id = dialled.json()["call_id"]
    company.ended(call_id)
    [logged] = company.logged(call_id)

    assert dialled.status_code == 202
    assert logged["Call_Type"] == "Outbound"
    assert logged["Who_Id"]["id"] == elif_["id"]
    assert logged["Owner"]["email"] == "ayse@example.com"
    assert logged["Santral_Call_ID"] == call_id

    playable = company.until(lambda: company.get(f"/calls/{call_id}/recording"), lambda seen: seen.status_code == 200)
    played = requests.get(playable.json()["url"], timeout=10)
    call = next(call for call in company.pbx.exchange.calls() if call_id.endswith(call.call_id))
    recorded = hashlib.sha256(company.pbx.exchange.audio(call.recording_id)).hexdigest()
    assert hashlib.sha256(played.content).hexdigest() == recorded
    assert played.headers["content-type"] == "audio/wav"

    opened = requests.get(logged["Voice_Recording__s"], timeout=10)
    assert hashlib.sha256(opened.content).hexdigest() == recorded
    assert opened.history[0].status_code == 302


def test_a_message_goes_out_once_in_the_name_of_the_acting_user(company):
    before = len(company.wapcrm.sent)
    for _ in range(2):
        assert company.post("/messages", {"to": ELIF, "text": "Merhaba"}).status_code == 202

    [request] = company.wapcrm.requests.to("/api/chatoperation")
    assert (request.json()["Incom"], request.json()["userKey"]) == (4, "ayse@example.com")
    assert len(company.wapcrm.sent) == before + 1


def test_two_clicks_in_flight_ring_once_and_get_one_answer(company):
    with concurrent.futures.ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(lambda _: company.post("/calls", {"to": ELIF}), range(4)))

    assert len(company.dials()) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["call_id"] for answer in answers if answer.status_code == 202}) == 1


def test_one_key_rings_once(company):
    for _ in range(2):
        company.post("/calls", {"to": ELIF}, Idempotency_Key="click-1")

    assert len(company.dials()) == 1


@pytest.mark.parametrize(
    "fault", [Hang(), CommitThen(fault=Hang()), CommitThen(fault=Reset()), CommitThen(fault=Status(code=500))],
    ids=["hang", "commit then hang", "commit then reset", "commit then 500"],
)  # fmt: skip
def test_a_lost_answer_is_an_unknown_outcome_and_never_rings_again(company, fault):
    company.pbx.faults.add("/call/originate", fault, times=1)
    first = company.post("/calls", {"to": ELIF})
    second = company.post("/calls", {"to": ELIF})

    assert (first.status_code, first.json()["code"]) == (504, "outcome_unknown")
    assert (second.status_code, second.json()["code"]) == (504, "outcome_unknown")
    assert first.elapsed.total_seconds() < 10
    assert len(company.dials()) == 1


def test_an_inbound_call_from_a_known_number_belongs_to_its_contact(company):
    provider_id = company.pbx.place_inbound_call(source="905321234567", destination="994124886606", extension="102")
    [logged] = company.logged(f"virtualats:{provider_id}")

    assert logged["Call_Type"] == "Inbound"
    assert logged["Who_Id"]["id"] == contact(company)["id"]
    assert logged["Owner"]["email"] == "mehmet@example.com"


def test_a_missed_call_is_logged_as_missed(company):
    provider_id = company.pbx.place_inbound_call(
        source="905559998877", destination="994124886606", outcome="NO_ANSWERED", ring_seconds=0.2
    )
    [logged] = company.logged(f"virtualats:{provider_id}")

    assert logged["Call_Type"] == "Missed"


def test_the_ledger_lists_what_the_crm_holds(company):
    call_id = company.post("/calls", {"to": ELIF}).json()["call_id"]
    company.ended(call_id)

    by_phone = company.get("/calls", params={"phone": ELIF, "limit": 5}).json()["calls"]
    by_day = company.get("/calls", params={"limit": 5}).json()["calls"]

    assert [call["call_id"] for call in by_phone] == [call_id]
    assert [call["call_id"] for call in by_day] == [call_id]


def test_everything_is_green(company):
    status = company.get("/status").json()

    assert status["ok"], [check for check in status["checks"] if not check["ok"]]
