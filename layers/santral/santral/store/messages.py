"""Messages sent, one row each, which is also the outbox of the note that the CRM is still owed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from santral.messages import Message
from santral.store.table import SINGLE, Row, Table, rewrite

_DUE = "messages"
_LIFE_SECONDS = 400 * 86_400


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


class Messages:
    """The messages of one tenant."""

    def __init__(self, table: Table, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock

    def add(self, message: Message) -> None:
        """Keep a message, due for a note where it belongs to a record. A second one under its id changes nothing."""
        now = self._now()
        self._table.add(self._row(Kept(message, note_due_at=now if message.record else None)), now=now)

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

        return rewrite(self._table, f"MESSAGE#{message_id}", changed, now=self._now())

    def due(self, *, limit: int) -> Iterator[str]:
        """Yield ids of messages whose note is due, longest waiting first."""
        page = self._table.query("due", _DUE, between=(0, self._now()), newest_first=False, limit=limit)
        for row in page.rows:
            yield row["pk"].removeprefix("MESSAGE#")

    def _row(self, kept: Kept) -> Row:
        return {
            "pk": f"MESSAGE#{kept.message.message_id}",
            "sk": SINGLE,
            "v": 1,
            **kept.message.model_dump(mode="json", exclude_none=True),
            "due": None if kept.note_due_at is None else _DUE,
            "next_attempt_at": kept.note_due_at,
            "attempts": kept.attempts,
            "expires_at": self._now() + _LIFE_SECONDS,
        }

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _kept(row: Row) -> Kept:
    return Kept(Message.model_validate(row), row.get("next_attempt_at"), row.get("attempts", 0))
