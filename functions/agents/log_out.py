"""POST /agents/{agent}/logout: let an agent take no more calls."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import AgentRequest, AgentState, log_out


@http_action(AgentRequest, answers={200: AgentState})
def handler(request: Request[AgentRequest]) -> Answer:
    return Answer(200, log_out(request.tenant, request.input, user=request.user, role=request.role))
