"""How many requests Verimor takes, as its documents say for each endpoint."""

import threading
from datetime import datetime

PER_MINUTE = {"cdrs": 6, "recording_url": 5, "queues": 10, "statuses": 2}
PER_SECOND_AND_BURST = {"originate": (3, 100), "ivr_campaigns": (2, 50)}


class Limits:
    """Minutes are those of the clock; what is limited per second may come as a burst that fills up again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minutes: dict[str, tuple[int, int]] = {}
        self._buckets: dict[str, tuple[float, datetime]] = {}

    def allows(self, limit: str, now: datetime) -> bool:
        """Whether one more request is taken, which is counted then."""
        with self._lock:
            if limit in PER_MINUTE:
                return self._allows_in_minute(limit, int(now.timestamp()) // 60)
            return self._allows_in_burst(limit, now)

    def _allows_in_minute(self, limit: str, minute: int) -> bool:
        counted_in, count = self._minutes.get(limit, (minute, 0))
        count = count + 1 if counted_in == minute else 1
        self._minutes[limit] = (minute, count)
        return count <= PER_MINUTE[limit]

    def _allows_in_burst(self, limit: str, now: datetime) -> bool:
        rate, burst = PER_SECOND_AND_BURST[limit]
        left, since = self._buckets.get(limit, (float(burst), now))
        left = min(burst, left + rate * (now - since).total_seconds())
        self._buckets[limit] = (max(0.0, left - 1), now)
        return left >= 1
