"""Those who post: so many at once, each on a connection of its own, all in one process of their own."""

import http.client
import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from santral.providers.virtualats.signature import HEADER, KeyPair


@dataclass(frozen=True)
class Job:
    """What is posted: `events` HANGUPs of calls nobody has heard of, named after `batch`.

    Each caller's number is another, counted from `first`.
    """

    url: str
    public_key: str
    secret_key: str
    crm_api_key: str
    batch: str
    events: int
    senders: int
    first: int = 0


@dataclass(frozen=True)
class Posted:
    """One answer and how long it took."""

    status: int
    seconds: float


def post_all(job: Job) -> list[Posted]:
    numbers = iter(range(job.first, job.first + job.events))
    with ThreadPoolExecutor(job.senders) as pool:
        sent = pool.map(lambda _: list(_post(job, numbers)), range(job.senders))
        return list(itertools.chain.from_iterable(sent))


def _post(job: Job, numbers: Iterator[int]) -> Iterator[Posted]:
    keys = KeyPair(job.public_key, job.secret_key)
    address = urlsplit(job.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    # One iterator for all: whoever is free takes the next event.
    for number in numbers:
        body = written_event(job, number)
        began = time.monotonic()
        headers = {"content-type": "application/json", HEADER: keys.authentication(body, datetime.now(UTC))}
        try:
            connection.request("POST", address.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (http.client.HTTPException, OSError):
            connection.close()
            status = 0
        yield Posted(status, time.monotonic() - began)


def written_event(job: Job, number: int) -> bytes:
    caller = f"99455{number:07}"
    told = {
        "apiKey": job.crm_api_key,
        "callDate": "1.11.2026 10:05:36+0400",
        "callerId": f"Hüseyn  <{caller}>",
        "callId": f"{job.batch}-{number}",
        "source": caller,
        "destination": "994124886606",
        "answeredNumber": "101",
        "duration": "75",
        "talkTime": "50",
        "direction": "INBOUND",
        "disposition": "ANSWERED",
        "recordConversation": f"https://pbx.example.com/api/recordings/{job.batch}-{number}",
        "state": "HANGUP",
    }
    return json.dumps(told, ensure_ascii=False).encode()
