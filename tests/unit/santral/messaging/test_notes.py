"""A message sent to someone in the CRM becomes one note there."""

import pytest

from santral.calls import RecordLink
from santral.messages import Message, MessageState
from santral.messaging.notes import write_due_notes
from simulators.faults import CommitThen, Status
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.in_process import connect, zoho_secret

pytestmark = pytest.mark.usefixtures("no_real_waiting")


@pytest.fixture
def tenant(clock, zoho):
    tenant = make_tenant(clock=clock, secrets=MemorySecrets(zoho=zoho_secret(zoho)))
    connect(tenant, zoho)
    return tenant


@pytest.fixture
def elif_(zoho):
    return next(contact for contact in zoho.contacts() if contact["Last_Name"] == "Yılmaz")


@pytest.fixture
def send(tenant, elif_):
    def sent(number=1, **told):
        message = {
            "message_id": f"wapcrm:wamid.{number}",
            "provider": "wapcrm",
            "state": MessageState.ACCEPTED,
            "to": "+905321234567",
            "text": f"Merhaba {number}",
            "record": RecordLink(module="Contacts", id=elif_["id"]),
            "sent_at": tenant.clock(),
            **told,
        }
        tenant.messages.add(Message(**message))

    return sent


def sweep(tenant, minutes=1):
    for _ in range(minutes):
        tenant.clock.pass_seconds(60)
        write_due_notes(tenant, 20)


def due(tenant):
    tenant.clock.pass_seconds(86_400)
    return list(tenant.messages.due(limit=100))


def test_a_message_is_a_note_on_its_record_within_a_minute(tenant, zoho, send, elif_):
    send()
    sweep(tenant, 3)

    [note] = zoho.notes()
    assert (note["Parent_Id"]["id"], note["Parent_Id"]["module"]["api_name"]) == (elif_["id"], "Contacts")
    assert note["Note_Title"] == "WhatsApp message sent at 2026-01-15 12:30:00"
    assert note["Note_Content"] == "Merhaba 1\n\nSantral message wapcrm:wamid.1"
    assert due(tenant) == []


def test_a_file_is_named_and_its_address_is_not_told(tenant, zoho, send):
    send(text=None, file_name="teklif.pdf")
    sweep(tenant)

    [note] = zoho.notes()
    assert note["Note_Content"].startswith("File: teklif.pdf\n")


def test_a_message_to_nobody_in_the_crm_needs_no_note(tenant, zoho, send):
    send(record=None)
    sweep(tenant, 2)

    assert (zoho.notes(), len(zoho.requests)) == ([], 0)


def test_many_messages_share_a_request(tenant, zoho, send):
    for number in range(30):
        send(number)
    sweep(tenant)

    assert len(zoho.notes()) == 30
    assert zoho.counts["insert"] == 1


@pytest.mark.parametrize("status", [429, 503])
def test_while_the_crm_is_away_notes_wait(tenant, zoho, send, status):
    zoho.faults.add("/crm/", Status(code=status), times=None)
    send(1)
    send(2)
    sweep(tenant, 3)
    zoho.faults.clear()
    sweep(tenant, 20)

    assert len(zoho.notes()) == 2
    assert due(tenant) == []


@pytest.mark.parametrize("messages", [1, 3])
@pytest.mark.parametrize("arrived", [True, False])
def test_a_note_whose_answer_was_lost_is_looked_for_before_it_is_written_again(tenant, zoho, send, messages, arrived):
    lost = Status(code=500)
    zoho.faults.add("/crm/v8/Notes", CommitThen(fault=lost) if arrived else lost, method="POST")
    for number in range(messages):
        send(number)
    sweep(tenant)
    asked = len(zoho.requests)
    tenant.clock.pass_seconds(59)
    write_due_notes(tenant, 20)
    assert len(zoho.requests) == asked
    sweep(tenant, 4)

    assert len(zoho.notes()) == messages
    assert zoho.counts["coql"] >= 1
    assert due(tenant) == []


def test_a_worker_that_died_is_looked_after(tenant, zoho, send, monkeypatch):
    send()
    with monkeypatch.context() as dying:
        dying.setattr("santral.messaging.notes._settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sweep(tenant)
    assert len(zoho.notes()) == 1
    sweep(tenant, 5)

    assert len(zoho.notes()) == 1
    assert due(tenant) == []


def test_a_record_that_is_gone_gets_no_note_and_holds_up_no_other(tenant, zoho, send):
    send(1, record=RecordLink(module="Contacts", id="548728000000999999"))
    send(2)
    sweep(tenant, 2)

    assert len(zoho.notes()) == 1
    assert due(tenant) == []


def test_a_message_that_was_erased_meanwhile_stays_erased(tenant, zoho, send, monkeypatch):
    send()
    real = tenant.messages.due

    def erased(**how):
        found = list(real(**how))
        tenant.table.rows.pop("MESSAGE#wapcrm:wamid.1")
        return found

    monkeypatch.setattr(tenant.messages, "due", erased)
    sweep(tenant)

    assert (zoho.notes(), "MESSAGE#wapcrm:wamid.1" in tenant.table.rows) == ([], False)


def test_notes_and_calls_take_turns(tenant, zoho, send):
    send()
    assert tenant.leases.take("sweep", 100)
    sweep(tenant)
    assert zoho.notes() == []
    sweep(tenant, 2)

    assert len(zoho.notes()) == 1


@pytest.mark.parametrize(
    ("language", "title", "content"),
    [
        ("tr", "Gönderilen WhatsApp mesajı, 2026-01-15 12:30:00", "Dosya: teklif.pdf"),
        ("az", "Göndərilən WhatsApp mesajı, 2026-01-15 12:30:00", "Fayl: teklif.pdf"),
    ],
)
def test_a_note_is_written_in_the_companys_language(tenant, zoho, send, language, title, content):
    tenant.settings = tenant.settings.model_copy(update={"language": language})
    send(text=None, file_name="teklif.pdf")
    sweep(tenant)

    [note] = zoho.notes()
    assert (note["Note_Title"], note["Note_Content"]) == (title, f"{content}\n\nSantral message wapcrm:wamid.1")


def test_a_note_is_found_again_when_the_companys_language_has_changed_since(tenant, zoho, send):
    zoho.faults.add("/crm/v8/Notes", CommitThen(fault=Status(code=500)), method="POST")
    send()
    sweep(tenant)
    tenant.settings = tenant.settings.model_copy(update={"language": "az"})
    sweep(tenant, 5)

    assert len(zoho.notes()) == 1
    assert due(tenant) == []
