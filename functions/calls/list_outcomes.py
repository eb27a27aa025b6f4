"""GET /call-outcomes: the tree of results agents choose from."""

from santral.api import Answer, Request, http_action
from santral.input import Nothing
from santral.telephony.outcomes import Outcomes, list_outcomes


@http_action(Nothing, answers={200: Outcomes})
def handler(request: Request[Nothing]) -> Answer:
    return Answer(200, list_outcomes(request.tenant))
