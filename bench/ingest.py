"""make bench-ingest: post 5,000 signed events through the sandbox; exit 1 when a bound is broken.

The real webhook function and a bare one (`bench.bare_ingest`) take turns behind the same route, in workers of the same
kind, on the same embedded AWS. The other workers stand still: in AWS they run on machines of their own. Times of
acknowledgement hold the senders' process, the gateway, the function and the embedded queue, all on this one machine;
CPU is that of the function's processes alone.
"""

import math
import multiprocessing
import os
import sys
import tempfile
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.bounds import exit_status
from bench.senders import Job, Posted, post_all
from bench.worker_figures import cpu_seconds
from sandbox.runtime import Executable, Pool
from sandbox.system import Sandbox

EVENTS = 5_000
ROUNDS = 5
SENDERS = 50
WORKERS = 4
FUNCTION = "VirtualAtsWebhook"
LONGEST_P99_SECONDS = 1.0
DEAREST = 1.3  # times the bare function's CPU


@dataclass
class Contender:
    """A function behind the route, and what was measured of it."""

    pool: Pool
    posted: list[Posted] = field(default_factory=list)
    cpu_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.posted) / self.seconds if self.seconds else 0.0

    @property
    def cpu_per_event(self) -> float:
        return self.cpu_seconds / len(self.posted)

    @property
    def failed(self) -> int:
        return sum(not 200 <= posted.status < 300 for posted in self.posted)

    def quantile(self, share: float) -> float:
        seconds = sorted(posted.seconds for posted in self.posted)
        return seconds[math.ceil(share * len(seconds)) - 1]


def main() -> int:
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    spawning = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(Path(folder), with_timers=False) as sandbox,
        ProcessPoolExecutor(1, mp_context=spawning) as senders,
    ):
        sandbox.delivery.stop()
        original = sandbox.pools[FUNCTION]
        contenders = {
            "santral": Contender(_pool(sandbox, original.function)),
            "bare": Contender(_pool(sandbox, _bare(sandbox, original.function))),
        }
        try:
            for round_ in range(-1, ROUNDS):
                for contender in contenders.values():
                    sandbox.pools[FUNCTION] = contender.pool
                    # The first round is not counted: it starts the processes and makes their clients.
                    events = EVENTS // ROUNDS if round_ >= 0 else 40 * WORKERS
                    before, began = cpu_seconds(contender.pool), time.monotonic()
                    posted = senders.submit(post_all, _job(sandbox, events)).result()
                    if round_ >= 0:
                        contender.seconds += time.monotonic() - began
                        contender.cpu_seconds += cpu_seconds(contender.pool) - before
                        contender.posted += posted
        finally:
            sandbox.pools[FUNCTION] = original
            for contender in contenders.values():
                contender.pool.stop()
    return report(contenders["santral"], contenders["bare"])


def report(santral: Contender, bare: Contender) -> int:
    print(f"{len(santral.posted)} events, {SENDERS} senders, {WORKERS} workers")
    print("The bare function's times are the floor: gateway, embedded queue and senders share this machine.\n")
    print(f"{'':10}{'non-2xx':>9}{'p50 ms':>9}{'p99 ms':>9}{'events/s':>10}{'CPU ms/event':>14}")
    for name, it in (("santral", santral), ("bare", bare)):
        p50, p99 = it.quantile(0.5) * 1000, it.quantile(0.99) * 1000
        print(f"{name:10}{it.failed:9}{p50:9.0f}{p99:9.0f}{it.per_second:10.0f}{it.cpu_per_event * 1000:14.3f}")
    ratio = santral.cpu_per_event / bare.cpu_per_event
    bounds = {
        "no answer but 2xx": (f"{santral.failed} others", santral.failed == 0),
        f"p99 at most {LONGEST_P99_SECONDS:g} s": (
            f"{santral.quantile(0.99):.3f} s",
            santral.quantile(0.99) <= LONGEST_P99_SECONDS,
        ),
        f"CPU at most {DEAREST:g} x bare": (f"{ratio:.2f} x", ratio <= DEAREST),
    }
    return exit_status(bounds)


def _pool(sandbox: Sandbox, function: Executable) -> Pool:
    return Pool(function, lambda: sandbox.stack.credentials(FUNCTION), limit=WORKERS)


def _bare(sandbox: Sandbox, function: Executable) -> Executable:
    secret = sandbox.secrets["virtualats"]
    keys = {
        "WEBHOOK_TOKEN": secret["webhook_tokens"][0],
        "PUBLIC_KEY": secret["public_key"],
        "SECRET_KEY": secret["secret_key"],
        "CRM_API_KEY": secret["crm_api_key"],
    }
    return replace(
        function,
        name="Bare",
        handler="bench.bare_ingest.handler",
        environment={**function.environment, **keys},
        log=sandbox.folder / "Bare.log",
    )


def _job(sandbox: Sandbox, events: int) -> Job:
    secret = sandbox.secrets["virtualats"]
    return Job(
        url=sandbox.ready["webhooks"]["virtualats"],
        public_key=secret["public_key"],
        secret_key=secret["secret_key"],
        crm_api_key=secret["crm_api_key"],
        batch=uuid.uuid4().hex,
        events=events,
        senders=SENDERS,
    )


if __name__ == "__main__":
    sys.exit(main())
