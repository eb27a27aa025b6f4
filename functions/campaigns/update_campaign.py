"""PATCH /campaigns/{campaign_id}: let a campaign dial, or hold it."""

from santral.api import Answer, Request, http_action
from santral.telephony.campaigns import Switched, SwitchRequest, switch_campaign


@http_action(SwitchRequest, answers={200: Switched}, role="admin")
def handler(request: Request[SwitchRequest]) -> Answer:
    return Answer(200, switch_campaign(request.tenant, request.input))
