import hashlib

import pytest

from santral.errors import Unanswered
from santral.store import recordings
from santral.store.recordings import _Measured, _parts


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(recordings, "_PART_BYTES", 4)


@pytest.mark.usefixtures("small_parts")
def test_the_stream_comes_through_whole_in_parts_of_which_only_the_last_is_small():
    measured = _Measured(iter([b"abc", b"", b"defgh", b"i"]), 9)

    assert list(_parts(measured)) == [b"abcdefgh", b"i"]
    assert (measured.count, measured.sha256.hexdigest()) == (9, hashlib.sha256(b"abcdefghi").hexdigest())


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("size", [0, 8, 10])
def test_a_stream_of_another_length_than_stated_never_ends_well(size):
    with pytest.raises(Unanswered):
        list(_parts(_Measured(iter([b"abcdefghi"]), size)))


def test_without_a_stated_length_the_end_is_the_end():
    assert list(_parts(_Measured(iter([b"abc"]), None))) == [b"abc"]


def test_an_empty_stream_has_no_parts():
    assert list(_parts(_Measured(iter([b""]), 0))) == []
