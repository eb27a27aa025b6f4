"""GET /messages: the messages exchanged with a number."""

from santral.api import Answer, Request, http_action
from santral.messaging.conversations import ConversationRequest, conversation


@http_action(ConversationRequest)
def handler(request: Request[ConversationRequest]) -> Answer:
    return Answer(200, conversation(request.tenant, request.input))
