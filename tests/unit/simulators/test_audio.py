import wave
from array import array
from io import BytesIO

import pytest

from simulators.audio import recording


@pytest.mark.parametrize("seconds", [1, 2, 7])
def test_a_recording_is_a_wav_file_of_exactly_the_asked_length(seconds):
    with wave.open(BytesIO(recording("3489655c982f4e46b9c9ca975b031781", seconds))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        assert file.getnframes() == 8000 * seconds


def test_a_recording_is_loud_enough_to_hear_and_never_clipped():
    with wave.open(BytesIO(recording("call", 3))) as file:
        samples = array("h", file.readframes(file.getnframes()))

    loudest = max(abs(sample) for sample in samples)

    assert 10_000 < loudest < 32_767


def test_the_same_call_sounds_the_same_and_another_does_not():
    assert recording("one", 2) == recording("one", 2)
    assert recording("one", 2) != recording("two", 2)
