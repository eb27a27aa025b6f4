"""GET /calls/{call_id}: one call, as far as it has come."""

from santral.api import Answer, Request, http_action
from santral.calls import Call, CallId
from santral.errors import UnknownCall
from santral.input import Input


class CallRequest(Input):
    call_id: CallId


@http_action(CallRequest, answers={200: Call}, refusals=(UnknownCall,))
def handler(request: Request[CallRequest]) -> Answer:
    return Answer(200, request.tenant.calls.get(request.input.call_id).as_call())
