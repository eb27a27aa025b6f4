import hashlib

import pytest

from santral.errors import Unanswered
from santral.store.recordings import _Reader


def read_all(reader, amount):
    parts = []
    while part := reader.read(amount):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("amount", [1, 3, 7, 1000])
def test_the_stream_comes_through_whole_whatever_the_piece_size(amount):
    reader = _Reader(iter([b"abc", b"", b"defgh", b"i"]), 9)

    assert read_all(reader, amount) == b"abcdefghi"
    assert (reader.count, reader.sha256.hexdigest()) == (9, hashlib.sha256(b"abcdefghi").hexdigest())


@pytest.mark.parametrize("size", [8, 10])
def test_a_stream_of_another_length_than_stated_never_ends_well(size):
    with pytest.raises(Unanswered):
        read_all(_Reader(iter([b"abcdefghi"]), size), 4)


def test_without_a_stated_length_the_end_is_the_end():
    assert read_all(_Reader(iter([b"abc"]), None), 2) == b"abc"
