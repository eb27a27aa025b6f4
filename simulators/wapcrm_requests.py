"""What a request to WapCRM must be, field by field, and how one that is not is refused."""

import json
import re
from datetime import date
from typing import Any

from werkzeug.wrappers import Request

from simulators.demo_data import Channel

WHATSAPP = 1
ZOHO_CRM = 4
LONGEST_TEXT = 1000
INVALID_MODEL = "Invalid Request Model"
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
OUTCOME_FIELDS = frozenset(
    {
        "PhoneNumber",
        "ExtensionNumber",
        "Note",
        "PbxPhoneNumber",
        "CallID",
        "ConversationType",
        "RingSecond",
        "CallTimeSecond",
        "ConversationDateTimeSpan",
        "ResultID",
        "ChildResultID",
    }
)
NUMBERS = frozenset(
    {
        "instanceID",
        "ConversationType",
        "RingSecond",
        "CallTimeSecond",
        "ConversationDateTimeSpan",
        "ResultID",
        "ChildResultID",
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


def json_model(request: Request, known: frozenset[str]) -> dict[str, Any]:
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


def read_model(request: Request, known: frozenset[str]) -> dict[str, Any]:
    if request.method == "POST":
        return json_model(request, known)
    if not request.args.keys() <= known:
        raise RefusedError(401, INVALID_MODEL)
    asked: dict[str, Any] = request.args.to_dict()
    return {name: int(text) if name in NUMBERS and text.isdecimal() else text for name, text in asked.items()}


def day(model: dict[str, Any], field: str) -> date:
    text = string(model, field)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise RefusedError(404, f"{field} is not in the correct format")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError(404, f"{field} is not in the correct format") from None


def seconds(model: dict[str, Any], field: str) -> int:
    count = integer(model, field)
    if count < 0:
        raise RefusedError(401, INVALID_MODEL)
    return count


def integer(model: dict[str, Any], field: str) -> int:
    value = model.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RefusedError(401, INVALID_MODEL)
    return value


def string(model: dict[str, Any], field: str) -> str:
    value = model.get(field, "")
    if not isinstance(value, str):
        raise RefusedError(401, INVALID_MODEL)
    return value


def recipient(model: dict[str, Any], channel: Channel) -> tuple[str, str]:
    if channel.instance_type == WHATSAPP:
        return phone_of(model), ""
    account_id = string(model, "chatAccountId").strip()
    if not account_id:
        raise RefusedError(409, "chatAccountId is required")
    return string(model, "chatPhoneNumber"), account_id


def phone_of(model: dict[str, Any], field: str = "chatPhoneNumber") -> str:
    phone = string(model, field)
    if not re.fullmatch(r"[0-9]{9,15}", phone):
        raise RefusedError(404, f"{field} is not in the correct format")
    return phone


def content(model: dict[str, Any]) -> tuple[str, str, str]:
    """Text, file URL and file name; the one or the other two are empty."""
    match model.get("messageType"):
        case bool():
            raise RefusedError(600, "messageType is not supported")
        case 1:
            text = string(model, "messageText")
            if not text.strip():
                raise RefusedError(401, INVALID_MODEL)
            if len(text) > LONGEST_TEXT:
                raise RefusedError(601, f"messageText can be at most {LONGEST_TEXT} characters")
            return text, "", ""
        case 2:
            file_url, file_name = string(model, "fileurl").strip(), string(model, "filename").strip()
            if not file_url:
                raise RefusedError(602, "fileurl is required")
            if not re.match(r"https?://[^/\s]+", file_url):
                raise RefusedError(603, "The file could not be downloaded")
            if not file_name:
                raise RefusedError(401, INVALID_MODEL)
            return "", file_url, file_name
        case _:
            raise RefusedError(600, "messageType is not supported")
