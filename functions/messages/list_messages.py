"""GET /messages: the messages exchanged with a number."""

from santral.api import Answer, Request, http_action
from santral.messaging.conversations import Conversation, ConversationRequest, conversation


@http_action(ConversationRequest, answers={200: Conversation})
def handler(request: Request[ConversationRequest]) -> Answer:
    return Answer(200, conversation(request.tenant, request.input))
