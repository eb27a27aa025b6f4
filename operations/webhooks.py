"""Which address is to be entered at which provider, as the stack's outputs tell it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from operations import stacks
from santral.providers.registry import PROVIDERS

_OUTPUT = re.compile(r"(\w+?)(Call|Campaign)?WebhookUrl")
_TOKEN = "{token}"  # noqa: S105 (the place of one)


@dataclass(frozen=True)
class Address:
    """Where a provider posts what it tells. In `url` the token stands, or `{token}` in its place."""

    provider: str
    purpose: str
    url: str

    @property
    def is_whole(self) -> bool:
        """Whether its token stands in it."""
        return _TOKEN not in self.url


def addresses(tenant: str, outputs: Mapping[str, str], *, with_tokens: bool) -> list[Address]:
    """Return the addresses to enter, with the newest tokens where that is asked for and there are any.

    A campaign names its own address when it is created, so there is none to enter for it.
    """
    found = []
    for output, url in outputs.items():
        match = _OUTPUT.fullmatch(output)
        if match is None or match[2] == "Campaign" or (provider := match[1].lower()) not in PROVIDERS:
            continue
        token = newest_token(tenant, provider) if with_tokens else None
        purpose = "messages" if provider == "wapcrm" else "calls"
        found.append(Address(provider, purpose, url.replace(_TOKEN, token) if token else url))
    return found


def newest_token(tenant: str, secret: str, key: str = "webhook_tokens") -> str | None:
    """Return the token to be given out from now on, or None before the secret has one."""
    tokens: list[str] = stacks.secret(tenant, secret).get(key) or []
    return tokens[0] if tokens else None


def api_tokens(tenant: str) -> list[tuple[str, str]]:
    """Return what the CRM side is to send, newest of each role, by role."""
    roles = {"agent": "agent_tokens", "administrator": "admin_tokens"}
    return [(role, newest_token(tenant, "api", key) or "not set") for role, key in roles.items()]


def without_tokens(tenant: str) -> str:
    """Return why there is `{token}` in the addresses, and how to see it."""
    return (
        f"Who knows the token can tell us of calls, so it is left out of what may be copied around: "
        f"python -m operations tenant show {tenant} --with-tokens"
    )
