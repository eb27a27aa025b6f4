"""GET /message-users: who can send messages."""

from santral.api import Answer, Request, http_action
from santral.input import Nothing
from santral.messaging.conversations import Users, list_users


@http_action(Nothing, answers={200: Users})
def handler(request: Request[Nothing]) -> Answer:
    return Answer(200, list_users(request.tenant))
