"""POST /queues: create a queue."""

from santral.api import Answer, Request, http_action
from santral.telephony.queues import NewQueue, NewQueueRequest, create_queue


@http_action(NewQueueRequest, answers={201: NewQueue}, role="admin")
def handler(request: Request[NewQueueRequest]) -> Answer:
    click = (request.input.provider or "", request.input.queue)
    return request.once(click, lambda: Answer(201, create_queue(request.tenant, request.input)))
