"""What is wrong with the fields of a request, told in our own sentences instead of pydantic's English ones."""

import re
from collections.abc import Iterable, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from santral.errors import FieldError
from santral.sentences import Sentence, noted, say

_WHOLE_NUMBER = noted("must be a whole number")
_NUMBER = noted("must be a number")
_YES_OR_NO = noted("must be true or false")
_CHOICE = noted("must be one of {choices}")
_TEXT = noted("must be a text")
_LIST = noted("must be a list")
_OBJECT = noted("must be an object")
_MOMENT = noted("must be a date and time with its offset, such as 2026-01-15T09:30:00+03:00")
_DATE = noted("must be a date, such as 2026-01-15")
_TIME = noted("must be a time of day, such as 09:30")

SENTENCES: Mapping[str, str] = {
    "missing": noted("is missing"),
    "extra_forbidden": noted("is not a field of this request"),
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_too_short": noted("must have at least {min_length} characters"),
    "string_too_long": noted("must not be longer than {max_length} characters"),
    "string_pattern_mismatch": noted("must have the form {pattern}"),
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "greater_than": noted("must be more than {gt}"),
    "greater_than_equal": noted("must be at least {ge}"),
    "less_than_equal": noted("must be at most {le}"),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _MOMENT,
    "date_type": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "time_type": _TIME,
    "time_parsing": _TIME,
    "tuple_type": _LIST,
    "too_short": noted("must have at least {min_length} entries"),
    "too_long": noted("must have at most {max_length} entries"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
}
"""By pydantic's type of error. The fields are those of its context."""


def field_errors(error: ValidationError) -> list[FieldError]:
    """Return what is wrong with each field. Neither values nor pydantic's own words are quoted."""
    return [
        FieldError(".".join(map(str, problem["loc"])) or "request", _sentence(problem))
        for problem in error.errors(include_url=False, include_input=False)
    ]


def _sentence(problem: ErrorDetails) -> Sentence:
    context = problem.get("ctx", {})
    ours = getattr(context.get("error"), "args", ())
    if ours and isinstance(ours[0], Sentence):
        return ours[0]
    if problem["type"] not in SENTENCES:
        return say("is not right")
    fields = {name: value for name, value in context.items() if isinstance(value, str | int | float)}
    if "expected" in fields:
        fields["choices"] = ", ".join(_choices(str(fields.pop("expected"))))
    return Sentence(SENTENCES[problem["type"]], fields)


def _choices(expected: str) -> Iterable[str]:
    """Take the choices out of pydantic's own words, such as "'on' or 'off'"."""
    return re.findall(r"'([^']*)'", expected)
