"""What can be told to us, by webhooks, call records and live calls. Each kind goes through the one events queue."""

from collections.abc import Mapping
from typing import Any

from santral.calls import CallEvent
from santral.campaigns import CampaignResultEvent
from santral.messages import MessageEvent

Event = CallEvent | MessageEvent | CampaignResultEvent
_KINDS: Mapping[str, type[Event]] = {
    "call": CallEvent,
    "message": MessageEvent,
    "campaign_result": CampaignResultEvent,
}


def read_event(content: Mapping[str, Any]) -> Event:
    """Return an event as it was queued. Before there were kinds, all were of calls."""
    return _KINDS[content.get("kind", "call")].model_validate(content)
