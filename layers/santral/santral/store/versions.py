"""The bucket as it really is: every version of every object. What is to be gone has to go from all of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from santral.store.aws import client


@dataclass(frozen=True)
class Version:
    """One version of an object, or the marker that it was deleted (which has no content)."""

    key: str
    version_id: str
    written_at: datetime
    is_latest: bool
    is_marker: bool = False


class Versions(Protocol):
    """What only an integrator may: see and remove any version. No function has the right to."""

    def under(self, prefix: str) -> Iterator[Version]:
        """Yield every version of every object whose key begins with `prefix`."""

    def read(self, version: Version) -> bytes:
        """Return a version's content."""

    def remove(self, versions: Iterable[Version]) -> None:
        """Remove versions for good."""


class S3Versions:
    """The versions in the tenant's bucket."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def under(self, prefix: str) -> Iterator[Version]:
        for page in client("s3").get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix):
            for it in page.get("Versions", []):
                yield Version(it["Key"], it["VersionId"], it["LastModified"], it["IsLatest"])
            for marker in page.get("DeleteMarkers", []):
                yield Version(
                    marker["Key"], marker["VersionId"], marker["LastModified"], marker["IsLatest"], is_marker=True
                )

    def read(self, version: Version) -> bytes:
        answer = client("s3").get_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)
        return answer["Body"].read()

    def remove(self, versions: Iterable[Version]) -> None:
        for version in versions:
            client("s3").delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)
