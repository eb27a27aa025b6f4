"""Files that are to be sent: links to upload one, and for the provider to fetch it."""

from pydantic import BaseModel, ConfigDict, Field

from santral.input import Input
from santral.tenant import Tenant


class FileRequest(Input):
    """`file_name` is what the customer will see; no path, no quotes."""

    file_name: str = Field(min_length=1, max_length=128, pattern=r'^[^/\\"\x00-\x1f\x7f]+$')
    content_type: str = Field(max_length=127, pattern=r"^[a-z]+/[A-Za-z0-9.+-]+$")


class FileAddresses(BaseModel):
    """Where to PUT the file, with the content type asked for, and what to give POST /messages as `file_url`."""

    model_config = ConfigDict(frozen=True)

    upload_url: str
    file_url: str


def create_file(tenant: Tenant, request: FileRequest) -> FileAddresses:
    """Return the addresses of a new file."""
    links = tenant.message_files.links(file_name=request.file_name, content_type=request.content_type)
    return FileAddresses(upload_url=links.upload_url, file_url=links.file_url)
