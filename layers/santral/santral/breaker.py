"""A circuit breaker: while a system is down, its door says so at once instead of letting everyone wait for it.

One per door, so per container: it costs no request to keep, and a container that cannot reach a system proves nothing
for the others. It refuses only what has not left yet, so what it refuses surely did not happen.
"""

import time
from collections.abc import Callable

from santral.errors import Unreachable
from santral.telemetry import gauge, logger

_FAILURES = 5
_PAUSE_SECONDS = 10.0


class Breaker:
    """Counts failures that say "it is down"; after some in a row it refuses, but for one probe per pause.

    Args:
        system: The system's name in our words.
        monotonic: Returns seconds that never go back.
    """

    def __init__(self, system: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._system = system
        self._monotonic = monotonic
        self._failures = 0
        self._probe_at = 0.0

    @property
    def open(self) -> bool:
        return self._failures >= _FAILURES

    def let_through(self) -> None:
        """Return when a request may go out.

        Raises:
            Unreachable: The system is down, and it is not yet time for a probe.
        """
        if not self.open:
            return
        wait = self._probe_at - self._monotonic()
        if wait > 0:
            self._report()
            raise Unreachable("not tried, it was down a moment ago", system=self._system, retry_after=int(wait) + 1)
        # Should the probe never come back, the next one leaves a pause later.
        self._probe_at = self._monotonic() + _PAUSE_SECONDS

    def up(self) -> None:
        """Note an answer, whatever it said."""
        was_open, self._failures = self.open, 0
        if was_open:
            logger.info("system is back", system=self._system)
            self._report()

    def down(self) -> None:
        """Note that there was no answer, or one that says the system is broken."""
        was_open = self.open
        self._failures += 1
        if self.open:
            self._probe_at = self._monotonic() + _PAUSE_SECONDS
            self._report()
            if not was_open:
                logger.warning("system is down", system=self._system, failures=self._failures)

    def _report(self) -> None:
        gauge("breaker_open", int(self.open), system=self._system)
