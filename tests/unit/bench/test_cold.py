"""The bench of cold starts compares within a round, and fails when a function is slow."""

import sys
from pathlib import Path

import pytest

from bench.cold import COMPILED, UNCOMPILED, Contender, Start, report, ship
from sandbox.runtime import Code, Executable


def contender(handler, *rounds):
    executable = Executable(handler, handler, "arn", Code(Path(), ()), {}, 1.0, 512, Path("log"))
    return Contender(executable, "Dial", {}, [[Start(ms / 1000, ms / 1000) for ms in starts] for starts in rounds])


def measured(**functions):
    return {
        COMPILED: contender(COMPILED, (100, 110, 120), (200, 220, 240)),
        UNCOMPILED: contender(UNCOMPILED, (280,), (560,)),
        **{name: contender(f"functions.{name}.handler", *rounds) for name, rounds in functions.items()},
    }


def test_what_one_round_took_is_compared_with_that_round():
    all_ = measured(calls=((110,), (220,)))

    assert all_["calls"].times(all_[COMPILED]) == 1.0
    assert all_["calls"].times(all_[UNCOMPILED]) == pytest.approx(0.39, abs=0.01)


@pytest.mark.parametrize(
    ("functions", "broken"),
    [
        ({"calls": ((150,), (300,)), "webhooks": ((110,), (220,))}, []),
        ({"calls": ((160,), (320,))}, ["uncompiled"]),
        ({"calls": ((180,), (360,))}, ["uncompiled", "compiled"]),
        ({"webhooks": ((130,), (260,))}, ["every webhook"]),
    ],
)
def test_a_slow_function_fails_and_is_named(functions, broken, capsys):
    status = report(measured(**functions), rounds=2)

    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("BROKEN")]
    assert status == bool(broken)
    assert len(lines) == len(broken)
    for line, bound in zip(lines, broken, strict=True):
        assert bound in line
        assert next(iter(functions)) in line


def test_the_baseline_is_shipped_with_all_it_imports_and_no_bytecode(tmp_path):
    folder = ship(("idna", "python-dateutil"), tmp_path / "shipped")

    assert {"baseline.py", "idna", "dateutil", "six.py"} <= {entry.name for entry in folder.iterdir()}
    assert not list(folder.rglob("*.pyc"))
    assert sys.modules.get("baseline") is None
