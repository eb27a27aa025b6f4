"""Events queue: fold what was told into the table, then, for the whole batch of calls together, into the CRM."""

from santral.calls import CallEvent
from santral.events import read_event
from santral.jobs import Message, batch_worker
from santral.messages import MessageEvent
from santral.messaging import arriving
from santral.telephony import campaign_results
from santral.telephony.debts import Claim
from santral.telephony.outbox import fold, pay
from santral.tenant import Tenant


@batch_worker(pay)
def handler(tenant: Tenant, message: Message) -> Claim | None:
    event = read_event(message)
    if isinstance(event, CallEvent):
        return fold(tenant, event)
    if isinstance(event, MessageEvent):
        arriving.take(tenant, event)
        return None
    return campaign_results.take(tenant, event)
