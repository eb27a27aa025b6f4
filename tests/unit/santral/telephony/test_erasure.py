from datetime import timedelta

import pytest

from santral.calls import CallEvent, CallState, Direction, RecordingState
from santral.forgotten import bury
from santral.telephony.erasure import erased
from santral.telephony.outbox import record, retry_pending
from tests.fakes import MemorySecrets, make_tenant

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"
ELIF = "+905321234567"


@pytest.fixture
def tell(clock):
    def event(**told):
        return CallEvent(
            **{
                "call_id": CALL_ID,
                "provider": "virtualats",
                "state": CallState.ENDED,
                "direction": Direction.INBOUND,
                "from_": "905321234567",
                "to": "902121112233",
                "extension": "101",
                "started_at": clock() - timedelta(minutes=2),
                **told,
            }
        )

    return event


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"from_": "0532 123 45 67"},
        {"direction": Direction.OUTBOUND, "from_": "101", "to": "905321234567"},
        {"direction": None, "from_": "101", "to": "+905321234567"},
        {"from_": "905559998877", "transferred_to": "05321234567"},
    ],
    ids=["from", "another spelling", "to", "no direction", "transferred to"],
)
def test_a_call_from_before_the_erasure_is_forgotten_wherever_the_number_stands(tenant, tell, told):
    bury(tenant, ELIF)

    assert erased(tenant, tell(**told))


def test_a_call_after_the_erasure_is_welcome(tenant, tell, clock):
    bury(tenant, ELIF)
    clock.pass_seconds(1)

    assert not erased(tenant, tell(started_at=clock()))


def test_a_second_erasure_moves_the_moment_on_and_an_older_one_not_back(tenant, tell, clock):
    bury(tenant, ELIF)
    clock.pass_seconds(3600)
    between = tell(started_at=clock() - timedelta(minutes=30))
    assert not erased(tenant, between)

    bury(tenant, ELIF)
    assert erased(tenant, between)
    clock.pass_seconds(-86_400)
    bury(tenant, ELIF)
    assert erased(tenant, between)


def test_others_are_not_forgotten(tenant, tell):
    bury(tenant, ELIF)

    assert not erased(tenant, tell(from_="905321234568"))


def test_a_tombstone_stands_after_a_new_key_was_added_and_tells_nothing(tenant, tell):
    bury(tenant, ELIF)
    [stone] = [pk for pk in tenant.table.rows if pk.startswith("ERASED#")]
    tenant.secrets = make_tenant(
        secrets=MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key", "k2": "another-signing-key"}})
    ).secrets

    assert erased(tenant, tell())
    assert "5321234567" not in str(tenant.table.rows[stone])


def test_without_a_key_nobody_was_erased(tell):
    assert not erased(make_tenant(), tell())


def test_a_late_event_does_not_bring_an_erased_call_back(tenant, zoho, tell):
    bury(tenant, ELIF)
    record(tenant, tell())

    assert f"CALL#{CALL_ID}" not in tenant.table.rows
    assert zoho.calls() == []


def test_an_erased_row_keeps_no_word_and_never_changes_again(tenant, zoho, tell, clock):
    record(tenant, tell(caller_name="Elif", recording_ref="12345"))
    tenant.calls.erase(CALL_ID)
    row = tenant.table.rows[f"CALL#{CALL_ID}"]
    assert "532" not in str(row["facts"])
    assert "Elif" not in str(row)
    assert tenant.calls.get(CALL_ID).recording.state is RecordingState.ERASED

    record(tenant, tell(caller_name="Elif", started_at=None))
    clock.pass_seconds(3600)
    retry_pending(tenant, 55)
    tenant.calls.change(CALL_ID, lambda seen: seen.having(acting_user="ayse@example.com"))

    assert tenant.table.rows[f"CALL#{CALL_ID}"] == row
    assert len(zoho.calls()) == 1


def test_a_replayed_call_is_logged_however_old_it_is(tenant, zoho, tell, clock):
    tenant.settings = tenant.settings.model_copy(update={"log_calls_from": clock()})
    record(tenant, tell())
    assert zoho.calls() == []

    for _ in range(2):
        record(tenant, tell(replayed=True))
    record(tenant, tell())

    assert len(zoho.calls()) == 1
