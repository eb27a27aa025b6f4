"""Recordings that can be listened to: a ring, then keypad tones spelling a name, so no two calls sound alike."""

import hashlib
import math
import wave
from array import array
from functools import lru_cache
from io import BytesIO

SAMPLE_RATE = 8000
RING_HZ = (440.0, 480.0)
KEYPAD_ROWS_HZ = (697.0, 770.0, 852.0, 941.0)
KEYPAD_COLUMNS_HZ = (1209.0, 1336.0, 1477.0, 1633.0)


@lru_cache(maxsize=64)
def recording(name: str, seconds: int) -> bytes:
    """A WAV file (PCM, 16 bit, 8 kHz, mono) of exactly so many seconds, the same for the same name."""
    melody = _melody(name)
    samples = SAMPLE_RATE * seconds
    repeats = math.ceil(samples / len(melody))
    content = BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((melody * repeats)[:samples].tobytes())
    return content.getvalue()


@lru_cache(maxsize=64)
def wav49(name: str, seconds: int) -> bytes:
    """The same recording as many PBXs keep it: GSM 6.10 inside WAV, which no browser plays."""
    import soundfile  # noqa: PLC0415 (libsndfile is not needed for anything else here)

    content = BytesIO()
    with wave.open(BytesIO(recording(name, seconds))) as pcm:
        frames = pcm.readframes(pcm.getnframes())
    with soundfile.SoundFile(content, "w", SAMPLE_RATE, 1, format="WAV", subtype="GSM610") as file:
        file.buffer_write(frames, dtype="int16")
    return content.getvalue()


def _melody(name: str) -> "array[int]":
    melody = _tones(RING_HZ, 0.6) + _silence(0.2)
    for key in hashlib.sha256(name.encode()).digest()[:8]:
        keypad = (KEYPAD_ROWS_HZ[key % 4], KEYPAD_COLUMNS_HZ[key // 4 % 4])
        melody += _tones(keypad, 0.2) + _silence(0.1)
    return melody


def _tones(frequencies: tuple[float, float], seconds: float) -> "array[int]":
    steps = [2 * math.pi * frequency / SAMPLE_RATE for frequency in frequencies]
    return array("h", (round(8000 * sum(math.sin(step * i) for step in steps)) for i in range(_samples(seconds))))


def _silence(seconds: float) -> "array[int]":
    return array("h", bytes(2 * _samples(seconds)))


def _samples(seconds: float) -> int:
    return round(SAMPLE_RATE * seconds)
