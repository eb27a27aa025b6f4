"""Who the sandbox plays for: a tenant file, or the demo tenant, and which outside systems are simulated for it.

A provider whose secret names an address is called there; one given without gets a simulator; one absent is not set up.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from simulators.demo_data import CHANNELS
from simulators.frame import Simulator
from simulators.kobikom import Kobikom
from simulators.verimor import Verimor
from simulators.virtualats import VirtualAts
from simulators.wapcrm import WapCrm
from simulators.zoho.oauth import Client
from simulators.zoho.server import ZohoCrm

ADDRESSES = {
    **dict.fromkeys(("virtualats", "kobikom", "verimor", "wapcrm"), ("base_url",)),
    "zoho": ("accounts_url", "api_domain"),
}
"""The outside systems, and the keys of their secrets that say where they are."""

Secret = Mapping[str, Any]


class TenantFileError(Exception):
    """The tenant file is not what is asked for."""


class TenantFile(BaseModel):
    """`--tenant FILE`. Settings are the template's parameters, in snake case or as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: dict[str, Any] = {}
    secrets: dict[str, dict[str, Any]] = {}
    users: list[dict[str, Any]] = []


_TELEPHONY = ("virtualats", "kobikom", "verimor")


def _user(name: str, extension: str, agent_number: str, language: str) -> dict[str, Any]:
    return {
        "email": f"{name}@example.com",
        "extensions": {provider: [extension] for provider in _TELEPHONY},
        "agent_number": agent_number,
        "language": language,
    }


DEMO = TenantFile(
    secrets={name: {} for name in ADDRESSES},
    users=[
        _user("ayse", "101", "1001", "tr"),
        _user("mehmet", "102", "1002", "tr"),
        _user("leyla", "103", "1003", "az"),
    ],
)


def read_tenant_file(path: Path) -> TenantFile:
    try:
        return TenantFile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        # Without the input, which may be a secret.
        problems = json.loads(error.json(include_input=False, include_url=False))
        raise TenantFileError(
            f"{path}: " + "; ".join(f"{'.'.join(map(str, it['loc']))}: {it['msg']}" for it in problems)
        ) from None


@dataclass(frozen=True)
class Outside:
    """The outside systems of a tenant: the simulators to serve, and the secrets to write once they have addresses."""

    simulators: Mapping[str, Simulator]
    _given: Mapping[str, Secret] = field(repr=False)
    _made_up: Mapping[str, Secret] = field(repr=False)

    def secrets(self) -> dict[str, Secret]:
        """Everything the stack's secrets are to hold; simulators must be served by now."""
        return {
            name: {**self._made_up.get(name, {}), **self._addresses(name), **given}
            for name, given in self._given.items()
        }

    def _addresses(self, name: str) -> Secret:
        match self.simulators.get(name):
            case VirtualAts() | Kobikom() | Verimor() | WapCrm() as simulator:
                return {"base_url": simulator.api_url}
            case ZohoCrm() as zoho:
                return {"accounts_url": zoho.url, "api_domain": zoho.url}
        return {}


def settings_of(tenant: TenantFile) -> dict[str, Any]:
    """The template's parameters: a provider is enabled by having a secret."""
    enabled = {f"with_{name}": True for name in tenant.secrets if name in ADDRESSES and name != "zoho"}
    return {**enabled, **tenant.settings}


def outside_of(tenant: TenantFile) -> Outside:
    made_up = _made_up_secrets()
    given = {"api": {}, "permalinks": {}, **tenant.secrets}
    simulated = {
        name: {**made_up[name], **secret}
        for name, secret in given.items()
        if name in ADDRESSES and not any(key in secret for key in ADDRESSES[name])
    }
    ours = {"api", "permalinks", *simulated}
    return Outside(
        simulators={name: _simulator(name, secret) for name, secret in simulated.items()},
        _given=given,
        _made_up={name: secret for name, secret in made_up.items() if name in ours},
    )


def _made_up_secrets() -> dict[str, Secret]:
    return {
        "virtualats": {
            "public_key": _random("vats-public"),
            "secret_key": _random("vats-secret"),
            "crm_api_key": _random("vats-crm"),
            "webhook_tokens": [_random("hook")],
        },
        "kobikom": {"api_key": _random("kobi")},
        "verimor": {"api_key": _random("verimor"), "webhook_tokens": [_random("hook")]},
        "wapcrm": {
            "secret_key": _random("wapcrm"),
            "webhook_tokens": [_random("hook")],
            "default_channel_id": str(CHANNELS[0].instance_id),
        },
        "zoho": {
            "client_id": _random("zoho-client"),
            "client_secret": _random("zoho-secret"),
            "refresh_token": _random("zoho-refresh"),
        },
        "api": {"agent_tokens": [_random("agent")], "admin_tokens": [_random("admin")]},
        "permalinks": {"keys": {"k1": secrets.token_hex(32)}},
    }


def _random(purpose: str) -> str:
    return f"sandbox-{purpose}-{secrets.token_urlsafe(18)}"


def _simulator(name: str, secret: Secret) -> Simulator:
    if name == "virtualats":
        options = secret.get("options", {})
        return VirtualAts(
            public_key=secret["public_key"],
            secret_key=secret["secret_key"],
            crm_api_key=secret["crm_api_key"],
            sign_query=options.get("sign_query", "empty"),
        )
    if name == "kobikom":
        return Kobikom(api_key=secret["api_key"])
    if name == "verimor":
        return Verimor(api_key=secret["api_key"])
    if name == "wapcrm":
        return WapCrm(secret_key=secret["secret_key"])
    return ZohoCrm(client=Client(secret["client_id"], secret["client_secret"], secret["refresh_token"]))
