"""The bucket's recordings: written as a stream, read through links that die within minutes."""

import base64
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from santral.errors import Unanswered
from santral.store.aws import client

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

LINK_SECONDS = 300
# The least S3 takes for a part that is not the last. While parts travel the next one is read; more of them, or larger
# ones, cost memory and bring nothing (make bench-recordings).
_PART_BYTES = 5 * 1024 * 1024
_PARTS_IN_FLIGHT = 4
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Stored:
    """What was really written: bytes and their SHA-256 in hex."""

    size: int
    sha256: str


class RecordingBucket(Protocol):
    def write(
        self,
        key: str,
        chunks: Iterable[bytes],
        *,
        content_type: str,
        size: int | None,
        metadata: Mapping[str, str] = _NOTHING,
    ) -> Stored:
        """Write a stream as one object; when it is shorter or longer than `size` nothing is kept.

        Raises:
            Unanswered: The stream ended early or late.
        """

    def link(self, key: str, *, content_type: str, file_name: str) -> str:
        """Return a link that plays the object in a browser for a few minutes."""


class S3Recordings:
    """Recordings in the tenant's bucket."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def write(
        self,
        key: str,
        chunks: Iterable[bytes],
        *,
        content_type: str,
        size: int | None,
        metadata: Mapping[str, str] = _NOTHING,
    ) -> Stored:
        measured = _Measured(chunks, size)
        parts = _parts(measured)
        first = next(parts, b"")
        if len(first) < _PART_BYTES:
            self._put(key, first, content_type, {**metadata, "sha256": measured.sha256.hexdigest()})
        else:
            # The digest of a stream is known too late for its metadata; the ledger has it.
            self._upload(key, chain([first], parts), content_type, dict(metadata))
        return Stored(measured.count, measured.sha256.hexdigest())

    def link(self, key: str, *, content_type: str, file_name: str) -> str:
        return client("s3").generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentType": content_type,
                "ResponseContentDisposition": f'inline; filename="{file_name}"',
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=LINK_SECONDS,
        )

    def _put(self, key: str, content: bytes, content_type: str, metadata: dict[str, str]) -> None:
        client("s3").put_object(
            Bucket=self._bucket,
            Key=key,
            Body=content,
            ContentType=content_type,
            Metadata=metadata,
            # S3 compares it with what arrived and keeps it beside the object.
            ChecksumSHA256=base64.b64encode(bytes.fromhex(metadata["sha256"])).decode(),
        )

    def _upload(self, key: str, parts: Iterable[bytes], content_type: str, metadata: dict[str, str]) -> None:
        s3 = client("s3")
        upload_id = s3.create_multipart_upload(
            Bucket=self._bucket, Key=key, ContentType=content_type, Metadata=metadata
        )["UploadId"]

        def sent(number: int, part: bytes) -> "CompletedPartTypeDef":
            answer = s3.upload_part(Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=part)
            done: CompletedPartTypeDef = {"PartNumber": number, "ETag": answer["ETag"]}
            if checksum := answer.get("ChecksumCRC32"):
                # S3 wants to hear again, part by part, what boto3 has it check by default.
                done["ChecksumCRC32"] = checksum
            return done

        parts_done: list[CompletedPartTypeDef] = []
        under_way: deque[Future[CompletedPartTypeDef]] = deque()
        try:
            with ThreadPoolExecutor(_PARTS_IN_FLIGHT) as senders:
                for number, part in enumerate(parts, start=1):
                    if len(under_way) == _PARTS_IN_FLIGHT:
                        parts_done.append(under_way.popleft().result())
                    under_way.append(senders.submit(sent, number, part))
                parts_done.extend(future.result() for future in under_way)
            s3.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts_done}
            )
        except BaseException:
            # A stream that was cut never becomes an object, and its parts are not paid for.
            s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
            raise


class _Measured:
    """A stream that is counted and digested while it is read, and refuses to end at another size than stated."""

    def __init__(self, chunks: Iterable[bytes], size: int | None) -> None:
        self._chunks = chunks
        self._size = size
        self.count = 0
        self.sha256 = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.count += len(chunk)
            self.sha256.update(chunk)
            yield chunk
        if self._size not in (None, self.count):
            raise Unanswered(f"recording has {self.count} bytes instead of {self._size}")


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the stream in parts of at least 5 MiB; only the last one may be smaller."""
    collected: list[bytes] = []
    size = 0
    for chunk in chunks:
        collected.append(chunk)
        size += len(chunk)
        if size >= _PART_BYTES:
            yield b"".join(collected)
            collected, size = [], 0
    if size:
        yield b"".join(collected)
