"""Files on their way into a message: a browser uploads one, and the provider fetches it without any authentication."""

import uuid
from typing import NamedTuple, Protocol
from urllib.parse import quote

from santral.store.aws import client

_UPLOAD_SECONDS = 15 * 60
# Presigned links die with the role session that signed them, which lives for hours at most.
_FETCH_SECONDS = 12 * 3600


class FileLinks(NamedTuple):
    """Where a file is put (PUT, with the content type given), and where the provider fetches it."""

    upload_url: str
    file_url: str


class MessageFiles(Protocol):
    def links(self, *, file_name: str, content_type: str) -> FileLinks:
        """Return the links of a new file; nothing is there before it is uploaded."""


class S3MessageFiles:
    """Message files in the tenant's bucket, which removes them after a week."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def links(self, *, file_name: str, content_type: str) -> FileLinks:
        # A key of our own: a customer's file name belongs into no log of requests.
        stored = {"Bucket": self._bucket, "Key": f"message-files/{uuid.uuid4().hex}"}
        disposition = f"inline; filename*=UTF-8''{quote(file_name, safe='')}"
        shown = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        presign = client("s3").generate_presigned_url
        return FileLinks(
            presign("put_object", Params={**stored, "ContentType": content_type}, ExpiresIn=_UPLOAD_SECONDS),
            presign("get_object", Params={**stored, **shown}, ExpiresIn=_FETCH_SECONDS),
        )
