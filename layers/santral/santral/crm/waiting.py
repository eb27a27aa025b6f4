"""How long something waits that the CRM did not take, and how to tell whether the CRM itself is away."""

import random
from collections.abc import Iterable

from santral.errors import Busy, CredentialsRefused, OutcomeUnknown, SantralError, Unreachable
from santral.zoho.client import RecordLocked, ScopeMissing

SWEEP = "sweep"
"""The lease of whoever pays what is due: one sweep at a time, and so one request at a time."""
INDEX_LAG_SECONDS = 60
"""What was written without an answer is looked for only when Zoho's indexes have caught up."""
_SHORTEST_PAUSE_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 3600
_LONGEST_SWEEP_PAUSE_SECONDS = 900


def away(failures: Iterable[SantralError]) -> SantralError | None:
    """Return the failure that says the CRM as a whole is away, if there is one."""
    for failure in failures:
        of_one_record = isinstance(failure, RecordLocked | ScopeMissing)
        if isinstance(failure, Busy | CredentialsRefused | Unreachable) and not of_one_record:
            return failure
    return None


def sweep_pause(failure: SantralError) -> int:
    """Return how long the next sweep is to wait, in seconds: what a busy CRM asks for, but no longer than sensible."""
    asked = failure.retry_after or 0 if isinstance(failure, Busy) else 0
    return min(asked, _LONGEST_SWEEP_PAUSE_SECONDS)


def pause_seconds(failure: SantralError, attempts: int) -> int:
    """Return a pause that doubles with each attempt, spread so that a crowd does not come back together."""
    ceiling = min(_LONGEST_PAUSE_SECONDS, _SHORTEST_PAUSE_SECONDS << min(attempts, 10))
    spread = ceiling // 2 + random.randrange(ceiling // 2 + 1)  # noqa: S311 (spread, not secrecy)
    return max(spread, failure.retry_after or 0, INDEX_LAG_SECONDS if isinstance(failure, OutcomeUnknown) else 0)
