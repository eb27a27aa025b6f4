"""The user who gave us the authorisation."""

from santral.errors import Unintelligible
from santral.zoho.client import Json, Zoho
from santral.zoho.oauth import SYSTEM


def current_user(zoho: Zoho) -> Json:
    """Return the CRM user our token acts as. What has no other owner is theirs."""
    answer = zoho.request("GET", "/users", safe=True, query={"type": "CurrentUser"})
    users = answer.get("users") if isinstance(answer, dict) else None
    if not isinstance(users, list) or not users or not isinstance(users[0], dict):
        raise Unintelligible("no current user", system=SYSTEM)
    return users[0]
