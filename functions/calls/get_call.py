"""GET /calls/{call_id}: one call, as far as it has come."""

from santral.api import Answer, Request, http_action
from santral.calls import CallId
from santral.input import Input


class CallRequest(Input):
    call_id: CallId


@http_action(CallRequest)
def handler(request: Request[CallRequest]) -> Answer:
    return Answer(200, request.tenant.calls.get(request.input.call_id).as_call())
