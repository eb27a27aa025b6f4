"""docs/metrics.md and the code know the same metrics."""

import re

import pytest

from santral.telemetry import ESSENTIAL
from tests.metrics import ROOT, metrics_in, metrics_in_code

_ROW = re.compile(r"^\| `(\w+)`((?: by `\w+`(?:, `\w+`)*)?) \| (Count|Seconds) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def documented():
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    return {name: set(re.findall(r"`(\w+)`", dimensions)) for name, dimensions, *_ in _ROW.findall(text)}


def test_every_metric_in_code_stands_in_the_table_and_the_other_way_round():
    assert documented() == metrics_in_code()


def test_the_table_has_no_row_that_this_test_cannot_read():
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")

    assert len(documented()) == len(re.findall(r"^\| `", text, re.MULTILINE))


def test_it_says_which_metrics_are_always_written():
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    [listed] = re.findall(r"always written: ([^.]+)\.", text)

    assert set(re.findall(r"`(\w+)`", listed)) == ESSENTIAL <= metrics_in_code().keys()


def test_each_writer_is_found_with_its_dimensions():
    source = """
count("one"); gauge("two", 3, "Seconds", system=x); count("three" if y else "four", 2, system="a", code=c)
collection.count("not one of ours")
"""
    found = dict(metrics_in(source))

    assert found == {
        "one": set(),
        "two": {"system"},
        "three": {"system", "code"},
        "four": {"system", "code"},
    }


def test_a_name_put_together_where_it_is_used_is_refused():
    with pytest.raises(AssertionError, match="write the metric's name out"):
        list(metrics_in('count(f"calls_{name}")'))
