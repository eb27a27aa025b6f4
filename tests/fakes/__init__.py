"""In-memory stand-ins for what the rules use: a table, a bucket, queues, secrets, a clock, a network."""

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from santral.errors import Unanswered
from santral.events import Event
from santral.settings import Settings
from santral.store.recordings import Stored
from santral.store.secrets import Secrets
from santral.store.table import _INDEX_KEYS, SINGLE, Counter, Index, Page, Row, index_start
from santral.tenant import Tenant


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class MemoryTable:
    """A table with DynamoDB's conditional writes and indexes. `reads` and `writes` count round trips.

    `rows` are found by their partition key, those that do not stand alone under it by "pk/sk".
    """

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.reads = 0
        self.writes = 0

    def get(self, pk: str, sk: str = SINGLE) -> Row | None:
        self.reads += 1
        return copy.deepcopy(self.rows.get(row_name(pk, sk)))

    def under(self, pk: str, *, prefix: str, limit: int, start: Row | None = None) -> Page:
        self.reads += 1
        found = [row for row in self.rows.values() if row["pk"] == pk and row["sk"].startswith(prefix)]
        found = sorted((row for row in found if not start or row["sk"] > start["sk"]), key=lambda row: row["sk"])
        page = copy.deepcopy(found[:limit])
        return Page(page, {"pk": pk, "sk": page[-1]["sk"]} if len(found) > limit else None)

    def add(self, row: Row, *, now: int) -> bool:
        self.writes += 1
        there = self.rows.get(row_name(row["pk"], row["sk"]))
        if there is not None and there.get("expires_at", now) >= now:
            return False
        self._store({**row, "version": 1})
        return True

    def add_counted(self, row: Row, counters: Sequence[Counter], *, now: int) -> str | None:
        full = [counter.pk for counter in counters if self._counted(counter) >= counter.most]
        there = self.rows.get(row_name(row["pk"], row["sk"]))
        if full and (there is None or there.get("expires_at", now) < now):
            self.writes += 1
            return full[0]
        if not self.add(row, now=now):
            return str(row["pk"])
        for counter in counters:
            raised = self._counted(counter) + 1
            told = {"pk": counter.pk, "sk": SINGLE, "v": 1, "expires_at": counter.expires_at}
            self._store({**told, "counted": raised, "version": raised})
        return None

    def _counted(self, counter: Counter) -> int:
        return int(self.rows.get(counter.pk, {}).get("counted", 0))

    def replace(self, row: Row) -> bool:
        self.writes += 1
        there = self.rows.get(row_name(row["pk"], row["sk"]))
        if there is None or there["version"] != row["version"]:
            return False
        self._store({**row, "version": row["version"] + 1})
        return True

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
        hash_key, range_key = _INDEX_KEYS[index]
        found = [
            row
            for row in self.rows.values()
            if row.get(hash_key) == value and range_key in row and between[0] <= row[range_key] <= between[1]
        ]
        found.sort(key=lambda row: (row[range_key], row["pk"], row["sk"]), reverse=newest_first)
        if start:
            keys = [(row["pk"], row["sk"]) for row in found]
            found = found[keys.index((start["pk"], start["sk"])) + 1 :]
        page = found[:limit]
        more = len(found) > limit
        return Page(copy.deepcopy(page), index_start(index, page[-1]) if more else None)

    def _store(self, row: Row) -> None:
        assert row["v"] == 1
        # A round trip through JSON refuses what DynamoDB would refuse, e.g. a datetime or a float.
        plain = json.loads(json.dumps(row, default=_refuse))
        self.rows[row_name(row["pk"], row["sk"])] = {name: part for name, part in plain.items() if part is not None}


def row_name(pk: str, sk: str) -> str:
    return pk if sk == SINGLE else f"{pk}/{sk}"


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} cannot be stored")


class MemorySecrets:
    """Secrets as texts; `reads` counts how often each was fetched."""

    def __init__(self, **secrets: Any) -> None:
        self.texts = {name: json.dumps(value) for name, value in secrets.items()}
        self.reads: list[str] = []

    def read(self, name: str) -> str | None:
        self.reads.append(name)
        return self.texts.get(name)


class MemoryEventQueue:
    def __init__(self) -> None:
        self.sent: list[Event] = []

    def send(self, event: Event) -> None:
        self.sent.append(event)


class MemoryRecordingQueue:
    def __init__(self) -> None:
        self.sent: list[str] = []
        self.delays: list[int] = []

    def send(self, call_id: str, *, delay_seconds: int = 0) -> None:
        self.sent.append(call_id)
        self.delays.append(delay_seconds)


class MemoryShelf:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, key: str, content: bytes) -> None:
        self.kept[key] = content


class MemoryRecordings:
    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, bytes]] = {}
        self.metadata: dict[str, dict[str, str]] = {}

    def write(
        self,
        key: str,
        chunks: Iterable[bytes],
        *,
        content_type: str,
        size: int | None,
        metadata: Mapping[str, str] | None = None,
    ) -> Stored:
        content = b"".join(chunks)
        if size is not None and size != len(content):
            raise Unanswered("short")
        self.objects[key] = (content_type, content)
        self.metadata[key] = dict(metadata or {})
        return Stored(len(content), hashlib.sha256(content).hexdigest())

    def link(self, key: str, *, content_type: str, file_name: str) -> str:
        return f"https://bucket.example/{key}?type={content_type}&name={file_name}&X-Amz-Signature=canary-signature"


class Network(BaseAdapter):
    """A network of one server: keeps every request and answers with what `answer` returns.

    `answer` takes the prepared request and returns (status, headers, body), or raises a requests exception.
    """

    def __init__(self, answer: Callable[[requests.PreparedRequest], tuple[int, dict[str, str], bytes]]) -> None:
        super().__init__()
        self.answer = answer
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request, **_kwargs):
        self.requests.append(request)
        status, headers, body = self.answer(request)
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = HTTPResponse(body=BytesIO(body), headers=headers, status=status, preload_content=False)
        response.request = request
        response.url = request.url or ""
        return response

    def close(self) -> None:
        pass

    @property
    def last(self) -> requests.PreparedRequest:
        return self.requests[-1]

    @property
    def last_target(self) -> str:
        """Path and query of the last request, exactly as sent."""
        parts = urlsplit(self.last.url or "")
        return parts.path + (f"?{parts.query}" if parts.query else "")


def answering(status: int = 200, body: bytes | str | Any = b"", **headers: str) -> Network:
    """Return a network that always gives the same answer; anything but text or bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return Network(lambda _request: (status, dict(headers), content))


SETTINGS = Settings(
    tenant="acme",
    table_name="table",
    bucket_name="bucket",
    events_queue_url="https://queue.example/events.fifo",
    recordings_queue_url="https://queue.example/recordings",
    providers=("virtualats", "wapcrm"),
    telephony_provider="virtualats",
    country="TR",
    time_zone="Europe/Istanbul",
    language="en",
    unknown_caller="unlinked",
    retention_days=90,
    permalink_days=400,
    public_url="https://phone.example",
    dials_per_user_hour=600,
    dials_per_day=10_000,
    messages_per_user_hour=600,
    messages_per_day=10_000,
    denied_destinations=("+90900",),
    commercial_hours=("09:00", "20:00"),
)


def make_tenant(*, clock: Clock | None = None, secrets: MemorySecrets | None = None, **settings: Any) -> Tenant:
    """Return a tenant whose every part is in memory. Parts are replaced by assignment: `tenant.zoho = …`."""
    clock = clock or Clock()
    tenant = Tenant(
        settings=Settings.model_validate({**SETTINGS.model_dump(), **settings}),
        table=MemoryTable(),
        secrets=Secrets(secrets or MemorySecrets()),
        clock=clock,
    )
    tenant.event_queue = MemoryEventQueue()  # type: ignore[assignment]  # a fake of the same shape
    tenant.recording_queue = MemoryRecordingQueue()  # type: ignore[assignment]  # likewise
    tenant.recordings = MemoryRecordings()
    return tenant
