"""GET /queues/{queue}/agents: who answers in a queue."""

from santral.api import Answer, Request, http_action
from santral.telephony.queues import QueueRequest, list_agents


@http_action(QueueRequest, role="admin")
def handler(request: Request[QueueRequest]) -> Answer:
    return Answer(200, list_agents(request.tenant, request.input))
