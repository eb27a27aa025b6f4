"""make mutants: change the code of the promise in every small way; exit 1 where too few changes are noticed.

python -m tests.mutants [MODULE ...]      (`outbox` alone, say, when a test was written for what survived there)

mutmut changes the code; each change ("mutant") is judged by the fast unit tests of its module alone. What survived is
shown in .local/mutants/survivors.diff, and docs/mutants.md says of each why it may.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".local" / "mutants"
SURVIVORS = PLACE / "survivors.diff"
LEAST_PERCENT = 80

_UNIT = "tests/unit/santral"
_OUTBOX = f"{_UNIT}/telephony/test_outbox.py"
JUDGES: Mapping[str, Sequence[str]] = {
    "calls.py": [f"{_UNIT}/test_calls.py"],
    "telephony/outbox.py": [
        f"{_UNIT}/telephony/test_outbox_sweep.py",
        f"{_UNIT}/telephony/test_figures.py",
        f"{_UNIT}/telephony/test_joining.py",
        f"{_UNIT}/telephony/test_recognition.py",
        _OUTBOX,
    ],
    "telephony/debts.py": [f"{_UNIT}/telephony/test_debts.py", _OUTBOX],
    "store/intents.py": [f"{_UNIT}/store/test_intents.py"],
    "providers/virtualats/signature.py": [f"{_UNIT}/providers/virtualats/test_signature.py"],
}
# What the tests read besides the layer, by its place in the tree.
_BESIDE = ("tests", "simulators", "functions", "operations", "events")
_SETTINGS = {
    "source_paths": ["src"],
    "also_copy": list(_BESIDE),
    # The same examples each time, and no deadline: only what a test says may kill.
    "pytest_add_cli_args": ["--hypothesis-profile=ci"],
    # A mutant that loops without end is given up after this many times what its tests usually need.
    "timeout_multiplier": 5.0,
    "use_git_change_detection": False,
}


@dataclass(frozen=True)
class Verdict:
    """What became of a module's mutants."""

    module: str
    mutants: int
    killed: int
    timed_out: int

    @classmethod
    def of(cls, module: str, told: Mapping[str, int]) -> "Verdict":
        """Read mutmut's own figures. A mutant that no test reaches has survived like any other.

        Raises:
            ValueError: Not every mutant was judged.
        """
        verdict = cls(module, told["total"], told["killed"], told["timeout"])
        if not verdict.mutants or verdict.survived != told["survived"] + told["no_tests"]:
            raise ValueError(f"{module}: not all mutants were judged: {dict(told)}")
        return verdict

    @property
    def survived(self) -> int:
        return self.mutants - self.killed - self.timed_out

    @property
    def percent(self) -> float:
        """How many were noticed: by a test that failed or by one that never came to its end."""
        return 100 * (self.killed + self.timed_out) / self.mutants


def table(verdicts: Iterable[Verdict]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| module | mutants | killed | survived | timed out | percent |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {each.module} | {each.mutants} | {each.killed} | {each.survived} | {each.timed_out} | {each.percent:.1f} |"
        for each in verdicts
    ]
    return "\n".join(lines)


def too_weak(verdicts: Iterable[Verdict]) -> list[str]:
    """Return the modules of which tests notice too little."""
    return [each.module for each in verdicts if each.percent < LEAST_PERCENT]


def settings(module: str, pyproject: str) -> str:
    """Return our pyproject.toml with what mutmut has to know about this module."""
    told = {**_SETTINGS, "only_mutate": [f"src/santral/{module}"], "pytest_add_cli_args_test_selection": JUDGES[module]}
    # Lists of strings, numbers and truth values are written alike in JSON and TOML.
    return pyproject + "\n[tool.mutmut]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in told.items())


def survivors(results: str) -> list[str]:
    """Return the names of those that live, from what `mutmut results` prints."""
    named = (line.strip().rpartition(": ") for line in results.splitlines())
    return [name for name, _, outcome in named if outcome in {"survived", "no tests"}]


def _judged(module: str) -> tuple[Verdict, str]:
    place = PLACE / module.removesuffix(".py").replace("/", ".")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    # mutmut names a mutant after its path below src, which has to be the name it is imported by.
    (place / "src").symlink_to(ROOT / "layers" / "santral")
    for name in _BESIDE:
        (place / name).symlink_to(ROOT / name)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (place / "pyproject.toml").write_text(settings(module, text), encoding="utf-8")
    _mutmut(place, "run")
    _mutmut(place, "export-cicd-stats")
    told = json.loads((place / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    alive = survivors(_mutmut(place, "results"))
    return Verdict.of(module, told), "\n".join(_mutmut(place, "show", name) for name in alive)


def _mutmut(place: Path, *command: str) -> str:
    # Without ours, since the tests shall import the mutants and not what they were made from.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PYTHONHASHSEED"] = "0"
    mutmut = Path(sys.executable).parent / "mutmut"
    done = subprocess.run(
        [mutmut, *command], cwd=place, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{done.stdout[-5000:]}\nmutmut {command[0]} failed in {place}")
    return done.stdout


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = {Path(module).stem: module for module in JUDGES}
    # No module at all is held against the choices as well.
    asked.add_argument("modules", nargs="*", choices=[*names, []], metavar="MODULE", help=", ".join(names))
    verdicts, differences = [], []
    for name in asked.parse_args().modules or names:
        verdict, difference = _judged(names[name])
        verdicts.append(verdict)
        differences.append(difference)
        print(f"{verdict.module}: {verdict.survived} of {verdict.mutants} survived", flush=True)
    SURVIVORS.write_text("".join(differences), encoding="utf-8")
    print(f"\n{table(verdicts)}\n\nWhat survived: {SURVIVORS.relative_to(ROOT)}")
    weak = too_weak(verdicts)
    if weak:
        print(f"Tests notice less than {LEAST_PERCENT} % of what is broken in {', '.join(weak)}.")
    return 1 if weak else 0


if __name__ == "__main__":
    raise SystemExit(main())
