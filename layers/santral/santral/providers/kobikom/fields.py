"""Single values as Kobikom's PBX writes them: padded texts, local times, seconds, numbers, Asterisk's channel names."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from santral.phone import dialled_from, is_extension, to_e164

PROVIDER = "kobikom"
ISTANBUL = ZoneInfo("Europe/Istanbul")
HOME = "TR"

# A call of eleven days is a defect; the bound also keeps dates within what can be computed.
_LONGEST_CALL_SECONDS = 1_000_000
_LONGEST_TEXT = 1000
_MOMENT = re.compile(r"(20[0-9]{2})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,6})?")
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])")
# Neither a queue message nor a CRM field takes control characters, lone surrogates or noncharacters.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DIALLED_BY_MACHINE = re.compile(r"Local/(?P<number>[+0-9]+)@from-internal", re.IGNORECASE)
_CHANNEL = re.compile(
    r"(?P<technology>[A-Za-z0-9]+)/(?P<peer>[^/@,;]+?)(?:@[^/,;]*?)?(?:-[0-9A-Fa-f]{6,16})?(?:;[0-9])?"
)


def texts(row: Any) -> dict[str, str]:
    """Return a row's fields as stripped texts, by lower-case name; what is no text or number is empty."""
    if not isinstance(row, Mapping):
        return {}
    return {str(name).strip().lower(): text(value) for name, value in row.items()}


def text(value: Any) -> str:
    """Return a text or number as one line of stripped text, anything else as nothing."""
    if isinstance(value, str) and value.isprintable() and "  " not in value:
        # Nearly all of them, and a day of call records has a million.
        return value.strip()[:_LONGEST_TEXT]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    written = str(value) if isinstance(value, str | float) or abs(value) < 10**30 else ""
    return " ".join(_UNWRITABLE.sub(" ", written[:_LONGEST_TEXT]).split())


def moment(written: str) -> datetime | None:
    """Return a moment of Istanbul's, or None for what is none."""
    found = _MOMENT.fullmatch(written)
    if found is None:
        return None
    try:
        return datetime(*(int(number) for number in found.groups()), tzinfo=ISTANBUL)  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        return None


def seconds(written: str) -> int | None:
    """Return a duration, written in seconds or as hours, minutes and seconds."""
    clock = _CLOCK.fullmatch(written)
    if clock:
        hours, minutes, rest = (int(number) for number in clock.groups())
        return hours * 3600 + minutes * 60 + rest
    if re.fullmatch(r"[0-9]{1,9}", written):
        return min(int(written), _LONGEST_CALL_SECONDS)
    return None


def word(written: str) -> str:
    """Return one of Asterisk's words for comparison: "NO ANSWER" and "no_answer" are one."""
    return re.sub(r"[\s_-]", "", written).upper()


def peer(channel: str) -> str:
    """Return whom a channel belongs to: 1004 of `SIP/1004-0000abcd`, a trunk's name, or nothing."""
    found = _CHANNEL.fullmatch(channel)
    return found["peer"] if found else ""


def extension_of(channel: str) -> str | None:
    """Return the extension a channel belongs to, or None when it is a trunk's or an agent's."""
    name = peer(channel)
    return name if is_extension(name) and not channel.lower().startswith("agent/") else None


def is_dialled_by_machine(channel: str, number: str) -> bool:
    """Tell whether the dialler calls the number: on a channel of its own, named by it, and not by a colleague's."""
    named = _DIALLED_BY_MACHINE.match(channel)
    return named is not None and named["number"] == number and not is_extension(number)


def agent_of(channel: str) -> str | None:
    """Return the agent of `Agent/1000`, the channel of one who is logged in to the call center."""
    name = peer(channel)
    return name if name.isdecimal() and channel.lower().startswith("agent/") else None


def outgoing(number: str, prefix: str) -> str:
    """Return a number for the PBX to dial: an extension as it is, an E.164 number as it is dialled from Turkey."""
    return number if is_extension(number) else prefix + dialled_from(number, HOME)


def in_our_words(number: str, prefix: str) -> str | None:
    """Return E.164 for what is an outside number, and an extension or anything else as it was told."""
    if prefix and number.startswith(prefix):
        without = to_e164(number.removeprefix(prefix), HOME)
        if without:
            return without
    return to_e164(number, HOME) or number or None
