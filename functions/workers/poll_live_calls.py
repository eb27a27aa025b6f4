"""Each minute: learn which calls go on at a PBX that tells of none by itself."""

from santral.jobs import schedule_worker
from santral.telephony.live_calls import poll_live_calls
from santral.tenant import Tenant


@schedule_worker
def handler(tenant: Tenant, _seconds: float) -> None:
    poll_live_calls(tenant)
