"""What every provider's credentials are made of: addresses and keys, checked when the secret is read."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("must be an address that begins with https://")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an address without user, query or fragment")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must begin with https://; plain http is only for this machine")
    return text.rstrip("/")


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
Key = Annotated[str, AfterValidator(_visible)]
SecretKey = Annotated[SecretStr, AfterValidator(_visible_secret)]
