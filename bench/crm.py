"""make bench ONLY=zoho: how many requests a call costs in Zoho CRM; exit 1 when it is too many.

Calls come in by the webhook and take the whole way into the simulated CRM. Zoho is paid for by the request, and all
functions of a company share what it allows.
"""

import os
import sys
import tempfile
import uuid
from pathlib import Path

from bench.bounds import exit_status
from bench.senders import Job, post_all
from sandbox.system import Sandbox
from simulators.zoho.server import ZohoCrm

MANY = 100
SENDERS = 20
PATIENCE_SECONDS = 120
MOST_ALONE = 3.0
MOST_TOGETHER = 1.5
_TOKENS = "/oauth/v2/token"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, Sandbox(Path(folder), with_timers=False) as sandbox:
        _logged(sandbox, first=900_000, calls=1)  # reads the fields of the layout, which are kept for the day
        alone = _logged(sandbox, first=900_001, calls=1)
        strangers = _logged(sandbox, first=0, calls=MANY)
        known = _logged(sandbox, first=0, calls=MANY)
    return report(alone, strangers, known)


def report(alone: float, strangers: float, known: float) -> int:
    print(f"{'':44}{'requests to Zoho per call':>26}")
    print(f"{'one call of a stranger, who becomes a lead':44}{alone:26.2f}")
    print(f"{f'{MANY} calls of strangers at once':44}{strangers:26.2f}")
    print(f"{f'{MANY} calls of people it knows at once':44}{known:26.2f}")
    return exit_status(
        {
            f"alone: at most {MOST_ALONE:g}": (f"{alone:.2f}", alone <= MOST_ALONE),
            f"together: at most {MOST_TOGETHER:g}": (
                f"{strangers:.2f} and {known:.2f}",
                max(strangers, known) <= MOST_TOGETHER,
            ),
        }
    )


def _logged(sandbox: Sandbox, *, first: int, calls: int) -> float:
    """Have calls of numbers from `first` on told and logged, each once; return what each has cost."""
    zoho = sandbox.simulators["zoho"]
    assert isinstance(zoho, ZohoCrm)
    before, keys = len(zoho.calls()), sandbox.secrets["virtualats"]
    zoho.requests.clear()
    job = Job(
        url=sandbox.ready["webhooks"]["virtualats"],
        public_key=keys["public_key"],
        secret_key=keys["secret_key"],
        crm_api_key=keys["crm_api_key"],
        batch=uuid.uuid4().hex,
        events=calls,
        senders=min(calls, SENDERS),
        first=first,
    )
    assert {posted.status for posted in post_all(job)} == {200}
    sandbox.wait_until_idle(PATIENCE_SECONDS)
    while len(zoho.calls()) < before + calls:
        sandbox.fire("RetryPending")
    # Tokens are asked for once an hour, whatever there is to do.
    made = [request for request in zoho.requests.all() if not request.path.endswith(_TOKENS)]
    return len(made) / calls


if __name__ == "__main__":
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    sys.exit(main())
