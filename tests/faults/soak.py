"""`make soak`: many thousand calls under trouble, chunk by chunk, then some through the embedded AWS.

Each chunk is a company of its own with a seed of its own. Its score is kept in the folder when it is done, so a run
that was interrupted goes on where it stopped. `tests.faults.points` adds the scores up and publishes them.

    python -m tests.faults.soak [--calls 100000] [--seed N] [--folder .local/soak] [--embedded 2000]
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from santral.telemetry import logger
from tests.faults.observers import commit_of_source, observe
from tests.faults.scorecard import Score, score, table
from tests.faults.world import CASES, World

CALLS_PER_CHUNK = 1000
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- score: begin -->", "<!-- score: end -->"


def chunk(seed: int, calls: int, folder: Path) -> Score:
    """One company's day, judged; kept whole when it is red."""
    logger.setLevel("CRITICAL")
    world = World(seed, CASES[seed % len(CASES)])
    world.run(calls)
    seen = folder / f"seen-{seed}"
    observe(world, seen)
    found = score(seen)
    if found.holds:
        shutil.rmtree(seen)
    kept = folder / f"score-{seed}.json"
    kept.with_suffix(".part").write_text(json.dumps(found.as_json()), encoding="utf-8")
    kept.with_suffix(".part").rename(kept)
    return found


def scores(first_seed: int, calls: int, folder: Path) -> Iterator[Score]:
    """The scores of all chunks, those of an earlier run read and not run again."""
    whole, rest = divmod(calls, CALLS_PER_CHUNK)
    sizes = [CALLS_PER_CHUNK] * whole + ([rest] if rest else [])
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        under_way = []
        for number, size in enumerate(sizes):
            kept = folder / f"score-{first_seed + number}.json"
            if kept.exists():
                yield Score.of_json(json.loads(kept.read_text(encoding="utf-8")))
            else:
                under_way.append(workers.submit(chunk, first_seed + number, size, folder))
        for done in under_way:
            yield done.result()


def publish(told: str) -> None:
    """Put the table into the page, between its two marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n{END}{after}", encoding="utf-8")


def report(whole: Score) -> str:
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    commits = ", ".join(whole.commits) or commit_of_source()
    return f"Commit {commits}, {date}.\n\n{table(whole)}"


def seed_of(folder: Path, given: int | None) -> int:
    """The seed asked for, else that of the run to go on with, else a new one."""
    kept = folder / "seed"
    if given is None:
        given = int(kept.read_text()) if kept.exists() else random.SystemRandom().randrange(1, 1_000_000)
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(str(given))
    return given


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--calls", type=int, default=100_000)
    asked.add_argument("--embedded", type=int, default=2000, help="calls through the embedded AWS")
    asked.add_argument(
        "--seed", type=int, default=int(os.environ["SANTRAL_SEED"]) if "SANTRAL_SEED" in os.environ else None
    )
    asked.add_argument("--folder", type=Path, default=Path(".local/soak"))
    options = asked.parse_args()
    seed = seed_of(options.folder, options.seed or int(os.environ.get("SANTRAL_SEED", "0")) or None)
    print(f"seed {seed}, {options.calls} calls, state in {options.folder}", flush=True)
    whole = Score()
    for found in scores(seed, options.calls, options.folder):
        whole = whole.added(found)
        print(
            f"{whole.calls} calls, {whole.injected} faults, {sum(map(len, whole.broken.values()))} broken", flush=True
        )
    print(report(whole))
    embedded = 0
    if options.embedded:
        test = "tests/faults/test_embedded.py"
        command = [sys.executable, "-m", "pytest", test, "-q", "-rP", "--embedded-calls", str(options.embedded)]
        embedded = subprocess.run([*command, "--seed", str(seed)], check=False).returncode
    return 0 if whole.holds and not embedded else 1


if __name__ == "__main__":
    raise SystemExit(main())
