"""Which provider can do what: the one table. Adding a provider adds one row here."""

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any

from santral.errors import NotSupported


class Ability(StrEnum):
    DIAL = "dial"
    HISTORY = "call history"
    EXTENSIONS = "extensions"
    RECORDING = "recordings"
    CALL_WEBHOOK = "call webhook"
    SEND = "send message"


@dataclass(frozen=True)
class Provider:
    """One provider: its class as `module:Class`, and its abilities."""

    path: str
    abilities: frozenset[Ability]

    def load(self) -> Any:
        """Import and return the class. Only the provider in use is imported."""
        module, _, name = self.path.partition(":")
        return getattr(import_module(module), name)


PROVIDERS = {
    "virtualats": Provider(
        "santral.providers.virtualats:VirtualAts",
        frozenset({Ability.DIAL, Ability.HISTORY, Ability.EXTENSIONS, Ability.RECORDING, Ability.CALL_WEBHOOK}),
    ),
    "wapcrm": Provider("santral.providers.wapcrm:WapCrm", frozenset({Ability.SEND})),
}


def provider(name: str, ability: Ability) -> Provider:
    """Return a provider that has an ability.

    Raises:
        NotSupported: It does not exist or cannot do that.
    """
    found = PROVIDERS.get(name)
    if found is None or ability not in found.abilities:
        able = ", ".join(sorted(known for known, row in PROVIDERS.items() if ability in row.abilities))
        raise NotSupported(
            f"{name} lacks {ability}", sentence=f"{name} does not support this ({ability}). These do: {able}."
        )
    return found
