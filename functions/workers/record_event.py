"""Events queue: fold what was told into the ledger, then into the CRM."""

from santral.calls import CallEvent
from santral.jobs import Message, queue_worker
from santral.telephony.outbox import record
from santral.tenant import Tenant


@queue_worker
def handler(tenant: Tenant, message: Message) -> None:
    record(tenant, CallEvent.model_validate(message))
