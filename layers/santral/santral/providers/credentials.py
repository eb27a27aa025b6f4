"""What every provider's credentials are made of: addresses and keys, checked when the secret is read."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


def _address(text: str) -> str:
    if not is_encrypted(_well_formed(text)):
        raise ValueError("must begin with https://; plain http is only for this machine")
    return text.rstrip("/")


def _well_formed(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("must be an address that begins with https://")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an address without user, query or fragment")
    return text.rstrip("/")


def is_encrypted(address: str) -> bool:
    """Tell whether what is sent to an address can be read by nobody on the way."""
    parts = urlsplit(address)
    return parts.scheme == "https" or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _visible(text: str) -> str:
    # A line break pasted along with a key would end a header early, and be refused far from its cause.
    if not text or not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("must be visible ASCII characters without a line break or a blank around them")
    return text


def _visible_secret(secret: SecretStr) -> SecretStr:
    _visible(secret.get_secret_value())
    return secret


BaseUrl = Annotated[str, AfterValidator(_address)]
MaybePlainUrl = Annotated[str, AfterValidator(_well_formed)]
"""For a provider that may be reached without encryption where the operator allows it; see `is_encrypted`."""
Key = Annotated[str, AfterValidator(_visible)]
SecretKey = Annotated[SecretStr, AfterValidator(_visible_secret)]
