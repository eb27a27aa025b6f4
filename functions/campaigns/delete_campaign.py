"""DELETE /campaigns/{campaign_id}: delete a campaign."""

from santral.api import Answer, Request, http_action
from santral.telephony.campaigns import CampaignIdRequest, delete_campaign


@http_action(CampaignIdRequest, answers={204: None}, role="admin")
def handler(request: Request[CampaignIdRequest]) -> Answer:
    delete_campaign(request.tenant, request.input)
    return Answer(204)
