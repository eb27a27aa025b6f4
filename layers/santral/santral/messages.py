"""A message, what is told about it, and how it is shown by the HTTP API."""

import hashlib
import re
import uuid
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from santral.calls import Direction, Moment, RecordLink

_FITS_A_PATH = re.compile(r"[A-Za-z0-9._-]{1,256}")
# WhatsApp's own ids are base64, whose last three characters mean something in an address.
_FOR_A_PATH = str.maketrans("+/=", "-_.")


def message_id(provider: str, provider_id: str | None) -> str:
    """Return our id of a message. The provider's later news of it carry the same id, so they lead to the same message.

    A message without a usable id gets one of ours: it was accepted, only news of it cannot be told apart.
    """
    translated = (provider_id or "").translate(_FOR_A_PATH)
    return f"{provider}:{translated if _FITS_A_PATH.fullmatch(translated) else f'send-{uuid.uuid4().hex}'}"


class MessageState(StrEnum):
    """How far a message has come. The order of definition is the order of life; it never goes back."""

    ACCEPTED = "accepted"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"
    # A customer's message to us.
    RECEIVED = "received"

    @property
    def rank(self) -> int:
        return list(MessageState).index(self)


class MessageEvent(BaseModel):
    """One thing told about one message: a customer wrote, or what we sent has come further.

    `phone` is the customer's number as the provider writes it, `account_id` their id where there is no number.
    `file_name` stands for a file; its address is a key and never kept.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    v: Literal[1] = 1
    kind: Literal["message"] = "message"
    message_id: str
    provider: str
    state: MessageState
    direction: Direction
    channel_id: str | None = None
    phone: str | None = None
    account_id: str | None = None
    name: str | None = None
    text: str | None = None
    file_name: str | None = None
    reason: str | None = None
    sent_at: Moment | None = None

    @property
    def group(self) -> str:
        """What it is told about: events of one group are taken in their order."""
        return self.message_id

    def written(self) -> str:
        """Return the event as canonical JSON: equal events give equal text."""
        return self.model_dump_json(exclude_none=True)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the event's content, in hex."""
        return hashlib.sha256(self.written().encode()).hexdigest()


class Message(BaseModel):
    """A message we sent through a provider, or one a customer sent us: then `from` is their number."""

    model_config = ConfigDict(frozen=True, defer_build=True, populate_by_name=True)

    message_id: str
    provider: str
    direction: Direction = Direction.OUTBOUND
    state: MessageState
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    account_id: str | None = None
    channel_id: str | None = None
    user: str | None = None
    text: str | None = None
    file_name: str | None = None
    name: str | None = None
    reason: str | None = None
    record: RecordLink | None = None
    sent_at: datetime
