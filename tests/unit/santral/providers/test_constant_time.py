import pytest

from santral.providers import constant_time


@pytest.mark.parametrize(
    ("one", "other", "equal"), [("a", "a", True), ("a", "b", False), ("a", "aa", False), ("\udcff", "\udcff", True)]
)
def test_texts_of_any_length_are_compared(one, other, equal):
    assert constant_time.equal(one, other) is equal


@pytest.mark.parametrize(("text", "ours"), [("new", True), ("old", True), ("ne", False), ("", False)])
def test_each_of_ours_counts(text, ours):
    assert constant_time.is_one_of(text, ["new", "old"]) is ours


def test_of_none_there_is_none():
    assert not constant_time.is_one_of("", [])
