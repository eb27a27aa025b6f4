"""POST /calls/{call_id}/outcome: save what an agent says of a call."""

from santral.api import Answer, Request, http_action
from santral.errors import UnknownCall
from santral.telephony.outcomes import OutcomeRequest, Saved, plan_outcome, save_outcome


@http_action(OutcomeRequest, answers={200: Saved}, refusals=(UnknownCall,))
def handler(request: Request[OutcomeRequest]) -> Answer:
    asked = request.input
    call = plan_outcome(request.tenant, asked)
    click = (call.call_id, str(asked.result_id), str(asked.child_result_id), asked.note or "")
    return request.once(click, lambda: Answer(200, save_outcome(request.tenant, call, asked)))
