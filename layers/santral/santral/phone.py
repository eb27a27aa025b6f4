"""Phone numbers: anything a person types, E.164 inside. Extensions and short codes are never E.164.

The library is imported where it is used: it takes a tenth of a cold start, and many functions read no number.
"""

import re
from functools import lru_cache

EXTENSION_PATTERN = r"^[0-9]{2,6}$"
_EXTENSION = re.compile(r"[0-9]{2,6}")
# A leading zero is a trunk prefix: "0532 123 45 6" is a mistyped Turkish number, not a Cuban one.
_INTERNATIONAL_WITHOUT_PLUS = re.compile(r"[1-9]")
_SEPARATORS = r"[\s().\-/]{0,3}"


@lru_cache(maxsize=1024)
def to_e164(text: str, country: str) -> str | None:
    """Return `text` as an E.164 number, or None when it is not one that can be called from anywhere.

    The tenant's country comes first ("0532 …" in TR); what is no valid number there is read as an international number
    written without its plus ("442071838750"). Short codes, extensions, "anonymous" and SIP addresses give None.
    Reading a number costs more than all else a webhook does but sending, and our own line is in each: hence the cache.

    Args:
        text: What a person typed or a provider sent.
        country: ISO 3166 code of the tenant's country, e.g. "TR".
    """
    if is_extension(text.strip()):
        return None
    number = _valid(text, country)
    if number is None and _INTERNATIONAL_WITHOUT_PLUS.match(text.strip()):
        number = _valid("+" + text.strip(), None)
    return number


def national(number: str) -> str:
    """Return the national significant number of an E.164 number: its digits without country code or trunk prefix."""
    import phonenumbers  # noqa: PLC0415 (see above)

    return phonenumbers.national_significant_number(phonenumbers.parse(number))


def dialled_from(number: str, country: str) -> str:
    """Return the digits that a telephone in `country` dials to reach an E.164 number."""
    import phonenumbers  # noqa: PLC0415 (see above)

    parsed = phonenumbers.parse(number)
    return re.sub(r"\D", "", phonenumbers.format_out_of_country_calling_number(parsed, country))


def notations(number: str, country: str) -> tuple[str, ...]:
    """Return the ways people in `country` write an E.164 number, most telling first, without repetition."""
    import phonenumbers  # noqa: PLC0415 (see above)

    parsed = phonenumbers.parse(number)
    written = [number, number.removeprefix("+")]
    if phonenumbers.region_code_for_number(parsed) == country:
        spaced = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
        written += [re.sub(r"\D", "", spaced), national(number), spaced]
    written.append(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    return tuple(dict.fromkeys(written))


def anywhere(number: str) -> re.Pattern[str]:
    """Return the pattern that finds an E.164 number in any text, however it is written, but not in a longer number."""
    import phonenumbers  # noqa: PLC0415 (see above)

    code = phonenumbers.parse(number).country_code
    digits = _SEPARATORS.join(national(number))
    return re.compile(rf"(?<!\d)(?:(?:00)?{code}{_SEPARATORS}\(?0?{_SEPARATORS}|0{_SEPARATORS})?{digits}(?!\d)")


def is_extension(text: str) -> bool:
    """Tell whether `text` looks like a PBX extension: two to six digits."""
    return _EXTENSION.fullmatch(text) is not None


def _valid(text: str, country: str | None) -> str | None:
    import phonenumbers  # noqa: PLC0415 (see above)

    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
