"""What is authentic but not understood is kept whole, so that it can be replayed once we understand it."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from santral.calls import iso
from santral.store.aws import client
from santral.store.table import SINGLE, Table, WholeTable
from santral.store.versions import Version, Versions

_FOLDER = "quarantine/"
_LIFE_SECONDS = 90 * 86_400


class Shelf(Protocol):
    def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`."""


class S3Shelf:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def put(self, key: str, content: bytes) -> None:
        client("s3").put_object(Bucket=self._bucket, Key=key, Body=content, ContentType="application/json")


class Quarantine:
    """The quarantine of one tenant."""

    def __init__(self, table: Table, shelf: Shelf, *, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._shelf = shelf
        self._clock = clock

    def keep(self, source: str, body: bytes, reason: str) -> str:
        """Keep a body exactly as it came and return its id. The same body twice is kept once.

        Args:
            source: Who sent it, e.g. "virtualats".
            body: The bytes received. They may not be text, so they are stored as base64 in JSON.
            reason: Why it was not understood, for the person who will look at it; quotes nothing of the body.
        """
        now = self._clock()
        quarantine_id = f"{source}-{hashlib.sha256(body).hexdigest()[:32]}"
        key = _key(quarantine_id)
        content = {"v": 1, "source": source, "reason": reason, "body": base64.b64encode(body).decode()}
        # The object first: a row without its object would promise what cannot be replayed.
        self._shelf.put(key, json.dumps(content).encode())
        row = {
            "pk": f"QUARANTINE#{quarantine_id}",
            "sk": SINGLE,
            "v": 1,
            "source": source,
            "reason": reason,
            "key": key,
            "kept_at": iso(now),
            "expires_at": int(now.timestamp()) + _LIFE_SECONDS,
        }
        self._table.add(row, now=int(now.timestamp()))
        return quarantine_id


@dataclass(frozen=True)
class Kept:
    """A body in the quarantine. `reason` quotes nothing of it."""

    quarantine_id: str
    source: str
    reason: str
    kept_at: datetime
    body: bytes


class OpenQuarantine:
    """The quarantine as an integrator opens it. It is listed by the bucket; the table is only ever read by key."""

    def __init__(self, table: WholeTable, versions: Versions) -> None:
        self._table = table
        self._versions = versions

    def __iter__(self) -> Iterator[Kept]:
        return (self._kept(version) for version in self._written() if version.is_latest)

    def everything(self) -> Iterator[Kept]:
        """Yield what the bucket still holds, what was dropped or has expired too."""
        return map(self._kept, self._written())

    def drop(self, quarantine_id: str) -> None:
        """Remove a body, all its versions, and its row."""
        self._versions.remove(list(self._versions.under(_key(quarantine_id))))
        self._table.remove(f"QUARANTINE#{quarantine_id}")

    def _written(self) -> Iterator[Version]:
        return (version for version in self._versions.under(_FOLDER) if not version.is_marker)

    def _kept(self, version: Version) -> Kept:
        content = json.loads(self._versions.read(version))
        return Kept(
            quarantine_id=version.key.removeprefix(_FOLDER).removesuffix(".json"),
            source=content["source"],
            reason=content["reason"],
            kept_at=version.written_at,
            body=base64.b64decode(content["body"]),
        )


def _key(quarantine_id: str) -> str:
    return f"{_FOLDER}{quarantine_id}.json"
