"""DELETE /agents/{agent}/break: bring an agent back from a break."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import AgentRequest, BreakOver, end_break


@http_action(AgentRequest, answers={200: BreakOver})
def handler(request: Request[AgentRequest]) -> Answer:
    return Answer(200, end_break(request.tenant, request.input, user=request.user, role=request.role))
