"""Each five minutes: hold the ledger against the providers' own call records."""

from santral.jobs import schedule_worker
from santral.telephony.reconcile import reconcile
from santral.tenant import Tenant


@schedule_worker
def handler(tenant: Tenant, seconds: float) -> None:
    reconcile(tenant, seconds)
