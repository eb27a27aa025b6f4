"""The one form of every answer of WapCRM ("Response"), and what its status codes mean in our words.

The codes are the vendor's own list (invektoservice, 2026; the API serves it at /help/statuscodes). A refusal comes with
HTTP 200; its message is never quoted, since it may hold the key or the customer's number.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from santral.errors import (
    Busy,
    CredentialsRefused,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unintelligible,
    Unreachable,
)
from santral.http import Answer
from santral.providers import lenient_json
from santral.providers.wapcrm.values import PROVIDER, lowered
from santral.sentences import Sentence, say

LONGEST_TEXT = 1000

_OK = 200
# WapCRM itself says so inside its envelope; what stands before it may say it in HTTP.
_REFUSED_AT_THE_DOOR = frozenset({401, 403})
_NOTHING_FOUND = "626"
_DONE_ALREADY = "909"


class Refusal(NamedTuple):
    """What a status code of WapCRM is in our words."""

    error: type[OutsideFailure]
    sentence: Sentence
    retry_after: int | None = None


_SWITCHED_OFF = say(
    "WapCRM's chat server does not take messages right now, so nothing was sent. Please try again later."
)
_UNKNOWN_USER = say(
    "WapCRM does not know this user. Check the user's e-mail address in WapCRM and in the user directory."
)
_ALLOW_LIST = say(
    "WapCRM accepts requests from registered IP addresses only, and ours is not one of them. "
    "Ask your administrator to register it in WapCRM's settings."
)
_REFUSED = say("WapCRM does not let us in. Ask your administrator to check our API key and our IP address in WapCRM.")
_TEMPLATE = say("WapCRM refused the message template: it is unknown, or one of its fields is missing.")
_PLACEHOLDER = say("WapCRM could not fill in the message's placeholders for this customer.")
_CUSTOMER_DATA = say("WapCRM refused a change of customer data.")

REFUSALS: Mapping[str, Refusal] = {
    "301": Refusal(Busy, say("The company's daily message limit is reached. Messages can be sent again tomorrow.")),
    "302": Refusal(Busy, say("Too many messages in this minute. Please try again in a minute."), retry_after=60),
    "400": Refusal(
        CredentialsRefused, say("WapCRM got no API key. Ask your administrator to check the WapCRM settings.")
    ),
    "401": Refusal(Rejected, say("WapCRM could not read this. Check the user or extension, the number and the text.")),
    "404": Refusal(Rejected, say("WapCRM does not accept the form of the number. Write it with its country code.")),
    # In these two WapCRM itself says that it could not hand the message on. We do not send again, having only its word
    # for it; the person may, and is told so.
    "405": Refusal(
        Unreachable, say("WapCRM cannot reach the company's chat server. Please try again in a few minutes.")
    ),
    "408": Refusal(Unreachable, _SWITCHED_OFF),
    "409": Refusal(Rejected, say("This channel needs the customer's account id instead of a phone number.")),
    "500": Refusal(
        CredentialsRefused, say("WapCRM does not know our API key. Ask your administrator to enter a valid one.")
    ),
    "501": Refusal(
        CredentialsRefused, say("The API is switched off in WapCRM. Ask your administrator to switch it on.")
    ),
    "502": Refusal(
        CredentialsRefused, say("The company's WapCRM account is switched off. Ask WapCRM to switch it on.")
    ),
    "503": Refusal(Rejected, _UNKNOWN_USER),
    "505": Refusal(Rejected, say("The company has no channel in WapCRM. Ask your administrator to add one.")),
    "506": Refusal(
        Rejected, say("This channel is not one of the company's channels in WapCRM, or not open to this user.")
    ),
    "507": Refusal(
        Rejected, say("No channel of the company is active in WapCRM. Ask your administrator to activate one.")
    ),
    "508": Refusal(CredentialsRefused, _ALLOW_LIST),
    "509": Refusal(CredentialsRefused, _ALLOW_LIST),
    "510": Refusal(Rejected, say("No daily message quota is set in WapCRM. Ask your administrator to set one.")),
    "511": Refusal(Rejected, say("No message quota per minute is set in WapCRM. Ask your administrator to set one.")),
    "512": Refusal(Rejected, _UNKNOWN_USER),
    "513": Refusal(Rejected, say("This user has no channel in WapCRM. Ask your administrator to assign one.")),
    "514": Refusal(Rejected, say("This user may not use this channel in WapCRM. Ask your administrator to allow it.")),
    "600": Refusal(Rejected, say("This channel does not take this kind of message.")),
    "601": Refusal(Rejected, say("The text is too long: a message holds {most} characters.", most=LONGEST_TEXT)),
    "602": Refusal(Rejected, say("The message has no address of its file.")),
    "603": Refusal(Rejected, say("WapCRM could not fetch the file. It must be open to everyone who has its address.")),
    "621": Refusal(Rejected, _TEMPLATE),
    "622": Refusal(Rejected, _TEMPLATE),
    "900": Refusal(Rejected, _PLACEHOLDER),
    "901": Refusal(Rejected, _PLACEHOLDER),
    "902": Refusal(Rejected, _PLACEHOLDER),
    "903": Refusal(Rejected, _PLACEHOLDER),
    "905": Refusal(Rejected, _PLACEHOLDER),
    "906": Refusal(Rejected, say("This conversation is closed to marketing messages.")),
    "907": Refusal(Rejected, say("This customer has asked for no marketing messages.")),
    "908": Refusal(Rejected, say("WapCRM does not know the customer who wants no more messages.")),
    "911": Refusal(OutcomeUnknown, say("WapCRM had an error, so it may have happened. Look before you try again.")),
    "920": Refusal(Rejected, _CUSTOMER_DATA),
    "921": Refusal(Rejected, _CUSTOMER_DATA),
    "922": Refusal(Rejected, _CUSTOMER_DATA),
    "923": Refusal(Rejected, _CUSTOMER_DATA),
}
_UNLISTED = Refusal(Rejected, say("WapCRM refused this, for a reason it does not explain."))


class _Envelope(NamedTuple):
    done: bool
    code: str
    data: Any


def data(answer: Answer, *, safe: bool) -> Any:
    """Return what was asked for; None where WapCRM found nothing.

    Args:
        answer: As it came.
        safe: Whether the request may be repeated. If not, an answer that tells nothing leaves it in doubt.

    Raises:
        OutsideFailure: WapCRM refused, or its answer cannot be read.
    """
    if answer.status in _REFUSED_AT_THE_DOOR:
        raise CredentialsRefused(f"answered {answer.status}", system=PROVIDER, sentence=_REFUSED)
    envelope = _envelope(answer)
    if envelope is None:
        error = Unintelligible if safe else OutcomeUnknown
        raise error(f"answered {answer.status} without an envelope", system=PROVIDER)
    if envelope.done or envelope.code == _DONE_ALREADY:
        return envelope.data
    if safe and envelope.code == _NOTHING_FOUND:
        return None
    refusal = REFUSALS.get(envelope.code, _UNLISTED)
    if safe and refusal.error is OutcomeUnknown:
        raise Unintelligible(f"refused with code {envelope.code}", system=PROVIDER)
    raise refusal.error(
        f"refused with code {envelope.code or '(none)'}",
        system=PROVIDER,
        sentence=refusal.sentence,
        retry_after=refusal.retry_after,
    )


def rows(answer: Answer) -> list[Any]:
    """Return the rows of a list.

    Raises:
        OutsideFailure: As `data`, or it is no list.
    """
    told = data(answer, safe=True)
    if told is None or told == "":
        return []
    if not isinstance(told, list):
        raise Unintelligible("answered with something else than a list", system=PROVIDER)
    return told


def _envelope(answer: Answer) -> _Envelope | None:
    if answer.status != _OK:
        return None
    try:
        told = lenient_json.read(answer.body)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    fields = lowered(told)
    done = {"true": True, "false": False}.get(str(fields.get("status")).strip().lower())
    if done is None:
        return None
    code = str(fields.get("statuscode", "")).strip()
    return _Envelope(done, code if re.fullmatch(r"[0-9]{0,4}", code) else "", fields.get("data"))
