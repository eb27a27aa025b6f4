"""What a recording is, by its own bytes, and an MP3 of what no browser plays.

PBXs like to keep calls as GSM 6.10 inside WAV ("wav49"). libsndfile reads that, and is given foreign bytes only in a
process of its own: without our credentials, with bounds on time and disk, and free to crash.
"""

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from santral.errors import SantralError

HEAD_BYTES = 4096
PLAYABLE_TYPE = "audio/mpeg"
_MP3_FRAMES = (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3", b"\xff\xe2")
# PCM, float, A-law, µ-law and "see the extension": https://www.rfc-editor.org/rfc/rfc2361
_CODECS_BROWSERS_PLAY = frozenset({0x0001, 0x0003, 0x0006, 0x0007, 0xFFFE})
# Half a day in GSM; together with its MP3 it fits into the 512 MB of scratch space that a function has.
CONVERTIBLE_BYTES = 64 * 1024 * 1024
_COPY_BYTES = 256 * 1024 * 1024
_CONVERSION_SECONDS = 45
_FRAMES_AT_ONCE = 65_536
_BYTES_PER_SAMPLE = 2


class Inconvertible(SantralError):
    """No playable copy can be made of this."""

    code = "inconvertible"


@dataclass(frozen=True)
class Format:
    """What a recording is, in a browser's words and in a file name's."""

    content_type: str
    ending: str
    plays_in_browsers: bool = True


def recognised(head: bytes) -> Format | None:
    """Return the format of a recording that begins so, or None for what is no recording (a log-in page, an error)."""
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return Format("audio/wav", "wav", plays_in_browsers=_wav_codec(head) in _CODECS_BROWSERS_PLAY)
    if head.startswith(_MP3_FRAMES):
        return Format("audio/mpeg", "mp3")
    if head.startswith(b"OggS"):
        return Format("audio/ogg", "ogg")
    return None


def _wav_codec(head: bytes) -> int | None:
    at = 12
    while at + 10 <= len(head):
        length = int.from_bytes(head[at + 4 : at + 8], "little")
        if head[at : at + 4] == b"fmt ":
            return int.from_bytes(head[at + 8 : at + 10], "little")
        at += 8 + length + length % 2
    return None


def make_playable(original: Path, copy: Path, *, size: int | None) -> None:
    """Write `copy`, an MP3 of `original`, in a process of its own.

    Raises:
        Inconvertible: It is damaged, unknown, not all there, too long, or brought the process down.
    """
    if original.stat().st_size != size:
        raise Inconvertible("too large to be kept whole")
    # Nothing else of our environment: the role's credentials are in it.
    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", __name__, str(original), str(copy)]
    try:
        subprocess.run(command, env=environment, timeout=_CONVERSION_SECONDS, capture_output=True, check=True)  # noqa: S603 (our own module, our own file names)
    except subprocess.SubprocessError as error:
        # `from None`: what the process said last may quote the recording's own texts.
        raise Inconvertible(type(error).__name__) from None


def convert(original: Path, copy: Path) -> None:
    """Write `copy`, an MP3 of `original`, block by block: an hour needs no more memory than a minute."""
    import soundfile  # noqa: PLC0415 (its layer is the archiver's alone)

    with (
        soundfile.SoundFile(original) as call,
        soundfile.SoundFile(copy, "w", call.samplerate, call.channels, format="MP3") as mp3,
    ):
        frame_bytes = _BYTES_PER_SAMPLE * call.channels
        block = bytearray(_FRAMES_AT_ONCE * frame_bytes)
        while frames := call.buffer_read_into(block, dtype="int16"):
            mp3.buffer_write(memoryview(block)[: frames * frame_bytes], dtype="int16")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (_COPY_BYTES, _COPY_BYTES))
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
