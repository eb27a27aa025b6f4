"""The tenant's own keys: they sign links and cursors, and name a number where it must not be written out.

Phone numbers are few enough to try them all, so a bare hash of one would be as readable as the number itself.
"""

import hashlib
import hmac

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from santral.errors import NotConfigured
from santral.tenant import Tenant


class Keys(BaseModel):
    """The secret `permalinks`: signing keys by id. The last one signs, all of them open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: dict[str, SecretStr] = Field(min_length=1)


def pseudonyms(tenant: Tenant, purpose: str, number: str) -> list[str]:
    """Return the names that stand for an E.164 number, one under each key, oldest first; none before there is a key.

    A number's names for one purpose tell nothing about those for another.
    """
    try:
        keys = tenant.secrets.get("permalinks", Keys).keys.values()
    except NotConfigured:
        return []
    return [pseudonym(key, purpose, number) for key in keys]


def pseudonym(key: SecretStr, purpose: str, number: str) -> str:
    """Return the name that stands for an E.164 number under one key."""
    return hmac.new(key.get_secret_value().encode(), f"{purpose}{number}".encode(), hashlib.sha256).hexdigest()
