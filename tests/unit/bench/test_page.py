"""What `make bench` has measured stands on its page, in its own place."""

import pytest

from bench import crm, sizes
from bench.__main__ import MEASURES, PAGE, replaced


def test_each_measure_has_one_place_on_the_page():
    page = PAGE.read_text(encoding="utf-8")

    assert {name: page.count(f"<!-- {name}: begin -->") for name in MEASURES} == dict.fromkeys(MEASURES, 1)


def test_what_was_measured_takes_the_place_of_the_last_time_and_of_nothing_else():
    page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb <!-- y: begin -->\nother\n<!-- y: end -->\n"

    once = replaced(page, "x", "new")

    assert once == page.replace("old", "```\nnew\n```")
    assert replaced(once, "x", "new") == once


@pytest.mark.parametrize(("bytes_", "status"), [(sizes.MIB, 0), (sizes.MIB + 1, 1)])
def test_a_layer_that_is_too_large_fails(bytes_, status, capsys):
    sizes_of = {"DependenciesLayer": 1, "SantralLayer": bytes_, "AudioLayer": 1, "Dial": 1}

    assert sizes.report(sizes_of) == status
    assert ("BROKEN SantralLayer" in capsys.readouterr().out) == bool(status)


@pytest.mark.parametrize(("figures", "status"), [((3.0, 1.5, 0.1), 0), ((3.1, 0.1, 0.1), 1), ((1.0, 0.1, 1.6), 1)])
def test_a_call_that_asks_zoho_too_much_fails(figures, status, capsys):
    assert crm.report(*figures) == status
    assert ("BROKEN" in capsys.readouterr().out) == bool(status)
