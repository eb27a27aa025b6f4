"""POST /calls/{call_id}/mute: let the customer hear the agent, or not."""

from santral.api import Answer, Request, http_action
from santral.errors import UnknownCall
from santral.telephony.call_control import Muted, MuteRequest, mute


@http_action(MuteRequest, answers={200: Muted}, refusals=(UnknownCall,))
def handler(request: Request[MuteRequest]) -> Answer:
    return Answer(200, mute(request.tenant, request.input))
