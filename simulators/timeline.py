"""The time a simulated exchange lives in: the real one, or one a test steps through without sleeping."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

Action = Callable[[], None]


class Timeline(Protocol):
    def now(self) -> datetime: ...

    def call_later(self, seconds: float, action: Action) -> None: ...

    def wait_for(self, event: threading.Event, seconds: float) -> bool:
        """Let time pass until the event is set, at most so long; whether it was set."""
        ...

    def stop(self) -> None: ...


class _Agenda:
    """Actions by due time; equal times keep the order they were asked for in."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, Action]] = []
        self._order = itertools.count()

    def add(self, due: float, action: Action) -> None:
        heapq.heappush(self._entries, (due, next(self._order), action))

    def next_due(self) -> float | None:
        return self._entries[0][0] if self._entries else None

    def pop(self) -> Action:
        return heapq.heappop(self._entries)[2]


class RealTime:
    """Wall-clock time. Each action runs in a thread of its own, so a slow one holds up no other."""

    def __init__(self) -> None:
        self._agenda = _Agenda()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def call_later(self, seconds: float, action: Action) -> None:
        with self._changed:
            self._agenda.add(time.monotonic() + seconds, action)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="simulated-exchange", daemon=True)
                self._thread.start()
            self._changed.notify()

    def wait_for(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _run(self) -> None:
        while (action := self._next_action()) is not None:
            threading.Thread(target=action, daemon=True).start()

    def _next_action(self) -> Action | None:
        with self._changed:
            while not self._stopped:
                due = self._agenda.next_due()
                if due is not None and due <= time.monotonic():
                    return self._agenda.pop()
                self._changed.wait(None if due is None else due - time.monotonic())
        return None


class SteppedTime:
    """Time that stands still until a test advances it; actions run in the test's thread, in order of their due time."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._agenda = _Agenda()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def call_later(self, seconds: float, action: Action) -> None:
        with self._lock:
            self._agenda.add(self._elapsed + seconds, action)

    def advance(self, seconds: float) -> None:
        horizon = self._elapsed + seconds
        while (action := self._next_action(horizon)) is not None:
            action()
        self._elapsed = horizon

    def wait_for(self, event: threading.Event, seconds: float) -> bool:
        horizon = self._elapsed + seconds
        while not event.is_set() and (action := self._next_action(horizon)) is not None:
            action()
        return event.is_set()

    def stop(self) -> None:
        """Nothing runs on its own."""

    def _next_action(self, horizon: float) -> Action | None:
        with self._lock:
            due = self._agenda.next_due()
            if due is None or due > horizon:
                return None
            self._elapsed = max(self._elapsed, due)
            return self._agenda.pop()
