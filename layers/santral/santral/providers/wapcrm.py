"""WapCRM: sends WhatsApp and other chat messages.

Facts come from WapCRM's API document ("WapCRM Api"), named here by its headings. It lists no status codes; those of
the table below are the vendor's own list as published with a client of the same API (invektoservice, 2026). The
header's name has an older spelling in the vendor's help pages, hence `options.header_name`. WapCRM knows no
idempotency key and recognises no repetition: a message sent twice arrives twice.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from santral.errors import (
    Busy,
    CredentialsRefused,
    FieldError,
    InvalidRequest,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unintelligible,
    Unreachable,
)
from santral.http import Answer, Http
from santral.providers.credentials import BaseUrl, SecretKey
from santral.providers.ports import OutgoingMessage

PROVIDER = "wapcrm"
LONGEST_TEXT = 1000

_OK = 200
_ZOHO_CRM = 4
_TEXT, _FILE = 1, 2


class Refusal(NamedTuple):
    """What a status code of WapCRM is in our words."""

    error: type[OutsideFailure]
    sentence: str
    retry_after: int | None = None


_ASK_ADMINISTRATOR = "Ask your administrator"
_SWITCHED_OFF = "WapCRM's chat server does not take messages right now, so nothing was sent. Please try again later."
_UNKNOWN_USER = "WapCRM does not know this user. Check the user's e-mail address in WapCRM and in the user directory."
_ALLOW_LIST = (
    "WapCRM accepts requests from registered IP addresses only, and ours is not one of them. "
    f"{_ASK_ADMINISTRATOR} to register it in WapCRM's settings."
)
_TEMPLATE = "WapCRM refused the message template: it is unknown, or one of its fields is missing."
_PLACEHOLDER = "WapCRM could not fill in the message's placeholders for this customer."
_NOT_SENT_BY_US = "WapCRM refused a change of customer data."

REFUSALS: Mapping[str, Refusal] = {
    "301": Refusal(Busy, "The company's daily message limit is reached. Messages can be sent again tomorrow."),
    "302": Refusal(Busy, "Too many messages in this minute. Please try again in a minute.", retry_after=60),
    "400": Refusal(CredentialsRefused, f"WapCRM got no API key. {_ASK_ADMINISTRATOR} to check the WapCRM settings."),
    "401": Refusal(Rejected, "WapCRM could not read the message. Check the sender, the number and the text."),
    "404": Refusal(Rejected, "WapCRM does not accept the form of the number. Write it with its country code."),
    # In these two WapCRM itself says that it could not hand the message on. We do not send again, having only its word
    # for it; the person may, and is told so.
    "405": Refusal(Unreachable, "WapCRM cannot reach the company's chat server. Please try again in a few minutes."),
    "408": Refusal(Unreachable, _SWITCHED_OFF),
    "409": Refusal(Rejected, "This channel needs the customer's account id instead of a phone number."),
    "500": Refusal(CredentialsRefused, f"WapCRM does not know our API key. {_ASK_ADMINISTRATOR} to enter a valid one."),
    "501": Refusal(CredentialsRefused, f"The API is switched off in WapCRM. {_ASK_ADMINISTRATOR} to switch it on."),
    "502": Refusal(CredentialsRefused, "The company's WapCRM account is switched off. Ask WapCRM to switch it on."),
    "503": Refusal(Rejected, _UNKNOWN_USER),
    "505": Refusal(Rejected, f"The company has no channel in WapCRM. {_ASK_ADMINISTRATOR} to add one."),
    "506": Refusal(Rejected, "This channel is not one of the company's channels in WapCRM, or not open to this user."),
    "507": Refusal(Rejected, f"No channel of the company is active in WapCRM. {_ASK_ADMINISTRATOR} to activate one."),
    "508": Refusal(CredentialsRefused, _ALLOW_LIST),
    "509": Refusal(CredentialsRefused, _ALLOW_LIST),
    "510": Refusal(Rejected, f"No daily message quota is set in WapCRM. {_ASK_ADMINISTRATOR} to set one."),
    "511": Refusal(Rejected, f"No message quota per minute is set in WapCRM. {_ASK_ADMINISTRATOR} to set one."),
    "512": Refusal(Rejected, _UNKNOWN_USER),
    "513": Refusal(Rejected, f"This user has no channel in WapCRM. {_ASK_ADMINISTRATOR} to assign one."),
    "514": Refusal(Rejected, f"This user may not use this channel in WapCRM. {_ASK_ADMINISTRATOR} to allow it."),
    "600": Refusal(Rejected, "This channel does not take this kind of message."),
    "601": Refusal(Rejected, f"The text is too long: a message holds {LONGEST_TEXT} characters."),
    "602": Refusal(Rejected, "The message has no address of its file."),
    "603": Refusal(Rejected, "WapCRM could not fetch the file. It must be open to everyone who has its address."),
    "621": Refusal(Rejected, _TEMPLATE),
    "622": Refusal(Rejected, _TEMPLATE),
    "626": Refusal(Rejected, "WapCRM found no such message."),
    "900": Refusal(Rejected, _PLACEHOLDER),
    "901": Refusal(Rejected, _PLACEHOLDER),
    "902": Refusal(Rejected, _PLACEHOLDER),
    "903": Refusal(Rejected, _PLACEHOLDER),
    "905": Refusal(Rejected, _PLACEHOLDER),
    "906": Refusal(Rejected, "This conversation is closed to marketing messages."),
    "907": Refusal(Rejected, "This customer has asked for no marketing messages."),
    "908": Refusal(Rejected, "WapCRM does not know the customer who wants no more messages."),
    "911": Refusal(
        OutcomeUnknown, "WapCRM had an error, so the message may have been sent. Look before you try again."
    ),
    "920": Refusal(Rejected, _NOT_SENT_BY_US),
    "921": Refusal(Rejected, _NOT_SENT_BY_US),
    "922": Refusal(Rejected, _NOT_SENT_BY_US),
    "923": Refusal(Rejected, _NOT_SENT_BY_US),
}
_UNLISTED = Refusal(Rejected, "WapCRM refused this, for a reason it does not explain.")


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    header_name: str = Field(default="X-CIB-SecretKey", pattern=r"^[A-Za-z0-9-]{1,64}$")


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class WapCrmCredentials(BaseModel):
    """The secret `wapcrm`. `default_channel_id` is the instanceID of the channel used where none is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl = "https://cxapi.wapcrm.net"
    secret_key: SecretKey
    webhook_tokens: tuple[SecretKey, ...] = ()
    default_channel_id: Annotated[Annotated[str, Field(min_length=1)] | None, BeforeValidator(_as_text)] = None
    options: Options = Options()


@dataclass(frozen=True)
class _Envelope:
    """The one form of every answer ("Response"): done or not, a code when not, and what was asked for."""

    done: bool
    code: str
    data: Any


class WapCrm:
    """One company's WapCRM.

    Args:
        credentials: The tenant's secret.
        http: Replaces the connection in tests.
    """

    Credentials = WapCrmCredentials

    def __init__(self, credentials: WapCrmCredentials, *, http: Http | None = None) -> None:
        self._key_header = {credentials.options.header_name: credentials.secret_key.get_secret_value()}
        self._default_channel_id = credentials.default_channel_id
        self._http = http or Http(PROVIDER, credentials.base_url)

    def check(self) -> None:
        """Read the users ("Kullanıcı Listesi")."""
        _data(self._http.call("GET", "/api/users", safe=True, headers=self._key_header), safe=True)

    def send(self, message: OutgoingMessage) -> str | None:
        """Send a message ("Mesaj Gönderme"); see the port.

        Raises:
            InvalidRequest: The message lacks something WapCRM asks for; nothing was sent.
        """
        body = json.dumps(_written(message, message.channel_id or self._default_channel_id)).encode()
        headers = {**self._key_header, "Content-Type": "application/json"}
        answer = self._http.call("POST", "/api/chatoperation", safe=False, headers=headers, body=body)
        return _message_id(_data(answer, safe=False))


def _written(message: OutgoingMessage, channel_id: str | None) -> dict[str, Any]:
    """Return the message in the document's own words and casing."""
    errors = list(_faults(message, channel_id))
    if errors:
        raise InvalidRequest(errors)
    return {
        "instanceID": _number_or_text(str(channel_id)),
        **_sender(str(message.user)),
        **_recipient(message),
        **_content(message),
    }


def _faults(message: OutgoingMessage, channel_id: str | None) -> list[FieldError]:
    user = str(message.user)
    text, file_url = (message.text or "").strip(), (message.file_url or "").strip()
    rules = [
        (channel_id, "channel_id", "is needed: choose the channel to send from, or have a default one set up"),
        ("@" in user or _is_number(user), "user", "must be an e-mail address or a WapCRM user number"),
        (message.to or message.account_id, "to", "is needed: the customer's number or account id"),
        (bool(text) != bool(file_url), "text", "is needed, or else a file: a message is one of the two"),
        (len(message.text or "") <= LONGEST_TEXT, "text", f"must not be longer than {LONGEST_TEXT} characters"),
        (not file_url or (message.file_name or "").strip(), "file_name", "is needed with a file"),
    ]
    return [FieldError(field, problem) for holds, field, problem in rules if not holds]


def _sender(user: str) -> dict[str, Any]:
    """`Incom` 4 is Zoho CRM and asks for the user's e-mail address; a user's number goes without it."""
    return {"userKey": user, "Incom": _ZOHO_CRM} if "@" in user else {"userID": int(user)}


def _recipient(message: OutgoingMessage) -> dict[str, Any]:
    recipient = {}
    if message.to:
        recipient["chatPhoneNumber"] = re.sub(r"[^0-9]", "", message.to)
    if message.account_id:
        # A Telegram group's id is negative and long: text keeps it whole.
        recipient["chatAccountId"] = message.account_id
    return recipient


def _content(message: OutgoingMessage) -> dict[str, Any]:
    if message.file_url:
        return {
            "messageType": _FILE,
            "fileurl": message.file_url.strip(),
            "filename": (message.file_name or "").strip(),
        }
    return {"messageType": _TEXT, "messageText": message.text}


def _number_or_text(text: str) -> int | str:
    return int(text) if _is_number(text) else text


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", text) is not None


def _data(answer: Answer, *, safe: bool) -> Any:
    envelope = _envelope(answer)
    if envelope is None:
        error = Unintelligible if safe else OutcomeUnknown
        raise error(f"answered {answer.status} without an envelope", system=PROVIDER)
    if envelope.done:
        return envelope.data
    refusal = REFUSALS.get(envelope.code, _UNLISTED)
    if safe and refusal.error is OutcomeUnknown:
        raise Unintelligible(f"refused with code {envelope.code}", system=PROVIDER)
    raise refusal.error(
        # The provider's own message is left out: it may quote the key or the customer's number.
        f"refused with code {envelope.code or '(none)'}",
        system=PROVIDER,
        sentence=refusal.sentence,
        retry_after=refusal.retry_after,
    )


def _envelope(answer: Answer) -> _Envelope | None:
    """Read an answer; names in any case, since the vendor prints them in two, and the code as text or number."""
    if answer.status != _OK:
        return None
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    fields = {name.lower(): value for name, value in told.items()}
    done = {"true": True, "false": False}.get(str(fields.get("status")).strip().lower())
    if done is None:
        return None
    code = str(fields.get("statuscode", "")).strip()
    return _Envelope(done, code if re.fullmatch(r"[0-9]{0,4}", code) else "", fields.get("data"))


def _message_id(data: Any) -> str | None:
    """The message's id; where there is none the message was accepted all the same."""
    if isinstance(data, bool) or not isinstance(data, str | int):
        return None
    return str(data).strip() or None
