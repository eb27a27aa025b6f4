"""Tells the CRM about calls the way VirtualATS does."""

import json
from dataclasses import dataclass

from simulators import notifications
from simulators.notifications import Delivery, Notification, Notifier
from simulators.timeline import Timeline
from simulators.virtualats_exchange import ExchangeCall, State, written_as_document
from simulators.virtualats_signature import HEADER, KeyPair

__all__ = ["Delivery", "DeliveryPolicy", "Notification", "Webhooks"]


@dataclass(frozen=True)
class DeliveryPolicy(notifications.DeliveryPolicy):
    signed: bool = True


class Webhooks(Notifier):
    def __init__(self, timeline: Timeline, keys: KeyPair, crm_api_key: str, crm_url: str | None) -> None:
        self.policy: DeliveryPolicy
        super().__init__(timeline, crm_url, DeliveryPolicy())
        self._keys = keys
        self._crm_api_key = crm_api_key

    def notify(self, call: ExchangeCall, state: State, base_url: str) -> None:
        self.send(Notification(call.call_id, state, self._body(call, state, base_url)))

    def headers(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.policy.signed:
            headers[HEADER] = self._keys.authentication(body, self._timeline.now())
        return headers

    def as_documented(self, status: int, answer: bytes) -> bool:
        try:
            return status == 200 and bool(json.loads(answer) == {"result": "success", "errors": []})
        except ValueError:
            return False

    def _body(self, call: ExchangeCall, state: State, base_url: str) -> bytes:
        event = {"apiKey": self._crm_api_key, **written_as_document(call, base_url), "state": state}
        if event["recordConversation"]:
            # The document's own example has these blanks.
            event["recordConversation"] = f" {event['recordConversation']} "
        return json.dumps(event, ensure_ascii=False).encode()
