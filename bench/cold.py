"""make bench ONLY=cold: how long each built function takes from nothing to its first answer; exit 1 when it is long.

What `sam build` made is run by AWS's own runtime client, each start in a process of its own. `bench/baseline.py` is
started between them, once shipped as pip installs it and once compiled; all are compared within the same round, since
others use this machine too. What a function costs once it is warm, and whom it asks, is counted in the same go.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import cast

from bench.bounds import exit_status
from bench.first_events import Event, anew, first_events
from bench.worker_figures import process_cpu_seconds
from sandbox.code import link_runtime_packages
from sandbox.runtime import Answer, Code, Executable, Failure, Worker
from sandbox.system import ROOT, Sandbox
from simulators.virtualats import VirtualAts

BUILD = ROOT / ".aws-sam" / "bench"
LAMBDAS_PYTHON = (3, 13)
ROUNDS = 10
# How many functions are started between two starts of the compiled baseline, and of the other.
BETWEEN, BETWEEN_UNCOMPILED = 8, 24
WARM = 20
LONGEST_UNCOMPILED = 0.55
LONGEST_COMPILED = 1.5
LONGEST_INGEST = 1.1
COMPILED, UNCOMPILED = "baseline, compiled", "baseline, uncompiled"
# Status asks each of a company's systems. A company has one PBX and one way to write; the sandbox's has them all.
A_COMPANYS = "virtualats,wapcrm"
STATUS, STATUS_OF_ALL = "Status", "Status of 4 providers"
BESIDE_THE_BOUNDS = (COMPILED, UNCOMPILED, STATUS_OF_ALL)


@dataclass(frozen=True)
class Start:
    """From the start of the process to its first answer: by the clock, and its processor time."""

    seconds: float
    cpu_seconds: float


@dataclass
class Contender:
    """Something that is started, with the rights of a function, and how it went in each round."""

    executable: Executable
    role: str
    event: Event
    rounds: list[list[Start]] = field(default_factory=list)
    answered: str = ""
    warm_cpu_seconds: float = 0.0
    aws_requests: int = 0
    outside_requests: int = 0

    @property
    def is_ingest(self) -> bool:
        return self.executable.handler.startswith("functions.webhooks.")

    @property
    def seconds(self) -> float:
        return statistics.median(start.seconds for starts in self.rounds for start in starts)

    @property
    def cpu_seconds(self) -> float:
        # The kernel counts in hundredths, so only the mean is finer than that.
        return statistics.mean(start.cpu_seconds for starts in self.rounds for start in starts)

    def times(self, baseline: "Contender") -> float:
        """The median of what each round says."""
        return statistics.median(
            statistics.median(start.seconds for start in mine) / statistics.median(start.seconds for start in its)
            for mine, its in zip(self.rounds, baseline.rounds, strict=True)
        )


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description="Measure how long the built functions take to start.")
    parser.add_argument("--build", type=Path, default=BUILD, help="what sam build made")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is started")
    parser.add_argument("--function", action="append", default=[], help="only this one, by its name in the template")
    chosen = parser.parse_args(arguments)
    if sys.version_info[:2] != LAMBDAS_PYTHON:
        print("What is built for Lambda is run by Python 3.13 only; install it, `make clean`, try again.")
        return 1
    return report(measure(chosen.build, chosen.rounds, chosen.function), chosen.rounds)


def measure(build: Path, rounds: int = ROUNDS, only: Sequence[str] = ()) -> dict[str, Contender]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(Path(folder, "sandbox"), template=build / "template.yaml", built=True, with_timers=False) as sandbox,
    ):
        contenders = {
            name: Contender(sandbox.pools[name].function, name, event)
            for name, event in first_events(sandbox).items()
            if not only or name in only
        }
        if status := contenders.get(STATUS):
            contenders[STATUS_OF_ALL] = replace(status, rounds=[])
            few = {**status.executable.environment, "PROVIDERS": A_COMPANYS}
            status.executable = replace(status.executable, environment=few)
        # What waits in the queues and what providers tell would start functions that are not measured.
        sandbox.delivery.stop()
        sandbox.simulators["virtualats"].act("notify_crm_at", {"crm_url": None})
        baselines = _baselines(sandbox, Path(folder))
        exchange = cast(VirtualAts, sandbox.simulators["virtualats"]).exchange
        for round_ in range(rounds):
            # What was dialled in the last round, and told to nobody, is nothing to be found missing in this one.
            exchange.forget()
            for contender in (*baselines.values(), *contenders.values()):
                contender.rounds.append([])
            for number, contender in enumerate(contenders.values()):
                if number % BETWEEN_UNCOMPILED == 0:
                    _start(sandbox, baselines[UNCOMPILED])
                if number % BETWEEN == 0:
                    _start(sandbox, baselines[COMPILED])
                _start(sandbox, contender, go_on=round_ == rounds - 1)
        exchange.forget()
        for contender in contenders.values():
            _count_requests(sandbox, contender)
    return {**baselines, **contenders}


def _start(sandbox: Sandbox, contender: Contender, *, go_on: bool = False) -> None:
    """Start it and take the time; and, where it is to go on, use it until it is warm."""
    credentials = sandbox.stack.credentials(contender.role)
    event = json.dumps(anew(contender.event)).encode()
    began = time.perf_counter()
    worker = Worker(contender.executable, credentials)
    try:
        outcome = worker.invoke(event)
        seconds = time.perf_counter() - began
        assert isinstance(outcome, Answer), (contender.role, outcome)
        contender.rounds[-1].append(Start(seconds, process_cpu_seconds(worker.process_id)))
        contender.answered = _answered(outcome)
        if go_on:
            before = process_cpu_seconds(worker.process_id)
            for _ in range(WARM):
                worker.invoke(json.dumps(anew(contender.event)).encode())
            contender.warm_cpu_seconds = (process_cpu_seconds(worker.process_id) - before) / WARM
    finally:
        worker.stop()


def _count_requests(sandbox: Sandbox, contender: Contender) -> None:
    """Count what a warm invocation asks of AWS, where its client sends it, and of others, where it arrives."""
    executable, code = contender.executable, contender.executable.code
    counted = replace(
        executable,
        handler="bench.counted.handler",
        code=replace(code, python_path=(*code.python_path, ROOT)),
        environment={**executable.environment, "COUNTED_HANDLER": executable.handler},
    )
    worker = Worker(counted, sandbox.stack.credentials(contender.role))
    try:
        outcome: Answer | Failure = Failure("error")
        for _ in range(2):  # the first makes it warm
            for simulator in sandbox.simulators.values():
                simulator.requests.clear()
            outcome = worker.invoke(json.dumps(anew(contender.event)).encode())
        assert isinstance(outcome, Answer), (contender.role, outcome)
        contender.aws_requests = len(outcome.json()["aws_calls"])
        contender.outside_requests = sum(len(it.requests) for it in sandbox.simulators.values())
    finally:
        worker.stop()


def _answered(outcome: Answer) -> str:
    told = outcome.json()
    return str(told.get("statusCode", "")) if isinstance(told, dict) else ""


# --- the baseline ----------------------------------------------------------------------------------------------------


def _baselines(sandbox: Sandbox, folder: Path) -> dict[str, Contender]:
    """`bench/baseline.py` twice, with nothing but what it imports."""
    packages = ship(("boto3", "requests", "pydantic"), folder / "uncompiled")
    compiled = shutil.copytree(packages, folder / "compiled")
    hashes = "unchecked-hash"
    subprocess.run([sys.executable, "-m", "compileall", "-q", "--invalidation-mode", hashes, str(compiled)], check=True)
    runtime = link_runtime_packages(folder / "runtime")
    dial = sandbox.pools["Dial"].function
    event = json.loads((ROOT / "events" / "calls" / "dial.json").read_text(encoding="utf-8"))
    environment = {**dial.environment, "OUTSIDE_URL": sandbox.simulators["virtualats"].url}
    return {
        name: Contender(
            replace(
                dial,
                name=name,
                handler="baseline.handler",
                environment=environment,
                code=Code(code, (code, runtime), dial.code.interpreter_options, {"PYTHONDONTWRITEBYTECODE": "1"}),
            ),
            "Dial",
            event,
        )
        for name, code in ((COMPILED, compiled), (UNCOMPILED, packages))
    }


def ship(names: Sequence[str], folder: Path) -> Path:
    """Put the baseline and these packages, with what they need, into a folder as pip would, without bytecode."""
    folder.mkdir()
    shutil.copy(ROOT / "bench" / "baseline.py", folder)
    for package in _needed(names, set()):
        for file in package.files or ():
            if "__pycache__" not in file.parts and ".." not in file.parts:
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)
    return folder


def _needed(names: Sequence[str], seen: set[str]) -> Iterator[Distribution]:
    for name in names:
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        try:
            package = distribution(name)
        except PackageNotFoundError:  # what only other systems need
            continue
        yield package
        asked = [requirement for requirement in package.requires or () if "extra ==" not in requirement]
        yield from _needed([re.split(r"[ ;<>=!~\[(]", requirement)[0] for requirement in asked], seen)


# --- what is told ----------------------------------------------------------------------------------------------------


def report(measured: dict[str, Contender], rounds: int) -> int:
    compiled, uncompiled = measured[COMPILED], measured[UNCOMPILED]
    functions = {name: it for name, it in measured.items() if name not in BESIDE_THE_BOUNDS}
    print(f"{len(functions)} functions, started {rounds} times each; medians, processor time as a mean\n")
    print(f"{'':22}{'--- cold: from nothing to the first answer ---':^52}{'--- warm, each ---':^27}")
    print(
        f"{'':22}{'ms':>7}{'x uncompiled':>14}{'x compiled':>12}{'CPU ms':>8}{'x compiled':>12}"
        f"{'CPU ms':>8}{'AWS':>5}{'outside':>9}  answer"
    )
    for name, it in sorted(measured.items(), key=lambda named: named[1].seconds):
        print(
            f"{name:22}{it.seconds * 1000:7.0f}{it.times(uncompiled):14.2f}{it.times(compiled):12.2f}"
            f"{it.cpu_seconds * 1000:8.0f}{it.cpu_seconds / compiled.cpu_seconds:12.2f}"
            + (
                f"{it.warm_cpu_seconds * 1000:8.1f}{it.aws_requests:5}{it.outside_requests:9}  {it.answered}".rstrip()
                if name not in (COMPILED, UNCOMPILED)
                else ""
            )
        )
    ingest = {name: it for name, it in functions.items() if it.is_ingest}
    return exit_status(
        {
            f"{what}: at most {most:g} x the {baseline.executable.name}": _longest(among, baseline, most)
            for what, among, baseline, most in (
                ("every function", functions, uncompiled, LONGEST_UNCOMPILED),
                ("every function", functions, compiled, LONGEST_COMPILED),
                ("every webhook", ingest, compiled, LONGEST_INGEST),
            )
            if among
        }
    )


def _longest(functions: dict[str, Contender], baseline: Contender, most: float) -> tuple[str, bool]:
    times = {name: it.times(baseline) for name, it in functions.items()}
    longer = {name: it for name, it in times.items() if it > most}
    slowest = max(times, key=lambda name: times[name])
    told = longer or {slowest: times[slowest]}
    return ", ".join(f"{name} {it:.2f} x" for name, it in told.items()), not longer


if __name__ == "__main__":
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    sys.exit(main(sys.argv[1:]))
