"""POST /queues/{queue}/agents: let more agents answer in a queue."""

from santral.api import Answer, Request, http_action
from santral.telephony.queues import QueueAgents, QueueAgentsRequest, add_agents


@http_action(QueueAgentsRequest, answers={200: QueueAgents}, role="admin")
def handler(request: Request[QueueAgentsRequest]) -> Answer:
    return Answer(200, add_agents(request.tenant, request.input))
