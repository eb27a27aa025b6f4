"""How WapCRM writes texts, numbers and times, and how they are read: names in any case, what is missing as nothing."""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from santral.errors import NotUnderstood
from santral.phone import to_e164
from santral.providers.rows import understood_of

PROVIDER = "wapcrm"
HOME = "TR"
ISTANBUL = ZoneInfo("Europe/Istanbul")

_SHORTEST_PHONE = 9
_LONGEST_TEXT = 20_000
_NAME_LENGTH = 255
# More than eleven days of talk are a defect; the bound also keeps dates within what can be computed.
_MOST_SECONDS = 1_000_000
# Neither a queue message nor a CRM field takes them; line breaks and tabs are part of what people write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ISO = re.compile(
    r"(?P<year>20[0-9]{2})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"[T ]\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r"\s*(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_TURKISH = re.compile(
    r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>20[0-9]{2})"
    r"\s+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?(?P<offset>)"
)
_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{1,7})?")


def _run_together(name: str) -> str:
    return name.replace("_", "")


class Told(BaseModel):
    """Something WapCRM tells. The field `message_id` reads `MessageID` as well as `messageId`."""

    model_config = ConfigDict(
        frozen=True, defer_build=True, extra="ignore", alias_generator=_run_together, coerce_numbers_to_str=True
    )

    @model_validator(mode="before")
    @classmethod
    def _in_any_case(cls, told: Any) -> Any:
        return lowered(told) if isinstance(told, dict) else told


T = TypeVar("T", bound=Told)
_ID = re.compile(r"[A-Za-z0-9._+/=-]{1,256}")


def lowered(told: dict[str, Any]) -> dict[str, Any]:
    """Return an object with its names in lower case: the vendor writes them in two."""
    return {name.lower(): value for name, value in told.items()}


def understood(model: type[T], told: Any) -> T:
    """Return what is told as a value of ours.

    Raises:
        NotUnderstood: It has not the form; names the fields at fault and quotes nothing.
    """
    try:
        return model.model_validate(told)
    except ValidationError as error:
        known = {_run_together(name) for name in model.model_fields}
        fields = {str(problem["loc"][0]) if problem["loc"] else "(whole)" for problem in error.errors()}
        raise NotUnderstood("not understood: " + ", ".join(sorted(fields & known) or ["(whole)"])) from None


def rows_understood(model: type[T], rows: Iterable[Any]) -> list[T]:
    """Return the rows that are understood; the others are left out, counted and warned of by their fields."""
    return understood_of(rows, lambda row: understood(model, row))


def _text(value: Any) -> Any:
    return "" if value is None else value


def _writable(text: str) -> str:
    return _UNWRITABLE.sub(" ", text).strip()


def _short(text: str) -> str:
    return _writable(text)[:_NAME_LENGTH]


def _number(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,18}\s*", value):
        return int(value)
    return None if value is None or value == "" else value


def _seconds(value: Any) -> int | None:
    """W11: seconds as number or text, or HH:MM:SS. What is neither is as good as not told."""
    if isinstance(value, str):
        clock = _CLOCK.fullmatch(value.strip())
        if clock:
            hours, minutes, seconds = (int(part or 0) for part in clock.groups())
            value = hours * 3600 + minutes * 60 + seconds
        elif re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
            value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SECONDS:
        return None
    return value


def moment(value: Any) -> datetime | None:
    """Read a date and time (W10); one without an offset is Istanbul's. None for any other form."""
    if not isinstance(value, str):
        return None
    found = _ISO.fullmatch(value.strip()) or _TURKISH.fullmatch(value.strip())
    if found is None:
        return None
    numbers = [int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    try:
        if found["offset"]:
            written = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*numbers)
            return datetime.fromisoformat(written + found["offset"]).astimezone(UTC)
        return datetime(*numbers, tzinfo=ISTANBUL).astimezone(UTC)  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        return None


def message_id_of(told: str) -> str | None:
    """Return a message's id, the same whether sent or acknowledged: as told, or its digest where it fits nowhere."""
    told = told.strip()
    if not told or _ID.fullmatch(told):
        return told or None
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def digits(number: str) -> str | None:
    """Return a number as WapCRM writes it: digits with the country code (W3); None when there are too few."""
    written = re.sub(r"\D", "", to_e164(number, HOME) or number, flags=re.ASCII).removeprefix("00")
    return written if len(written) >= _SHORTEST_PHONE else None


def _yes(value: Any) -> bool:
    return value is True or str(value).strip().lower() in {"true", "1"}


Text = Annotated[str, BeforeValidator(_text), Field(max_length=_LONGEST_TEXT), AfterValidator(_writable)]
Name = Annotated[str, BeforeValidator(_text), AfterValidator(_short)]
Number = Annotated[int | None, BeforeValidator(_number)]
Seconds = Annotated[int | None, BeforeValidator(_seconds)]
Yes = Annotated[bool, BeforeValidator(_yes)]
