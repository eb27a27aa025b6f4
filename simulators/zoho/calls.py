"""The rules Zoho keeps for the Calls module beyond those of its fields."""

import re
from datetime import datetime
from typing import Any

from simulators.zoho.wire import Json, Place

DURATION = re.compile(r"(\d{2,}):([0-5]\d)")
# Zoho names these three as the ones an update may not touch; the type may not change even on a planned call.
FIXED_ONCE_COMPLETED = ("Owner", "Call_Start_Time")


def check_call(call: Json, place: Place, now: datetime) -> None:
    """Hold a call, with all it would have once written, to the rules of the module."""
    if is_completed(call):
        if datetime.fromisoformat(call["Call_Start_Time"]) > now:
            raise place.invalid("Call_Start_Time")
        if call["Call_Type"] != "Missed" and not call.get("Call_Duration"):
            raise place.missing("Call_Duration")
    if call.get("Call_Duration") and not DURATION.fullmatch(call["Call_Duration"]):
        raise place.invalid("Call_Duration")
    if call.get("Outgoing_Call_Status") and call["Call_Type"] != "Outbound":
        raise place.invalid("Outgoing_Call_Status")


def check_call_update(before: Json, after: Json, place: Place) -> None:
    """Refuse what may not change any more; a value sent again unchanged is no change, or no call could be upserted."""
    fixed = ("Call_Type", *FIXED_ONCE_COMPLETED) if is_completed(before) else ("Call_Type",)
    for name in fixed:
        if _identity(before.get(name)) != _identity(after.get(name)):
            raise place.invalid(name)


def is_completed(call: Json) -> bool:
    return call.get("Outgoing_Call_Status") not in ("Scheduled", "Overdue", "Cancelled")


def seconds_of(duration: str | None) -> int | None:
    found = DURATION.fullmatch(duration or "")
    return int(found[1]) * 60 + int(found[2]) if found else None


def _identity(value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("id")
    return value
