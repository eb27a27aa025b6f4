"""What became of a campaign's contacts: kept below the campaign, and said of the call each attempt was.

An attempt that became a call carries the call's id, so its result is one more event of that call. The setting
`campaign_calls_logged` decides whether such calls go into the CRM; then one that nothing else has told of goes there by
its result, and one that is there already is only marked. An attempt without a call id rang nobody, and owes nothing.
"""

from santral.calls import CallEvent, CallState, Direction
from santral.campaigns import CampaignResultEvent
from santral.forgotten import forgotten
from santral.telemetry import count
from santral.telephony.debts import Claim
from santral.telephony.outbox import fold
from santral.tenant import Tenant


def take(tenant: Tenant, event: CampaignResultEvent) -> Claim | None:
    """Fold a result into its contact and its call; return what the call owes since then.

    Raises:
        Conflict: Others kept writing one of the rows; telling it again does what is left.
    """
    if forgotten(tenant, event.phone, event.told_at):
        count("events_of_erased_calls")
        return None
    tenant.campaigns.tell(event)
    count("campaign_results_folded")
    if event.call_id is None:
        return None
    called = CallEvent(
        call_id=event.call_id,
        provider=event.provider,
        # Its times are the call's own to tell: the moment of the notification is none of them.
        state=CallState.ENDED,
        direction=Direction.OUTBOUND,
        disposition=event.disposition,
        to=event.phone,
        campaign_id=event.campaign_id,
    )
    return fold(tenant, called)
