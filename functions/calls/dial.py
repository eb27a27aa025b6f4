"""POST /calls: ring the agent's extension, then bridge it to the customer."""

from santral.api import Answer, Request, http_action
from santral.errors import DestinationNotAllowed, QuotaExceeded, UnknownUser
from santral.telephony.dialling import Dialled, DialRequest, dial, plan_dial


@http_action(DialRequest, answers={202: Dialled}, refusals=(UnknownUser, DestinationNotAllowed, QuotaExceeded))
def handler(request: Request[DialRequest]) -> Answer:
    plan = plan_dial(request.tenant, request.input, user=request.user)

    def ring() -> Answer:
        call = dial(request.tenant, plan).as_call()
        return Answer(202, Dialled(call_id=call.call_id, provider=call.provider, state=call.state))

    return request.once(plan.click, ring, quotas=plan.quotas)
