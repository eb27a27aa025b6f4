"""WapCRM as its document describes it: one envelope for everything, refusals with HTTP 200, every sent message kept."""

import base64
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar, Literal

from werkzeug.wrappers import Request, Response

from simulators.demo_data import CHANNELS, USERS, Channel, WapCrmUser
from simulators.frame import ActionRefusedError, Simulator, committed, json_response

KEY_HEADER = "X-CIB-SecretKey"
ISTANBUL = timezone(timedelta(hours=3))
WHATSAPP = 1
ZOHO_CRM = 4
LONGEST_TEXT = 1000
INVALID_MODEL = "Invalid Request Model"
READ_METHODS = ("GET", "POST")
MESSAGE_FIELDS = frozenset(
    {
        "instanceID",
        "userID",
        "userKey",
        "chatPhoneNumber",
        "chatAccountId",
        "messageType",
        "messageText",
        "fileurl",
        "filename",
        "Incom",
    }
)


class RefusedError(Exception):
    """A refusal inside the envelope, under HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = str(code)
        self.message = message


class NotServedError(Exception):
    """A refusal of the web server, which knows no envelope."""

    def __init__(self, status: int, allowed: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.allowed = allowed


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


class WapCrm(Simulator):
    name = "wapcrm"
    actions: ClassVar[frozenset[str]] = frozenset({"receive_message"})

    def __init__(
        self,
        *,
        secret_key: str = "wapcrm-demo-secret",
        channels: Iterable[Channel] = CHANNELS,
        users: Iterable[WapCrmUser] = USERS,
        allowed_ips: Iterable[str] | None = None,
        per_minute: int = 60,
        per_day: int = 1000,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`allowed_ips` None leaves the allow-list out; an empty one refuses everybody, as a new company's does."""
        super().__init__()
        self.channels = {channel.instance_id: channel for channel in channels}
        self.users = {user.user_id: user for user in users}
        self.allowed_ips = None if allowed_ips is None else frozenset(allowed_ips)
        self.per_minute = per_minute
        self.per_day = per_day
        self._secret_key = secret_key
        self._clock = clock
        self._lock = threading.Lock()
        self._messages: list[Message] = []

    @property
    def api_url(self) -> str:
        """What a tenant's `base_url` is set to."""
        return self.url

    @property
    def messages(self) -> list[Message]:
        with self._lock:
            return list(self._messages)

    @property
    def sent(self) -> list[Message]:
        """What customers have received, a doubled send twice."""
        return [message for message in self.messages if message.source == "ME"]

    def receive_message(self, phone: str, text: str, instance_id: int) -> str:
        """A customer writes to a channel; the message's id."""
        if instance_id not in self.channels:
            raise ActionRefusedError(f"no channel {instance_id}")
        message = Message(_new_message_id(), instance_id, phone, "", text, "", "", None, "CUSTOMER", self._clock())
        with self._lock:
            self._messages.append(message)
        return message.message_id

    def state(self) -> dict[str, Any]:
        return {
            "channels": [asdict(channel) for channel in self.channels.values()],
            "users": [asdict(user) for user in self.users.values()],
            "messages": [asdict(message) | {"at": message.at.isoformat()} for message in self.messages],
        }

    def answer(self, request: Request) -> Response:
        try:
            return _envelope(self._route(request))
        except RefusedError as refusal:
            return _envelope(None, refusal)
        except NotServedError as refusal:
            headers = {"Allow": refusal.allowed} if refusal.allowed else None
            return Response("", refusal.status, headers, content_type="text/plain")

    def _route(self, request: Request) -> Any:
        endpoints: dict[str, tuple[tuple[str, ...], Callable[[Request], Any]]] = {
            "/api/users": (READ_METHODS, self._list_users),
            "/api/Instances": (READ_METHODS, self._list_channels),
            "/api/chatoperation": (("POST",), self._send),
            "/api/messagelistforphone": (READ_METHODS, self._list_messages),
        }
        if request.path not in endpoints:
            raise NotServedError(404)
        methods, endpoint = endpoints[request.path]
        if request.method not in methods:
            raise NotServedError(405, ", ".join(methods))
        self._authorise(request)
        return endpoint(request)

    def _authorise(self, request: Request) -> None:
        key = request.headers.get(KEY_HEADER, "").strip()
        if not key:
            raise RefusedError(400, "API key is required")
        if key != self._secret_key:
            raise RefusedError(500, "API key not found")
        if self.allowed_ips is None:
            return
        if not self.allowed_ips:
            raise RefusedError(508, "No IP address is defined for the company")
        if request.remote_addr not in self.allowed_ips:
            raise RefusedError(509, "IP address is not defined for the company")

    def _list_users(self, _: Request) -> list[dict[str, Any]]:
        return [
            {"userID": user.user_id, "userFullName": user.full_name, "userName": user.email}
            for user in self.users.values()
        ]

    def _list_channels(self, _: Request) -> list[dict[str, Any]]:
        return [
            {
                "instanceID": channel.instance_id,
                "account": channel.account,
                "instanceName": channel.name,
                "instanceType": channel.instance_type,
                "connectionType": channel.connection_type,
            }
            for channel in self.channels.values()
        ]

    def _send(self, request: Request) -> str:
        model = _json_model(request, MESSAGE_FIELDS)
        channel = self._channel(_integer(model, "instanceID"))
        user_id = self._sender(model)
        phone, account_id = _recipient(model, channel)
        text, file_url, file_name = _content(model)
        now = self._clock()
        message = Message(
            _new_message_id(), channel.instance_id, phone, account_id, text, file_url, file_name, user_id, "ME", now
        )
        with self._lock:
            self._spend_quota(now)
            self._messages.append(message)
        committed(request)
        return message.message_id

    def _channel(self, instance_id: int) -> Channel:
        if not self.channels:
            raise RefusedError(505, "The company has no channels")
        if instance_id not in self.channels:
            raise RefusedError(506, "ACCESS DENIED")
        return self.channels[instance_id]

    def _sender(self, model: dict[str, Any]) -> int:
        if "Incom" not in model:
            user_id = _integer(model, "userID")
            if user_id not in self.users:
                raise RefusedError(503, "User not found")
            return user_id
        email = _string(model, "userKey").strip()
        if _integer(model, "Incom") != ZOHO_CRM or not email:
            raise RefusedError(401, INVALID_MODEL)
        for user in self.users.values():
            if user.email.casefold() == email.casefold():
                return user.user_id
        raise RefusedError(512, "User not found")

    def _spend_quota(self, now: datetime) -> None:
        sent_at = [message.at for message in self._messages if message.source == "ME"]
        today = now.astimezone(ISTANBUL).date()
        if sum(at.astimezone(ISTANBUL).date() == today for at in sent_at) >= self.per_day:
            raise RefusedError(301, "Daily message limit reached")
        if sum(now - at < timedelta(minutes=1) for at in sent_at) >= self.per_minute:
            raise RefusedError(302, "Message limit per minute reached")

    def _list_messages(self, request: Request) -> list[dict[str, str]]:
        model = _list_model(request)
        phone = _phone(model)
        only = self._channel(_integer(model, "instanceID")) if "instanceID" in model else None
        return [
            self._listed(message)
            for message in self.messages
            if message.phone == phone and (only is None or message.instance_id == only.instance_id)
        ]

    def _listed(self, message: Message) -> dict[str, str]:
        at = message.at.astimezone(ISTANBUL)
        return {
            "channelnumber": self.channels[message.instance_id].account,
            "sentdate": f"{at:%Y-%m-%d}",
            "senttime": f"{at:%H:%M:%S}",
            "customernumber": message.phone,
            "message": message.text or message.file_url,
            "messagesource": message.source,
        }


def _envelope(data: Any, refusal: RefusedError | None = None) -> Response:
    return json_response(
        {
            "data": data,
            "status": refusal is None,
            "message": refusal.message if refusal else "Success",
            "statusCode": refusal.code if refusal else "",
            "requestID": str(uuid.uuid4()),
        }
    )


def _json_model(request: Request, known: frozenset[str]) -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise NotServedError(415)
    try:
        model = json.loads(request.get_data())
        json.dumps(model, ensure_ascii=False).encode()  # half a surrogate pair is valid JSON and no text
    except (ValueError, RecursionError):
        raise RefusedError(401, INVALID_MODEL) from None
    # A misspelt field would be ignored without a word by the real service; here it is noticed.
    if not isinstance(model, dict) or not model.keys() <= known:
        raise RefusedError(401, INVALID_MODEL)
    return model


def _list_model(request: Request) -> dict[str, Any]:
    if request.method == "POST":
        return _json_model(request, frozenset({"instanceID", "chatPhoneNumber"}))
    model: dict[str, Any] = request.args.to_dict()
    if model.get("instanceID", "").isdecimal():
        model["instanceID"] = int(model["instanceID"])
    return model


def _integer(model: dict[str, Any], field: str) -> int:
    value = model.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RefusedError(401, INVALID_MODEL)
    return value


def _string(model: dict[str, Any], field: str) -> str:
    value = model.get(field, "")
    if not isinstance(value, str):
        raise RefusedError(401, INVALID_MODEL)
    return value


def _recipient(model: dict[str, Any], channel: Channel) -> tuple[str, str]:
    if channel.instance_type == WHATSAPP:
        return _phone(model), ""
    account_id = _string(model, "chatAccountId").strip()
    if not account_id:
        raise RefusedError(409, "chatAccountId is required")
    return _string(model, "chatPhoneNumber"), account_id


def _phone(model: dict[str, Any]) -> str:
    phone = _string(model, "chatPhoneNumber")
    if not re.fullmatch(r"[0-9]{9,15}", phone):
        raise RefusedError(404, "chatPhoneNumber is not in the correct format")
    return phone


def _content(model: dict[str, Any]) -> tuple[str, str, str]:
    """Text, file URL and file name; the one or the other two are empty."""
    match model.get("messageType"):
        case bool():
            raise RefusedError(600, "messageType is not supported")
        case 1:
            text = _string(model, "messageText")
            if not text.strip():
                raise RefusedError(401, INVALID_MODEL)
            if len(text) > LONGEST_TEXT:
                raise RefusedError(601, f"messageText can be at most {LONGEST_TEXT} characters")
            return text, "", ""
        case 2:
            file_url, file_name = _string(model, "fileurl").strip(), _string(model, "filename").strip()
            if not file_url:
                raise RefusedError(602, "fileurl is required")
            if not re.match(r"https?://[^/\s]+", file_url):
                raise RefusedError(603, "The file could not be downloaded")
            if not file_name:
                raise RefusedError(401, INVALID_MODEL)
            return "", file_url, file_name
        case _:
            raise RefusedError(600, "messageType is not supported")


def _new_message_id() -> str:
    return f"wamid.{base64.b64encode(uuid.uuid4().bytes * 2).decode()}"
