"""A message on its way out ("Mesaj Gönderme"), in the document's words and casing."""

import re
from typing import Any

from santral.errors import FieldError, InvalidRequest
from santral.providers.ports import OutgoingMessage
from santral.providers.wapcrm.envelope import LONGEST_TEXT
from santral.providers.wapcrm.values import digits
from santral.sentences import say

_ZOHO_CRM = 4
_TEXT, _FILE = 1, 2


def written(message: OutgoingMessage, channel_id: str | None) -> dict[str, Any]:
    """Return a message as it is sent through a channel.

    Raises:
        InvalidRequest: It lacks something WapCRM asks for; names each field.
    """
    faults = _faults(message, channel_id)
    if faults:
        raise InvalidRequest(faults)
    return {
        "instanceID": number_or_text(str(channel_id)),
        **_sender(str(message.user)),
        **_recipient(message),
        **_content(message),
    }


def _faults(message: OutgoingMessage, channel_id: str | None) -> list[FieldError]:
    user = str(message.user)
    text, file_url = (message.text or "").strip(), (message.file_url or "").strip()
    rules = [
        (channel_id, "channel_id", say("is needed: choose the channel to send from, or have a default one set up")),
        ("@" in user or _is_number(user), "user", say("must be an e-mail address or a WapCRM user number")),
        (message.to or message.account_id, "to", say("is needed: the customer's number or account id")),
        (not message.to or digits(message.to), "to", say("is too short: write it with its country code")),
        (bool(text) != bool(file_url), "text", say("is needed, or else a file: a message is one of the two")),
        (
            len(message.text or "") <= LONGEST_TEXT,
            "text",
            say("must not be longer than {max_length} characters", max_length=LONGEST_TEXT),
        ),
        (not file_url or (message.file_name or "").strip(), "file_name", say("is needed with a file")),
    ]
    return [FieldError(field, problem) for holds, field, problem in rules if not holds]


def _sender(user: str) -> dict[str, Any]:
    """`Incom` 4 is Zoho CRM and asks for the user's e-mail address; a user's number goes without it."""
    return {"userKey": user, "Incom": _ZOHO_CRM} if "@" in user else {"userID": int(user)}


def _recipient(message: OutgoingMessage) -> dict[str, Any]:
    recipient: dict[str, Any] = {}
    if message.to:
        recipient["chatPhoneNumber"] = digits(message.to)
    if message.account_id:
        # A Telegram group's id is negative and long: text keeps it whole.
        recipient["chatAccountId"] = message.account_id
    return recipient


def _content(message: OutgoingMessage) -> dict[str, Any]:
    file_url = (message.file_url or "").strip()
    if file_url:
        # The document's own sample has stray blanks in its file name.
        return {"messageType": _FILE, "fileurl": file_url, "filename": (message.file_name or "").strip()}
    return {"messageType": _TEXT, "messageText": message.text}


def number_or_text(text: str) -> int | str:
    """Return a channel's id as WapCRM takes it (W2)."""
    return int(text) if _is_number(text) else text


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", text) is not None
