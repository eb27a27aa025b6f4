"""GET /caller-ids: the numbers a dial may show."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import ProviderRequest
from santral.telephony.dialling import NumberList, list_caller_ids


@http_action(ProviderRequest, answers={200: NumberList})
def handler(request: Request[ProviderRequest]) -> Answer:
    return Answer(200, list_caller_ids(request.tenant, request.input.provider))
