"""Cursors of lists: where a listing stands, sealed so that nobody can make one, or use it for another list."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from santral.errors import InvalidCursor
from santral.keys import Keys
from santral.tenant import Tenant

_MAC_BYTES = 16


def seal(tenant: Tenant, filters: str, position: Mapping[str, Any]) -> str:
    """Return the cursor of a position (JSON values) in the list with these filters, told in any steady text."""
    content = json.dumps({"filters": _digest(filters), **position}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(tenant, content) + content).decode().rstrip("=")


def unseal(tenant: Tenant, filters: str, cursor: str) -> dict[str, Any]:
    """Return the position a cursor holds.

    Raises:
        InvalidCursor: It was not made by us, or for other filters.
    """
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor("not base64") from error
    mac, content = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(tenant, content)):
        raise InvalidCursor("not signed by us")
    fields: dict[str, Any] = json.loads(content)
    if fields.pop("filters") != _digest(filters):
        raise InvalidCursor("made for other filters")
    return fields


def _digest(filters: str) -> str:
    return hashlib.sha256(filters.encode()).hexdigest()[:16]


def _mac(tenant: Tenant, content: bytes) -> bytes:
    key = next(iter(tenant.secrets.get("permalinks", Keys).keys.values()))
    return hmac.new(key.get_secret_value().encode(), b"cursor" + content, hashlib.sha256).digest()[:_MAC_BYTES]
