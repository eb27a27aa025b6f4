"""What providers tell about messages, on its way into the table: a customer wrote, or ours has come further."""

from santral.forgotten import forgotten
from santral.messages import MessageEvent
from santral.telemetry import count
from santral.tenant import Tenant


def take(tenant: Tenant, event: MessageEvent) -> None:
    """Fold an event into its message; telling it again does nothing. A customer's message becomes due for a note.

    Raises:
        Conflict: Others kept writing this message; nothing was folded.
    """
    if forgotten(tenant, event.phone, event.sent_at):
        count("events_of_erased_calls")
        return
    tenant.messages.tell(event)
    count("events_folded")
