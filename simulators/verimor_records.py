"""Verimor's call records: every value a string, talk times with their odd minutes, Turkish words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulators.verimor_exchange import Leg, VerimorCall
from simulators.verimor_words import RESULT_TEXTS, clock, odd_clock, record_stamp

LONGEST_RANGE = timedelta(days=31)
CODEC = "PCMA"


@dataclass(frozen=True)
class RecordQuery:
    """What is asked of the call records; None leaves a filter out."""

    since: datetime | None
    until: datetime | None
    page: int
    limit: int
    filters: Mapping[str, str]

    def fits(self, call: VerimorCall) -> bool:
        return (
            (self.since is None or call.started_at >= self.since)
            and (self.until is None or call.started_at <= self.until)
            and all(_filterable(call)[name] == value for name, value in self.filters.items())
        )


def record_page(calls: list[VerimorCall], names: Mapping[str, str], query: RecordQuery) -> dict[str, Any]:
    """Ended calls, the newest first."""
    over = [call for call in calls if call.is_over]
    found = sorted((call for call in over if query.fits(call)), key=lambda call: call.started_at, reverse=True)
    start = (query.page - 1) * query.limit
    return {
        "cdrs": [record(call, names, over) for call in found[start : start + query.limit]],
        "pagination": {
            "page": query.page,
            "total_count": len(found),
            "total_pages": math.ceil(len(found) / query.limit),
            "limit": query.limit,
        },
    }


def record(call: VerimorCall, names: Mapping[str, str], calls: list[VerimorCall]) -> dict[str, Any]:
    outgoing = call.direction == "outbound"
    return {
        "start_stamp": record_stamp(call.started_at),
        "direction": _direction(call),
        "caller_id_number": call.caller_number,
        "caller_id_name": names.get(call.caller_number, call.caller_name),
        "destination_number": call.destination_number,
        "destination_name": "" if outgoing else names.get(call.connected_user or call.dialled_user, ""),
        "duration": clock(call.duration),
        "talk_duration": odd_clock(call.talk_seconds),
        "queue_wait_seconds": odd_clock(call.queue_wait),
        "queue": call.queue,
        "result": _result(call),
        "missed": _flag(call.missed),
        "return_uuid": _returned_by(call, calls),
        "recording_present": _recording(call),
        "sip_hangup_disposition": call.hung_up_by,
        "call_uuid": call.call_uuid,
        "answer_stamp": record_stamp(call.answered_at),
        "end_stamp": record_stamp(call.ended_at),
    }


def record_detail(call: VerimorCall, calls: list[VerimorCall]) -> dict[str, Any]:
    return {
        "cdr": {
            "direction": _direction(call),
            "caller_id_number": call.caller_number,
            "destination_number": call.destination_number,
            "result": _result(call),
            "sip_hangup_disposition": call.hung_up_by,
            "missed": _flag(call.missed),
            "return_uuid": _returned_by(call, calls),
            "call_uuid": call.call_uuid,
            "start_stamp": record_stamp(call.started_at),
            "answer_stamp": record_stamp(call.answered_at),
            "end_stamp": record_stamp(call.ended_at),
            "duration": clock(call.duration),
            "talk_duration": odd_clock(call.talk_seconds),
            "recording_present": _recording(call),
        },
        "call_flow": [_flow(leg, is_first=position == 0) for position, leg in enumerate(call.legs)],
    }


def _flow(leg: Leg, *, is_first: bool) -> dict[str, Any]:
    lasted = round((leg.ended_at - leg.started_at).total_seconds()) if leg.ended_at else 0
    return {
        "destination_number": leg.number,
        "start_stamp": record_stamp(leg.started_at),
        "answer_stamp": record_stamp(leg.answered_at),
        "end_stamp": record_stamp(leg.ended_at),
        "duration": odd_clock(lasted),
        "ip_address": "192.0.2.101" if leg.is_user else "",
        "sip_user_agent": "Yealink SIP-T22P 7.73.0.50" if leg.is_user else "",
        "write_codec": CODEC,
        # The document's sample spells the key of the first leg so.
        "read_code" if is_first else "read_codec": CODEC,
        "result": RESULT_TEXTS[leg.cause] if leg.cause else "",
    }


def _filterable(call: VerimorCall) -> dict[str, str]:
    return {
        "direction": call.direction,
        "caller_id_number": call.caller_number,
        "destination_number": call.destination_number,
        "missed": _flag(call.missed),
        "queue": call.queue,
        "recording_present": _recording(call),
    }


def _direction(call: VerimorCall) -> str:
    if call.direction == "internal":
        return "Santral içi"
    if call.direction == "inbound":
        return "Gelen"
    return f"Giden ({call.origin})" if call.origin else "Giden"


def _result(call: VerimorCall) -> str:
    # A text of the record's example which is not in the table of results: the extension pressed busy.
    if call.cause == "CALL_REJECTED" and call.direction != "outbound":
        return "Meşgule atıldı"
    return RESULT_TEXTS[call.cause] if call.cause else ""


def _returned_by(call: VerimorCall, calls: list[VerimorCall]) -> str | None:
    """The answered call that returned a missed one."""
    if not call.missed:
        return None
    returned = (
        other.call_uuid
        for other in calls
        if other.direction == "outbound"
        and other.answered_at
        and other.started_at > call.started_at
        and other.destination_number[-10:] == call.caller_number[-10:]
    )
    return next(returned, None)


def _recording(call: VerimorCall) -> str:
    return "deleted" if call.recording == "deleted" else _flag(call.recording == "present")


def _flag(value: bool) -> str:  # noqa: FBT001 (the value itself)
    return str(value).lower()
