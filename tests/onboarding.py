"""docs/onboarding.md as a script: what it has the reader type, and what it says is printed.

`python -m tests.onboarding BUILD` plays it in a rehearsal for two tenants, for a person to watch; BUILD is where
`sam build` put what is deployed.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.rehearsal import TENANTS, Rehearsal

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "onboarding.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_ANYTHING = "…"
_FAREWELL = "tenant remove"


@dataclass(frozen=True)
class Step:
    """A command of the page, and the lines below it. Written for acme; `of` makes it another tenant's."""

    command: str
    printed: str

    def of(self, tenant: str) -> "Step":
        return Step(self.command.replace("acme", tenant), self.printed.replace("acme", tenant))

    @property
    def is_farewell(self) -> bool:
        return _FAREWELL in self.command

    def is_answered_by(self, printed: str) -> bool:
        """Whether that is what the page says: `…` is anything within a line, on a line of its own any lines."""
        lines = [re.escape(line).replace(_ANYTHING, ".+") + r"\n" for line in _plain(self.printed).splitlines()]
        pattern = "".join(r"(?:.*\n)*" if line == r".+\n" else line for line in lines)
        return re.fullmatch(pattern, _plain(printed)) is not None


def steps(page: str) -> list[Step]:
    """All commands of the page's consoles, in their order."""
    return [
        Step(*(part.partition("\n")[::2]))
        for block in _BLOCK.findall(page)
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    ]


def _plain(printed: str) -> str:
    # A table's width is the widest cell's, and differs with it.
    return "".join(re.sub(r"  +", "  ", line.rstrip()) + "\n" for line in printed.rstrip().splitlines())


def environment(rehearsal: Rehearsal) -> dict[str, str]:
    """What the reader's shell has by then; nobody is there to be asked."""
    told = rehearsal.environment
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SANTRAL_", "MAKE"))}
    # The embedded AWS is quicker than what sam waits for between two looks.
    sam = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5"}
    return {**kept, **told, **sam, "PATH": path, "CI": "1", "COLUMNS": "250"}


def typed(step: Step, build: Path, folder: Path, shell: Mapping[str, str]) -> str:
    """Run a step and return what it prints. What is deployed is built already; the rehearsal has its own folder."""
    command = re.sub(r"^make deploy TENANT=(\S+)", rf"scripts/deploy \1 {build}", step.command)
    command = command.replace(".local/rehearsal", str(folder))
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=shell,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def played(rehearsal: Rehearsal, build: Path, tenant: str, *, farewell: bool) -> Iterator[tuple[Step, str]]:
    """Go through the page for one tenant, either up to where it is taken away or from there."""
    shell = environment(rehearsal)
    for step in (it.of(tenant) for it in steps(PAGE.read_text(encoding="utf-8")) if it.is_farewell == farewell):
        yield step, typed(step, build, rehearsal.folder, shell)


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, Rehearsal(Path(folder)) as rehearsal:
        for farewell in (False, True):
            for tenant in TENANTS:
                for step, printed in played(rehearsal, build, tenant, farewell=farewell):
                    print(f"$ {step.command}\n{printed}", flush=True)
                    if not step.is_answered_by(printed):
                        wrong += 1
                        print("^ not what the page says:", step.printed, sep="\n", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
