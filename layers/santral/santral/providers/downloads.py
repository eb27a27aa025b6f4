"""What every recording's download is held to: audio by its header, and an end."""

import re
from collections.abc import Iterable, Iterator, Mapping

from santral.errors import Unintelligible

DOWNLOAD_LIMIT = 2 * 1024**3


def audio_size(headers: Mapping[str, str], *, system: str) -> int | None:
    """Return the size in bytes that a download states, or None.

    Raises:
        Unintelligible: It says that it is text, or is over the limit.
    """
    content_type = headers.get("content-type", "").lower()
    if content_type.startswith(("text/", "application/json")):
        # A page of words under status 200 would otherwise be archived as the recording.
        raise Unintelligible("answered with text instead of audio", system=system)
    length = headers.get("content-length", "")
    size = int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None
    if size is not None and size > DOWNLOAD_LIMIT:
        raise Unintelligible("recording is over the size limit", system=system)
    return size


def capped(chunks: Iterable[bytes], *, system: str) -> Iterator[bytes]:
    """Yield the chunks on; raises Unintelligible as soon as they are over the limit."""
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > DOWNLOAD_LIMIT:
            raise Unintelligible("recording is over the size limit", system=system)
        yield chunk
