"""POST /agents/{agent}/login: let an agent take calls."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import AgentRequest, log_in


@http_action(AgentRequest)
def handler(request: Request[AgentRequest]) -> Answer:
    return Answer(200, log_in(request.tenant, request.input, user=request.user, role=request.role))
