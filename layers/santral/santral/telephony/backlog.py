"""How much is owed, as metrics: what waits unseen is the first sign that something is wrong."""

from santral.telemetry import gauge
from santral.tenant import Tenant


def measure_backlog(tenant: Tenant) -> None:
    """Write how many calls something is owed for, and how long the CRM has waited for its oldest."""
    backlog = tenant.calls.backlog()
    gauge("calls_pending", backlog.calls)
    waited = 0 if backlog.waiting_since is None else max(0, int(tenant.clock().timestamp()) - backlog.waiting_since)
    gauge("oldest_pending_seconds", waited, "Seconds")
