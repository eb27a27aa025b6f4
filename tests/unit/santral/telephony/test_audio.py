import struct

import pytest
import soundfile

from santral.telephony import audio
from santral.telephony.audio import Inconvertible, convert, make_playable, recognised
from simulators.audio import recording, wav49


def wav(codec, *, before=b""):
    head = b"WAVE" + before + b"fmt " + struct.pack("<IHHIIHH", 16, codec, 1, 8000, 8000, 1, 8) + b"data\0\0\0\0"
    return b"RIFF" + struct.pack("<I", len(head)) + head


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (recording("call", 1), "audio/wav"),
        (wav49("call", 1), "audio/wav"),
        (b"ID3\x04" + bytes(20), "audio/mpeg"),
        (b"\xff\xfb\x90" + bytes(20), "audio/mpeg"),
        (b"\xff\xe3\x48" + bytes(20), "audio/mpeg"),
        (b"OggS" + bytes(20), "audio/ogg"),
    ],
)
def test_a_recording_is_known_by_its_first_bytes(head, content_type):
    assert recognised(head).content_type == content_type


@pytest.mark.parametrize(
    "head", [b"", b"<html>", b"RIFF\0\0\0\0AVI ", b'{"error": 1}', b"\xff\xff\xff", b"\xff\xd8\xff"]
)
def test_anything_else_is_no_recording(head):
    assert recognised(head) is None


@pytest.mark.parametrize(
    ("codec", "plays"),
    [(0x0001, True), (0x0003, True), (0x0006, True), (0x0007, True), (0xFFFE, True), (0x0031, False), (0x0011, False)],
    ids=["PCM", "float", "A-law", "u-law", "extensible", "GSM", "ADPCM"],
)
@pytest.mark.parametrize("before", [b"", b"LIST\x03\0\0\0abc\0"], ids=["first", "after an odd chunk"])
def test_the_codec_says_whether_a_browser_plays_it(codec, plays, before):
    assert recognised(wav(codec, before=before)).plays_in_browsers is plays


def test_a_wav_without_a_format_is_tried_to_be_converted():
    assert not recognised(b"RIFF\0\0\0\0WAVE").plays_in_browsers


@pytest.fixture
def original(tmp_path):
    file = tmp_path / "original"
    file.write_bytes(wav49("call", 7))
    return file


def test_the_copy_is_as_long_as_the_original(original, tmp_path):
    convert(original, tmp_path / "copy")

    copy = soundfile.info(tmp_path / "copy")
    assert (copy.format, copy.samplerate, copy.channels) == ("MP3", 8000, 1)
    assert copy.duration == pytest.approx(7, abs=0.2)


def test_the_one_who_converts_knows_nothing_of_our_credentials(original, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    given = {}
    monkeypatch.setattr(audio.subprocess, "run", lambda _command, *, env, **_how: given.update(env))
    make_playable(original, tmp_path / "copy", size=original.stat().st_size)

    assert given.keys() <= {"PATH", "LD_LIBRARY_PATH", "PYTHONPATH"}


def test_a_conversion_that_takes_for_ever_is_ended(original, tmp_path, monkeypatch):
    monkeypatch.setattr(audio, "_CONVERSION_SECONDS", 0.001)

    with pytest.raises(Inconvertible):
        make_playable(original, tmp_path / "copy", size=original.stat().st_size)
