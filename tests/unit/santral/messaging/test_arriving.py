"""What a customer writes becomes one note on the record that holds their number."""

import pytest

from santral.calls import Direction
from santral.errors import UnknownMessage
from santral.forgotten import bury
from santral.messages import MessageEvent, MessageState
from santral.messaging.arriving import take
from santral.messaging.notes import write_due_notes
from simulators.faults import CommitThen, Status
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.in_process import connect, zoho_secret

pytestmark = pytest.mark.usefixtures("no_real_waiting")


@pytest.fixture
def tenant(clock, zoho):
    secrets = MemorySecrets(zoho=zoho_secret(zoho), permalinks={"keys": {"k1": "permalink-signing-key"}})
    tenant = make_tenant(clock=clock, secrets=secrets, unknown_caller="lead")
    connect(tenant, zoho)
    return tenant


@pytest.fixture
def write(tenant):
    def wrote(number=1, phone="905321234567", **told):
        event = {
            "message_id": f"wapcrm:in.{number}",
            "provider": "wapcrm",
            "state": MessageState.RECEIVED,
            "direction": Direction.INBOUND,
            "phone": phone,
            "text": f"Merhaba {number}",
            "sent_at": tenant.clock(),
            **told,
        }
        take(tenant, MessageEvent(**event))

    return wrote


def sweep(tenant, minutes=1):
    for _ in range(minutes):
        tenant.clock.pass_seconds(60)
        write_due_notes(tenant, 20)


def test_a_customers_message_is_one_note_on_the_record_with_their_number(tenant, zoho, write):
    write()
    write()
    sweep(tenant, 3)

    [note] = zoho.notes()
    [elif_] = [contact for contact in zoho.contacts() if contact["Last_Name"] == "Yılmaz"]
    assert note["Parent_Id"]["id"] == elif_["id"]
    assert note["Note_Title"] == "WhatsApp message received at 2026-01-15 12:30:00"
    assert note["Note_Content"] == "Merhaba 1\n\nSantral message wapcrm:in.1"
    assert tenant.messages.get("wapcrm:in.1").record.id == elif_["id"]


@pytest.mark.parametrize("phone", ["905559998877", None, "anonymous"])
def test_a_strangers_message_is_kept_and_becomes_neither_note_nor_lead(tenant, zoho, write, phone):
    write(phone=phone)
    leads = len(zoho.leads())
    sweep(tenant, 2)

    assert (zoho.notes(), len(zoho.leads()), list(tenant.messages.due(limit=9))) == ([], leads, [])
    assert tenant.messages.get("wapcrm:in.1").text == "Merhaba 1"


def test_many_at_once_are_matched_together_and_strangers_hold_up_nobody(tenant, zoho, write):
    for number in range(6):
        write(number, phone="905559998877" if number % 2 else "905321234567")
    sweep(tenant)

    assert len(zoho.notes()) == 3


def test_while_the_crm_is_away_a_message_waits_and_is_then_written_once(tenant, zoho, write):
    write()
    zoho.faults.add("/crm/", Status(code=503), times=None)
    sweep(tenant, 3)
    assert zoho.notes() == []
    zoho.faults.clear()
    sweep(tenant, 20)

    assert len(zoho.notes()) == 1


def test_a_note_whose_answer_is_lost_is_found_again_on_the_record_it_was_written_to(tenant, zoho, write):
    zoho.faults.add("/crm/v8/Notes", CommitThen(fault=Status(code=500)), method="POST")
    write()
    sweep(tenant, 10)

    assert len(zoho.notes()) == 1


def test_what_someone_wrote_before_they_were_forgotten_stays_forgotten(tenant, write):
    bury(tenant, "+905321234567")
    write(1)
    tenant.clock.pass_seconds(1)
    write(2)

    with pytest.raises(UnknownMessage):
        tenant.messages.get("wapcrm:in.1")
    assert tenant.messages.get("wapcrm:in.2").text == "Merhaba 2"
