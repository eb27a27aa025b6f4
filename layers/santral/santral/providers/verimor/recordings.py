"""Opening the address Verimor mints for a recording: whose it may be, and how much of it is read.

Bulutsantralim API, "SES KAYDI ERİŞİMİ" (recording.md).
"""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, quote, urlsplit

from santral.errors import NoRecording, Unintelligible
from santral.http import Http
from santral.providers.downloads import audio_size, capped
from santral.providers.ports import RecordingStream
from santral.providers.verimor.notation import PROVIDER

DOWNLOAD_SECONDS = 240.0

_OK = range(200, 300)
_GONE = frozenset({400, 404, 410})
_PORTS = {"https": 443, "http": 80}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def trusted(url: str, *, base_url: str, hosts: Collection[str]) -> SplitResult:
    """Return the parts of an address that is on the API's own origin, or encrypted and on a host the tenant named.

    Raises:
        Unintelligible: It is anywhere else; it is not quoted.
    """
    try:
        parts, ours = urlsplit(url), urlsplit(base_url)
        known = _origin(parts) == _origin(ours) or _is_named(parts, {host.strip().lower() for host in hosts})
    except ValueError:
        known = False
    if not known or "@" in parts.netloc or not url.isascii() or not url.isprintable() or re.search(r"\s|\\", url):
        raise Unintelligible("the recording's address is not one of Verimor's", system=PROVIDER)
    return parts


@contextmanager
def opened(address: SplitResult, open_origin: Callable[[str], Http]) -> Iterator[RecordingStream]:
    """Open a trusted address. It is its own key: no other goes there."""
    http = open_origin(f"{address.scheme}://{address.netloc}")
    path, query = quote(address.path, safe="/%"), quote(address.query, safe="=&%+")
    with http.stream(path, query=query, deadline=DOWNLOAD_SECONDS) as answer:
        if answer.status in _GONE:
            raise NoRecording("the address leads to no recording")
        if answer.status not in _OK:
            raise Unintelligible(f"answered {answer.status}", system=PROVIDER)
        yield RecordingStream(capped(answer.chunks, system=PROVIDER), audio_size(answer.headers, system=PROVIDER))


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _is_named(parts: SplitResult, hosts: Collection[str]) -> bool:
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    usual_port = parts.port in {None, _PORTS["https"]} and parts.hostname in hosts
    return encrypted and (usual_port or parts.netloc.lower() in hosts)
