"""GET /queues/{queue}/waiting: who waits in a queue now."""

from santral.api import Answer, Request, http_action
from santral.telephony.queues import QueueRequest, WaitingList, list_waiting


@http_action(QueueRequest, answers={200: WaitingList}, role="admin")
def handler(request: Request[QueueRequest]) -> Answer:
    return Answer(200, list_waiting(request.tenant, request.input))
