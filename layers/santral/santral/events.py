"""What can be told to us, by webhooks, call records and live calls. Each kind goes through the one events queue."""

from santral.calls import CallEvent
from santral.campaigns import CampaignResultEvent
from santral.messages import MessageEvent

Event = CallEvent | MessageEvent | CampaignResultEvent
