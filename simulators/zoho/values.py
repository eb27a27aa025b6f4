"""One value against one field: what Zoho stores of it, or why it is refused."""

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

from simulators.zoho.layout import Field
from simulators.zoho.wire import Place

# Zoho answers times in the zone of the token's user; that of the demo lives in Istanbul.
USER_ZONE = timezone(timedelta(hours=3))
DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
PHONE = re.compile(r"\+?[\d\s().-]*\d[\d\s().-]*")
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")
TAG_LENGTH = 25


def stored_value(field: Field, value: Any, place: Place) -> Any:
    """The value as Zoho keeps it; lookups and owners are not decided here."""
    match field.data_type:
        case "boolean":
            return _of_type(bool, field, value, place)
        case "ALARM":
            return _of_type(dict, field, value, place)
        case "datetime":
            return stored_time(parsed_time(field.api_name, value, place))
        case "date":
            return _date(field, value, place)
    if field.api_name == "Tag":
        return _tags(value, place)
    return _text(field, value, place)


def parsed_time(api_name: str, value: Any, place: Place) -> datetime:
    """Seconds and an offset: milliseconds and `Z` are what Zoho is known to stumble over."""
    wrong = place.invalid(api_name, expected_data_type="datetime")
    if not isinstance(value, str) or not DATETIME.fullmatch(value):
        raise wrong
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise wrong from None


def stored_time(moment: datetime) -> str:
    return moment.astimezone(USER_ZONE).isoformat(timespec="seconds")


def _of_type(kind: type, field: Field, value: Any, place: Place) -> Any:
    if not isinstance(value, kind):
        expected = {bool: "boolean", dict: "jsonobject"}[kind]
        raise place.invalid(field.api_name, expected_data_type=expected)
    return value


def _date(field: Field, value: Any, place: Place) -> str:
    wrong = place.invalid(field.api_name, expected_data_type="date")
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise wrong
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise wrong from None


def _text(field: Field, value: Any, place: Place) -> str:
    if not isinstance(value, str):
        raise place.invalid(field.api_name, expected_data_type=field.data_type)
    if len(value) > field.length:
        raise place.invalid(field.api_name, maximum_length=field.length)
    shapes = {"phone": PHONE, "email": EMAIL, "website": re.compile(r"https?://\S+")}
    shape = shapes.get(field.data_type)
    if shape and not shape.fullmatch(value):
        raise place.invalid(field.api_name, expected_data_type=field.data_type)
    if field.data_type == "picklist" and not field.options_open and value not in field.options:
        raise place.invalid(field.api_name, expected_data_type="picklist")
    return value


def _tags(value: Any, place: Place) -> list[dict[str, str]]:
    if not isinstance(value, list) or not all(
        isinstance(tag, dict) and isinstance(tag.get("name"), str) for tag in value
    ):
        raise place.invalid("Tag", expected_data_type="jsonarray")
    if any(len(tag["name"]) > TAG_LENGTH for tag in value):
        raise place.invalid("Tag", maximum_length=TAG_LENGTH)
    return [{"name": tag["name"]} for tag in value]
