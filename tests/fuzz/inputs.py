"""What Hypothesis makes up: bytes, and things that look like JSON, forms and XML in the words of a provider."""

import json
import random
import re
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from tests.fuzz import Parser
from tests.fuzz.mutations import FRAGMENTS, spoilt

# Hypothesis prints what it draws from, so only short ones.
_FRAGMENTS = tuple(some.decode("utf-8", "replace") for some in FRAGMENTS if len(some) < 50)
_TEXT = st.text(max_size=12) | st.integers(0, len(_FRAGMENTS) - 1).map(_FRAGMENTS.__getitem__)
_SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, width=32) | _TEXT
)  # fmt: skip


@dataclass(frozen=True)
class Raw:
    """The same bytes for all parsers of a provider."""

    body: bytes

    def body_for(self, _parser: Parser) -> bytes:
        return self.body


@dataclass(frozen=True)
class Mutation:
    """Each parser's own samples, spoilt by the same chance."""

    seed: int

    def body_for(self, parser: Parser) -> bytes:
        chance = random.Random(f"{self.seed} {parser.name}")
        return spoilt(chance.choice(parser.samples), chance)


@dataclass(frozen=True)
class Graft:
    """Each parser's own samples, with something else where one of their values stood."""

    seed: int
    value: object

    def body_for(self, parser: Parser) -> bytes:
        chance = random.Random(f"{self.seed} {parser.name}")
        sample = chance.choice(parser.samples)
        try:
            told = json.loads(sample)
        except ValueError:
            return spoilt(sample, chance)
        return json.dumps(_grafted(told, self.value, chance)).encode()


def inputs(parsers: tuple[Parser, ...]) -> st.SearchStrategy[Raw | Mutation | Graft]:
    """Return inputs for the parsers of a provider: of five kinds, most of them close to what it really says."""
    samples = b" ".join(sample for parser in parsers for sample in parser.samples)
    said = sorted({word.decode() for word in re.findall(rb"[A-Za-z_]{2,30}", samples)}) or ["a"]
    words = st.integers(0, len(said) - 1).map(said.__getitem__) | _TEXT
    values = json_values(words)
    seeds = st.integers(0, 2**32)
    return st.one_of(
        st.binary(max_size=100).map(Raw),
        values.map(lambda value: Raw(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))),
        st.lists(st.tuples(words, _TEXT), max_size=6).map(_form),
        xml(words).map(lambda text: Raw(text.encode("utf-8", "surrogatepass"))),
        seeds.map(Mutation),
        seeds.map(Mutation),
        st.builds(Graft, seeds, values),
        st.builds(Graft, seeds, _SCALARS),
    )


def json_values(words: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    """Return JSON values whose names are such words."""
    return st.recursive(
        _SCALARS | words,
        lambda part: st.lists(part, max_size=3) | st.dictionaries(words, part, max_size=4),
        max_leaves=6,
    )


def xml(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return what looks like XML, well formed where the words are names."""

    def element(name: str, content: str) -> str:
        return f"<{name}>{content}</{name}>"

    leaves = st.builds(element, words, _TEXT.map(escape) | _TEXT)
    return st.recursive(
        leaves, lambda part: st.builds(element, words, st.lists(part, max_size=3).map("".join)), max_leaves=6
    )


def _form(fields: list[tuple[str, str]]) -> Raw:
    return Raw(urlencode(fields, errors="replace").encode())


def _grafted(told: object, value: object, chance: random.Random) -> object:
    match told:
        case dict() if told and chance.random() < 0.9:
            name = chance.choice(sorted(told))
            return {**told, name: _grafted(told[name], value, chance)}
        case list() if told and chance.random() < 0.9:
            at = chance.randrange(len(told))
            return [*told[:at], _grafted(told[at], value, chance), *told[at + 1 :]]
    return value
