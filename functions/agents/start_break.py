"""POST /agents/{agent}/break: send an agent on a break."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import AgentState, BreakRequest, start_break


@http_action(BreakRequest, answers={200: AgentState})
def handler(request: Request[BreakRequest]) -> Answer:
    return Answer(200, start_break(request.tenant, request.input, user=request.user, role=request.role))
