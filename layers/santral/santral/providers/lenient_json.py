"""JSON as providers' documents print it: strict where it can be, repaired only where strict reading fails.

The documents' own samples are no JSON: word processors turned their quotes into “typographic” ones, blanks into
no-break spaces, and commas got lost at line ends. Who copies a sample sends the same, so it is read the same.
What strict JSON accepts is never touched, and neither is the inside of a string that is already whole.
"""

import json
import re
from typing import Any

# Repairing looks ahead at every quote; a body that is all quotes would otherwise cost time without end.
REPAIR_LIMIT = 64 * 1024

_BEFORE_STRUCTURE = r"(?=\s*(?:[:,}\]]|\Z)|\s+[\"“”„‟])"
_TOKEN = re.compile(
    rf"""
      (?P<whole>"(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*"){_BEFORE_STRUCTURE}
    | ["“”„‟](?P<inside>(?:[^\\\x00-\x1f]|\\[^\x00-\x1f])*?)["“”‟]{_BEFORE_STRUCTURE}
    | (?P<blank>\s+)
    | (?P<other>[^\s"“”„‟\\])
    """,
    re.VERBOSE,
)
_BARE_QUOTE = re.compile(r'(\\.)|"', re.DOTALL)


def read(body: bytes) -> Any:
    """Return the value a body holds, repairing it when it is no JSON as it stands.

    Raises:
        ValueError: It cannot be read even so, holds a name twice, or is nested too deep. Quotes nothing of the body.
    """
    try:
        text = body.decode("utf-8-sig")
        try:
            return _strict(text)
        except ValueError:
            return _strict(_repaired(text))
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError:
        raise ValueError("not JSON") from None


def _strict(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        # Which of two values counts is what attackers and parsers disagree about.
        raise ValueError("a name occurs twice")
    return names


def _no_constant(_name: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")


def _repaired(text: str) -> str:
    if len(text) > REPAIR_LIMIT:
        raise ValueError("too long to repair")
    written: list[str] = []
    before, position = "", 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError("a quote without its partner, or a stray backslash")
        position = token.end()
        piece = _straightened(token)
        if piece[0] in '"{[' and before and before not in "{[:,":
            written.append(",")
        written.append(piece)
        before = piece[-1] if piece != " " else before
    return "".join(written)


def _straightened(token: re.Match[str]) -> str:
    if token["blank"]:
        return " "
    if token["inside"] is not None:
        return '"' + _BARE_QUOTE.sub(lambda quote: quote[1] or '\\"', token["inside"]) + '"'
    return token["whole"] or token["other"]
