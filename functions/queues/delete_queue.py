"""DELETE /queues/{queue}: delete a queue."""

from santral.api import Answer, Request, http_action
from santral.telephony.queues import QueueRequest, delete_queue


@http_action(QueueRequest, answers={204: None}, role="admin")
def handler(request: Request[QueueRequest]) -> Answer:
    delete_queue(request.tenant, request.input)
    return Answer(204)
