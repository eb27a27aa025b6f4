"""make bench-recordings: archive 256 MiB over and over; exit 1 when it needs too much memory or falls behind the floor.

Ours is `santral.http` and `S3Recordings` with all their checks. The floor is the least one can write: the same body,
given by requests to boto3's `upload_fileobj` as it is. They take turns in this process, from one server on loopback
into one embedded S3; both of those have processes of their own, which are not measured. Memory is what a run needed
at its highest beyond what was there before it. `--gib` archives 1 GiB once instead.
"""

import argparse
import hashlib
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, cast

import boto3
import requests

from sandbox.aws import EmbeddedAws
from sandbox.template import REGION
from santral.http import Http
from santral.store.aws import client
from santral.store.recordings import S3Recordings

MIB = 1024 * 1024
ROUNDS = 7
MOST_GROWTH = 64 * MIB
LEAST_SPEED = 0.85  # times the floor's
PATIENCE_SECONDS = 600.0
BUCKET = "recordings"
BLOCK = b"RIFF" + bytes(range(256)) * 256


@dataclass(frozen=True)
class Run:
    seconds: float
    growth: int


@dataclass
class Contender:
    name: str
    archive: Callable[[str], None]
    runs: list[Run] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return statistics.median(run.seconds for run in self.runs)

    @property
    def growth(self) -> int:
        return max(run.growth for run in self.runs)


def relative_speed(ours: Contender, floor: Contender) -> float:
    """The median of what neighbouring runs compare to: others use this machine too, and not evenly."""
    pairs = zip(ours.runs, floor.runs, strict=True)
    return statistics.median(theirs.seconds / our.seconds for our, theirs in pairs)


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description="Measure how recordings are archived.")
    parser.add_argument("--gib", action="store_true", help="1 GiB once instead of 256 MiB over and over")
    in_gib = parser.parse_args(arguments).gib
    size, rounds = (1024 * MIB, 1) if in_gib else (256 * MIB, ROUNDS)
    with embedded_s3(), recording_server(size) as url:
        ours, floor = Contender("ours", archiver(url, size)), Contender("floor", upload_as_it_is(url))
        for number in range(rounds):
            for contender in (ours, floor):
                contender.runs.append(measured(contender.archive, f"{contender.name}-{number}", size))
    print_table(size, ours, floor)
    broken = list(broken_bounds(ours, floor, with_speed=not in_gib))
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    return 1 if broken else 0


def archiver(url: str, size: int) -> Callable[[str], None]:
    provider, bucket, sha256 = Http("provider", url), S3Recordings(BUCKET), digest(size)

    def archive(key: str) -> None:
        with provider.stream("/", deadline=PATIENCE_SECONDS) as answer:
            stated = int(answer.headers["content-length"])
            stored = bucket.write(key, answer.chunks, content_type="audio/wav", size=stated)
        assert (stored.size, stored.sha256) == (size, sha256)

    return archive


def upload_as_it_is(url: str) -> Callable[[str], None]:
    def archive(key: str) -> None:
        with requests.get(url, stream=True, timeout=PATIENCE_SECONDS) as answer:
            boto3.client("s3").upload_fileobj(cast("IO[bytes]", answer.raw), BUCKET, key)

    return archive


def measured(archive: Callable[[str], None], key: str, size: int) -> Run:
    Path("/proc/self/clear_refs").write_text("5")  # the highest so far is now what it is now
    before = memory("VmRSS")
    began = time.perf_counter()
    archive(key)
    seconds = time.perf_counter() - began
    growth = memory("VmHWM") - before
    s3 = client("s3")
    assert s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"] == size
    s3.delete_object(Bucket=BUCKET, Key=key)
    return Run(seconds, growth)


def memory(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def print_table(size: int, ours: Contender, floor: Contender) -> None:
    rounds = f"{len(ours.runs)} runs each, medians" if len(ours.runs) > 1 else "1 run each"
    print(f"A recording of {size // MIB} MiB, {rounds}\n")
    print(f"{'':8}{'seconds':>10}{'MiB/s':>10}{'growth in MiB':>16}")
    for it in (ours, floor):
        print(f"{it.name:8}{it.seconds:>10.2f}{size / MIB / it.seconds:>10.0f}{it.growth / MIB:>16.1f}")
    print(f"\nspeed {relative_speed(ours, floor):.2f} of the floor's (at least {LEAST_SPEED})")
    print(f"growth {ours.growth / MIB:.1f} MiB at most (at most {MOST_GROWTH // MIB})")


def broken_bounds(ours: Contender, floor: Contender, *, with_speed: bool) -> Iterator[str]:
    if ours.growth > MOST_GROWTH:
        yield f"it grew by {ours.growth / MIB:.1f} MiB"
    # One run of each says little of speed on a machine that others use as well.
    if with_speed and relative_speed(ours, floor) < LEAST_SPEED:
        yield f"it reached {relative_speed(ours, floor):.2f} of the floor's speed"


@contextmanager
def embedded_s3() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        aws = EmbeddedAws(Path(folder))
        try:
            aws.wait_until_healthy()
            os.environ |= {
                "AWS_ENDPOINT_URL": aws.endpoint,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
            }
            client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
            yield
        finally:
            aws.stop()


@contextmanager
def recording_server(size: int) -> Iterator[str]:
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    server = spawning.Process(target=serve, args=(there, size), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        server.terminate()
        server.join()


def serve(parent: Connection, size: int) -> None:
    """Answer every request with the same recording, a connection at a time."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: audio/x-wav\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        parent.send(listening.getsockname()[1])
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(head.encode())
                for block in blocks(size):
                    connection.sendall(block)


def blocks(size: int) -> Iterator[bytes]:
    whole, rest = divmod(size, len(BLOCK))
    for _ in range(whole):
        yield BLOCK
    yield BLOCK[:rest]


def digest(size: int) -> str:
    sha256 = hashlib.sha256()
    for block in blocks(size):
        sha256.update(block)
    return sha256.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
