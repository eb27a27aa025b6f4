"""What AWS gives us, in memory, with its semantics and its failures."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import count
from typing import Any

import requests
from botocore.exceptions import ClientError
from urllib3 import HTTPResponse

import santral.wire
from santral.store.table import _INDEX_KEYS, SINGLE, Index, Page, Row, index_start
from tests.fakes import MemoryTable, row_name
from tests.fakes.in_process import InProcess
from tests.faults.troubles import Crash, Troubles, Turns

DEDUPLICATION_SECONDS = 300


class IndexedTable(MemoryTable):
    """The table of the fakes with indexes that do not read every row, and DynamoDB's refusal of fractions."""

    def __init__(self) -> None:
        super().__init__()
        self._indexed: dict[tuple[str, Any], dict[str, Any]] = defaultdict(dict)

    def get(self, pk: str, sk: str = SINGLE) -> Row | None:
        self.reads += 1
        row = self.rows.get(row_name(pk, sk))
        return json.loads(json.dumps(row)) if row else None

    def query(
        self,
        index: Index,
        value: str,
        *,
        between: tuple[Any, Any],
        newest_first: bool,
        limit: int,
        start: Row | None = None,
    ) -> Page:
        self.reads += 1
        range_key = _INDEX_KEYS[index][1]
        keys = sorted(
            ((ranged, pk) for pk, ranged in self._indexed[index, value].items() if between[0] <= ranged <= between[1]),
            reverse=newest_first,
        )
        if start:
            keys = keys[keys.index((start[range_key], row_name(start["pk"], start["sk"]))) + 1 :]
        rows = [json.loads(json.dumps(self.rows[pk])) for _, pk in keys[:limit]]
        return Page(rows, index_start(index, rows[-1]) if len(keys) > limit else None)

    def _store(self, row: Row) -> None:
        name = row_name(row["pk"], row["sk"])
        before = self.rows.get(name, {})
        super()._store(json.loads(json.dumps(row), parse_float=_no_fraction))
        after = self.rows[name]
        for index, (hash_key, range_key) in _INDEX_KEYS.items():
            if hash_key in before:
                self._indexed[index, before[hash_key]].pop(name, None)
            if hash_key in after and range_key in after:
                self._indexed[index, after[hash_key]][name] = after[range_key]


def _no_fraction(text: str) -> Any:
    raise TypeError(f"Float types are not supported: {text}")


@dataclass
class Message:
    id: str
    body: str
    group: str
    visible_at: datetime
    receives: int = 0


@dataclass
class Queue:
    """A queue with SQS's promises and no more: at least once, in order per group, back after a time-out, then the DLQ.

    A standard queue is one in which every message is a group of its own.
    """

    name: str
    clock: Callable[[], datetime]
    visibility: float
    most_receives: int
    messages: dict[str, Message] = field(default_factory=dict)
    dead: list[Message] = field(default_factory=list)
    _seen: dict[str, datetime] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)

    def send(self, body: str, group: str | None, deduplication_id: str | None, delay_seconds: int = 0) -> str:
        now = self.clock()
        if deduplication_id is not None:
            sent_at = self._seen.get(deduplication_id)
            if sent_at is not None and (now - sent_at).total_seconds() < DEDUPLICATION_SECONDS:
                return "a duplicate"
            self._seen[deduplication_id] = now
        number = f"{self.name}-{next(self._numbers)}"
        self.messages[number] = Message(number, body, group or number, _later(now, delay_seconds))
        return number

    def receive(self, limit: int = 10) -> list[Message]:
        """The next messages. A group of which one is being worked on gives none."""
        now, taken, held = self.clock(), [], set[str]()
        for message in list(self.messages.values()):
            if message.visible_at > now or message.group in held:
                held.add(message.group)
            elif message.receives >= self.most_receives:
                self.dead.append(self.messages.pop(message.id))
            elif len(taken) < limit:
                taken.append(message)
        for message in taken:
            message.receives += 1
            message.visible_at = _later(now, self.visibility)
        return taken

    def delete(self, message: Message) -> None:
        self.messages.pop(message.id, None)

    def redeliver(self, message: Message) -> None:
        """Come again although it was worked off, as a delete that got lost makes it."""
        self.messages[message.id] = message
        message.visible_at = self.clock()

    def redrive(self) -> int:
        """Give the dead messages another life; how many."""
        again, self.dead = self.dead, []
        for message in again:
            self.messages[message.id] = Message(message.id, message.body, message.group, self.clock())
        return len(again)


def _later(now: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(now.timestamp() + seconds, tz=now.tzinfo)


class Sqs:
    """As much of the SQS client as the stores use, in front of the queues by their URLs."""

    def __init__(self, queues: dict[str, Queue]) -> None:
        self._queues = queues

    def send_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803 (the client's own names)
        MessageBody: str,  # noqa: N803
        MessageGroupId: str | None = None,  # noqa: N803
        MessageDeduplicationId: str | None = None,  # noqa: N803
        DelaySeconds: int = 0,  # noqa: N803
    ) -> dict[str, str]:
        queue = self._queues[QueueUrl]
        return {"MessageId": queue.send(MessageBody, MessageGroupId, MessageDeduplicationId, DelaySeconds)}


class Steps:
    """Every call on a port: where another worker may come between, where a process may die, where the port may fail."""

    def __init__(self, troubles: Troubles, turns: Turns) -> None:
        self._troubles = troubles
        self._turns = turns

    def boundary(self) -> None:
        self._turns.step()
        if self._troubles.strikes("crash"):
            raise Crash

    def take(self, step: Callable[[], Any]) -> Any:
        self.boundary()
        result = step()
        self.boundary()
        return result


class Port:
    """A port all of whose calls are steps; `trouble` may spoil one of them."""

    def __init__(self, real: Any, steps: Steps, trouble: Callable[[Any, str, Callable[[], Any], tuple], Any]) -> None:
        self.real = real
        self._steps = steps
        self._trouble = trouble

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if not callable(found):
            return found
        return lambda *args, **how: self._steps.take(
            lambda: self._trouble(self.real, name, lambda: found(*args, **how), args)
        )


def refused_by_aws(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "on purpose"}}, operation)


def table_trouble(troubles: Troubles) -> Callable[..., Any]:
    def trouble(table: MemoryTable, name: str, step: Callable[[], Any], args: tuple) -> Any:
        if name not in ("add", "replace"):
            if troubles.strikes("table_throttled"):
                raise refused_by_aws("ProvisionedThroughputExceededException", name)
            return step()
        match troubles.one_of(("table_conflict", "table_throttled", "table_answer_lost")):
            case "table_conflict":
                # Another writer touches the row between our read and our write.
                row = table.rows.get(args[0]["pk"])
                if row is not None:
                    table.replace(dict(row))
                return step()
            case "table_throttled":
                raise refused_by_aws("ProvisionedThroughputExceededException", name)
            case "table_answer_lost":
                # The AWS client repeats it, and its own first write fails the condition.
                step()
                return False
        return step()

    return trouble


def queue_trouble(troubles: Troubles) -> Callable[..., Any]:
    def trouble(_queue: Sqs, name: str, step: Callable[[], Any], _args: tuple) -> Any:
        match troubles.one_of(("queue_refuses", "queue_answer_lost")):
            case "queue_refuses":
                raise refused_by_aws("ThrottlingException", name)
            case "queue_answer_lost":
                step()
                raise refused_by_aws("InternalError", name)
        return step()

    return trouble


def bucket_trouble(troubles: Troubles) -> Callable[..., Any]:
    def trouble(_bucket: Any, name: str, step: Callable[[], Any], _args: tuple) -> Any:
        if troubles.strikes("bucket_refuses"):
            raise refused_by_aws("SlowDown", name)
        return step()

    return trouble


class Network(InProcess):
    """The way to one simulator. A request that is lost has left us, whether it arrived or only its answer did not."""

    def __init__(self, simulator: Any, steps: Steps, trouble: Callable[[Callable[[], Any]], Any]) -> None:
        super().__init__(simulator)
        self._steps = steps
        self._trouble = trouble

    def send(self, request: Any, **how: Any) -> Any:
        real = super().send
        return self._steps.take(lambda: self._trouble(lambda: real(request, **how)))


def lost() -> requests.ConnectionError:
    attempt = getattr(santral.wire.current, "attempt", None)
    if attempt is not None:
        attempt.left = True
    return requests.ConnectionError("on purpose")


def answered(status: int, body: bytes = b"") -> Any:
    response = requests.Response()
    response.status_code = status
    response.raw = HTTPResponse(body=BytesIO(body), status=status, preload_content=False)
    return response
