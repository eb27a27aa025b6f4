"""The company whose exchange Verimor runs: what it has and what it has bought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulators.demo_data import (
    VERIMOR_ANNOUNCEMENTS,
    VERIMOR_NUMBERS,
    VERIMOR_QUEUES,
    VERIMOR_USERS,
    VerimorQueue,
    VerimorUser,
)

Module = Literal["campaigns", "tts"]


@dataclass(frozen=True)
class Company:
    """`channels` is how many calls its campaigns may place at once; a brand code is an approved one of the registry."""

    domain_id: str = "429"
    numbers: tuple[str, ...] = VERIMOR_NUMBERS
    users: tuple[VerimorUser, ...] = VERIMOR_USERS
    queues: tuple[VerimorQueue, ...] = VERIMOR_QUEUES
    announcements: Mapping[int, str] = field(default_factory=lambda: VERIMOR_ANNOUNCEMENTS)
    iys_brand_codes: frozenset[str] = frozenset({"123456"})
    modules: frozenset[Module] = frozenset({"campaigns", "tts"})
    channels: int = 5

    @property
    def names(self) -> dict[str, str]:
        """Users' names by their numbers."""
        return {user.number: user.name for user in self.users}

    @property
    def queue_numbers(self) -> frozenset[str]:
        return frozenset(queue.number for queue in self.queues)
