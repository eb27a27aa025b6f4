import inspect

import pytest

from santral import errors
from santral.errors import OutsideFailure, RequestRefused, SantralError

ALL = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, SantralError) and cls not in (SantralError, RequestRefused, OutsideFailure)
]


@pytest.mark.parametrize("cls", ALL)
def test_every_error_stands_in_the_printed_tree_with_its_code(cls):
    lines = [line for line in (errors.__doc__ or "").splitlines() if f" {cls.__name__} " in f"{line} "]

    assert len(lines) == 1
    assert cls.code in lines[0] or cls is errors.NotUnderstood


@pytest.mark.parametrize("cls", ALL)
def test_every_error_has_its_own_code_and_a_sentence(cls):
    assert [other.code for other in ALL].count(cls.code) == 1
    assert cls.sentence.endswith(".")
    assert 400 <= cls.status < 600


def test_an_outside_failure_names_the_system_in_its_reason_only():
    error = errors.Rejected("said 422", system="virtualats")

    assert str(error) == "virtualats: said 422"
    assert "422" not in error.sentence
