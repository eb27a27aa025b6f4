"""Events queue: fold what was told into the ledger, then, for the whole batch together, into the CRM."""

from santral.calls import CallEvent
from santral.jobs import Message, batch_worker
from santral.telephony.debts import Claim
from santral.telephony.outbox import fold, pay
from santral.tenant import Tenant


@batch_worker(pay)
def handler(tenant: Tenant, message: Message) -> Claim | None:
    return fold(tenant, CallEvent.model_validate(message))
