"""GET /announcements: the announcements a campaign can play."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import ProviderRequest
from santral.telephony.campaigns import AnnouncementList, list_announcements


@http_action(ProviderRequest, answers={200: AnnouncementList}, role="admin")
def handler(request: Request[ProviderRequest]) -> Answer:
    return Answer(200, list_announcements(request.tenant, request.input.provider))
