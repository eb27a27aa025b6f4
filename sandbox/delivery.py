"""What invokes functions besides the API: queues and schedules, with Lambda's rules for batches and failures.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import contextlib
import json
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.aws import Session, Stack
from sandbox.runtime import Answer, Outcome
from sandbox.template import ACCOUNT, REGION, EventSource, Schedule

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeFilterType
    from mypy_boto3_sqs.type_defs import MessageTypeDef

Invoke = Callable[[str, Any], Outcome]

_POLL_SECONDS = 1  # bounds how long stopping takes
_BACK_OFF_SECONDS = 1
# What is delayed is a later try of something: nobody waits for that.
_WAITING_COUNTS: "list[QueueAttributeFilterType]" = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
]

_MISSING = object()


class QueuePoller:
    """One event source: takes messages with the rights of the function's role and deletes what it is done with."""

    def __init__(self, source: EventSource, stack: Stack, invoke: Invoke) -> None:
        self.source = source
        self.queue_url = stack.queue_url(source.queue)
        self._arn = stack.queue_arn(source.queue)
        self._stack = stack
        self._invoke = invoke
        self._stopping = threading.Event()
        self._slots = threading.Semaphore(source.concurrency)
        self._batches = ThreadPoolExecutor(source.concurrency, thread_name_prefix=f"batch-{source.function}")
        self._failed: deque[str] = deque(maxlen=1000)
        self._thread = threading.Thread(target=self._poll, name=f"poll-{source.function}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        self._thread.join()
        self._batches.shutdown()

    def redeliver(self) -> None:
        """Make messages whose delivery failed visible now instead of after the queue's visibility time-out."""
        while self._failed:
            # A handle may have gone stale: then its message is visible, or somebody's, already.
            with contextlib.suppress(ClientError):
                self._stack.root.sqs.change_message_visibility(
                    QueueUrl=self.queue_url, ReceiptHandle=self._failed.popleft(), VisibilityTimeout=0
                )

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._slots.acquire()
            messages = self._receive()
            if messages and not self._stopping.is_set():
                self._batches.submit(self._deliver, messages)
            else:
                self._slots.release()

    def _receive(self) -> "list[MessageTypeDef]":
        try:
            return (
                self._session()
                .sqs.receive_message(
                    QueueUrl=self.queue_url,
                    MaxNumberOfMessages=self.source.batch_size,
                    WaitTimeSeconds=_POLL_SECONDS,
                    MessageSystemAttributeNames=["All"],
                    MessageAttributeNames=["All"],
                )
                .get("Messages", [])
            )
        except (BotoCoreError, ClientError) as error:
            if not self._stopping.is_set():
                _complain(f"{self.source.function} cannot receive from {self.source.queue}: {error}")
                self._stopping.wait(_BACK_OFF_SECONDS)
            return []

    def _deliver(self, messages: "list[MessageTypeDef]") -> None:
        try:
            event = {"Records": [_record(message, self._arn) for message in messages]}
            failed = self._failures(self._invoke(self.source.function, event), messages)
            for message in messages:
                if message["MessageId"] in failed:
                    self._failed.append(message["ReceiptHandle"])
                else:
                    self._delete(message)
        finally:
            self._slots.release()

    def _failures(self, outcome: Outcome, messages: "Iterable[MessageTypeDef]") -> set[str]:
        sent = {message["MessageId"] for message in messages}
        if not isinstance(outcome, Answer):
            return sent
        return reported_failures(outcome.json(), sent) if self.source.reports_failures else set()

    def _delete(self, message: "MessageTypeDef") -> None:
        try:
            self._session().sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        except (BotoCoreError, ClientError) as error:
            if not self._stopping.is_set():
                _complain(f"{self.source.function} cannot delete from {self.source.queue}: {error}")

    def _session(self) -> Session:
        return self._stack.session(self.source.function)


class Timer:
    """One schedule; also fired by hand."""

    def __init__(self, schedule: Schedule, invoke: Invoke) -> None:
        self.schedule = schedule
        self._invoke = invoke
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._tick, name=f"timer-{schedule.function}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def fire(self) -> Outcome:
        payload = self.schedule.payload
        return self._invoke(self.schedule.function, json.loads(payload) if payload else _scheduled_event())

    def _tick(self) -> None:
        while not self._stopping.wait(self.schedule.every):
            self.fire()


class Delivery:
    """All queues and schedules of a stack."""

    def __init__(
        self, sources: Iterable[EventSource], schedules: Iterable[Schedule], stack: Stack, invoke: Invoke
    ) -> None:
        self._stack = stack
        self.pollers = [QueuePoller(source, stack, invoke) for source in sources]
        self.timers = {schedule.function: Timer(schedule, invoke) for schedule in schedules}

    def start(self, *, with_timers: bool) -> None:
        for poller in self.pollers:
            poller.start()
        for timer in self.timers.values() if with_timers else ():
            timer.start()

    def stop(self) -> None:
        for timer in self.timers.values():
            timer.stop()
        for poller in self.pollers:
            poller.stop()

    def join(self) -> None:
        for poller in self.pollers:
            poller.join()

    def redeliver(self) -> None:
        for poller in self.pollers:
            poller.redeliver()

    def wait_until_idle(self, timeout: float, to_come: Callable[[], bool]) -> None:
        """Wait until none is to come, waits or is being worked on; a message that failed is waiting."""
        deadline = time.monotonic() + timeout
        quiet = 0
        # Twice, since a function may send to a queue that was just found empty.
        while quiet < 2:
            expected = to_come()
            waiting = {poller.source.queue: self._count(poller.queue_url) for poller in self.pollers}
            quiet = 0 if expected or any(waiting.values()) else quiet + 1
            if time.monotonic() > deadline:
                raise TimeoutError(f"still waiting after {timeout} s: {waiting}, events to come: {expected}")
            if not quiet:
                time.sleep(0.05)

    def _count(self, queue_url: str) -> int:
        counts = self._stack.root.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=_WAITING_COUNTS)
        return sum(int(count) for count in counts["Attributes"].values())


def reported_failures(answer: Any, sent: set[str]) -> set[str]:
    """Which messages a partial batch response fails; one that is not well-formed fails them all."""
    if answer is None or answer == {}:
        return set()
    failures = answer.get("batchItemFailures", _MISSING) if isinstance(answer, dict) else _MISSING
    if failures is None:
        return set()
    if not isinstance(failures, list):
        return sent
    named = {str(failure.get("itemIdentifier")) if isinstance(failure, dict) else "" for failure in failures}
    return named & sent if named <= sent else sent


def _record(message: "MessageTypeDef", queue_arn: str) -> dict[str, Any]:
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message["Attributes"]),
        "messageAttributes": {
            name: {
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
                **({"stringValue": value["StringValue"]} if "StringValue" in value else {}),
            }
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def _scheduled_event() -> Mapping[str, Any]:
    """What Scheduler sends to a function when the schedule has no input of its own."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [],
        "detail": "{}",
    }


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
