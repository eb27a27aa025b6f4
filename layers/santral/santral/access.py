"""Who may call the API: bearer tokens of two roles, compared in constant time, several valid at once for rotation."""

import hashlib
import hmac
from collections.abc import Sequence
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from santral.errors import NotConfigured
from santral.store.secrets import Secrets
from santral.telemetry import count
from santral.tenant import Tenant


class Tokens(BaseModel):
    """The secret `api`: newest first, all accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent_tokens: list[SecretStr] = Field(default_factory=list)
    admin_tokens: list[SecretStr] = Field(default_factory=list)


class Doorkeeper:
    """Tells the role a token carries."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def role(self, authorization: str) -> str | None:
        """Return "admin", "agent" or None for an Authorization header's value."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        role = self._known_role(token)
        if role is None and self._secrets.reread("api"):
            role = self._known_role(token)
        return role

    def _known_role(self, token: str) -> str | None:
        try:
            tokens = self._secrets.get("api", Tokens)
        except NotConfigured:
            return None
        given = _hashed(token.strip())
        found = None
        # Every token is compared, whatever was found, so that time tells nothing.
        for role, accepted in (("agent", tokens.agent_tokens), ("admin", tokens.admin_tokens)):
            for secret in accepted:
                if hmac.compare_digest(given, _hashed(secret.get_secret_value())):
                    found = role
        return found


@cache
def _doorkeeper(secrets: Secrets) -> Doorkeeper:
    return Doorkeeper(secrets)


def decide(tenant: Tenant, identity_source: Sequence[str]) -> str | None:
    """Return the role of a request by its identity source, the Authorization header alone, or None to refuse it."""
    role = _doorkeeper(tenant.secrets).role(next(iter(identity_source), ""))
    if role is None:
        count("auth_failures")
    return role


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
