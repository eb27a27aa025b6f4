"""The accounts host: access tokens for the refresh token of one client, at most ten in ten minutes."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulators.zoho.wire import Answer, Json, RefusedError

LIFETIME = timedelta(hours=1)
WINDOW = timedelta(minutes=10)
MOST_TOKENS_IN_WINDOW = 10
MOST_LIVE_TOKENS = 30
TOO_OFTEN: Json = {
    "error": "Access Denied",
    "error_description": "You have made too many requests continuously. Please try again after some time.",
    "status": "failure",
}


@dataclass(frozen=True)
class Client:
    """What the integrator types into the secret `zoho`, besides the two URLs."""

    client_id: str = "1000.SIMULATEDCLIENT"
    client_secret: str = "simulated-client-secret"
    refresh_token: str = "1000.simulated.refresh"


class Accounts:
    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self.client = client
        self.refresh_token_revoked = False
        self.minted = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._expiry: dict[str, datetime] = {}
        self._window_start: datetime | None = None
        self._minted_in_window = 0

    def token(self, form: dict[str, str], api_domain: str) -> Answer:
        """POST /oauth/v2/token. Refusals come with HTTP 200, except when there were too many."""
        if form.get("grant_type") != "refresh_token":
            return Answer(200, {"error": "unsupported_grant_type"})
        if form.get("client_id") != self.client.client_id:
            return Answer(200, {"error": "invalid_client"})
        if form.get("client_secret") != self.client.client_secret:
            return Answer(200, {"error": "invalid_client_secret"})
        if form.get("refresh_token") != self.client.refresh_token or self.refresh_token_revoked:
            return Answer(200, {"error": "invalid_code"})
        with self._lock:
            if not self._may_mint():
                return Answer(400, TOO_OFTEN)
            return Answer(200, self._minted_token(api_domain))

    def revoke(self, token: str) -> Answer:
        """POST /oauth/v2/token/revoke, for the refresh token or an access token."""
        with self._lock:
            if token == self.client.refresh_token:
                self.refresh_token_revoked = True
                self._expiry.clear()
            elif self._expiry.pop(token, None) is None:
                return Answer(400, {"error": "invalid_token"})
        return Answer(200, {"status": "success"})

    def expire_access_tokens(self) -> None:
        """Let every access token be refused from now on, as Zoho sometimes does before its hour is over."""
        with self._lock:
            self._expiry.clear()

    def check(self, header: str | None) -> None:
        """Refuse a request without a live access token in the one form Zoho takes."""
        if not header:
            raise RefusedError("AUTHENTICATION_FAILURE", "Authentication failed", status=401)
        scheme, _, token = header.partition(" ")
        with self._lock:
            alive = self._expiry.get(token, self._clock()) > self._clock()
        # token_type says Bearer, yet Bearer is refused.
        if scheme != "Zoho-oauthtoken" or not alive:
            raise RefusedError("INVALID_TOKEN", "invalid oauth token", status=401)

    def _may_mint(self) -> bool:
        now = self._clock()
        if self._window_start is None or now >= self._window_start + WINDOW:
            self._window_start, self._minted_in_window = now, 0
        return self._minted_in_window < MOST_TOKENS_IN_WINDOW

    def _minted_token(self, api_domain: str) -> dict[str, Any]:
        token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        self._minted_in_window += 1
        self.minted += 1
        self._expiry[token] = self._clock() + LIFETIME
        if len(self._expiry) > MOST_LIVE_TOKENS:
            del self._expiry[next(iter(self._expiry))]
        seconds = int(LIFETIME.total_seconds())
        return {"access_token": token, "api_domain": api_domain, "token_type": "Bearer", "expires_in": seconds}
