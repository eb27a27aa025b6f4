"""GET /queues: all queues."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import ProviderRequest
from santral.telephony.queues import Queues, list_queues


@http_action(ProviderRequest, answers={200: Queues}, role="admin")
def handler(request: Request[ProviderRequest]) -> Answer:
    return Answer(200, list_queues(request.tenant, request.input.provider))
