"""How Kobikom's PBX writes its answers: XML or JSON, tidy or as crooked as its document prints them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape

Form = Literal["xml", "json"]
Value = str | int | None
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Style:
    """What the document leaves open about answers, or contradicts itself in.

    `answers_in` XML is a PBX that knows no other form. `lists` tells how JSON writes several rows; `malformed` writes
    what the document prints and no parser accepts. `sure` is the column a call record's duration comes from, `end_day`
    whether `bitis_tarihi` counts. `break_end` is what ends a break in JSON, where the document repeats the message of
    the start.
    """

    answers_in: Literal["as_asked", "xml"] = "as_asked"
    lists: Literal["keyed", "array"] = "keyed"
    malformed: bool = False
    padded: bool = False
    numbers_quoted: bool = True
    charset: Literal["utf-8", "iso-8859-9"] = "utf-8"
    sure: Literal["billsec", "duration"] = "billsec"
    agent_calls: Literal["moment", "words"] = "moment"
    break_end: Literal["message", "break"] = "message"
    end_day: Literal["included", "excluded"] = "included"


Slip = Literal["missing_comma", "bare_keys", "opened_twice", "never_closed"]


@dataclass(frozen=True)
class Listing:
    """Rows under one JSON key and the XML elements around them; `slips` are the errors the document prints here.

    `keyed` is false where the document prints a proper JSON array.
    """

    json_key: str
    xml_list: str | None
    xml_item: str
    rows: Sequence[Row | str]
    slips: frozenset[Slip] = frozenset()
    keyed: bool = True


@dataclass(frozen=True)
class Answer:
    """`result` and what comes with it. A `bare` one is in JSON nothing but its rows."""

    values: Mapping[str, Value | Row] = field(default_factory=dict)
    listing: Listing | None = None
    result: bool = True
    bare: bool = False


def written(answer: Answer, form: Form, style: Style) -> bytes:
    text = _as_json(answer, style) if form == "json" else _as_xml(answer, style)
    return text.encode(style.charset, "xmlcharrefreplace" if form == "xml" else "replace")


def _as_json(answer: Answer, style: Style) -> str:
    listing = answer.listing
    if listing is not None and answer.bare:
        return _dumped([_json_row(row, style) for row in listing.rows])
    members = {"result": _dumped(_result(answer))}
    members |= {name: _json_member(value, style) for name, value in answer.values.items()}
    if listing is not None:
        members[listing.json_key] = _json_list(listing, style)
    return "{\n" + ",\n".join(f"{_dumped(name)}: {text}" for name, text in members.items()) + "\n}"


def _json_member(value: Value | Row, style: Style) -> str:
    return _dumped(_json_row(value, style) if isinstance(value, Mapping) else _json_value(value, style))


def _json_list(listing: Listing, style: Style) -> str:
    rows = [_json_row(row, style) for row in listing.rows]
    # PHP writes an empty array as a list, however it writes others.
    if not listing.keyed or not rows or (style.lists == "array" and not style.malformed):
        return _dumped(rows)
    if not style.malformed:
        return _dumped({str(position): row for position, row in enumerate(rows)})
    bare = "bare_keys" in listing.slips
    members = [f"{position if bare else _dumped(str(position))} : {_dumped(row)}" for position, row in enumerate(rows)]
    text = ",\n".join(members) + (",\n" if bare else "")
    if "missing_comma" in listing.slips:
        text = text.replace(',\n  "durum"', '\n  "durum"')
    return f"[\n{text}]"


def _json_row(row: Row | str, style: Style) -> object:
    if isinstance(row, str):
        return _padded(row, style)
    # What a database hands to PHP is text, numbers too.
    return {name: None if value is None else _padded(str(value), style) for name, value in row.items()}


def _json_value(value: Value, style: Style) -> object:
    if isinstance(value, int) and not style.numbers_quoted:
        return value
    return None if value is None else _padded(str(value), style)


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _as_xml(answer: Answer, style: Style) -> str:
    elements = [_element("result", _result(answer))]
    for name, value in answer.values.items():
        if isinstance(value, Mapping):
            elements.append(f"<{name}>\n{_xml_row(value, style)}\n</{name}>")
        else:
            elements.append(_element(name, _xml_text(value, style)))
    if answer.listing is not None:
        elements.append(_xml_list(answer.listing, style))
    return "<CallCenter>\n" + "\n".join(elements) + "\n</CallCenter>"


def _xml_list(listing: Listing, style: Style) -> str:
    closing = _closing_tag(listing, style)
    items = "\n".join(
        f"<{listing.xml_item}>{escape(_padded(row, style)) if isinstance(row, str) else _xml_row(row, style)}{closing}"
        for row in listing.rows
    )
    return items if listing.xml_list is None else f"<{listing.xml_list}>\n{items}\n</{listing.xml_list}>"


def _closing_tag(listing: Listing, style: Style) -> str:
    if style.malformed and "opened_twice" in listing.slips:
        return f"<{listing.xml_item}>"
    if style.malformed and "never_closed" in listing.slips:
        return ""
    return f"</{listing.xml_item}>"


def _xml_row(row: Row, style: Style) -> str:
    return "\n".join(_element(name, _xml_text(value, style)) for name, value in row.items())


def _xml_text(value: Value, style: Style) -> str:
    return "" if value is None else _padded(str(value), style)


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _result(answer: Answer) -> str:
    return "true" if answer.result else "false"


def _padded(text: str, style: Style) -> str:
    return f" {text} " if style.padded else text
