"""Whatever comes in, each parser gives a value or one of our errors: 2,000 generated inputs for every one of them."""

import random
import re

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from santral.errors import SantralError
from tests.fuzz import Parser, parsers
from tests.fuzz import __main__ as make_fuzz
from tests.fuzz.inputs import inputs
from tests.fuzz.mutations import SPOILINGS, spoilt

PARSERS = parsers()
EXAMPLES = 2000


@pytest.fixture(autouse=True)
def _uncounted(monkeypatch):
    # Each of these inputs is counted and warned of; that is not what is held here, and costs more than the parsing.
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")


@pytest.mark.parametrize("provider", PARSERS)
def test_only_our_errors_come_out(provider):
    family = PARSERS[provider]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(inputs(family))
    def hold(made_up):
        for parser in family:
            body = made_up.body_for(parser)
            note(f"{parser.name}: {body!r}")
            try:
                parser.parse(body)
            except SantralError:
                continue

    hold()


@pytest.mark.parametrize("parser", [one for family in PARSERS.values() for one in family], ids=lambda one: one.name)
def test_every_parser_understands_its_samples(parser):
    assert parser.samples
    for sample in parser.samples:
        try:
            parser.parse(sample)
        except SantralError as refusal:
            # A refusal is a sample too, but only one that was read: not what is answered to noise.
            assert refusal.code not in {"unintelligible", "not_understood", "outcome_unknown"}  # noqa: PT017 (either way is fine)


def test_every_provider_of_the_harness_is_found():
    assert {"virtualats", "wapcrm"} <= PARSERS.keys()
    names = [parser.name for family in PARSERS.values() for parser in family]
    assert len(names) == len(set(names))


def test_a_parser_that_lets_another_error_out_is_noticed(monkeypatch):
    def careless(body: bytes) -> object:
        return body.decode()

    family = (Parser("careless", careless, (b"ok",)),)
    monkeypatch.setitem(PARSERS, "careless", family)

    with pytest.raises(UnicodeDecodeError):
        test_only_our_errors_come_out("careless")


def test_make_fuzz_counts_what_escapes_and_names_the_seed_that_repeats_it(monkeypatch):
    careless = Parser("careless", lambda body: body.decode(), (b"ok",))
    monkeypatch.setattr(make_fuzz, "parsers", lambda: {"careless": (careless,)})

    ended, escapes = make_fuzz._fuzzed("careless", seed=7, mutations=300)

    assert ended["escaped"] > 0
    assert ended["accepted"] + ended["refused"] + ended["escaped"] == 300
    assert escapes[0].startswith("UnicodeDecodeError by --seed 7, mutation ")
    number = int(re.search(r"mutation (\d+)", escapes[0])[1])
    with pytest.raises(UnicodeDecodeError):
        careless.parse(make_fuzz.body_of(careless, 7, number))


@given(st.binary(max_size=60), st.integers(0, 2**32))
def test_the_same_chance_spoils_in_the_same_way(sample, seed):
    assert spoilt(sample, random.Random(seed)) == spoilt(sample, random.Random(seed))


@pytest.mark.parametrize("spoiling", SPOILINGS, ids=lambda spoiling: spoiling.__name__)
def test_every_way_of_spoiling_takes_any_bytes_and_changes_some(spoiling):
    sample = b'{"a": 1, "b": [2]}'

    assert [spoiling(b"", random.Random(seed)) for seed in range(50)]
    assert any(spoiling(sample, random.Random(seed)) != sample for seed in range(50))
