"""POST /messages: send one WhatsApp message, text or file."""

from santral.api import Answer, Request, http_action
from santral.errors import DestinationNotAllowed, QuotaExceeded, UnknownUser
from santral.messaging.sending import Accepted, MessageRequest, plan_message, send


@http_action(MessageRequest, answers={202: Accepted}, refusals=(UnknownUser, DestinationNotAllowed, QuotaExceeded))
def handler(request: Request[MessageRequest]) -> Answer:
    sending = plan_message(request.tenant, request.input, user=request.user)

    def deliver() -> Answer:
        message = send(request.tenant, sending)
        return Answer(202, Accepted(message_id=message.message_id, state=message.state))

    return request.once(sending.click, deliver, quotas=sending.quotas)
