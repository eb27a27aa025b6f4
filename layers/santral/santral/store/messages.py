"""Messages sent and received, one row each, which is also the outbox of the note that the CRM is still owed.

A row is made by whoever is first: our own sending, or news of it that overtook us. What comes second is joined.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from santral.calls import Direction
from santral.errors import UnknownMessage
from santral.messages import Message, MessageEvent, MessageState
from santral.phone import to_e164
from santral.store.table import SINGLE, Row, Table, rewrite

_DUE = "messages"
_LIFE_SECONDS = 400 * 86_400
_TOLD = ("from_", "to", "account_id", "channel_id", "name", "text", "file_name", "reason")


@dataclass(frozen=True)
class Kept:
    """A message in the table, and what we still have to do about it.

    Attributes:
        message: The message.
        note_due_at: Epoch seconds of the next attempt to write its note; None when it needs none (any more).
        attempts: How often that was tried.
    """

    message: Message
    note_due_at: int | None = None
    attempts: int = 0

    def having(self, **changes: Any) -> "Kept":
        """Return a copy with other values."""
        return replace(self, **changes)

    def told(self, other: Message) -> "Kept":
        """Return it after more news of the same message. Neither order nor repetition of news matters."""
        mine = self.message
        # Greatest, as any steady choice would do: sources that tell the same field tell the same.
        texts = {name: max(filter(None, (getattr(mine, name), getattr(other, name))), default=None) for name in _TOLD}
        state = max(mine.state, other.state, key=lambda state: state.rank)
        return self.having(message=mine.model_copy(update={**texts, "state": state}))


_KNOWN = frozenset(it.alias or name for name, it in Message.model_fields.items()) | {
    *("pk", "sk", "v", "version", "due", "next_attempt_at", "attempts", "expires_at"),
}


class Messages:
    """The messages of one tenant."""

    def __init__(self, table: Table, *, country: str, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._country = country
        self._clock = clock

    def get(self, message_id: str) -> Message:
        """Return a message.

        Raises:
            UnknownMessage: There is none of that id.
        """
        row = self._table.get(_key(message_id))
        if row is None:
            raise UnknownMessage("no row for this id")
        return _kept(row).message

    def add(self, message: Message) -> None:
        """Keep a message we sent, due for a note where it belongs to a record. Telling it again changes nothing."""

        def added(row: Row | None) -> tuple[Row | None, None]:
            before = _kept(row) if row else None
            if before is None:
                return self._row(Kept(message, note_due_at=self._now() if message.record else None)), None
            if before.message.user is not None or before.message.record is not None:
                return None, None
            # The provider's news of it was faster than we are; what only we know is added.
            known = before.told(message).message
            ours = known.model_copy(update={"user": message.user, "record": message.record, "sent_at": message.sent_at})
            return self._row(before.having(message=ours, note_due_at=self._now() if message.record else None)), None

        rewrite(self._table, _key(message.message_id), added, now=self._now())

    def tell(self, event: MessageEvent) -> Message:
        """Fold what a provider told of a message, known or not, and return it. Telling it again changes nothing.

        A customer's message is due for a note; whose it is, is found out when the note is written.

        Raises:
            Conflict: Others kept writing this message.
        """
        news = self._message(event)

        def told(row: Row | None) -> tuple[Row | None, Message]:
            before = _kept(row) if row else None
            if before is None:
                received = event.direction is Direction.INBOUND
                return self._row(Kept(news, note_due_at=self._now() if received else None)), news
            after = before.told(news)
            return (None if after == before else self._row(after)), after.message

        return rewrite(self._table, _key(event.message_id), told, now=self._now(), knows=_KNOWN)

    def change(self, message_id: str, change: Callable[[Kept], Kept]) -> Kept | None:
        """Apply `change` to a message against concurrent writers; None when it is gone, e.g. erased.

        `change` may be called more than once and must have no effect of its own; an unchanged message is not written.

        Raises:
            Conflict: Others kept writing the message.
        """

        def changed(row: Row | None) -> tuple[Row | None, Kept | None]:
            if row is None:
                return None, None
            before = _kept(row)
            after = change(before)
            return (None if after == before else self._row(after)), after

        return rewrite(self._table, _key(message_id), changed, now=self._now(), knows=_KNOWN)

    def due(self, *, limit: int) -> Iterator[str]:
        """Yield ids of messages whose note is due, longest waiting first."""
        page = self._table.query("due", _DUE, between=(0, self._now()), newest_first=False, limit=limit)
        for row in page.rows:
            yield row["pk"].removeprefix("MESSAGE#")

    def _message(self, event: MessageEvent) -> Message:
        received = event.direction is Direction.INBOUND
        number = (to_e164(event.phone, self._country) or event.phone) if event.phone else None
        return Message(
            message_id=event.message_id,
            provider=event.provider,
            direction=event.direction,
            state=event.state,
            from_=number if received else None,
            to=None if received else number,
            account_id=event.account_id,
            channel_id=event.channel_id,
            name=event.name,
            text=event.text,
            file_name=event.file_name,
            reason=event.reason if event.state is MessageState.FAILED else None,
            sent_at=event.sent_at or self._clock(),
        )

    def _row(self, kept: Kept) -> Row:
        return {
            "pk": _key(kept.message.message_id),
            "sk": SINGLE,
            "v": 1,
            **kept.message.model_dump(mode="json", exclude_none=True, by_alias=True),
            "due": None if kept.note_due_at is None else _DUE,
            "next_attempt_at": kept.note_due_at,
            "attempts": kept.attempts,
            "expires_at": self._now() + _LIFE_SECONDS,
        }

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _key(message_id: str) -> str:
    return f"MESSAGE#{message_id}"


def _kept(row: Row) -> Kept:
    return Kept(Message.model_validate(row), row.get("next_attempt_at"), row.get("attempts", 0))
