"""A message, as the HTTP API shows it."""

import re
import uuid
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from santral.calls import RecordLink

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
