"""Taking in a provider's webhook: verify, normalise, and acknowledge only what is safe in the queue."""

from santral.errors import NotAuthentic, NotUnderstood
from santral.providers.ports import Acknowledgement, Webhook, WebhookSource
from santral.providers.registry import PROVIDERS, Ability
from santral.telemetry import count, logger
from santral.tenant import Tenant

_WEBHOOKS = (Ability.CALL_WEBHOOK, Ability.MESSAGE_WEBHOOK, Ability.CAMPAIGN_WEBHOOK)


def take_in(
    tenant: Tenant, provider: str, token: str, webhook: Webhook, *, ability: Ability = Ability.CALL_WEBHOOK
) -> Acknowledgement:
    """Queue what a webhook tells and return the answer its sender expects.

    Anything authentic is kept: what is understood goes to the queue, what is not goes to the quarantine.

    Raises:
        NotAuthentic: The path token is not ours, or a key or signature is readable and wrong.
    """
    source: WebhookSource = tenant.provider(provider, ability)
    if not source.authentic(token) and tenant.secrets.reread(provider):
        source = tenant.provider(provider, ability)
    if not source.authentic(token):
        count("auth_failures")
        raise NotAuthentic(f"wrong path token for {provider}")
    try:
        events = source.events(webhook)
    except NotAuthentic:
        count("auth_failures")
        raise
    except NotUnderstood as error:
        quarantine_id = tenant.quarantine.keep(provider, webhook.body, str(error))
        count("webhooks_quarantined")
        logger.warning("webhook quarantined", quarantine_id=quarantine_id, reason=str(error))
        return source.acknowledgement()
    for event in events:
        tenant.event_queue.send(event)
        count("events_accepted")
    return source.acknowledgement()


def take_in_kept(tenant: Tenant, provider: str, body: bytes) -> int:
    """Queue what a body from the quarantine tells, now that it may be understood; return how many events that was.

    Raises:
        NotUnderstood: It still is not.
        NotAuthentic: The key it carries is not ours (any more).
    """
    source: WebhookSource = tenant.provider(provider, _any_webhook(provider))
    events = source.events_kept(body)
    for event in events:
        tenant.event_queue.send(event)
    return len(events)


def _any_webhook(provider: str) -> Ability:
    """Return one of the provider's webhooks: it tells by the content what a body is about."""
    row = PROVIDERS.get(provider)
    return next((ability for ability in _WEBHOOKS if row and ability in row.abilities), Ability.CALL_WEBHOOK)
