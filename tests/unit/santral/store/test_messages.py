"""A message's row is made by whoever is first, and no order of news takes it back."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santral.calls import Direction, RecordLink
from santral.errors import UnknownMessage
from santral.messages import Message, MessageEvent, MessageState
from santral.store.messages import Messages
from tests.fakes import Clock, MemoryTable

ID = "wapcrm:wamid.1"
SENT_AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
OURS = Message(
    message_id=ID,
    provider="wapcrm",
    state=MessageState.ACCEPTED,
    to="+905321234567",
    channel_id="15",
    user="ayse@example.com",
    text="Merhaba",
    record=RecordLink(module="Contacts", id="1"),
    sent_at=SENT_AT,
)


def told(state, **more):
    return MessageEvent(
        **{"message_id": ID, "provider": "wapcrm", "state": state, "direction": Direction.OUTBOUND, **more}
    )


def received(**more):
    return told(
        MessageState.RECEIVED,
        **{"direction": Direction.INBOUND, "phone": "905321234567", "text": "Merhaba", "sent_at": SENT_AT, **more},
    )


@pytest.fixture
def messages(clock):
    return Messages(MemoryTable(), country="TR", clock=clock)


@given(
    st.permutations([MessageState.SENT, MessageState.DELIVERED, MessageState.READ, MessageState.FAILED, None]),
    st.integers(1, 5),
)
def test_in_any_order_of_acks_and_our_own_row_the_furthest_state_stands_and_the_note_is_due_once(order, repeated):
    clock = Clock()
    messages = Messages(MemoryTable(), country="TR", clock=clock)
    for state in [*order, *order[:repeated]]:
        clock.pass_seconds(1)
        if state is None:
            messages.add(OURS)
        else:
            messages.tell(told(state, reason="Not on WhatsApp"))

    assert messages.get(ID) == OURS.model_copy(update={"state": MessageState.READ, "reason": "Not on WhatsApp"})
    assert list(messages.due(limit=9)) == [ID]


@pytest.mark.parametrize(
    ("before", "after"), list(itertools.combinations([state for state in MessageState if state != "received"], 2))
)
def test_a_state_never_goes_backwards(messages, before, after):
    messages.tell(told(after))
    messages.tell(told(before))

    assert messages.get(ID).state is after


def test_an_ack_that_overtakes_our_own_row_is_not_lost(messages):
    messages.tell(told(MessageState.DELIVERED))
    assert list(messages.due(limit=9)) == []
    messages.add(OURS)

    assert messages.get(ID) == OURS.model_copy(update={"state": MessageState.DELIVERED})
    assert list(messages.due(limit=9)) == [ID]


def test_adding_our_row_again_owes_no_second_note(messages):
    messages.add(OURS)
    messages.change(ID, lambda kept: kept.having(note_due_at=None))
    messages.add(OURS)

    assert list(messages.due(limit=9)) == []


def test_what_a_customer_wrote_is_kept_with_their_number_and_due_for_a_note(messages):
    messages.tell(received(name="Elif", channel_id="15"))

    message = messages.get(ID)
    assert (message.direction, message.state) == (Direction.INBOUND, MessageState.RECEIVED)
    assert (message.from_, message.to, message.text) == ("+905321234567", None, "Merhaba")
    assert (message.name, message.channel_id, message.sent_at) == ("Elif", "15", SENT_AT)
    assert list(messages.due(limit=9)) == [ID]


def test_a_customers_message_told_again_owes_no_second_note(messages, clock):
    messages.tell(received())
    messages.change(ID, lambda kept: kept.having(note_due_at=None))
    clock.pass_seconds(60)
    messages.tell(received())

    assert list(messages.due(limit=9)) == []
    assert messages.get(ID).sent_at == SENT_AT


def test_a_message_without_a_time_was_sent_when_we_heard_of_it(messages, clock):
    messages.tell(received(sent_at=None))
    clock.pass_seconds(60)
    messages.tell(received(sent_at=None))

    assert messages.get(ID).sent_at == clock() - timedelta(seconds=60)


def test_a_row_told_twice_is_written_once(messages):
    messages.tell(received())
    writes = messages._table.writes
    messages.tell(received())

    assert messages._table.writes == writes


def test_an_unknown_message_says_so(messages):
    with pytest.raises(UnknownMessage):
        messages.get("wapcrm:wamid.2")
