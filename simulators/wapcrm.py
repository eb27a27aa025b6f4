"""WapCRM as its document describes it: one envelope for everything, refusals with HTTP 200, nothing sent forgotten."""

import itertools
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from simulators.demo_data import CHANNELS, USERS, Channel, WapCrmUser
from simulators.frame import ActionRefusedError, Simulator, committed, json_response
from simulators.notifications import DeliveryPolicy
from simulators.timeline import RealTime, Timeline
from simulators.wapcrm_calls import (
    KINDS,
    RESULTS,
    Conversation,
    conversation_as_document,
    results_as_document,
)
from simulators.wapcrm_chats import VIEWED, Chats, Message, MessageScript, Webhooks, new_message_id
from simulators.wapcrm_quirks import Quirks
from simulators.wapcrm_requests import (
    INVALID_MODEL,
    MESSAGE_FIELDS,
    OUTCOME_FIELDS,
    ZOHO_CRM,
    NotServedError,
    RefusedError,
    content,
    day,
    integer,
    json_model,
    phone_of,
    read_model,
    recipient,
    seconds,
    string,
)

KEY_HEADER = "X-CIB-SecretKey"
ISTANBUL = timezone(timedelta(hours=3))
READ_METHODS = ("GET", "POST")
THROTTLES = ("301", "302")


class WapCrm(Simulator):
    name = "wapcrm"
    actions: ClassVar[frozenset[str]] = frozenset(
        {
            "customer_writes",
            "customer_sends_file",
            "colleague_writes",
            "customer_reads",
            "agent_calls",
            "tell_system_event",
            "repeat_events",
            "use_script",
            "use_delivery",
            "use_quirks",
            "allow_ips",
            "notify_crm_at",
        }
    )

    def __init__(
        self,
        *,
        secret_key: str = "wapcrm-demo-secret",
        channels: Iterable[Channel] = CHANNELS,
        users: Iterable[WapCrmUser] = USERS,
        allowed_ips: Iterable[str] | None = None,
        per_minute: int = 60,
        per_day: int = 1000,
        crm_url: str | None = None,
        timeline: Timeline | None = None,
    ) -> None:
        """`allowed_ips` None leaves the allow-list out; an empty one refuses everybody, as a new company's does."""
        super().__init__()
        self.channels = {channel.instance_id: channel for channel in channels}
        self.users = {user.user_id: user for user in users}
        self.results = RESULTS
        self.allowed_ips = None if allowed_ips is None else frozenset(allowed_ips)
        self.per_minute = per_minute
        self.per_day = per_day
        self.quirks = Quirks()
        self.timeline = timeline or RealTime()
        self.webhooks = Webhooks(self.timeline, secret_key, crm_url)
        self.chats = Chats(self.timeline, self.webhooks)
        self._secret_key = secret_key
        self._lock = threading.Lock()
        self._conversations: list[Conversation] = []
        self._conversation_ids = itertools.count(4711)

    @property
    def api_url(self) -> str:
        """What a tenant's `base_url` is set to."""
        return self.url

    @property
    def messages(self) -> list[Message]:
        return self.chats.all()

    @property
    def sent(self) -> list[Message]:
        """What customers have received, a doubled send twice."""
        return [message for message in self.messages if message.source == "ME" and message.user_id is not None]

    @property
    def conversations(self) -> list[Conversation]:
        """The calls there are, an outcome saved twice as two."""
        with self._lock:
            return list(self._conversations)

    # What happens outside the API; the control plane offers these too.

    def customer_writes(
        self,
        phone: str,
        text: str | list[str],
        instance_id: int = CHANNELS[0].instance_id,
        sender_name: str = "",
    ) -> list[str]:
        """A customer writes, several texts in one post; the messages' ids."""
        texts = [text] if isinstance(text, str) else text
        return self._came_in(instance_id, [self._chat(phone, instance_id, text=one, name=sender_name) for one in texts])

    def customer_sends_file(self, phone: str, file_url: str, instance_id: int = CHANNELS[0].instance_id) -> str:
        """A customer sends a file, which WapCRM keeps at an address open to everyone; the message's id."""
        return self._came_in(instance_id, [self._chat(phone, instance_id, file_url=file_url)])[0]

    def colleague_writes(self, phone: str, text: str, instance_id: int = CHANNELS[0].instance_id) -> str:
        """Somebody of the company writes on the phone itself; the message's id."""
        return self._came_in(instance_id, [replace(self._chat(phone, instance_id, text=text), source="ME")])[0]

    def customer_reads(self, message_id: str) -> None:
        """A customer opens the chat with a message in it."""
        try:
            self.chats.acknowledge(message_id, VIEWED)
        except KeyError:
            raise ActionRefusedError(f"no message {message_id}") from None

    def agent_calls(
        self,
        phone: str,
        *,
        kind: int = KINDS[0],
        guid: str = "",
        ring_seconds: int = 5,
        call_seconds: int = 60,
        customer: str = "",
        user: str = USERS[0].full_name,
        transferred_to: str = "",
    ) -> int:
        """A call is made within WapCRM, and is over now; its id in the report."""
        if kind not in KINDS:
            raise ActionRefusedError(f"no kind of call {kind}")
        return self._keep_conversation(
            phone=phone,
            kind=kind,
            guid=guid or str(uuid.uuid4()),
            ring_seconds=ring_seconds,
            call_seconds=call_seconds,
            customer=customer,
            user=user,
            line=CHANNELS[0].account,
            transferred_to=transferred_to,
        )

    def tell_system_event(self, kind: str = "customer.selection_changed", data: dict[str, Any] | None = None) -> str:
        return self.chats.tell_system_event(kind, data or {})

    def repeat_events(self, message_id: str, state: str | None = None) -> int:
        return self.webhooks.repeat(message_id, state)

    def use_script(self, script: MessageScript) -> None:
        self.chats.script = script

    def use_delivery(self, policy: DeliveryPolicy) -> None:
        self.webhooks.policy = policy

    def use_quirks(self, quirks: Quirks) -> None:
        self.quirks = quirks

    def allow_ips(self, ips: list[str] | None) -> None:
        self.allowed_ips = None if ips is None else frozenset(ips)

    def notify_crm_at(self, crm_url: str | None) -> None:
        self.webhooks.crm_url = crm_url

    def forget(self) -> None:
        """Be as if nobody had ever written or called."""
        self.chats.forget()
        with self._lock:
            self._conversations.clear()

    @property
    def busy(self) -> bool:
        return self.webhooks.busy

    def state(self) -> dict[str, Any]:
        return {
            "channels": [asdict(channel) for channel in self.channels.values()],
            "users": [asdict(user) for user in self.users.values()],
            "messages": [asdict(message) | {"at": message.at.isoformat()} for message in self.messages],
            "conversations": [
                asdict(call) | {"created_at": call.created_at.isoformat()} for call in self.conversations
            ],
            "results": [asdict(result) for result in self.results],
            "deliveries": [asdict(delivery) for delivery in self.webhooks.log],
            "script": asdict(self.chats.script),
            "quirks": asdict(self.quirks),
        }

    def close(self) -> None:
        super().close()
        self.timeline.stop()

    def _chat(self, phone: str, instance_id: int, *, text: str = "", file_url: str = "", name: str = "") -> Message:
        file_name = file_url.rsplit("/", 1)[-1]
        now = self.timeline.now()
        return Message(new_message_id(), instance_id, phone, "", text, file_url, file_name, None, "CUSTOMER", now, name)

    def _came_in(self, instance_id: int, messages: list[Message]) -> list[str]:
        if instance_id not in self.channels:
            raise ActionRefusedError(f"no channel {instance_id}")
        if not messages:
            raise ActionRefusedError("no text")
        self.chats.receive(messages)
        return [message.message_id for message in messages]

    def _keep_conversation(self, **known: Any) -> int:
        with self._lock:
            call = Conversation(**{"id": next(self._conversation_ids), "created_at": self.timeline.now(), **known})
            self._conversations.append(call)
        return call.id

    # The API.

    def answer(self, request: Request) -> Response:
        try:
            return self._envelope(self._route(request))
        except RefusedError as refusal:
            return self._envelope(None, refusal)
        except NotServedError as refusal:
            headers = {"Allow": refusal.allowed} if refusal.allowed else None
            return Response("", refusal.status, headers, content_type="text/plain")

    def _route(self, request: Request) -> Any:
        endpoints: dict[str, tuple[tuple[str, ...], Callable[[Request], Any]]] = {
            "/api/users": (READ_METHODS, self._list_users),
            "/api/Instances": (READ_METHODS, self._list_channels),
            "/api/chatoperation": (("POST",), self._send),
            "/api/messagelistforphone": (READ_METHODS, self._list_messages),
            "/api/conversations": (READ_METHODS, self._report_calls),
            "/api/callresults": (READ_METHODS, self._list_results),
            "/api/addconversation": (READ_METHODS, self._save_outcome),
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

    def _send(self, request: Request) -> str | None:
        model = json_model(request, MESSAGE_FIELDS)
        channel = self._channel(integer(model, "instanceID"))
        user_id = self._sender(model)
        phone, account_id = recipient(model, channel)
        text, file_url, file_name = content(model)
        now = self.timeline.now()
        message = Message(
            new_message_id(), channel.instance_id, phone, account_id, text, file_url, file_name, user_id, "ME", now
        )
        with self._lock:
            self._spend_quota(now)
            self.chats.send(message)
        committed(request)
        return message.message_id if self.quirks.message_ids == "given" else None

    def _channel(self, instance_id: int) -> Channel:
        if not self.channels:
            raise RefusedError(505, "The company has no channels")
        if instance_id not in self.channels:
            raise RefusedError(506, "ACCESS DENIED")
        return self.channels[instance_id]

    def _sender(self, model: dict[str, Any]) -> int:
        if "Incom" not in model:
            user_id = integer(model, "userID")
            if user_id not in self.users:
                raise RefusedError(503, "User not found")
            return user_id
        email = string(model, "userKey").strip()
        if integer(model, "Incom") != ZOHO_CRM or not email:
            raise RefusedError(401, INVALID_MODEL)
        for user in self.users.values():
            if user.email.casefold() == email.casefold():
                return user.user_id
        raise RefusedError(512, "User not found")

    def _spend_quota(self, now: datetime) -> None:
        sent_at = [message.at for message in self.sent]
        today = now.astimezone(ISTANBUL).date()
        if sum(at.astimezone(ISTANBUL).date() == today for at in sent_at) >= self.per_day:
            raise RefusedError(301, "Daily message limit reached")
        if sum(now - at < timedelta(minutes=1) for at in sent_at) >= self.per_minute:
            raise RefusedError(302, "Message limit per minute reached")

    def _list_messages(self, request: Request) -> list[dict[str, str]]:
        model = read_model(request, frozenset({"instanceID", "chatPhoneNumber"}))
        phone = phone_of(model)
        only = self._channel(integer(model, "instanceID")) if "instanceID" in model else None
        return [
            self._listed(message)
            for message in self.messages
            if message.phone == phone and (only is None or message.instance_id == only.instance_id)
        ]

    def _listed(self, message: Message) -> dict[str, str]:
        at = message.at.astimezone(ISTANBUL)
        return {
            "channelnumber": self.channels[message.instance_id].account,
            "sentdate": f"{at:%Y-%m-%d}" if self.quirks.dates == "iso" else f"{at:%d.%m.%Y}",
            "senttime": f"{at:%H:%M:%S}",
            "customernumber": message.phone,
            "message": message.text or message.file_url,
            "messagesource": message.source,
        }

    def _report_calls(self, request: Request) -> list[dict[str, Any]]:
        # The two names differ in their casing, and are taken as the document prints them.
        model = read_model(request, frozenset({"startDate", "enddate"}))
        first, last = day(model, "startDate"), day(model, "enddate")
        if self.quirks.last_day == "left out":
            last -= timedelta(days=1)
        local = [replace(call, created_at=call.created_at.astimezone(ISTANBUL)) for call in self.conversations]
        return [
            conversation_as_document(call, self.quirks) for call in local if first <= call.created_at.date() <= last
        ]

    def _list_results(self, _: Request) -> list[dict[str, Any]]:
        return results_as_document(self.results)

    def _save_outcome(self, request: Request) -> int:
        model = read_model(request, OUTCOME_FIELDS)
        kind, at = integer(model, "ConversationType"), integer(model, "ConversationDateTimeSpan")
        guid = string(model, "CallID").strip()
        if kind not in KINDS or not guid or not 0 < at < 10**10:
            raise RefusedError(401, INVALID_MODEL)
        result, child = self._results(model)
        saved = self._keep_conversation(
            created_at=datetime.fromtimestamp(at, ISTANBUL),
            phone=phone_of(model, "PhoneNumber"),
            kind=kind,
            note=string(model, "Note"),
            result=result,
            child_result=child,
            user=string(model, "ExtensionNumber"),
            guid=guid,
            ring_seconds=seconds(model, "RingSecond"),
            call_seconds=seconds(model, "CallTimeSecond"),
            line=string(model, "PbxPhoneNumber"),
        )
        committed(request)
        return saved

    def _results(self, model: dict[str, Any]) -> tuple[str, str]:
        """The names of the chosen result and of the one below it."""
        if "ResultID" not in model:
            return "", ""
        chosen = next((result for result in self.results if result.id == integer(model, "ResultID")), None)
        if chosen is None:
            raise RefusedError(401, INVALID_MODEL)
        if "ChildResultID" not in model:
            return chosen.name, ""
        child = next((result for result in chosen.below if result.id == integer(model, "ChildResultID")), None)
        if child is None:
            raise RefusedError(401, INVALID_MODEL)
        return chosen.name, child.name

    def _envelope(self, data: Any, refusal: RefusedError | None = None) -> Response:
        status: bool | str = refusal is None
        quirks = self.quirks
        envelope = {
            "data": data,
            "status": status if quirks.status == "bool" else str(status),
            "message": refusal.message if refusal else "Success",
            "statusCode": refusal.code if refusal else quirks.success_code,
            "requestID": str(uuid.uuid4()),
        }
        by_http = refusal is not None and refusal.code in THROTTLES and quirks.throttled_by == "http"
        return json_response(quirks.bent(envelope), int(refusal.code) if refusal and by_http else 200)
