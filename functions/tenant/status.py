"""GET /status: what works, what does not, and how to mend it."""

from santral.api import Answer, Request, http_action
from santral.health import Status, status
from santral.input import Nothing


@http_action(Nothing, answers={200: Status})
def handler(request: Request[Nothing]) -> Answer:
    language = request.language
    return Answer(200, status(request.tenant, language), {"content-language": language})
