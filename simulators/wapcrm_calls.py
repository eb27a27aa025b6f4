"""The calls WapCRM's users make, and the results they give them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulators.wapcrm_quirks import Quirks

OUTGOING, INCOMING, MISSED, NOT_REACHED = 1, 2, 3, 4
KINDS = (OUTGOING, INCOMING, MISSED, NOT_REACHED)


@dataclass(frozen=True)
class Result:
    """A result an agent can choose; only those without a parent have results below them."""

    id: int
    name: str
    below: tuple["Result", ...] = ()


RESULTS = (
    Result(23, "Satış", (Result(21, "Satıldı"), Result(49, "Teklif istedi"))),
    Result(30, "Ulaşılamadı", (Result(31, "Meşgul"), Result(32, "Numara yanlış"))),
    Result(40, "Tekrar aranacak"),
)


@dataclass(frozen=True)
class Conversation:
    """A call as the report has it; names of the result as chosen."""

    id: int
    created_at: datetime
    phone: str
    kind: int
    note: str = ""
    list_name: str = ""
    customer: str = ""
    result: str = ""
    child_result: str = ""
    user: str = ""
    guid: str = ""
    ring_seconds: int = 0
    call_seconds: int = 0
    transferred_to: str = ""
    line: str = ""
    queue: str = ""
    line_name: str = ""


def conversation_as_document(call: Conversation, quirks: Quirks) -> dict[str, Any]:
    """The report's row: what is unknown is null."""
    at = call.created_at
    return {
        "id": call.id,
        "createDate": f"{at:%Y-%m-%dT%H:%M:%S}" if quirks.dates == "iso" else f"{at:%d.%m.%Y %H:%M:%S}",
        "phoneNumber": call.phone,
        "note": call.note or None,
        "dataListName": call.list_name or None,
        "customerFullName": call.customer or None,
        "callResultParent": call.result or None,
        "callResultChild": call.child_result or None,
        "userName": call.user or None,
        "conversationResultDirection": call.kind,
        "callGuidId": call.guid or None,
        "ringTime": _duration(call.ring_seconds, quirks),
        "callTime": _duration(call.call_seconds, quirks),
        "transferredCall": bool(call.transferred_to),
        "tuUser": call.transferred_to or None,
        "targetNumber": None,
        "pbxPhoneNumber": call.line or None,
        "pbxQueue": call.queue or None,
        "instanceName": call.line_name or None,
    }


def results_as_document(results: tuple[Result, ...], parent: int = 0) -> list[dict[str, Any]]:
    """The tree of results; one without results below it has null there."""
    return [
        {
            "id": result.id,
            "parentID": parent,
            "name": result.name,
            "childItem": results_as_document(result.below, result.id) if result.below else None,
        }
        for result in results
    ]


def _duration(seconds: int, quirks: Quirks) -> int | str:
    if quirks.durations == "seconds":
        return seconds
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
