"""GET /caller-ids: the numbers a dial may show."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import ProviderRequest
from santral.telephony.dialling import list_caller_ids


@http_action(ProviderRequest)
def handler(request: Request[ProviderRequest]) -> Answer:
    return Answer(200, list_caller_ids(request.tenant, request.input.provider))
