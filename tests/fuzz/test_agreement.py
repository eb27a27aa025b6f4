"""What a strict parser accepts, ours reads as the same: tolerance never changes what was well said."""

import json
import string
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from hypothesis import HealthCheck, assume, example, given, reject, settings
from hypothesis import strategies as st

from santral.providers import lenient_json
from santral.providers.kobikom import answers
from tests.fuzz import parsers
from tests.fuzz.inputs import Graft, Mutation, json_values, xml

PARSERS = parsers()
SAID = [parser for family in PARSERS.values() for parser in family]
MANY = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = st.text(string.ascii_letters + "_", min_size=1, max_size=8)
SEEDS = st.integers(0, 2**32)
JSON_TEXTS = st.builds(
    lambda value, indent, escaped: json.dumps(value, indent=indent, ensure_ascii=escaped).encode(
        "utf-8", "surrogatepass"
    ),
    json_values(NAMES | st.text(max_size=6)),
    st.sampled_from([None, 0, 2, "\t"]),
    st.booleans(),
)
SPOILT = st.builds(
    lambda parser, change: change.body_for(parser),
    st.integers(0, len(SAID) - 1).map(SAID.__getitem__),
    SEEDS.map(Mutation) | st.builds(Graft, SEEDS, json_values(NAMES)),
)


def strict_json(body: bytes) -> Any:
    """Read JSON as its standard has it, and as everybody agrees on: without a name that occurs twice."""

    def constant(name: str) -> Any:
        raise ValueError(name)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    return json.loads(body.decode(), parse_constant=constant, object_pairs_hook=unique)


def meant(element: Any) -> Any:
    """Return an element in plain values: its text, or its children by name, those of one name as a list."""
    if len(element) == 0:
        return (element.text or "").strip()
    names = dict.fromkeys(child.tag for child in element)
    values = {name: [meant(child) for child in element if child.tag == name] for name in names}
    return {name: several[0] if len(several) == 1 else several for name, several in values.items()}


@MANY
@given(JSON_TEXTS | SPOILT)
@example('{"quoted": "he said “yes”, twice"}'.encode())
@example(b'{"a": 1e999, "b": -0, "c": "\\ud800"}')
def test_what_strict_json_accepts_lenient_json_reads_as_the_same(body):
    try:
        value = strict_json(body)
    except (ValueError, RecursionError):
        reject()

    # As text, since a number too great is infinite in both and a value that is not equal to itself would not agree.
    assert repr(lenient_json.read(body)) == repr(value)


@MANY
@given(JSON_TEXTS | SPOILT)
def test_what_strict_json_accepts_kobikoms_reader_reads_as_the_same(body):
    try:
        value = strict_json(body)
    except (ValueError, RecursionError):
        reject()
    assume(isinstance(value, dict | list))

    assert repr(answers.read(body)) == repr(value)


@MANY
@given(
    st.lists(xml(NAMES), max_size=3).map(lambda parts: f"<CallCenter>{''.join(parts)}</CallCenter>".encode()) | SPOILT
)
@example(b"<CallCenter><a>1</a><b/><a> 2 </a></CallCenter>")
@example("<?xml version='1.0' encoding='iso-8859-9'?><CallCenter><a>ş</a></CallCenter>".encode("iso-8859-9"))
def test_what_strict_xml_accepts_kobikoms_reader_reads_as_the_same(body):
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        reject()
    assume(root.tag.lower() == "callcenter")

    assert answers.read(body) == meant(root)
