"""On the running system, with each function's own rights: tasks for missed calls, notes for messages."""

from datetime import datetime, timedelta, timezone

ELIF = "0532 123 45 67"


def test_a_message_to_someone_in_the_crm_is_a_note_there_within_a_minute(company):
    [elif_] = [contact for contact in company.zoho.contacts() if contact["Last_Name"] == "Yılmaz"]
    record = {"module": "Contacts", "id": elif_["id"]}
    answer = company.post("/messages", {"to": ELIF, "text": "Merhaba", "record": record})
    company.sandbox.fire("RetryPending")
    company.sandbox.fire("RetryPending")

    [note] = company.zoho.notes()
    assert answer.status_code == 202
    assert note["Parent_Id"]["id"] == elif_["id"]
    assert note["Note_Content"].startswith("Merhaba\n")


def test_a_missed_call_gets_a_task_to_call_back(company):
    started_at = datetime.now(timezone(timedelta(hours=3))) - timedelta(minutes=1)
    date = f"{started_at:%d.%m.%Y %H:%M:%S%z}"
    company.webhook(company.event(callDate=date, talkTime="0", disposition="NO_ANSWERED"))
    company.sandbox.wait_until_idle()
    company.sandbox.fire("RetryPending")

    [task] = company.zoho.tasks()
    [call] = company.logged()
    assert call["Call_Type"] == "Missed"
    assert task["Subject"].startswith("Geri arayın: +")
    assert len(company.zoho.tasks()) == 1
