"""What POST /ivr_campaigns.json may ask for: each parameter of the document with its bounds, refused in its words."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from simulators.verimor_company import Company

MENU = {str(digit): f"digit_target_{digit}" for digit in range(10)} | {
    "*": "digit_target_star",
    "#": "digit_target_square",
}
TARGETS = frozenset({*MENU.values(), "timeout_target", "invalid_target"})
LANGUAGES = frozenset({"tr-TR", "en-US", "ar-XA"})
EVERY_DAY = frozenset(range(1, 8))

_TARGET_FORMS = (
    r"restart|fax|fax/[^/@\s]+@[^/@\s]+\.[^/@\s]+|hangup/(hangup|busy)|(user|group|queue|ivr|voicemail)/[0-9]{1,6}"
    r"|external/[0-9]{10,18}|announcement/[0-9]{1,9}|tts/(tr-TR|en-US|ar-XA)/.+"
)
_PHONE = r"(90|0)?[1-9][0-9]{9}|00[1-9][0-9]{6,14}"
_PHRASE_WORD = r"#([0-9]+)|(0?[1-9]|[12][0-9]|3[01])/(0?[1-9]|1[0-2])/[0-9]{4}|[0-9]+(\.[0-9]{1,2})?"


class OrderRefusedError(Exception):
    """A parameter is missing or out of its bounds; the text says which."""


class ModuleMissingError(Exception):
    """The company has not bought what the order needs."""


@dataclass(frozen=True)
class Lead:
    """A number to call; `phone` as results name it: 90… or 00…."""

    phone: str
    phrase: str = ""
    lang: str = "tr-TR"


@dataclass(frozen=True)
class CampaignOrder:
    call_type: str
    name: str
    leads: tuple[Lead, ...]
    cli: str
    date_begin: date
    date_end: date
    time_begin: time
    time_end: time
    active_days: frozenset[int]
    max_thread_count: int
    ring_timeout: int
    call_retries: int
    queue_number: str
    thread_multiplier: float
    targets: Mapping[str, str]
    digit_retries: int
    digit_timeout: int
    webhook_url: str
    recording_enabled: bool


ORDER_PARAMETERS = TARGETS | {
    "call_type",
    "name",
    "date_range_begin",
    "date_range_end",
    "time_range_begin",
    "time_range_end",
    "active_days",
    "max_thread_count",
    "thread_multiplier",
    "queue_number",
    "ring_timeout",
    "cli",
    "welcome_announcement_id",
    "call_retries",
    "webhook_url",
    "digit_retries",
    "digit_timeout",
    "is_commercial",
    "iys_recipient_type",
    "iys_brand_code",
    "recording_enabled",
    "phone_list",
}


def campaign_order(asked: Mapping[str, Any], company: Company, today: date) -> CampaignOrder:
    """Raises OrderRefusedError or ModuleMissingError."""
    call_type = _one_of(asked, "call_type", ("ivr", "queue"))
    name = _text(asked, "name")
    targets = _targets(asked, company, required=call_type == "ivr")
    leads = _leads(asked.get("phone_list"), company)
    _check_greeting(asked, company, leads, required=call_type == "ivr")
    _check_consent(asked, company)
    begin = _date(asked, "date_range_begin", today)
    end = _date(asked, "date_range_end", begin)
    first, last = _time(asked, "time_range_begin", time(0, 0)), _time(asked, "time_range_end", time(23, 59))
    if end < begin:
        raise OrderRefusedError("date_range_end must be after date_range_begin")
    if last <= first:
        raise OrderRefusedError("time_range_end must be after time_range_begin")
    return CampaignOrder(
        call_type=call_type,
        name=name,
        leads=leads,
        cli=_one_of(asked, "cli", company.numbers),
        date_begin=begin,
        date_end=end,
        time_begin=first,
        time_end=last,
        active_days=_days(asked),
        max_thread_count=min(company.channels, _integer(asked, "max_thread_count", company.channels, 1, None)),
        ring_timeout=_integer(asked, "ring_timeout", 30, 25, 60),
        call_retries=_integer(asked, "call_retries", 0, 0, None),
        queue_number=_queue_number(asked, company) if call_type == "queue" else "",
        thread_multiplier=_multiplier(asked) if call_type == "queue" else 1,
        targets=targets,
        digit_retries=_integer(asked, "digit_retries", 0, 0, None),
        digit_timeout=_integer(asked, "digit_timeout", 4, 1, 10),
        webhook_url=_url(asked),
        recording_enabled=_recording_enabled(asked),
    )


def _blank(name: str) -> OrderRefusedError:
    return OrderRefusedError(f"{name} can't be blank")


def _text(asked: Mapping[str, Any], name: str) -> str:
    text = asked.get(name)
    if text is None or text == "":
        raise _blank(name)
    if not isinstance(text, str):
        raise OrderRefusedError(f"{name} is invalid")
    return text


def _one_of(asked: Mapping[str, Any], name: str, known: Collection[str]) -> str:
    text = _text(asked, name)
    if text not in known:
        raise OrderRefusedError(f"{name} is not included in the list")
    return text


def _integer(asked: Mapping[str, Any], name: str, default: int, least: int, most: int | None) -> int:
    number = asked.get(name, default)
    if type(number) is not int:
        raise OrderRefusedError(f"{name} is not a number")
    if number < least:
        raise OrderRefusedError(f"{name} must be greater than or equal to {least}")
    if most is not None and number > most:
        raise OrderRefusedError(f"{name} must be less than or equal to {most}")
    return number


def _multiplier(asked: Mapping[str, Any]) -> float:
    number = asked.get("thread_multiplier")
    if number is None:
        raise _blank("thread_multiplier")
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise OrderRefusedError("thread_multiplier is not a number")
    if number <= 0:
        raise OrderRefusedError("thread_multiplier must be greater than 0")
    return number


def _queue_number(asked: Mapping[str, Any], company: Company) -> str:
    number = asked.get("queue_number")
    if number is None or number == "":
        raise _blank("queue_number")
    if isinstance(number, bool) or str(number) not in company.queue_numbers:
        raise OrderRefusedError("queue_number is invalid")
    return str(number)


def _read(asked: Mapping[str, Any], name: str, pattern: str, read: Callable[[str], Any], default: Any) -> Any:
    if name not in asked:
        return default
    text = asked[name]
    if not isinstance(text, str) or not re.fullmatch(pattern, text):
        raise OrderRefusedError(f"{name} is invalid")
    try:
        return read(text)
    except ValueError:
        raise OrderRefusedError(f"{name} is invalid") from None


def _date(asked: Mapping[str, Any], name: str, default: date) -> date:
    found: date = _read(asked, name, "[0-9]{4}-[0-9]{2}-[0-9]{2}", date.fromisoformat, default)
    return found


def _time(asked: Mapping[str, Any], name: str, default: time) -> time:
    found: time = _read(asked, name, "[0-9]{1,2}:[0-9]{2}", lambda text: time.fromisoformat(text.zfill(5)), default)
    return found


def _days(asked: Mapping[str, Any]) -> frozenset[int]:
    days = asked.get("active_days", sorted(EVERY_DAY))
    if not isinstance(days, list) or not days or not all(type(day) is int and day in EVERY_DAY for day in days):
        raise OrderRefusedError("active_days is invalid")
    return frozenset(days)


def _url(asked: Mapping[str, Any]) -> str:
    url = asked.get("webhook_url", "")
    if not isinstance(url, str) or (url and urlsplit(url).scheme not in {"http", "https"}):
        raise OrderRefusedError("webhook_url is invalid")
    return url


def _recording_enabled(asked: Mapping[str, Any]) -> bool:
    # The document wants the word, not the JSON value.
    if asked.get("recording_enabled", "true") not in ("true", "t") or asked.get("recording_enabled") is True:
        raise OrderRefusedError("recording_enabled is invalid")
    return "recording_enabled" in asked


def _check_greeting(asked: Mapping[str, Any], company: Company, leads: tuple[Lead, ...], *, required: bool) -> None:
    announcement = asked.get("welcome_announcement_id")
    if announcement is None:
        if required and not all(lead.phrase for lead in leads):
            raise _blank("welcome_announcement_id")
    elif type(announcement) is not int or announcement not in company.announcements:
        raise OrderRefusedError(f"cannot find announcement with id: {announcement}")


def _check_consent(asked: Mapping[str, Any], company: Company) -> None:
    commercial = asked.get("is_commercial", False)
    if not isinstance(commercial, bool):
        raise OrderRefusedError("is_commercial is invalid")
    if commercial or asked.get("iys_recipient_type"):
        _one_of(asked, "iys_recipient_type", ("BIREYSEL", "TACIR"))
    if commercial or asked.get("iys_brand_code"):
        _one_of(asked, "iys_brand_code", company.iys_brand_codes)


def _targets(asked: Mapping[str, Any], company: Company, *, required: bool) -> dict[str, str]:
    targets = {name: target for name in TARGETS if (target := asked.get(name, "")) != ""}
    for name, target in targets.items():
        if not isinstance(target, str) or not re.fullmatch(_TARGET_FORMS, target):
            raise OrderRefusedError(f"{name} is invalid")
        kind, _, place = target.partition("/")
        if kind == "tts" and "tts" not in company.modules:
            raise ModuleMissingError("TTS")
        known: dict[str, Collection[str]] = {
            "user": company.names,
            "voicemail": company.names,
            "queue": company.queue_numbers,
            "announcement": [str(announcement) for announcement in company.announcements],
        }
        if kind in known and place not in known[kind]:
            raise OrderRefusedError(f"{name} is invalid")
    if required and not targets:
        raise OrderRefusedError("at least one digit_target must be given")
    return targets


def _leads(phone_list: Any, company: Company) -> tuple[Lead, ...]:
    if phone_list is None or phone_list == []:
        raise _blank("phone_list")
    if not isinstance(phone_list, list) or not all(isinstance(item, dict) for item in phone_list):
        raise OrderRefusedError("phone_list is invalid")
    return tuple(_lead(item, company) for item in phone_list)


def _lead(item: Mapping[str, Any], company: Company) -> Lead:
    if set(item) - {"phone", "phrase", "lang"}:
        raise OrderRefusedError("phone_list is invalid")
    phone, phrase = _text(item, "phone"), item.get("phrase", "")
    if not re.fullmatch(_PHONE, phone):
        raise OrderRefusedError("phone is invalid")
    if not isinstance(phrase, str) or not all(_is_readable(word, company) for word in phrase.split()):
        raise OrderRefusedError("phrase is invalid")
    lang = item.get("lang", "tr-TR")
    if lang not in LANGUAGES:
        raise OrderRefusedError("lang is not included in the list")
    return Lead(_as_told(phone), phrase, lang)


def _is_readable(word: str, company: Company) -> bool:
    match = re.fullmatch(_PHRASE_WORD, word)
    return match is not None and (match[1] is None or int(match[1]) in company.announcements)


def _as_told(phone: str) -> str:
    return phone if phone.startswith("00") else "90" + phone[-10:]
