"""make bench-dial: what a click to dial costs in processor time, memory and requests; exit 1 when a bound is broken.

The real function and a bare one (`bench.bare_dial`), which makes the same requests and nothing else, take turns in one
warm process each, on the same embedded AWS and the same simulated VirtualATS. Requests to AWS are counted where the
client sends them (`bench.counted`), those to the provider where they arrive.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from bench.bounds import exit_status
from bench.worker_figures import cpu_seconds, resident_bytes
from sandbox.runtime import Pool
from sandbox.system import ROOT, Sandbox

DIALS = 400
ROUNDS = 8
WARM_UP = 50
DEAREST = 1.25  # times the bare function's CPU
MOST_GROWTH = 5 * 1024 * 1024
MIB = 1024 * 1024
COUNTED = 10
MOST_AWS_CALLS = {"warm dial": 4, "live calls": 1, "authorizer": 0}
PROVIDER_CALLS = {"warm dial": 1, "live calls": 0, "authorizer": 0}

Event = dict[str, Any]


@dataclass
class Contender:
    """A function that dials, and what was measured of its process."""

    cpu_seconds: float = 0.0
    dials: int = 0
    failed: int = 0
    resident: list[int] = field(default_factory=list)

    @property
    def cpu_per_dial(self) -> float:
        return self.cpu_seconds / self.dials

    @property
    def growth(self) -> int:
        return self.resident[-1] - self.resident[0]


@dataclass(frozen=True)
class Requests:
    """The most requests that one invocation of a warm function made."""

    aws: tuple[str, ...]
    provider: int


def main() -> int:
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder), with_timers=False) as sandbox:
        sandbox.delivery.stop()
        # What it tells of each call would start functions that are not measured.
        sandbox.simulators["virtualats"].act("notify_crm_at", {"crm_url": None})
        clicks = _clicks()
        requests = {
            "warm dial": _counted(sandbox, "Dial", lambda: next(clicks), "virtualats"),
            "live calls": _counted(sandbox, "ListLiveCalls", lambda: _sample("calls/list_live_calls"), "kobikom"),
            "authorizer": _counted(sandbox, "Authorizer", lambda: _question(sandbox), "virtualats"),
        }
        santral, bare = _measured(sandbox, clicks)
    return report(santral, bare, requests)


def report(santral: Contender, bare: Contender, requests: Mapping[str, Requests]) -> int:
    print(f"{santral.dials} dials each, one process each\n")
    print(f"{'':10}{'not 202':>9}{'CPU ms/dial':>13}{'RSS MiB first':>15}{'last':>8}")
    for name, it in (("santral", santral), ("bare", bare)):
        first, last = it.resident[0] / MIB, it.resident[-1] / MIB
        print(f"{name:10}{it.failed:9}{it.cpu_per_dial * 1000:13.3f}{first:15.1f}{last:8.1f}")
    print(f"\n{'':12}{'AWS calls':>10}{'provider calls':>16}")
    for name, made in requests.items():
        print(f"{name:12}{len(made.aws):10}{made.provider:16}   {', '.join(made.aws)}".rstrip())
    ratio = santral.cpu_per_dial / bare.cpu_per_dial
    return exit_status(
        {
            "every dial answered 202": (f"{santral.failed + bare.failed} others", santral.failed + bare.failed == 0),
            f"CPU at most {DEAREST:g} x bare": (f"{ratio:.2f} x", ratio <= DEAREST),
            f"RSS grows by at most {MOST_GROWTH // MIB} MiB over {DIALS} dials": (
                f"{santral.growth / MIB:.1f} MiB",
                santral.growth <= MOST_GROWTH,
            ),
            **{
                f"{name}: at most {most} AWS and {PROVIDER_CALLS[name]} provider calls": (
                    f"{len(requests[name].aws)} and {requests[name].provider}",
                    len(requests[name].aws) <= most and requests[name].provider <= PROVIDER_CALLS[name],
                )
                for name, most in MOST_AWS_CALLS.items()
            },
        }
    )


def _measured(sandbox: Sandbox, clicks: Iterator[Event]) -> tuple[Contender, Contender]:
    keys = sandbox.secrets["virtualats"]
    bare_environment = {
        "BASE_URL": keys["base_url"],
        "PUBLIC_KEY": keys["public_key"],
        "SECRET_KEY": keys["secret_key"],
    }
    santral, bare = Contender(), Contender()
    with (
        _process(sandbox, "Dial", DIALS_PER_USER_HOUR="1000000") as real,
        _process(sandbox, "Dial", handler="bench.bare_dial.handler", **bare_environment) as floor,
    ):
        for round_ in range(-1, ROUNDS):
            for contender, pool in ((santral, real), (bare, floor)):
                # The first round is not counted: it starts the process, makes its clients and fills its caches.
                dials = DIALS // ROUNDS if round_ >= 0 else WARM_UP
                before = cpu_seconds(pool) if round_ >= 0 else 0.0
                statuses = [pool.invoke(next(clicks)).json().get("statusCode") for _ in range(dials)]
                contender.resident.append(resident_bytes(pool))
                contender.failed += sum(status != 202 for status in statuses)
                if round_ >= 0:
                    contender.cpu_seconds += cpu_seconds(pool) - before
                    contender.dials += dials
    return santral, bare


def _counted(sandbox: Sandbox, function: str, event: Callable[[], Event], provider: str) -> Requests:
    """The most a warm function asks for; of looking at live calls, when somebody looked a moment before."""
    asked = sandbox.simulators[provider].requests
    handler = sandbox.pools[function].function.handler
    made = []
    with _process(sandbox, function, handler="bench.counted.handler", COUNTED_HANDLER=handler) as pool:
        pool.invoke(event())
        for _ in range(COUNTED):
            asked.clear()
            answer = pool.invoke(event()).json()
            made.append(Requests(tuple(answer["aws_calls"]), len(asked)))
    if function == "ListLiveCalls":
        made = [it for it in made if it.provider == 0]
    return max(made, key=lambda it: (len(it.aws), it.provider))


@contextmanager
def _process(sandbox: Sandbox, function: str, *, handler: str = "", **environment: str) -> Iterator[Pool]:
    """One process of a function with its own rights, perhaps with another handler in its place."""
    original = sandbox.pools[function].function
    executable = replace(
        original, handler=handler or original.handler, environment={**original.environment, **environment}
    )
    pool = Pool(executable, lambda: sandbox.stack.credentials(function), limit=1)
    try:
        yield pool
    finally:
        pool.stop()


def _clicks() -> Iterator[Event]:
    """Each to another number: the same one twice within seconds is one click."""
    sample = _sample("calls/dial")
    for number in count():
        yield {**sample, "body": json.dumps({**json.loads(sample["body"]), "to": f"0532{number:07}"})}


def _question(sandbox: Sandbox) -> Event:
    token = f"Bearer {sandbox.ready['agent_token']}"
    sample = _sample("tenant/authorizer")
    return {**sample, "headers": {**sample["headers"], "authorization": token}, "identitySource": [token]}


def _sample(name: str) -> Event:
    event: Event = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return event


if __name__ == "__main__":
    sys.exit(main())
