"""GET /queues/{queue}/agents: who answers in a queue."""

from santral.api import Answer, Request, http_action
from santral.telephony.queues import QueueAgents, QueueRequest, list_agents


@http_action(QueueRequest, answers={200: QueueAgents}, role="admin")
def handler(request: Request[QueueRequest]) -> Answer:
    return Answer(200, list_agents(request.tenant, request.input))
