"""What WapCRM posts to us: messages customers write, and how far ours have come.

Neither stands in the document. The forms are those of the vendor's papers (invektoservice, 2026): a message post has
`messages` and an InstanceID in text, an acknowledgement has none and an InstanceID in digits, a system event has a
`type`. None is signed but the last, whose signature's form is not published: all it is good for is to be acknowledged.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field

from santral.calls import Direction
from santral.errors import NotUnderstood
from santral.messages import MessageEvent, MessageState, message_id
from santral.providers import lenient_json
from santral.providers.wapcrm.values import PROVIDER, Name, Number, Text, Told, Yes, lowered, message_id_of, understood
from santral.telemetry import redacted

_PROBE = re.compile(rb"\s*(?:\{\s*\}\s*)?")
_PHONE_CHAT = re.compile(r"(?P<phone>[0-9]{6,15})@c\.us")
_ADDRESS = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
_TEXTS = frozenset({"chat", "text"})
_FILE_NAME_LENGTH = 255
_LONGEST_REASON = 200
# Taking addresses out of a text can cost the square of its length.
_READ_OF_A_REASON = 1000
_MOST_MESSAGES = 1000
# Seconds of the year 5138; what is greater counts milliseconds.
_MOST_SECONDS = 10**11
_MOST_MILLISECONDS = 10**14

_STATES = {
    1: MessageState.SENT,
    2: MessageState.DELIVERED,
    3: MessageState.READ,
    4: MessageState.FAILED,
}
_TELLS_NOTHING = {0: "pending", 5: "deleted"}


def _sent_at(value: Any) -> datetime | None:
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,14}\s*", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _MOST_MILLISECONDS:
        return None
    return datetime.fromtimestamp(value if value < _MOST_SECONDS else value // 1000, UTC)


class _Message(Told):
    id: Text = ""
    body: Text = ""
    type: Name = ""
    time: Annotated[datetime | None, BeforeValidator(_sent_at)] = None
    chat_id: Name = ""
    from_me: Yes = False
    sender_name: Name = ""

    def event(self, channel_id: str) -> MessageEvent:
        phone = _PHONE_CHAT.fullmatch(self.chat_id)
        is_file = self.type.lower() not in _TEXTS and _ADDRESS.fullmatch(self.body) is not None
        return MessageEvent(
            message_id=message_id(PROVIDER, message_id_of(self.id) or self._digest(channel_id)),
            provider=PROVIDER,
            state=MessageState.SENT if self.from_me else MessageState.RECEIVED,
            direction=Direction.OUTBOUND if self.from_me else Direction.INBOUND,
            channel_id=channel_id or None,
            phone=phone["phone"] if phone else None,
            account_id=None if phone else self.chat_id or None,
            name=None if self.from_me else self.sender_name or None,
            text=None if is_file else self.body or None,
            file_name=_file_name(self.body, self.type) if is_file else None,
            sent_at=self.time,
        )

    def _digest(self, channel_id: str) -> str:
        """A message without an id is told apart by what it says, so that the same one told again is the same."""
        told = json.dumps([channel_id, self.chat_id, self.from_me, self.body, str(self.time)])
        return hashlib.sha256(told.encode()).hexdigest()[:32]


class _Messages(Told):
    instance_id: Name = ""
    messages: list[_Message] = Field(max_length=_MOST_MESSAGES)


class _Acknowledgement(Told):
    instance_id: Name = ""
    instance_message_id: Text = ""
    status: Number
    status_text: Name = ""
    reason_detail_for_not_sent: Text = ""

    def events(self) -> list[MessageEvent]:
        """Return how far the message has come. Without an id nothing leads to the message."""
        if self.status in _TELLS_NOTHING or not self.instance_message_id:
            return []
        state = _STATES.get(self.status or 0)
        if state is None:
            raise NotUnderstood("not understood: status")
        return [
            MessageEvent(
                message_id=message_id(PROVIDER, message_id_of(self.instance_message_id)),
                provider=PROVIDER,
                state=state,
                direction=Direction.OUTBOUND,
                channel_id=self.instance_id or None,
                reason=self._reason() if state is MessageState.FAILED else None,
            )
        ]

    def _reason(self) -> str | None:
        # A provider's own words: they reach a screen, so whatever address or number they quote is taken out.
        reason = self.reason_detail_for_not_sent or self.status_text
        return redacted(reason[:_READ_OF_A_REASON])[:_LONGEST_REASON] or None


def is_probe(body: bytes) -> bool:
    """Tell whether a body only tries whether we are there."""
    return _PROBE.fullmatch(body) is not None


def events(body: bytes) -> Sequence[MessageEvent]:
    """Return what a body tells of messages.

    One message that is not understood keeps the whole body from being taken: it is kept and told again later, and
    telling the others twice changes nothing.

    Raises:
        NotUnderstood: It has none of the three forms.
    """
    try:
        told = lenient_json.read(body)
    except ValueError as error:
        raise NotUnderstood(str(error)) from None
    if not isinstance(told, dict):
        raise NotUnderstood("not an object")
    names = lowered(told)
    if "messages" in names:
        posted = understood(_Messages, told)
        return [message.event(posted.instance_id) for message in posted.messages]
    if "instancemessageid" in names:
        return understood(_Acknowledgement, told).events()
    if isinstance(names.get("type"), str):
        return []
    raise NotUnderstood("neither messages nor an acknowledgement nor a system event")


def _file_name(address: str, kind: str) -> str:
    """Return the file's name in an address, or what kind of file it is. The address itself opens the file: no copy."""
    try:
        path = urlsplit(address).path
    except ValueError:
        path = ""
    name = "".join(sign for sign in unquote(path.rsplit("/", 1)[-1]) if sign.isprintable()).strip()
    return (name or kind or "file")[:_FILE_NAME_LENGTH]
