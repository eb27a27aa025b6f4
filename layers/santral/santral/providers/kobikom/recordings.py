"""Recordings of Kobikom's PBX: files under one folder of it, named by their path below that folder.

Document, "SES Kayıtları" (`dosya`) and "Ses Kaydı İndirme" (`listen`).
"""

import re
from collections.abc import Iterator
from itertools import chain

from santral.errors import CredentialsRefused, NoRecording, Unintelligible
from santral.providers.downloads import capped
from santral.providers.kobikom import answers
from santral.providers.kobikom.fields import PROVIDER

_LONGEST = 256
_SEGMENT = r"\.*[A-Za-z0-9_-][A-Za-z0-9._-]*"
# Without ASCII, "ı" and "İ" count as an i in any case, and so as one of A-Z.
_REFERENCE = re.compile(rf"(?:{_SEGMENT}/)*{_SEGMENT}\.(?:wav|mp3|ogg)", re.IGNORECASE | re.ASCII)
_AUDIO = (b"RIFF", b"ID3", b"\xff", b"OggS")
_WORDS_LENGTH = 4096


def is_reference(ref: str) -> bool:
    """Tell whether a text can be a recording's path below the folder, and nothing that climbs out of it."""
    return len(ref) <= _LONGEST and ".." not in ref and _REFERENCE.fullmatch(ref) is not None


def reference(path: str, root: str) -> str | None:
    """Return the reference of a file on the PBX, or None when it is no recording below `root`."""
    folder = root.rstrip("/") + "/"
    ref = path.removeprefix(folder)
    return ref if path.startswith(folder) and is_reference(ref) else None


def audio(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Return a download that begins as audio does, capped in size.

    Raises:
        NoRecording: The PBX says in words that it has no such file, or sends nothing.
        CredentialsRefused: It says in words that it does not accept our key.
        Unintelligible: It sends something else.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= len(max(_AUDIO, key=len)):
            break
    if not head.startswith(_AUDIO):
        raise _failure(head, chunks)
    return capped(chain([head], chunks), system=PROVIDER)


def _failure(head: bytes, rest: Iterator[bytes]) -> NoRecording | CredentialsRefused | Unintelligible:
    words = bytearray(head)
    for chunk in rest:
        words += chunk
        if len(words) > _WORDS_LENGTH:
            return Unintelligible("answered with something else than audio", system=PROVIDER)
    if not words.strip():
        return NoRecording("the provider has an empty file")
    try:
        complaint = answers.refusal(answers.read(bytes(words)))
    except ValueError:
        complaint = None
    if answers.is_about_the_key(complaint or answers.plain_words(bytes(words))):
        return CredentialsRefused("the download was refused", system=PROVIDER)
    if complaint is None:
        return Unintelligible("answered with something else than audio", system=PROVIDER)
    return NoRecording("the provider has no such file, or not yet")
