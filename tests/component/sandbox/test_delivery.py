"""Queues and schedules reach their functions by Lambda's rules."""

import json
import time
import uuid

import pytest

from sandbox.runtime import Answer


@pytest.fixture
def stack(small_sandbox):
    small_sandbox.stack.empty(kept=())
    return small_sandbox.stack


def send(stack, queue, order, group="g"):
    fifo = {"MessageGroupId": group, "MessageDeduplicationId": uuid.uuid4().hex} if queue == "Fifo" else {}
    sent = stack.root.sqs.send_message(QueueUrl=stack.queue_url(queue), MessageBody=json.dumps(order), **fifo)
    return sent["MessageId"]


def notes(stack, kind="WORK"):
    """What the workers noted, in order of their starting."""
    rows = stack.root.dynamodb.query(
        TableName=stack.physical_ids["Table"],
        KeyConditionExpression="pk = :kind",
        ExpressionAttributeValues={":kind": {"S": kind}},
        ConsistentRead=True,
    )["Items"]
    return [{name: value["S"] for name, value in row.items()} for row in rows]


def worked_on(stack):
    return [json.loads(note["record"]) for note in notes(stack)]


def dead(stack, queue):
    messages = stack.root.sqs.receive_message(QueueUrl=stack.queue_url(f"{queue}Dlq"), MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in messages.get("Messages", [])]


def deliver(sandbox, stack, until):
    """Let failed messages come again until as many deliveries were noted."""
    for _ in range(200):
        if len(notes(stack)) >= until:
            return
        sandbox.redeliver()
        time.sleep(0.05)
    pytest.fail(f"only {len(notes(stack))} deliveries")


def test_a_record_looks_like_lambdas(stack, small_sandbox):
    message_id = send(stack, "Fifo", {"n": 1}, group="calls")
    small_sandbox.wait_until_idle()

    (record,) = worked_on(stack)

    assert record["messageId"] == message_id
    assert json.loads(record["body"]) == {"n": 1}
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == stack.queue_arn("Fifo")
    assert record["awsRegion"] == "eu-central-1"
    assert record["messageAttributes"] == {}
    assert len(record["md5OfBody"]) == 32
    assert record["attributes"]["MessageGroupId"] == "calls"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["MessageDeduplicationId"]
    assert record["attributes"]["SequenceNumber"]
    assert record["attributes"]["SentTimestamp"]
    assert record["receiptHandle"]


def test_a_group_is_worked_on_in_order_and_never_by_two_at_once(stack, small_sandbox):
    sent = {group: [send(stack, "Fifo", {"n": n, "seconds": 0.02}, group) for n in range(6)] for group in "abc"}
    small_sandbox.wait_until_idle()

    records = worked_on(stack)

    for group, messages in sent.items():
        seen = [it["messageId"] for it in records if it["attributes"]["MessageGroupId"] == group]
        assert seen == messages


def test_only_the_message_reported_failed_comes_again(stack, small_sandbox):
    fine = send(stack, "Fifo", {"n": 1}, group="a")
    failing = send(stack, "Fifo", {"n": 2, "failures": 1}, group="b")
    deliver(small_sandbox, stack, until=3)
    small_sandbox.wait_until_idle()

    seen = [(it["messageId"], it["attributes"]["ApproximateReceiveCount"]) for it in worked_on(stack)]

    assert sorted(seen) == sorted([(fine, "1"), (failing, "1"), (failing, "2")])


@pytest.mark.parametrize("how", ["raise", "malformed"])
def test_a_batch_whose_answer_cannot_be_understood_comes_again_whole(stack, small_sandbox, how):
    send(stack, "Fifo", {"n": 1, "failures": 1 if how == "raise" else 0, "how": how}, group="a")
    deliver(small_sandbox, stack, until=2)

    assert [it["attributes"]["ApproximateReceiveCount"] for it in worked_on(stack)][:2] == ["1", "2"]


def test_a_function_that_reports_nothing_has_done_everything_unless_it_raises(stack, small_sandbox):
    send(stack, "Standard", {"n": 1, "failures": 9})
    small_sandbox.wait_until_idle()

    assert len(worked_on(stack)) == 1


def test_a_message_that_keeps_failing_ends_in_the_dead_letter_queue(stack, small_sandbox):
    send(stack, "Standard", {"n": 7, "failures": 9, "how": "raise"})
    deliver(small_sandbox, stack, until=2)
    small_sandbox.redeliver()
    small_sandbox.wait_until_idle()

    assert dead(stack, "Standard") == [{"n": 7, "failures": 9, "how": "raise"}]
    assert len(worked_on(stack)) == 2


def test_a_schedule_invokes_its_function_with_schedulers_event(stack, small_sandbox):
    outcome = small_sandbox.fire("Timer")

    assert isinstance(outcome, Answer)
    (note,) = notes(stack, "TICK")
    event = json.loads(note["event"])
    assert (event["source"], event["detail-type"]) == ("aws.scheduler", "Scheduled Event")


def test_waiting_for_idle_ends_with_what_is_still_waiting(stack, small_sandbox):
    send(stack, "Standard", {"n": 1, "seconds": 1})

    with pytest.raises(TimeoutError, match="Standard"):
        small_sandbox.wait_until_idle(timeout=0.2)

    small_sandbox.wait_until_idle()
