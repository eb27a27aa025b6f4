"""Every operation of every document is a typed method behind a route, and a test holds its request on the wire."""

import pytest

from santral.providers.registry import PROVIDERS
from tests.operations import BEGIN, OPERATIONS, PAGE, README, held_by, page, readme


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.key)
def test_an_operation_is_a_method_and_a_test_holds_its_request(operation):
    assert callable(getattr(PROVIDERS[operation.provider].load(), operation.method))
    assert held_by().get(operation.key), f"no test is marked with {operation.key!r}"


def test_marks_name_operations_there_are():
    assert held_by().keys() <= {operation.key for operation in OPERATIONS}


def test_the_page_of_operations_is_as_the_tests_are():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.operations"


def test_the_readmes_matrix_is_as_the_registry_is():
    assert BEGIN in README.read_text(encoding="utf-8")
    assert README.read_text(encoding="utf-8") == readme(), "run: python -m tests.operations"
