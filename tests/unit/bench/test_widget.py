"""The bench of the widget weighs every file, and fails when it is too heavy or later than an empty page by too much."""

import gzip

import pytest

from bench.widget import MOST_BYTES, compressed, report

EMPTY = [(100.0, 80.0)] * 3


def test_what_keeps_every_bound_passes_by_its_median(capsys):
    assert report({"widget.js": MOST_BYTES}, [(250.0, 430.0), (250.0, 430.0), (999.0, 999.0)], EMPTY) == 0
    assert "BROKEN" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("size", "times", "bound"),
    [(MOST_BYTES + 1, (100.0, 80.0), "gzip"), (1, (251.0, 300.0), "first paint"), (1, (100.0, 431.0), "interactive")],
)
def test_a_broken_bound_fails_and_is_named(size, times, bound, capsys):
    assert report({"widget.js": size}, [times] * 3, EMPTY) == 1

    (broken,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("BROKEN")]
    assert bound in broken


def test_every_file_counts_as_a_server_sends_it(tmp_path):
    (tmp_path / "translations").mkdir()
    (tmp_path / "translations" / "en.json").write_bytes(b"{}")
    (tmp_path / "widget.js").write_bytes(b"a" * 10_000)

    sizes = compressed(tmp_path)

    assert sizes.keys() == {"translations/en.json", "widget.js"}
    assert sizes["widget.js"] == len(gzip.compress(b"a" * 10_000)) < 100
