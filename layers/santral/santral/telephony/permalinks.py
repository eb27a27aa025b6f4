"""Links to recordings that live as long as the recording: key id, hash of the call id, HMAC.

The CRM stores only these. A presigned link dies with the role session that signed it, within hours.
"""

import base64
import hashlib
import hmac
import re

from pydantic import SecretStr

from santral.errors import UnknownPermalink
from santral.keys import Keys
from santral.tenant import Tenant

_PERMALINK = re.compile(r"([A-Za-z0-9]{1,16})\.([0-9a-f]{32})\.([A-Za-z0-9_-]{22})")
_MAC_BYTES = 16


def permalink(tenant: Tenant, call_id: str) -> str:
    """Return the token of a call's permalink; the same call always gives the same token under the same key.

    Raises:
        NotConfigured: There is no signing key.
    """
    key_id, key = list(_keys(tenant).items())[-1]
    handle = call_handle(call_id)
    return f"{key_id}.{handle}.{_mac(key, key_id, handle)}"


def opened(tenant: Tenant, token: str) -> str:
    """Return the call handle a permalink leads to.

    Raises:
        UnknownPermalink: It was not signed with one of our keys.
    """
    match = _PERMALINK.fullmatch(token)
    if match is None:
        raise UnknownPermalink("ill formed")
    key_id, handle, mac = match.groups()
    key = _keys(tenant).get(key_id)
    if key is None and tenant.secrets.reread("permalinks"):
        # Another container may have signed with a key that was added since we looked.
        key = _keys(tenant).get(key_id)
    if key is None or not hmac.compare_digest(mac, _mac(key, key_id, handle)):
        raise UnknownPermalink("not signed by us")
    return handle


def call_handle(call_id: str) -> str:
    """Return the name under which a call's recording is kept: it tells nothing about the call."""
    return hashlib.sha256(call_id.encode()).hexdigest()[:32]


def _keys(tenant: Tenant) -> dict[str, SecretStr]:
    return tenant.secrets.get("permalinks", Keys).keys


def _mac(key: SecretStr, key_id: str, handle: str) -> str:
    digest = hmac.new(key.get_secret_value().encode(), f"{key_id}.{handle}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).decode().rstrip("=")
