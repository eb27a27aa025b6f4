"""What goes wrong, how often, and how often it did: everything follows from one seed."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

RATES = {
    # On the way to us, per notification of the PBX.
    "webhook_doubled": 0.05,
    "webhook_late": 0.05,
    "webhook_lost": 0.05,
    "acknowledgement_lost": 0.05,
    # Inside, per delivery of a message or per step of a function.
    "message_redelivered": 0.05,
    "workers_at_once": 0.05,
    "crash": 0.002,
    "table_conflict": 0.02,
    "table_throttled": 0.005,
    "table_answer_lost": 0.005,
    "queue_refuses": 0.03,
    "queue_answer_lost": 0.03,
    "bucket_refuses": 0.05,
    # Outside, per request.
    "crm_fails": 0.05,
    "crm_fails_after_commit": 0.05,
    "crm_lost": 0.025,
    "crm_lost_after_commit": 0.025,
    "crm_busy": 0.02,
    "crm_token_expires": 0.002,
    "pbx_fails": 0.05,
    "pbx_lost": 0.03,
    "pbx_lost_after_commit": 0.03,
    "recording_cut": 0.05,
    # Per call of the run.
    "click_repeated": 0.5,
    "crm_down": 0.002,
    "crm_revokes": 0.001,
    "pbx_down": 0.002,
}


class Crash(BaseException):
    """The process is gone: no handler sees this, as none would see a kill."""


class Troubles:
    """The dice of a run, and the book of what they did. `calm()` ends all trouble, so that the run can come to rest."""

    def __init__(self, seed: int, rates: dict[str, float] | None = None) -> None:
        self.seed = seed
        self.dice = random.Random(seed)
        self.injected: Counter[str] = Counter()
        self._rates = RATES if rates is None else rates
        self._calm = False

    def strikes(self, kind: str) -> bool:
        """Roll for a trouble and note it when it comes."""
        if self._calm or self.dice.random() >= self._rates.get(kind, 0):
            return False
        self.injected[kind] += 1
        return True

    def one_of(self, kinds: Iterable[str]) -> str | None:
        """The first of several troubles that comes, if any."""
        return next((kind for kind in kinds if self.strikes(kind)), None)

    def calm(self) -> None:
        self._calm = True


class Turns:
    """Two workers at the same time, made repeatable: at each step the dice say who goes on.

    Each works in a thread of its own, but only the one whose turn it is runs.
    """

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._doors: list[threading.Semaphore] = []
        self._working: list[int] = []
        self._mine = threading.local()

    def together(self, *works: Callable[[], Any]) -> None:
        """Run all until each has ended. What they raise is theirs to catch."""
        self._doors = [threading.Semaphore(0) for _ in works]
        self._working = list(range(len(works)))
        threads = [threading.Thread(target=self._work, args=(number, work)) for number, work in enumerate(works)]
        for thread in threads:
            thread.start()
        self._doors[0].release()
        for thread in threads:
            thread.join()

    def step(self) -> None:
        """Maybe let another go on first."""
        me = getattr(self._mine, "number", None)
        if me is None or len(self._working) == 1:
            return
        chosen = self._dice.choice(self._working)
        if chosen != me:
            self._doors[chosen].release()
            self._doors[me].acquire()

    def _work(self, number: int, work: Callable[[], Any]) -> None:
        self._doors[number].acquire()
        self._mine.number = number
        try:
            work()
        finally:
            self._working.remove(number)
            if self._working:
                self._doors[self._working[0]].release()
