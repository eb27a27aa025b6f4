"""Each minute: pay what the ledger still owes the CRM and the archive."""

from santral.jobs import schedule_worker
from santral.telephony.backlog import measure_backlog
from santral.telephony.outbox import retry_pending
from santral.tenant import Tenant


@schedule_worker
def handler(tenant: Tenant, seconds: float) -> None:
    # First: a sweep that is cut off shall not hide how much there was to do.
    measure_backlog(tenant)
    retry_pending(tenant, seconds)
