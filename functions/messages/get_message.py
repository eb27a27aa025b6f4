"""GET /messages/{message_id}: one message, as far as it has come."""

from pydantic import Field

from santral.api import Answer, Request, http_action
from santral.errors import UnknownMessage
from santral.input import Input
from santral.messages import Message


class MessageIdRequest(Input):
    message_id: str = Field(pattern=r"^[a-z]+:[A-Za-z0-9._-]{1,256}$")


@http_action(MessageIdRequest, answers={200: Message}, refusals=(UnknownMessage,))
def handler(request: Request[MessageIdRequest]) -> Answer:
    return Answer(200, request.tenant.messages.get(request.input.message_id))
