"""Quotas: how often something that costs money may be done. One stretch of time of one quota is one row."""

from dataclasses import dataclass

from santral.sentences import Sentence
from santral.store.table import Counter


@dataclass(frozen=True)
class Quota:
    """At most `most` times in each stretch of so many seconds; stretches are counted from midnight UTC.

    Args:
        action: What is done, e.g. "dial".
        whose: Who does it; empty for the whole company.
        most: How often.
        seconds: How long a stretch is.
        sentence: What is said to who asks once more.
    """

    action: str
    whose: str
    most: int
    seconds: int
    sentence: Sentence

    def counter(self, now: int) -> Counter:
        """Return the row that counts at this moment (epoch seconds)."""
        stretch = now // self.seconds
        return Counter(f"QUOTA#{self.action}#{self.whose}#{stretch}", self.most, (stretch + 1) * self.seconds)
