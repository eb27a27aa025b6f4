"""Which provider can do what: the one table. Adding a provider adds one row here."""

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any

from santral.errors import NotSupported
from santral.sentences import Sentence, noted, say


class Ability(StrEnum):
    DIAL = noted("dial")
    HANG_UP = noted("hang up")
    HANG_UP_EXTENSION = noted("hang up an extension")
    TRANSFER = noted("transfer")
    TRANSFER_EXTENSION = noted("transfer an extension")
    MUTE = noted("mute")
    LIVE_CALLS = noted("live calls")
    HISTORY = noted("call history")
    RECORDING = noted("recordings")
    CALL_WEBHOOK = noted("call webhook")
    CONNECT = noted("registers its webhook")
    CALLER_IDS = noted("caller ids")
    EXTENSIONS = noted("extensions")
    AGENT_SESSIONS = noted("agent login")
    BREAKS = noted("breaks")
    QUEUES = noted("queues")
    QUEUE_EDITING = noted("create and delete queues")
    QUEUE_MEMBERS = noted("members of a queue")
    QUEUE_MEMBER_EDITING = noted("add and remove members")
    QUEUE_MEMBER_REPLACING = noted("replace members")
    WAITING_CALLS = noted("waiting callers")
    CAMPAIGNS = noted("campaigns")
    CAMPAIGN_SWITCH = noted("stop and restart campaigns")
    CAMPAIGN_CONTACTS = noted("contacts of a campaign")
    CAMPAIGN_RESULTS = noted("campaign results")
    CAMPAIGN_WEBHOOK = noted("campaign result webhook")
    ANNOUNCEMENTS = noted("announcements")
    SEND = noted("send message")
    MESSAGE_CHANNELS = noted("message channels")
    MESSAGE_USERS = noted("message users")
    MESSAGE_HISTORY = noted("message history")
    MESSAGE_WEBHOOK = noted("message webhook")
    OUTCOMES = noted("call outcomes")


@dataclass(frozen=True)
class Provider:
    """One provider: its class as `module:Class`, and its abilities.

    One whose document limits requests per minute is given a `Budget`, which all functions share.
    """

    path: str
    abilities: frozenset[Ability]
    limited: bool = False

    def load(self) -> Any:
        """Import and return the class. Only the provider in use is imported."""
        module, _, name = self.path.partition(":")
        return getattr(import_module(module), name)


PROVIDERS = {
    "virtualats": Provider(
        "santral.providers.virtualats:VirtualAts",
        frozenset(
            {
                Ability.DIAL,
                Ability.HANG_UP,
                Ability.HISTORY,
                Ability.EXTENSIONS,
                Ability.RECORDING,
                Ability.CALL_WEBHOOK,
            }
        ),
    ),
    "kobikom": Provider(
        "santral.providers.kobikom:Kobikom",
        frozenset(
            {
                Ability.DIAL,
                Ability.HANG_UP_EXTENSION,
                Ability.TRANSFER_EXTENSION,
                Ability.LIVE_CALLS,
                Ability.HISTORY,
                Ability.RECORDING,
                Ability.AGENT_SESSIONS,
                Ability.BREAKS,
                Ability.QUEUES,
                Ability.QUEUE_EDITING,
                Ability.QUEUE_MEMBERS,
                Ability.QUEUE_MEMBER_EDITING,
                Ability.CAMPAIGNS,
                Ability.CAMPAIGN_CONTACTS,
                Ability.CAMPAIGN_RESULTS,
            }
        ),
    ),
    "verimor": Provider(
        "santral.providers.verimor:Verimor",
        frozenset(
            {
                Ability.DIAL,
                Ability.HANG_UP,
                Ability.TRANSFER,
                Ability.MUTE,
                Ability.HISTORY,
                Ability.RECORDING,
                Ability.CALL_WEBHOOK,
                Ability.CONNECT,
                Ability.CALLER_IDS,
                Ability.EXTENSIONS,
                Ability.QUEUES,
                Ability.QUEUE_MEMBERS,
                Ability.QUEUE_MEMBER_REPLACING,
                Ability.WAITING_CALLS,
                Ability.CAMPAIGNS,
                Ability.CAMPAIGN_SWITCH,
                Ability.CAMPAIGN_WEBHOOK,
                Ability.ANNOUNCEMENTS,
            }
        ),
        limited=True,
    ),
    "wapcrm": Provider(
        "santral.providers.wapcrm:WapCrm",
        frozenset(
            {
                Ability.SEND,
                Ability.MESSAGE_CHANNELS,
                Ability.MESSAGE_USERS,
                Ability.MESSAGE_HISTORY,
                Ability.MESSAGE_WEBHOOK,
                Ability.HISTORY,
                Ability.OUTCOMES,
            }
        ),
    ),
}


def can(name: str, ability: Ability) -> bool:
    """Tell whether a provider, known or not, has an ability."""
    return name in PROVIDERS and ability in PROVIDERS[name].abilities


def provider(name: str, ability: Ability) -> Provider:
    """Return a provider that has an ability.

    Raises:
        NotSupported: It does not exist or cannot do that.
    """
    if not can(name, ability):
        able = ", ".join(sorted(known for known in PROVIDERS if can(known, ability)))
        told = say(
            "{provider} does not support this ({ability}). These do: {able}.",
            provider=name,
            ability=Sentence(ability.value, {}),
            able=able,
        )
        raise NotSupported(f"{name} lacks {ability}", sentence=told)
    return PROVIDERS[name]
