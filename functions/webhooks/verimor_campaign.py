"""POST /webhooks/verimor/campaigns/{token}: what became of a campaign's contact."""

from santral.api import Answer, WebhookRequest, webhook_action
from santral.providers.ports import Webhook
from santral.providers.registry import Ability
from santral.telephony.intake import take_in


@webhook_action
def handler(request: WebhookRequest) -> Answer:
    webhook = Webhook(request.headers, request.body)
    safe = take_in(request.tenant, "verimor", request.token, webhook, ability=Ability.CAMPAIGN_WEBHOOK)
    return Answer(200, safe.body, safe.headers)
