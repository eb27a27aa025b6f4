"""POST /webhooks/virtualats/{token}: what VirtualATS tells about a call."""

from santral.api import Answer, WebhookRequest, webhook_action
from santral.providers.ports import Webhook
from santral.telephony.intake import take_in


@webhook_action
def handler(request: WebhookRequest) -> Answer:
    safe = take_in(request.tenant, "virtualats", request.token, Webhook(request.headers, request.body))
    return Answer(200, safe.body, safe.headers)
