"""GET /message-channels: the channels messages can be sent through."""

from santral.api import Answer, Request, http_action
from santral.input import Nothing
from santral.messaging.conversations import Channels, list_channels


@http_action(Nothing, answers={200: Channels})
def handler(request: Request[Nothing]) -> Answer:
    return Answer(200, list_channels(request.tenant))
