"""A message, as the HTTP API shows it."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from santral.calls import RecordLink


class MessageState(StrEnum):
    """How far a message has come. The order of definition is the order of life; it never goes back."""

    ACCEPTED = "accepted"


class Message(BaseModel):
    """A message we sent through a provider."""

    model_config = ConfigDict(frozen=True)

    message_id: str
    provider: str
    state: MessageState
    to: str | None = None
    account_id: str | None = None
    channel_id: str | None = None
    user: str | None = None
    text: str | None = None
    file_name: str | None = None
    record: RecordLink | None = None
    sent_at: datetime
