"""Chats of WapCRM: messages come and go, what was sent is acknowledged step by step, and the CRM hears of it all."""

import base64
import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from simulators.notifications import DeliveryPolicy, Notification, Notifier
from simulators.timeline import Timeline

SENT, DELIVERED, VIEWED, NOT_SENT, DELETED = 1, 2, 3, 4, 5
STATUS_TEXTS = {SENT: "Sent", DELIVERED: "Delivered", VIEWED: "Viewed", NOT_SENT: "NotSent", DELETED: "Deleted"}


@dataclass(frozen=True)
class MessageScript:
    """How the next messages fare, in seconds after sending; `ends_as` is the last step they come to."""

    ends_as: Literal["pending", "sent", "delivered", "viewed", "not sent"] = "viewed"
    sent_after: float = 0.3
    delivered_after: float = 1
    viewed_after: float = 4
    reason: str = "The number is not registered on WhatsApp"


@dataclass(frozen=True)
class Message:
    """One message of a chat; `source` as in the message list: ME is the company."""

    message_id: str
    instance_id: int
    phone: str
    account_id: str
    text: str
    file_url: str
    file_name: str
    user_id: int | None
    source: Literal["ME", "CUSTOMER"]
    at: datetime
    sender_name: str = ""
    status: int = 0


class Webhooks(Notifier):
    """What is posted to the company's WebhookUrl. Only system events are signed."""

    def __init__(self, timeline: Timeline, secret_key: str, crm_url: str | None) -> None:
        super().__init__(timeline, crm_url, DeliveryPolicy())
        self._secret_key = secret_key

    def headers(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        told = json.loads(body)
        if "type" in told:
            stamp = str(int(self._timeline.now().timestamp()))
            sign = hmac.new(self._secret_key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
            headers |= {
                "X-Invekto-Event-Id": told["id"],
                "X-Invekto-Event-Type": told["type"],
                "X-Invekto-Timestamp": stamp,
                "X-Invekto-Signature": sign,
            }
        return headers

    def as_documented(self, status: int, answer: bytes) -> bool:  # noqa: ARG002 (WapCRM looks at the status alone)
        return status == 200


@dataclass
class Chats:
    timeline: Timeline
    webhooks: Webhooks
    script: MessageScript = field(default_factory=MessageScript)
    _messages: dict[str, Message] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def all(self) -> list[Message]:
        with self._lock:
            return list(self._messages.values())

    def forget(self) -> None:
        """Be as if nothing had ever been written."""
        with self._lock:
            self._messages.clear()

    def send(self, message: Message) -> None:
        """Keep what the company sends, and let it take its course."""
        with self._lock:
            self._messages[message.message_id] = message
        script = self.script
        steps = [(script.sent_after, SENT), (script.delivered_after, DELIVERED), (script.viewed_after, VIEWED)]
        if script.ends_as == "not sent":
            steps = [(script.sent_after, NOT_SENT)]
        else:
            steps = steps[: ("pending", "sent", "delivered", "viewed").index(script.ends_as)]
        for seconds, status in steps:
            self._acknowledge_later(message.message_id, status, seconds)

    def acknowledge(self, message_id: str, status: int, reason: str = "") -> None:
        """Let a message come further, and tell the CRM; KeyError for one that is not there."""
        with self._lock:
            message = self._messages[message_id]
            self._messages[message_id] = replace(message, status=status)
        body = {
            "InstanceID": message.instance_id,
            "InstanceMessageID": message_id,
            "Status": status,
            "StatusText": STATUS_TEXTS[status],
            "ReasonDetailForNotSent": reason or None,
        }
        self._tell(message_id, STATUS_TEXTS[status].upper(), body)

    def receive(self, messages: Sequence[Message]) -> None:
        """Keep what came from outside, and tell the CRM of all of it in one post."""
        with self._lock:
            self._messages.update({message.message_id: message for message in messages})
        items = [_as_posted(message) for message in messages]
        self._tell(messages[0].message_id, "RECEIVED", {"InstanceID": str(messages[0].instance_id), "messages": items})

    def tell_system_event(self, kind: str, data: dict[str, Any]) -> str:
        """Post something that happened to a customer's data; the event's id."""
        event_id = str(uuid.uuid4())
        self._tell(event_id, "SYSTEM", {"id": event_id, "type": kind, "data": data})
        return event_id

    def _acknowledge_later(self, message_id: str, status: int, seconds: float) -> None:
        reason = self.script.reason if status == NOT_SENT else ""

        def step() -> None:
            if any(message.message_id == message_id for message in self.all()):
                self.acknowledge(message_id, status, reason)

        self.timeline.call_later(seconds, step)

    def _tell(self, about: str, state: str, body: dict[str, Any]) -> None:
        self.webhooks.send(Notification(about, state, json.dumps(body, ensure_ascii=False).encode()))


def new_message_id() -> str:
    return f"wamid.{base64.b64encode(uuid.uuid4().bytes * 2).decode()}"


def _as_posted(message: Message) -> dict[str, Any]:
    return {
        "id": message.message_id,
        "body": message.file_url or message.text,
        "type": "document" if message.file_url else "chat",
        "time": int(message.at.timestamp()),
        "chatId": f"{message.phone}@c.us" if message.phone else message.account_id,
        "fromMe": message.source == "ME",
        "senderName": message.sender_name or None,
    }
