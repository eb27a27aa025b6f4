"""GET /campaigns: the campaigns created here, newest first."""

from santral.api import Answer, Request, http_action
from santral.input import Nothing
from santral.telephony.campaigns import CampaignList, list_campaigns


@http_action(Nothing, answers={200: CampaignList}, role="admin")
def handler(request: Request[Nothing]) -> Answer:
    return Answer(200, list_campaigns(request.tenant))
