"""The queues: events on their way into the ledger, and recordings to be archived."""

import json

from santral.calls import CallEvent
from santral.store.aws import client


class EventQueue:
    """`events.fifo`: one group per call, so that one stuck call never holds up another."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, event: CallEvent) -> None:
        """Put an event safely into the queue.

        An equal event within five minutes is dropped there, a different one never.
        """
        client("sqs").send_message(
            QueueUrl=self._url,
            MessageBody=event.written(),
            MessageGroupId=event.call_id,
            MessageDeduplicationId=event.fingerprint(),
        )


class RecordingQueue:
    """Calls whose recording is to be archived now."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, call_id: str, *, delay_seconds: int = 0) -> None:
        """Ask for a recording, after a delay of at most 15 minutes. Asking twice archives the same bytes again."""
        body = json.dumps({"v": 1, "call_id": call_id})
        client("sqs").send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay_seconds)


def depth(url: str) -> int:
    """Return roughly how many messages wait in a queue."""
    answer = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])
