"""Lambda authorizer of every route but webhooks and permalinks."""

from typing import Any

from santral.access import decide
from santral.tenant import current


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    role = decide(current(), event["identitySource"])
    return {"isAuthorized": role is not None, "context": {"role": role or "none"}}
