"""Ways to spoil bytes. The same source of chance gives the same bytes."""

import random
from collections.abc import Callable, Sequence

# What parsers stumble over: quotes of all kinds, ends of structures, numbers too great, half a surrogate pair.
_MARKS = ('"', "'", "“", "”", "„", "\\", "\\u0000", "\\ud800", "\x00", "\r\n", "\u00a0", "\ufeff", "\ufffe")
_ENDS = (
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '{"',
    "[" * 600,
    '{"a":' * 600,
    "<",
    ">",
    "</",
    "<!--",
    "]]>",
    "&",
    "&amp;",
    "%zz",
)
_XML = ("<!DOCTYPE a [<!ENTITY lol 'lol'>]>", "&lol;", "<?xml version='1.0' encoding='none'?>", "<![CDATA[", "<a/>")
_LETTERS = ("ı", "İ", "ş", "ə", "👋", "\u202e", "\u0661", "../", "http://", "@c.us", "\x1b[31m", "+", "=", ";", "%00")
_NUMBERS = ("-1", "0", "-0", "1.5", "1e999", "9" * 400, "9" * 5000, "NaN", "Infinity", "0x1")
VALUES = tuple(
    value.encode()
    for value in (
        *("null", "true", "false", "{}", "[]", '""', '" "', "[null]", '{"a":1}', "-1", "0", "1.5", "1e999", "9" * 400),
        *('"null"', '"-1"', '"1e9"', '"\\ud800"', '"\\u0000"', '"2026-13-45"', '"99.99.2026 99:99:99"', '"25:61:61"'),
        *(
            '"9999-12-31T23:59:59+23:59"',
            '"0001-01-01T00:00:00Z"',
            '"9999999999"',
            '"+0"',
            '"İ"',
            '"../../x"',
            '"http://["',
        ),
    )
)
FRAGMENTS = (
    *(some.encode("utf-8", "surrogatepass") for some in (*_MARKS, *_ENDS, *_XML, *_LETTERS, *_NUMBERS)),
    *(b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\x80"),
    *VALUES,
)

Spoiling = Callable[[bytes, random.Random], bytes]


def spoilt(sample: bytes, chance: random.Random) -> bytes:
    """Return a sample with one to six things done to it; mostly few, as what is all broken is refused at once."""
    for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 3, 6))):
        sample = chance.choice(SPOILINGS)(sample, chance)
    return sample


def _place(content: bytes, chance: random.Random) -> int:
    return chance.randint(0, len(content))


def _flip(content: bytes, chance: random.Random) -> bytes:
    at = _place(content[1:], chance)
    return content[:at] + bytes(byte ^ 1 << chance.randrange(8) for byte in content[at : at + 1]) + content[at + 1 :]


def _replace(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + chance.randbytes(1) + content[at + 1 :]


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + chance.choice(FRAGMENTS) + content[at:]


def _overwrite(content: bytes, chance: random.Random) -> bytes:
    fragment = chance.choice(FRAGMENTS)
    at = _place(content, chance)
    return content[:at] + fragment + content[at + len(fragment) :]


def _cut_out(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + content[at + chance.randint(1, 24) :]


def _cut_off(content: bytes, chance: random.Random) -> bytes:
    return content[: _place(content, chance)]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    part = content[at : at + chance.randint(1, 64)]
    return content[:at] + part * chance.randint(2, 5) + content[at:]


def _swap(content: bytes, chance: random.Random) -> bytes:
    one, two, three = sorted(_place(content, chance) for _ in range(3))
    return content[:one] + content[two:three] + content[one:two] + content[three:]


def _value(content: bytes, chance: random.Random) -> bytes:
    """Put another value where one stands: after a colon or an equals sign, up to the next comma, ampersand or end."""
    starts = [at + 1 for at, byte in enumerate(content) if byte in b":=>"]
    if not starts:
        return _insert(content, chance)
    at = chance.choice(starts)
    ends = [place for place in (content.find(sign, at) for sign in (b",", b"}", b"&", b"<", b"\n")) if place >= 0]
    return content[:at] + chance.choice(VALUES) + content[min(ends, default=len(content)) :]


SPOILINGS: Sequence[Spoiling] = (
    _flip, _replace, _insert, _overwrite, _cut_out, _cut_off, _repeat, _swap, _value, _value, _value, _value,
)  # fmt: skip
