import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from santral.providers import lenient_json

SAMPLES = Path(__file__).parents[4] / "events" / "webhooks"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet=st.characters(codec="utf-8")),
    lambda part: st.lists(part) | st.dictionaries(st.text(alphabet=st.characters(codec="utf-8")), part),
    max_leaves=10,
)


@given(JSON_VALUES)
@example({"quoted": "he said “yes”, twice"})
@example({"blank": "a\u00a0b"})
def test_what_strict_json_accepts_is_never_touched(value):
    assert lenient_json.read(json.dumps(value, ensure_ascii=False).encode()) == value


def test_the_documents_sample_as_printed_reads_as_it_is_meant():
    printed = (SAMPLES / "virtualats_document_sample.body.txt").read_bytes()
    meant = json.loads((SAMPLES / "virtualats_hangup.body.json").read_bytes())

    # The no-break space inside the caller's name is part of a whole string, and stays.
    assert lenient_json.read(printed) == {**meant, "callerId": meant["callerId"].replace(" ", "\u00a0", 1)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{“a”: “b”}", {"a": "b"}),
        ('{“a”: "b"}', {"a": "b"}),
        ('{"a": "b”, "c": "d"}', {"a": "b", "c": "d"}),
        ('{"a”: "b", "c": ""}', {"a": "b", "c": ""}),
        ('{\n“number”: "100”,\n“status”: "ONLINE”\n}', {"number": "100", "status": "ONLINE"}),
        ('{"result": “”\n"errors": []}', {"result": "", "errors": []}),
        ('{"a": 1\n"b": true\n"c": [1]\n"d": {}}', {"a": 1, "b": True, "c": [1], "d": {}}),
        ('[{"a": 1}\n {"b": [1]}\n [2]]', [{"a": 1}, {"b": [1]}, [2]]),
        ('{\u00a0"a":\u00a0“b” }', {"a": "b"}),
        ('{“a”: “say "hi" twice”}', {"a": 'say "hi" twice'}),
        ('{“a”: "he said “hi”, twice"}', {"a": "he said “hi”, twice"}),
        ('\ufeff{"a": 1}', {"a": 1}),
    ],
)  # fmt: skip
def test_the_noise_of_word_processors_is_repaired(text, value):
    assert lenient_json.read(text.encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b'{"a": \\"b\\"}',
        b'{"a": 1, "a": 2}',
        '{"a": 1, “a”: 2}'.encode(),
        b'{"a": NaN}',
        b"[" * 100_000,
        b"9" * 5000,
        "{“a”: " + "“b" * 30_000,
        "{“a”: " + "“b”, " * 30_000,
    ],
)
def test_what_cannot_be_read_is_a_value_error_that_quotes_nothing(body):
    content = body.encode() if isinstance(body, str) else body

    with pytest.raises(ValueError) as refusal:
        lenient_json.read(content)

    assert str(refusal.value) in {"not JSON", "nested too deep"}


@settings(max_examples=500)
@given(st.text(alphabet='{}[]:,"“”„\\ \n\u00a0ab1', max_size=60))
def test_no_other_error_than_a_value_error_escapes(text):
    with contextlib.suppress(ValueError):
        lenient_json.read(text.encode())
