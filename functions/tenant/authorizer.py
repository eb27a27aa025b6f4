"""Lambda authorizer of every route but webhooks and permalinks."""

from typing import Any

from santral.access import decide
from santral.telemetry import flush
from santral.tenant import current


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    try:
        role = decide(current(), event["identitySource"])
        return {"isAuthorized": role is not None, "context": {"role": role or "none"}}
    finally:
        flush()
