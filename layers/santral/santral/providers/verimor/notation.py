"""How Verimor writes texts, flags, times, durations and numbers, and what they are in our words.

What cannot be read is left out instead of refused (M5 to M7): a mistyped time does not make a call untold.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from santral.calls import Direction
from santral.errors import NotUnderstood
from santral.phone import is_extension, to_e164
from santral.providers.verimor.results import folded

PROVIDER = "verimor"
HOME = "TR"
ISTANBUL = ZoneInfo("Europe/Istanbul")
ID_PATTERN = r"^[A-Za-z0-9._-]{1,128}$"

# A call of eleven days is a defect; the bound also keeps dates within what can be computed.
_LONGEST_SECONDS = 1_000_000
_STAMP = re.compile(
    r"(?P<year>20[0-9]{2})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})[T ]+"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?\s*"
    r"(?P<zone>UTC|GMT|Z|[+-]?[0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"([0-9]{1,3}):([0-9]{1,2}):([0-9]{1,2})")
_WHOLE = re.compile(r"([0-9]{1,7})(?:\.0+)?")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Neither a queue message nor a CRM field takes control characters, lone surrogates or noncharacters.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FLAGS = {
    **dict.fromkeys(("true", "t", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "f", "0", "no", "off"), False),
}
_DIRECTIONS = {
    "inbound": Direction.INBOUND,
    "gelen": Direction.INBOUND,
    "outbound": Direction.OUTBOUND,
    "giden": Direction.OUTBOUND,
    "internal": Direction.INTERNAL,
    "santralici": Direction.INTERNAL,
}

M = TypeVar("M", bound=BaseModel)


def _nothing_is_empty(value: Any) -> Any:
    return "" if value is None else value


def _writable(text: str) -> str:
    return " ".join(_UNWRITABLE.sub(" ", text).split())


def _flag(value: Any) -> bool | None:
    return _FLAGS.get(str(value).strip().lower())


def _moment(value: Any) -> datetime | None:
    found = _STAMP.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    numbers = [int(found[name]) for name in ("year", "month", "day", "hour", "minute", "second")]
    try:
        return datetime(*numbers, tzinfo=_zone(found["zone"])).astimezone(UTC)  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        return None


def _zone(written: str | None) -> ZoneInfo | timezone:
    if not written:
        return ISTANBUL
    if written[0].isalpha():
        return UTC
    digits = re.sub(r"[^0-9]", "", written)
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-distance if written[0] == "-" else distance)


def _seconds(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    clock, whole = _CLOCK.fullmatch(text), _WHOLE.fullmatch(text)
    if clock:
        hours, minutes, seconds = map(int, clock.groups())
        return min(hours * 3600 + minutes * 60 + seconds, _LONGEST_SECONDS)
    return min(int(whole[1]), _LONGEST_SECONDS) if whole else None


Text = Annotated[str, BeforeValidator(_nothing_is_empty), Field(max_length=1000), AfterValidator(_writable)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Seconds = Annotated[int | None, BeforeValidator(_seconds)]
Id = Annotated[str, Field(pattern=ID_PATTERN)]


def understood(model: type[M], told: Any) -> M:
    """Read what was told into a model.

    Raises:
        NotUnderstood: It does not fit; names the fields and quotes nothing.
    """
    try:
        return model.model_validate(told)
    except ValidationError as error:
        # Field names only: pydantic's own text would quote the values.
        fields = sorted({str(problem["loc"][0]) if problem["loc"] else "(whole)" for problem in error.errors()})
        raise NotUnderstood("not understood: " + ", ".join(fields)) from None


def direction_of(word: str) -> Direction | None:
    """Return a direction told in English or Turkish; `Giden (API)` and `Giden (IVR)` go out too (M11)."""
    return _DIRECTIONS.get(folded(word.partition("(")[0]))


def in_our_words(number: str) -> str | None:
    """Return E.164 for what is an outside number, and an extension or anything else as it was told."""
    return to_e164(number, HOME) or number or None


def is_e164(number: str) -> bool:
    """Tell whether a number has the form of E.164: numbers are assigned faster than lists of them are updated."""
    return _E164.fullmatch(number) is not None


def in_their_words(number: str) -> str:
    """Return a number as requests carry it: 905321234567, 00493027590915, or an extension as it is."""
    if is_extension(number):
        return number
    digits = re.sub(r"[^0-9]", "", number if is_e164(number) else to_e164(number, HOME) or number)
    return digits if digits.startswith("90") else f"00{digits.removeprefix('00')}"


def in_national_words(number: str) -> str:
    """Return a number as campaign targets carry it: 05321234567, or 00493027590915."""
    return re.sub(r"^90", "0", in_their_words(number))


def is_reference(text: str) -> bool:
    """Tell whether a text can be an id, and nothing that climbs about in a path."""
    return re.fullmatch(ID_PATTERN[1:-1], text) is not None and ".." not in text and text != "."
