"""GET /breaks: the kinds of break there are."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import BreakList, ProviderRequest, list_breaks


@http_action(ProviderRequest, answers={200: BreakList})
def handler(request: Request[ProviderRequest]) -> Answer:
    return Answer(200, list_breaks(request.tenant, request.input))
