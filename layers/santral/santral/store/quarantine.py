"""What is authentic but not understood is kept whole, so that it can be replayed once we understand it."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from santral.calls import iso
from santral.store.aws import client
from santral.store.table import SINGLE, Table

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
        key = f"quarantine/{quarantine_id}.json"
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
