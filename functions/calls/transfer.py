"""POST /calls/{call_id}/transfer: hand a call to a colleague."""

from santral.api import Answer, Request, http_action
from santral.errors import ExtensionOnOtherCall, UnknownCall
from santral.providers.registry import Ability
from santral.telephony.call_control import Transferred, TransferRequest, find_line, transfer


@http_action(TransferRequest, answers={200: Transferred}, refusals=(UnknownCall, ExtensionOnOtherCall))
def handler(request: Request[TransferRequest]) -> Answer:
    asked = request.input
    line = find_line(
        request.tenant,
        asked.call_id,
        extension=asked.from_extension,
        user=request.user,
        by_extension=Ability.TRANSFER_EXTENSION,
        by_id=Ability.TRANSFER,
    )
    click = (line.call.call_id, asked.to_extension)
    return request.once(click, lambda: Answer(200, transfer(request.tenant, line, asked.to_extension)))
