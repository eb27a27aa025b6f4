"""DELETE /campaigns/{campaign_id}/contacts/{phone}: remove a contact from a campaign."""

from santral.api import Answer, Request, http_action
from santral.telephony.campaigns import ContactRequest, remove_contact


@http_action(ContactRequest, answers={204: None}, role="admin")
def handler(request: Request[ContactRequest]) -> Answer:
    remove_contact(request.tenant, request.input)
    return Answer(204)
