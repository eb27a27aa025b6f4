"""POST /message-files: where to upload a file that is to be sent."""

from santral.api import Answer, Request, http_action
from santral.messaging.files import FileAddresses, FileRequest, create_file


@http_action(FileRequest, answers={200: FileAddresses})
def handler(request: Request[FileRequest]) -> Answer:
    return Answer(200, create_file(request.tenant, request.input))
