"""How a partial batch response is read, by the table in Lambda's documentation."""

import pytest

from sandbox.delivery import reported_failures

SENT = {"m1", "m2"}


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_a_success_is_an_empty_list_of_failures_or_nothing(answer):
    assert reported_failures(answer, SENT) == set()


def test_what_is_named_has_failed():
    assert reported_failures({"batchItemFailures": [{"itemIdentifier": "m2"}]}, SENT) == {"m2"}


@pytest.mark.parametrize(
    "answer",
    [
        "fine",
        [],
        {"failures": []},
        {"batchItemFailures": "m1"},
        {"batchItemFailures": ["m1"]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"ItemIdentifier": "m1"}]},
        {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "somebody else's"}]},
    ],
)
def test_what_is_not_well_formed_fails_the_whole_batch(answer):
    assert reported_failures(answer, SENT) == SENT
