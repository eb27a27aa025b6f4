"""Messages sent, one row each."""

from collections.abc import Callable
from datetime import datetime

from santral.messages import Message
from santral.store.table import SINGLE, Table

_LIFE_SECONDS = 400 * 86_400


class Messages:
    """The messages of one tenant."""

    def __init__(self, table: Table, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock

    def add(self, message: Message) -> None:
        """Keep a message. A second one under the same id changes nothing."""
        now = int(self._clock().timestamp())
        row = {
            "pk": f"MESSAGE#{message.message_id}",
            "sk": SINGLE,
            "v": 1,
            **message.model_dump(mode="json", exclude_none=True),
            "expires_at": now + _LIFE_SECONDS,
        }
        self._table.add(row, now=now)
