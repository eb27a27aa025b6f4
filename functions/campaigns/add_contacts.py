"""POST /campaigns/{campaign_id}/contacts: add contacts to a campaign."""

from santral.api import Answer, Request, http_action
from santral.errors import DestinationNotAllowed
from santral.telephony.campaigns import Added, ContactsRequest, add_contacts, plan_contacts


@http_action(ContactsRequest, answers={200: Added}, role="admin", refusals=(DestinationNotAllowed,))
def handler(request: Request[ContactsRequest]) -> Answer:
    campaign_id = request.input.campaign_id
    contacts = plan_contacts(request.tenant, request.input)
    click = (campaign_id, *(contact.phone for contact in contacts))
    return request.once(click, lambda: Answer(200, add_contacts(request.tenant, campaign_id, contacts)))
