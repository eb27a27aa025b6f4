"""What an answer of Kobikom's PBX says, in whichever form it comes.

XML and JSON are read into the same plain values: an element is an object of its children, or its text; children of one
name are a list. Whoever asks for rows then need not know in which form they came.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from santral.providers.kobikom.repair import read_json, well_formed

_ROOT = "callcenter"
_DEEPEST = 20
_LONGEST_WORDS = 1000
_TRUE = frozenset({"true", "1", "ok", "success"})
_COMPLAINTS = ("message", "error", "errors", "hata")
_LISTS = (
    "activecalls",
    "calls",
    "call_records",
    "callrecords",
    "records",
    "data",
    "datas",
    "agents",
    "break",
    "message",
)
# What XML calls one row of a list.
_ROWS = frozenset({"activecall", "call", "call_record", "data", "agent", "break", "queue"})
_ABOUT_THE_KEY = re.compile(r"api[\s_-]*key|anahtar|yetki|unauthori[sz]ed|forbidden|access denied")


def read(body: bytes) -> Any:
    """Return what a body holds: an object or a list.

    Raises:
        ValueError: It is neither XML nor JSON of this API. Quotes nothing of it.
    """
    text = decoded(body)
    if text.startswith("<"):
        return _xml(body, text)
    if text.startswith(("{", "[")):
        return _json(text)
    raise ValueError("neither XML nor JSON")


def decoded(body: bytes) -> str:
    """Return a body's text. The document names no charset; a PBX of that age and country may use ISO 8859-9."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("iso-8859-9")
    return text.lstrip()


def refusal(told: Any) -> str | None:
    """Return what a refusal complains of, or None when what was asked for was done.

    Raises:
        ValueError: It says neither yes nor no.
    """
    if isinstance(told, list):
        return None
    said = _lowered(told)
    if "result" in said:
        return None if str(said["result"]).strip().lower() in _TRUE else _complaint(said)
    if any(name in said for name in _COMPLAINTS[1:]):
        return _complaint(said)
    if _found(said) is not None:
        return None
    raise ValueError("says neither yes nor no")


def is_about_the_key(complaint: str) -> bool:
    """Tell whether a complaint in Turkish or English is about our API key rather than about what was asked for."""
    return _ABOUT_THE_KEY.search(folded(complaint)) is not None


def plain_words(body: bytes) -> str:
    """Return what a body says that is neither XML nor JSON, such as an error in one line."""
    text = decoded(body)
    return "" if text.startswith(("<", "{", "[")) else text[:_LONGEST_WORDS]


def folded(text: str) -> str:
    """Return text for comparison: in lower case, and without what Turkish adds to Latin letters."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("ı", "i"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def rows(told: Any) -> list[Any]:
    """Return the rows an answer lists, in their order; none when it has no list."""
    listed = _listed(told if isinstance(told, list) else _found(_lowered(told)))
    # An element that is opened twice leaves an empty one behind, and the document's lists end in dots.
    return [row for row in listed if not (isinstance(row, str) and row.strip(" .…") == "")]


def member(told: Any, name: str) -> Any:
    """Return one member of an answer, or None."""
    return _lowered(told).get(name)


def _found(said: Mapping[str, Any]) -> Any:
    for name in _LISTS:
        value = said.get(name)
        # `message` is words in all answers but one.
        if name in said and not (name == "message" and not isinstance(value, list | dict)):
            return "" if value is None else value
    return None


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        if value and all(re.fullmatch(r"[0-9]{1,9}", str(key).strip()) for key in value):
            return [row for _, row in sorted(value.items(), key=lambda member: int(member[0]))]
        if len(value) == 1 and str(next(iter(value))).lower() in _ROWS:
            return _listed(next(iter(value.values())))
        return [value] if value else []
    return [] if value is None else [value]


def _complaint(said: Mapping[str, Any]) -> str:
    return " ".join(str(said[name]) for name in _COMPLAINTS if name in said)


def _lowered(told: Any) -> dict[str, Any]:
    return {str(name).strip().lower(): value for name, value in told.items()} if isinstance(told, dict) else {}


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return read_json(text)


def _no_constant(_name: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")


def _xml(body: bytes, text: str) -> Any:
    try:
        root = _parsed(body)
    except SyntaxError:
        # Decoded already, so what a declaration says of the charset no longer counts.
        try:
            root = _parsed(well_formed(text).encode())
        except SyntaxError:
            raise ValueError("not XML") from None
    if str(root.tag).lower() != _ROOT:
        raise ValueError("XML, but not of this API")
    return _plain(root, depth=0)


def _parsed(body: bytes) -> Any:
    try:
        return fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise ValueError("XML with a document type or entities") from None
    except (ValueError, LookupError):
        raise ParseError("in a charset we do not know") from None


def _plain(element: Any, *, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if len(element) == 0:
        return (element.text or "").strip()
    children: dict[str, Any] = {}
    several: set[str] = set()
    for child in element:
        value = _plain(child, depth=depth + 1)
        if child.tag not in children:
            children[child.tag] = value
        elif child.tag in several:
            children[child.tag].append(value)
        else:
            children[child.tag] = [children[child.tag], value]
            several.add(child.tag)
    return children
