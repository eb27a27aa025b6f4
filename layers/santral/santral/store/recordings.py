"""The bucket's recordings: written as a stream, read through links that die within minutes."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol, cast

from santral.errors import Unanswered
from santral.store.aws import client

LINK_SECONDS = 300
_PART_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Stored:
    """What was really written: bytes and their SHA-256 in hex."""

    size: int
    sha256: str


class RecordingBucket(Protocol):
    def write(self, key: str, chunks: Iterator[bytes], *, content_type: str, size: int | None) -> Stored:
        """Write a stream as one object; when it is shorter or longer than `size` nothing is kept.

        Raises:
            Unanswered: The stream ended early.
        """

    def link(self, key: str, *, content_type: str, file_name: str) -> str:
        """Return a link that plays the object in a browser for a few minutes."""


class S3Recordings:
    """Recordings in the tenant's bucket."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def write(self, key: str, chunks: Iterator[bytes], *, content_type: str, size: int | None) -> Stored:
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415 (only the archiver needs the transfer manager)

        # One part at a time: memory stays at one part, however long the call was.
        config = TransferConfig(multipart_chunksize=_PART_BYTES, multipart_threshold=_PART_BYTES, use_threads=False)
        reader = _Reader(chunks, size)
        client("s3").upload_fileobj(
            cast("IO[bytes]", reader), self._bucket, key, Config=config, ExtraArgs={"ContentType": content_type}
        )
        return Stored(reader.count, reader.sha256.hexdigest())

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


class _Reader:
    """Gives the transfer manager the stream as a file, and refuses to end before its stated size.

    An exception out of `read` makes the transfer manager abort the upload, so a cut stream never becomes an object.
    """

    def __init__(self, chunks: Iterator[bytes], size: int | None) -> None:
        self._chunks = chunks
        self._size = size
        self._rest = bytearray()
        self.count = 0
        self.sha256 = hashlib.sha256()

    def read(self, amount: int = -1) -> bytes:
        if amount < 0:
            amount = sys.maxsize
        while len(self._rest) < amount and (chunk := next(self._chunks, None)) is not None:
            self.count += len(chunk)
            self.sha256.update(chunk)
            self._rest += chunk
        if len(self._rest) < amount and self._size not in (None, self.count):
            raise Unanswered(f"recording has {self.count} bytes instead of {self._size}")
        data = bytes(self._rest[:amount])
        del self._rest[:amount]
        return data
