"""Recordings queue: bring a call's recording into our bucket."""

from santral.jobs import Message, queue_worker
from santral.telephony.recordings import archive
from santral.tenant import Tenant


@queue_worker
def handler(tenant: Tenant, message: Message) -> None:
    archive(tenant, message["call_id"])
