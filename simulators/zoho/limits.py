"""What Zoho allows per organisation: requests at the same time, and credits per rolling day."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from simulators.zoho.wire import RefusedError

DAY = timedelta(hours=24)


class Limits:
    """Enterprise edition with three users, unless told otherwise; change both numbers at any time."""

    def __init__(self, clock: Callable[[], datetime], *, credits_per_day: int = 53_000, concurrency: int = 20) -> None:
        self.credits_per_day = credits_per_day
        self.concurrency = concurrency
        self.most_in_flight = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._in_flight = 0
        self._spent: deque[tuple[datetime, int]] = deque()
        self._sum = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """One of the requests in flight, refused when there are too many."""
        with self._lock:
            if self._in_flight >= self.concurrency:
                raise RefusedError("TOO_MANY_REQUESTS", "too many requests at the same time", status=429)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def spend(self, amount: int) -> None:
        with self._lock:
            if self._spent_today() + amount > self.credits_per_day:
                raise RefusedError("LIMIT_EXCEEDED", "You have reached the limit of API credits", status=429)
            self._spent.append((self._clock(), amount))
            self._sum += amount

    def headers(self) -> dict[str, str]:
        """Zoho tells the remaining credits only once half of them are gone."""
        with self._lock:
            spent = self._spent_today()
        if spent * 2 < self.credits_per_day:
            return {}
        return {"X-API-CREDITS-REMAINING": str(self.credits_per_day - spent)}

    def _spent_today(self) -> int:
        since = self._clock() - DAY
        while self._spent and self._spent[0][0] <= since:
            self._sum -= self._spent.popleft()[1]
        return self._sum
