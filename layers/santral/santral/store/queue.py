"""The queues: events on their way into the ledger, and recordings to be archived."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from santral.events import Event
from santral.store import aws
from santral.store.aws import client

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageRequestTypeDef

_MOST_AT_ONCE = 10
_HELD_SECONDS = 120


class EventQueue:
    """`events.fifo`: one group per call, so that one stuck call never holds up another."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, event: Event) -> None:
        """Put an event safely into the queue.

        An equal event within five minutes is dropped there, a different one never.
        """
        client("sqs").send_message(
            QueueUrl=self._url,
            MessageBody=event.written(),
            MessageGroupId=event.group,
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


def time_told(url: str) -> datetime | None:
    """Return what time it is where a queue is, or None when its answers do not say."""
    answer = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return aws.time_told(answer)


@dataclass(frozen=True)
class Letter:
    """A message in our hands for two minutes; `group` is its FIFO group, `receipt` what it is put away with."""

    body: str
    group: str | None
    receipt: str


class DeadLetters:
    """What a queue's worker could not do, waiting for someone to mend the cause.

    SQS's own redrive (StartMessageMoveTask) is not used: emulators and many roles lack it, and it moves a FIFO message
    under the deduplication id it once had.
    """

    def __init__(self, name: str, *, url: str, home: str) -> None:
        """`url` is the dead letters' queue, `home` the queue they came from."""
        self.name = name
        self._url = url
        self._home = home

    def depth(self) -> int:
        """Return roughly how many there are."""
        return depth(self._url)

    def held(self, limit: int | None = None) -> Iterator[Letter]:
        """Yield the letters there are now, at most `limit`, each held back from other readers for two minutes."""
        seen: set[str] = set()
        all_shown = False
        while not all_shown and (batch := self._received(limit - len(seen) if limit else _MOST_AT_ONCE)):
            for message_id, letter in batch:
                if message_id in seen:
                    # Released meanwhile and back in the line, so its end has come.
                    all_shown = True
                    self.release(letter)
                    continue
                seen.add(message_id)
                yield letter

    def send_home(self, letter: Letter) -> None:
        """Put a letter back into the queue it came from. It leaves here only after it is safe there.

        Dying in between leaves it in both, which consumers that fold what they are told do not mind.
        """
        message: SendMessageRequestTypeDef = {"QueueUrl": self._home, "MessageBody": letter.body}
        if letter.group is not None:
            # A fresh id: under its old one the queue may take it for what it has seen already, and drop it.
            message |= {"MessageGroupId": letter.group, "MessageDeduplicationId": uuid.uuid4().hex}
        client("sqs").send_message(**message)
        self.remove(letter)

    def remove(self, letter: Letter) -> None:
        """Remove a letter for good."""
        client("sqs").delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def release(self, letter: Letter) -> None:
        """Let others read a letter again."""
        client("sqs").change_message_visibility(QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    def _received(self, most: int) -> list[tuple[str, Letter]]:
        if not most:
            return []
        answer = client("sqs").receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(most, _MOST_AT_ONCE),
            VisibilityTimeout=_HELD_SECONDS,
            # Asks all of SQS's servers, where a short look may miss the few messages there are.
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["MessageGroupId"],
        )
        return [
            (it["MessageId"], Letter(it["Body"], it.get("Attributes", {}).get("MessageGroupId"), it["ReceiptHandle"]))
            for it in answer.get("Messages", [])
        ]
