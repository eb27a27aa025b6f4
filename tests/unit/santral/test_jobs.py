import json

import pytest

import santral.jobs
from santral.jobs import batch_worker, schedule_worker
from tests.fakes.doors import Context


@pytest.fixture
def run(monkeypatch):
    """Run a worker over messages of "group:body"; a body of "bad" raises, and all else is its own result."""
    monkeypatch.setattr(santral.jobs, "current", lambda: "tenant")

    def worker(messages, finish):
        def work(_tenant, message):
            if message == "bad":
                raise ValueError(message)
            return message

        records = [
            {"messageId": text, "body": json.dumps(body), "attributes": {"MessageGroupId": group}}
            for text in messages
            for group, _, body in [text.partition(":")]
        ]
        answer = batch_worker(finish)(work)({"Records": records}, Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return worker


def test_the_results_of_all_that_is_done_are_finished_together(run):
    finished = []

    run(["a:1", "b:2", "c:3"], lambda tenant, results: finished.append((tenant, results)))

    assert finished == [("tenant", ["1", "2", "3"])]


def test_what_fails_goes_back_with_the_later_ones_of_its_group_and_is_not_finished(run):
    finished = []

    failed = run(["a:1", "b:bad", "a:2", "b:3", "c:4"], lambda _tenant, results: finished.extend(results))

    assert failed == ["b:bad", "b:3"]
    assert finished == ["1", "2", "4"]


def test_messages_are_done_whatever_becomes_of_finishing(run):
    def stumble(_tenant, _results):
        raise ConnectionError("table is away")

    assert run(["a:1", "b:2"], stumble) == []


def test_nothing_done_is_nothing_to_finish(run):
    finished = []

    assert run(["a:bad"], lambda _tenant, results: finished.append(results)) == ["a:bad"]
    assert finished == []


def test_what_nobody_thought_of_is_counted_since_nobody_waits_for_it(run, metrics):
    def stumble(_tenant, _results):
        raise ConnectionError("table is away")

    run(["a:1"], stumble)
    assert metrics() == {"unexpected_errors": [1]}

    run(["a:bad", "a:2", "b:bad"], lambda _tenant, _results: None)
    assert metrics() == {"messages_returned": [1, 1]}

    with pytest.raises(ConnectionError):
        schedule_worker(stumble)({}, Context())
    assert metrics() == {"unexpected_errors": [1]}
