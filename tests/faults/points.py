"""The hundred points: which cases of the matrix hold, from the test runner's own report and the soak's scores.

python -m tests.faults.points REPORT.xml [--soak FOLDER] [--publish]      (`--nodes` prints what has to be run)
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.faults.matrix import DOES_NOT_APPLY, HELD
from tests.faults.scorecard import Score
from tests.faults.soak import publish, report

COMPONENT = "tests/component"
READABLE = (
    f"{COMPONENT}/pipeline/test_webhooks.py::test_an_unknown_state_is_kept_with_a_reason",
    f"{COMPONENT}/operations/test_repairs.py::test_what_is_retried_from_the_quarantine_is_logged_once_and_leaves_it",
    f"{COMPONENT}/operations/test_repairs.py::test_a_redriven_batch_makes_no_second_record_and_logs_what_was_never_seen",
)
MALFORMED = (9, 10, 11, 12)
INPUTS_ASKED = 1_000_000
GROUPS: tuple[tuple[str, int, tuple[int, ...]], ...] = (
    ("a kill at every step (F33)", 10, (33,)),
    ("security faults (F05-F08, F17-F20)", 15, (5, 6, 7, 8, 17, 18, 19, 20)),
    ("third parties' faults (F13-F16, F21-F28)", 15, (13, 14, 15, 16, 21, 22, 23, 24, 25, 26, 27, 28)),
    ("malformed input (F09-F12)", 5, MALFORMED),
    ("time and numbers (F38-F41)", 5, (38, 39, 40, 41)),
    ("latency (F47)", 5, (47,)),
)


def nodes() -> set[str]:
    """Every test the points rest on."""
    return {node for held in HELD.values() for node in held} | set(READABLE)


def passed_in(*reports: Path) -> set[str]:
    """The tests that passed in every form they were run in."""
    outcome: dict[str, bool] = {}
    for case in _cases(reports):
        node = f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name'].partition('[')[0]}"
        outcome[node] = outcome.get(node, True) and len(case.findall("*[@message]")) == 0
    return {node for node, passed in outcome.items() if passed}


def inputs_in(*reports: Path) -> int:
    """How many spoilt bodies were read."""
    told = [each.attrib for file in reports for each in ET.parse(file).iter("property")]
    return max((int(each["value"]) for each in told if each["name"] == "inputs"), default=0)


def _cases(reports: tuple[Path, ...]) -> Iterator[ET.Element]:
    for file in reports:
        yield from ET.parse(file).iter("testcase")


def points(passed: set[str], soak: Score, inputs: int) -> list[tuple[str, float, int, str]]:
    """What each group gets, of how much, and what is missing."""
    held = {case for case, where in HELD.items() if set(where) <= passed}
    scored = [
        ("conservation C1-C5 under faults", 40 if soak.holds else 0, 40, "" if soak.holds else "something is broken")
    ]
    for name, most, cases in GROUPS:
        asked = [case for case in cases if case in HELD or case == 47]
        missing = ", ".join(f"F{case:02d}" for case in asked if case not in held)
        got = most * sum(case in held for case in asked) / len(asked)
        if cases == MALFORMED and inputs < INPUTS_ASKED:
            got *= inputs / INPUTS_ASKED
            missing = f"{inputs} spoilt bodies instead of {INPUTS_ASKED}"
        scored.append((name, got, most, missing))
    readable = sum(node in passed for node in READABLE)
    scored.append(("operability: readable reasons, one-command repair", 5 * readable / len(READABLE), 5, ""))
    return scored


def told(scored: list[tuple[str, float, int, str]], passed: set[str]) -> str:
    """The points as a Markdown table, and every case that is not held."""
    lines = ["| | points | of | not shown |", "| --- | ---: | ---: | --- |"]
    lines += [f"| {name} | {got:g} | {most} | {missing} |" for name, got, most, missing in scored]
    total, most = sum(got for _, got, _, _ in scored), sum(most for _, _, most, _ in scored)
    lines += [f"| **all** | **{total:g}** | **{most}** | |", ""]
    held = [case for case, where in HELD.items() if set(where) <= passed]
    lines.append(f"{len(held)} of {len(HELD)} cases of the matrix that apply hold. {len(DOES_NOT_APPLY)} do not apply:")
    lines += ["", *(f"- F{case:02d}: {why}" for case, why in DOES_NOT_APPLY.items())]
    return "\n".join(lines)


def soaked(folder: Path) -> Score:
    """The scores of all chunks of a soak together."""
    whole = Score()
    for kept in sorted(folder.glob("score-*.json")):
        whole = whole.added(Score.of_json(json.loads(kept.read_text(encoding="utf-8"))))
    return whole


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("reports", type=Path, nargs="*")
    asked.add_argument("--soak", type=Path, default=Path(".local/soak"))
    asked.add_argument("--nodes", action="store_true")
    asked.add_argument("--publish", action="store_true", help="write the tables into docs/reliability.md")
    options = asked.parse_args()
    if options.nodes:
        print("\n".join(sorted(nodes())))
        return 0
    passed, soak = passed_in(*options.reports), soaked(options.soak)
    whole = f"{report(soak)}\n\n{told(points(passed, soak, inputs_in(*options.reports)), passed)}"
    if options.publish:
        publish(whole)
    print(whole)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
