"""Each minute: pay what the ledger still owes the CRM and the archive."""

import time

from santral.jobs import schedule_worker
from santral.messaging.notes import write_due_notes
from santral.telephony.backlog import measure_backlog
from santral.telephony.outbox import retry_pending
from santral.tenant import Tenant


@schedule_worker
def handler(tenant: Tenant, seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    # First: a sweep that is cut off shall not hide how much there was to do.
    measure_backlog(tenant)
    # A long line of calls takes all the time there is, so the few notes go before it.
    write_due_notes(tenant, seconds / 4)
    retry_pending(tenant, ends_at - time.monotonic())
