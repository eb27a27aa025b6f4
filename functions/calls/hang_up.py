"""POST /calls/{call_id}/hangup: end a call."""

from santral.api import Answer, Request, http_action
from santral.errors import ExtensionOnOtherCall, UnknownCall
from santral.providers.registry import Ability
from santral.telephony.call_control import Ended, HangUpRequest, find_line, hang_up


@http_action(HangUpRequest, answers={200: Ended}, refusals=(UnknownCall, ExtensionOnOtherCall))
def handler(request: Request[HangUpRequest]) -> Answer:
    line = find_line(
        request.tenant,
        request.input.call_id,
        extension=request.input.extension,
        user=request.user,
        by_extension=Ability.HANG_UP_EXTENSION,
        by_id=Ability.HANG_UP,
    )
    if line.extension is None:
        return Answer(200, hang_up(request.tenant, line))
    return request.once((line.call.call_id,), lambda: Answer(200, hang_up(request.tenant, line)))
