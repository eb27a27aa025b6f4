"""Tells the CRM about calls and campaign results the way Verimor does: form fields, empty ones left empty."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import requests

from simulators.notifications import DeliveryPolicy, Notification, Notifier, post
from simulators.timeline import Timeline
from simulators.verimor_exchange import EventType, Leg, VerimorCall
from simulators.verimor_requests import FORM
from simulators.verimor_words import SIP_FAILURES, TALKED, event_stamp

PROBE_TAKES_AT_MOST = 10
Switch = Literal["on", "off"]


@dataclass(frozen=True)
class CrmSettings:
    """Which events go where; the names are those of crm_integrations."""

    ringing: Switch = "on"
    answered: Switch = "on"
    hangup: Switch = "on"
    notification_url: str = ""

    def sends(self, event: EventType) -> bool:
        switches = {"ringing": self.ringing, "answer": self.answered}
        return bool(self.notification_url) and switches.get(event, self.hangup) == "on"


class Webhooks(Notifier):
    def __init__(self, timeline: Timeline, domain_id: str, settings: CrmSettings) -> None:
        super().__init__(timeline, None, DeliveryPolicy())
        self.settings = settings
        self._domain_id = domain_id

    def headers(self, body: bytes) -> dict[str, str]:  # noqa: ARG002 (nothing is signed)
        return {"Content-Type": FORM, "Accept": "*/*"}

    def as_documented(self, status: int, answer: bytes) -> bool:  # noqa: ARG002 (the answer's body counts for nothing)
        return status == 200

    def tell_event(self, call: VerimorCall, event: EventType, leg: Leg | None) -> None:
        if self.settings.sends(event):
            fields = {"event_type": event, "domain_id": self._domain_id, **_event(call, event, leg)}
            body = urlencode(fields).encode()
            self.send(Notification(call.call_uuid, event, body, self.settings.notification_url))

    def tell_result(self, url: str, call_uuid: str, fields: dict[str, str]) -> None:
        self.send(Notification(call_uuid, "campaign_result", urlencode(fields).encode(), url))


def answers_probe(url: str, body: bytes, content_type: str | None = None) -> bool:
    """Whether an address says 200 to what Verimor tries it with."""
    headers = {"Content-Type": content_type} if content_type else {}
    try:
        return post(url, body, headers, timeout=PROBE_TAKES_AT_MOST).status_code == 200
    except requests.RequestException:
        return False


def _event(call: VerimorCall, event: EventType, leg: Leg | None) -> dict[str, str]:
    told = {
        "direction": call.direction,
        "caller_id_number": call.caller_number,
        "outbound_caller_id_number": call.shown_number,
        "destination_number": _destination(call, leg),
        "dialed_user": _dialled_user(call, leg),
        "call_uuid": call.call_uuid,
        "start_stamp": event_stamp(call.started_at),
    }
    if event == "answer":
        told |= {"connected_user": call.connected_user, "answer_stamp": event_stamp(call.answered_at)}
    elif event == "user_hangup" and leg is not None:
        told |= {"end_stamp": event_stamp(leg.ended_at), "hangup_cause": leg.cause or ""}
    elif event == "hangup":
        told |= _hangup(call)
    return told


def _hangup(call: VerimorCall) -> dict[str, str]:
    status, phrase = SIP_FAILURES.get(call.cause, ("", "")) if call.cause else ("", "")
    return {
        "connected_user": call.connected_user,
        "answer_stamp": event_stamp(call.answered_at),
        "end_stamp": event_stamp(call.ended_at),
        "duration": str(call.talk_seconds),
        "recording_present": str(call.recording == "present").lower(),
        "answered": str(call.answered_at is not None).lower(),
        "queue": call.queue,
        "queue_wait_duration": str(call.queue_wait) if call.queue else "",
        "sip_hangup_disposition": call.hung_up_by,
        "hangup_cause": call.cause or "",
        "failure_status": "" if call.cause in TALKED else status,
        "failure_phrase": "" if call.cause in TALKED else phrase,
    }


def _destination(call: VerimorCall, leg: Leg | None) -> str:
    # Of a call that comes in, the document's example names the extension that rings, not the company's number.
    if leg is not None and call.direction == "inbound":
        return leg.number
    return call.destination_number


def _dialled_user(call: VerimorCall, leg: Leg | None) -> str:
    if leg is None:
        return call.dialled_user
    return leg.number if leg.is_user else ""
