"""make bench: measure everything and write it into docs/performance.md; exit 1 when a bound is broken.

`--only cold,zoho` measures only that, and leaves on the page what was measured of the rest before.
"""

import argparse
import io
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

from bench import cold, crm, dial, ingest, recordings, sizes, widget
from sandbox.system import ROOT

PAGE = ROOT / "docs" / "performance.md"
MEASURES: Mapping[str, Callable[[], int]] = {
    "sizes": sizes.main,
    "cold": cold.main,
    "dial": dial.main,
    "ingest": ingest.main,
    "recordings": recordings.main,
    "zoho": crm.main,
    "widget": widget.main,
}


class _Overheard(io.StringIO):
    """Keeps what is printed, and prints it."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]  # there is one: it talks to a terminal
        sys.__stdout__.flush()  # type: ignore[union-attr]  # likewise
        return super().write(text)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what Santral costs and how fast it is.")
    parser.add_argument("--only", default=",".join(MEASURES), help="what to measure, separated by commas")
    chosen = parser.parse_args().only.split(",")
    if unknown := set(chosen) - MEASURES.keys():
        parser.error(f"nothing is called {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    broken = [name for name in chosen if _measured(name)]
    print(f"\nbounds were broken by: {', '.join(broken)}" if broken else "\nevery bound was kept")
    return 1 if broken else 0


def _measured(name: str) -> int:
    circumstances = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, load {os.getloadavg()[0]:.1f}"
    print(f"\n--- {name}: {circumstances}\n")
    with redirect_stdout(_Overheard()) as heard:
        status = MEASURES[name]()
    told = f"{circumstances}\n\n" + heard.getvalue().strip("\n")
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), name, told), encoding="utf-8")
    return status


def replaced(page: str, name: str, told: str) -> str:
    """The page with what was measured in its place."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n```\n{told}\n```\n{end}{rest.split(end)[1]}"


def machine() -> str:
    """The processor, how many of them, and the Python that runs here."""
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").is_file() else ""
    model = re.search(r"^model name\s*: (.+)$", described, re.MULTILINE)
    name = model[1] if model else platform.machine()
    return f"{os.cpu_count()} x {name}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
