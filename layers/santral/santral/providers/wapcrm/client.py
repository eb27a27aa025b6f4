"""WapCRM's API."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from santral.calls import Direction
from santral.errors import FieldError, InvalidRequest
from santral.http import DEADLINE_SECONDS, Answer, Http
from santral.messages import MessageEvent
from santral.providers import constant_time
from santral.providers.credentials import BaseUrl, SecretKey
from santral.providers.ports import (
    Acknowledgement,
    CallOutcome,
    Channel,
    HistoryBudget,
    MessageUser,
    Outcome,
    OutgoingMessage,
    Page,
    PastMessage,
    Webhook,
)
from santral.providers.wapcrm import calls, envelope, notifications, outgoing
from santral.providers.wapcrm.values import (
    ISTANBUL,
    PROVIDER,
    Name,
    Number,
    Text,
    Told,
    digits,
    message_id_of,
    moment,
    rows_understood,
)
from santral.sentences import say

# Nobody waits at a screen for it, and whole days are read at once.
HISTORY_SECONDS = 15.0
# A file we sent may come back as the link we signed; whoever holds it could open the file.
_SIGNATURE = "X-Amz-Signature="
_CHANNEL_KINDS = {1: "whatsapp", 2: "instagram", 3: "facebook", 4: "telegram", 5: "voip", 6: "sms"}


class Options(BaseModel):
    """What the vendor's papers disagree about, and a tenant may have to set otherwise."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    header_name: str = Field(default="X-CIB-SecretKey", pattern=r"^[A-Za-z0-9-]{1,64}$")


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class WapCrmCredentials(BaseModel):
    """The secret `wapcrm`. `default_channel_id` is the instanceID of the channel used where none is named."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    base_url: BaseUrl = "https://cxapi.wapcrm.net"
    secret_key: SecretKey
    webhook_tokens: tuple[SecretKey, ...] = ()
    default_channel_id: Annotated[Annotated[str, Field(min_length=1)] | None, BeforeValidator(_as_text)] = None
    options: Options = Options()


class _User(Told):
    user_id: Annotated[Name, Field(min_length=1, validation_alias=AliasChoices("userid", "id"))]
    name: Annotated[Name, Field(validation_alias=AliasChoices("userfullname", "name"))] = ""
    login: Annotated[Name, Field(validation_alias="username")] = ""


class _Channel(Told):
    instance_id: Annotated[Name, Field(min_length=1)]
    instance_name: Name = ""
    account: Name = ""
    instance_type: Number = None


class _PastMessage(Told):
    channel_number: Name = ""
    sent_date: Name = ""
    sent_time: Name = ""
    customer_number: Name = ""
    message: Text = ""
    message_source: Annotated[Name, Field(pattern="^(?i:me|customer)$")]

    def past(self) -> PastMessage:
        return PastMessage(
            direction=Direction.OUTBOUND if self.message_source.upper() == "ME" else Direction.INBOUND,
            text=re.sub(r"\S+", _unsigned, self.message),
            sent_at=moment(f"{self.sent_date} {self.sent_time}"),
            channel_account=self.channel_number or None,
            phone=self.customer_number or None,
        )


def _unsigned(word: re.Match[str]) -> str:
    return word[0].partition("?")[0] if _SIGNATURE in word[0] else word[0]


class WapCrm:
    """One company's WapCRM.

    Args:
        credentials: The tenant's secret.
        http: Replaces the connection in tests.
    """

    Credentials = WapCrmCredentials
    encrypted = True  # its address begins with https:// or is refused
    # The document names no limit of requests but that of messages, and no pages: a later page reads its days again.
    history_budget = HistoryBudget(rows=2000, requests=6)

    def __init__(self, credentials: WapCrmCredentials, *, http: Http | None = None) -> None:
        self._key_header = {credentials.options.header_name: credentials.secret_key.get_secret_value()}
        self._default_channel_id = credentials.default_channel_id
        self._tokens = [token.get_secret_value() for token in credentials.webhook_tokens]
        self._http = http or Http(PROVIDER, credentials.base_url)

    def check(self) -> None:
        """Read the users, the smallest list there is."""
        self.users()

    def users(self) -> list[MessageUser]:
        """Return who can send messages. Document, "Kullanıcı Listesi"."""
        rows = rows_understood(_User, envelope.rows(self._get("/api/users")))
        return [MessageUser(user.user_id, user.name, user.login or None) for user in rows]

    def channels(self) -> list[Channel]:
        """Return the lines messages are sent through. Document, "Hesap Listesi"."""
        rows = rows_understood(_Channel, envelope.rows(self._get("/api/Instances")))
        return [
            Channel(
                row.instance_id, row.instance_name, row.account, _CHANNEL_KINDS.get(row.instance_type or 0, "unknown")
            )
            for row in rows
        ]

    def send(self, message: OutgoingMessage) -> str | None:
        """Send a message; see the port. Document, "Mesaj Gönderme".

        Raises:
            InvalidRequest: The message lacks something WapCRM asks for; nothing was sent.
        """
        model = outgoing.written(message, message.channel_id or self._default_channel_id)
        told = envelope.data(self._post("/api/chatoperation", model, safe=False), safe=False)
        # Without an id of any form the message was accepted all the same (W9).
        return message_id_of(str(told)) if isinstance(told, str | int) and not isinstance(told, bool) else None

    def messages(self, *, phone: str, channel_id: str | None) -> list[PastMessage]:
        """Return the messages exchanged with a number, oldest first. Document, "Telefona Ait Mesaj Listesi".

        Raises:
            InvalidRequest: The number is too short to be one.
        """
        number = digits(phone)
        if number is None:
            raise InvalidRequest([FieldError("phone", say("is too short: write it with its country code"))])
        model: dict[str, Any] = {"chatPhoneNumber": number}
        if channel_id:
            model["instanceID"] = outgoing.number_or_text(channel_id)
        rows = rows_understood(_PastMessage, envelope.rows(self._post("/api/messagelistforphone", model, safe=True)))
        return _oldest_first([row.past() for row in rows])

    def history(self, *, since: datetime, until: datetime, offset: int, limit: int) -> Page:
        """Return the calls that started in a period; see the port. Document, "Görüşme Raporları".

        WapCRM reports whole days of Istanbul. One day more is asked for, since nothing says whether the last one is
        part of the report. A row that is not understood is left out, logged and counted as `rows_not_understood`.
        """
        days = {
            # The two differ in their casing, and are sent as the document prints them.
            "startDate": since.astimezone(ISTANBUL).date().isoformat(),
            "enddate": (until.astimezone(ISTANBUL).date() + timedelta(days=1)).isoformat(),
        }
        answer = self._post("/api/conversations", days, safe=True, deadline=HISTORY_SECONDS)
        found = calls.between(rows_understood(calls.Conversation, envelope.rows(answer)), since, until)
        page = found[offset : offset + limit]
        return Page([conversation.event() for conversation in page], len(page))

    def outcomes(self) -> list[Outcome]:
        """Return the tree of results. Document, "Arama Sonuçları"."""
        return [row.outcome() for row in rows_understood(calls.Result, envelope.rows(self._get("/api/callresults")))]

    def save_outcome(self, outcome: CallOutcome) -> None:
        """Save what an agent says of a call, at most once. Document, "Arama Sonucu Kaydetme".

        Raises:
            InvalidRequest: The outcome lacks something we insist on; nothing was saved.
            OutcomeUnknown: The request may have left and no answer came.
        """
        envelope.data(self._post("/api/addconversation", calls.written(outcome), safe=False), safe=False)

    def authentic(self, token: str) -> bool:
        """Tell whether a path token is one of ours; see the port. Nothing else proves who posts."""
        return constant_time.is_one_of(token, self._tokens)

    def events(self, webhook: Webhook) -> Sequence[MessageEvent]:
        """Return what a webhook tells; see the port."""
        return self.events_kept(webhook.body)

    def events_kept(self, body: bytes) -> Sequence[MessageEvent]:
        """Return what a body tells, whenever it came; see the port."""
        return [] if notifications.is_probe(body) else notifications.events(body)

    def acknowledgement(self) -> Acknowledgement:
        """Return an answer of success; WapCRM looks at its status alone."""
        return Acknowledgement("{}", {"content-type": "application/json"})

    def _get(self, path: str) -> Answer:
        return self._http.call("GET", path, safe=True, headers=self._key_header)

    def _post(self, path: str, model: Mapping[str, Any], *, safe: bool, deadline: float = DEADLINE_SECONDS) -> Answer:
        # Lists with parameters are asked for by POST too: a GET that carries a body is what proxies drop.
        headers = {**self._key_header, "Content-Type": "application/json"}
        body = json.dumps(model).encode()
        return self._http.call("POST", path, safe=safe, headers=headers, body=body, deadline=deadline)


def _oldest_first(messages: list[PastMessage]) -> list[PastMessage]:
    if any(message.sent_at is None for message in messages):
        # The order told is the better guess.
        return messages
    return sorted(messages, key=attrgetter("sent_at"))
