"""POST /campaigns: create a campaign with its contacts."""

from santral.api import Answer, Request, http_action
from santral.errors import DestinationNotAllowed, OutsideCallingHours
from santral.telephony.campaigns import CampaignRequest, Created, create_campaign, plan_campaign


@http_action(
    CampaignRequest,
    answers={201: Created},
    role="admin",
    refusals=(DestinationNotAllowed, OutsideCallingHours),
)
def handler(request: Request[CampaignRequest]) -> Answer:
    plan = plan_campaign(request.tenant, request.input, user=request.user)

    def create() -> Answer:
        return Answer(201, create_campaign(request.tenant, plan, base_url=request.base_url))

    return request.once(plan.click, create)
