"""DELETE /queues/{queue}/agents/{agent}: let an agent no longer answer in a queue."""

from santral.api import Answer, Request, http_action
from santral.telephony.queues import QueueAgentRequest, remove_agent


@http_action(QueueAgentRequest, answers={204: None}, role="admin")
def handler(request: Request[QueueAgentRequest]) -> Answer:
    remove_agent(request.tenant, request.input)
    return Answer(204)
