"""Each minute: pay what the ledger still owes the CRM and the archive."""

from santral.jobs import schedule_worker
from santral.telephony.outbox import retry_pending
from santral.tenant import Tenant


@schedule_worker
def handler(tenant: Tenant, seconds: float) -> None:
    retry_pending(tenant, seconds)
