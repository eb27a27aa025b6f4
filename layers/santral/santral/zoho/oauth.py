"""One access token for the whole tenant, shared through the table.

Zoho grants ten access tokens in ten minutes and then locks the client out, so containers must not each ask for their
own. Whoever finds the shared token due takes a lease on its row and asks once; the others go on with the old token
while it lives, or wait for the new one. What the token endpoint refuses is remembered in the row, for all containers.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from santral.errors import Busy, CredentialsRefused, OutcomeUnknown, OutsideFailure, Unanswered, Unintelligible
from santral.http import Http
from santral.sentences import say
from santral.store.secrets import Secrets
from santral.store.table import SINGLE, Table
from santral.telemetry import conceal, count, logger

SECRET = "zoho"  # noqa: S105 (the secret's name)
SYSTEM = "zoho"
_KEY = f"TOKEN#{SECRET}"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ZOHO_HOST = re.compile(r"(?:[a-z0-9-]+\.)?zohoapis\.(?:com|eu|in|com\.au|jp|com\.cn|ca|sa|ae|uk|sg)")
_ASK_SECONDS = 5.0
_LEASE_SECONDS = 8
_WAIT_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
# After a refusal one try a minute for the whole tenant; a lock-out clears only with inactivity.
_PAUSE_AFTER: Mapping[str, int] = {CredentialsRefused.code: 60, Busy.code: 120}
_PAUSE_AFTER_OUTAGE = 5
_SECONDS_OF_LIFE = 3600
_SERVER_ERROR = 500
_REFUSALS = re.compile(r"invalid_\w+|unauthorized_client|unsupported_grant_type")

HttpFactory = Callable[[str], Http]


class Credentials(BaseModel):
    """The secret `zoho`: a client with a refresh token, and the data centre it belongs to."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    refresh_token: SecretStr = Field(min_length=1)
    accounts_url: str
    api_domain: str

    @field_validator("accounts_url", "api_domain")
    @classmethod
    def _encrypted_origin(cls, value: str) -> str:
        origin = value.rstrip("/")
        if not _is_secure_origin(origin):
            raise ValueError("must be https://<host>")
        return origin

    @property
    def fingerprint(self) -> str:
        """Tell these credentials from others without telling them."""
        secrets = (self.client_id, self.refresh_token.get_secret_value(), self.accounts_url)
        return hashlib.sha256("\n".join(secrets).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class AccessToken:
    """A token and where it is good. Times in epoch seconds."""

    value: str = field(repr=False)
    api_domain: str
    fingerprint: str
    refresh_at: int
    dead_at: int


class _Shared(BaseModel):
    """The row all containers share. None of its times is the table's `expires_at`: the row outlives every token."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    version: int = 0
    fingerprint: str = ""
    access_token: str | None = None
    api_domain: str = ""
    refreshed_at: int = 0
    refresh_at: int = 0
    dead_at: int = 0
    leased_until: int = 0
    retry_at: int = 0
    failure: str | None = None
    failure_reason: str = ""

    def having(self, **changes: Any) -> "_Shared":
        return self.model_copy(update=changes)

    def token(self) -> AccessToken | None:
        if self.access_token is None:
            return None
        return AccessToken(self.access_token, self.api_domain, self.fingerprint, self.refresh_at, self.dead_at)


class Tokens:
    """Hands out the tenant's access token.

    Args:
        secrets: Where the credentials are.
        table: Where the token is shared.
        clock: Returns the present moment.
        http: Makes the door to a base URL.
        sleep: Waits, while another container refreshes.
    """

    def __init__(
        self,
        secrets: Secrets,
        table: Table,
        *,
        clock: Callable[[], datetime],
        http: HttpFactory,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._secrets = secrets
        self._table = table
        self._clock = clock
        self._http = http
        self._sleep = sleep
        self._kept: AccessToken | None = None

    def current(self, *, refused: AccessToken | None = None) -> AccessToken:
        """Return a token to use now; a warm container needs neither table nor network for it.

        Args:
            refused: The token Zoho has just refused: any other is taken, this one is replaced.

        Raises:
            CredentialsRefused: The refresh was refused, now or less than a minute ago.
            Busy: Zoho grants no more tokens for now, or another container is still refreshing.
            OutsideFailure: The token endpoint failed.
        """
        credentials = self._secrets.get(SECRET, Credentials)
        kept = self._kept
        if kept and kept != refused and kept.fingerprint == credentials.fingerprint and kept.refresh_at > self._now():
            return kept
        for pause in _WAIT_PAUSES:
            shared = self._read()
            if shared.fingerprint not in ("", credentials.fingerprint):
                # Theirs may be the rotated secret that this container has not read yet, or ours may be.
                self._secrets.drop(SECRET)
                credentials = self._secrets.get(SECRET, Credentials)
            if shared.fingerprint != credentials.fingerprint:
                shared = _Shared(version=shared.version, leased_until=shared.leased_until)
            token = self._shared_token(shared, credentials, refused)
            if token:
                self._keep(token)
                return token
            self._sleep(pause)
        raise Busy("another worker is still refreshing the token", system=SYSTEM, retry_after=5)

    def distrust(self, token: AccessToken) -> None:
        """Note that a fresh token was refused as well: refreshing again at once would only lock us out."""
        self._kept = None
        self._secrets.drop(SECRET)
        shared = self._read()
        if shared.access_token == token.value:
            retry_at = self._now() + _PAUSE_AFTER[CredentialsRefused.code]
            reason = "a new token was refused"
            self._write(
                shared.having(
                    access_token=None, retry_at=retry_at, failure=CredentialsRefused.code, failure_reason=reason
                )
            )

    def _shared_token(
        self, shared: _Shared, credentials: Credentials, refused: AccessToken | None
    ) -> AccessToken | None:
        """Return the shared token or a new one; None when another container is about to have one."""
        now = self._now()
        token = shared.token()
        if token and (token.dead_at <= now or (refused and token.value == refused.value)):
            token = None
        if token and (token.refresh_at > now or shared.leased_until > now or shared.retry_at > now):
            return token
        if shared.retry_at > now:
            raise self._failure(shared)
        if shared.leased_until > now or not self._write(shared.having(leased_until=now + _LEASE_SECONDS)):
            return None
        return self._refreshed(shared.having(version=shared.version + 1), credentials, old=token)

    def _refreshed(self, leased: _Shared, credentials: Credentials, *, old: AccessToken | None) -> AccessToken:
        try:
            token = self._ask(credentials)
        except OutsideFailure as failure:
            pause = failure.retry_after or _PAUSE_AFTER.get(failure.code, _PAUSE_AFTER_OUTAGE)
            logger.warning("zoho token not refreshed", code=failure.code, reason=str(failure), pause=pause)
            count("crm_token_refusals")
            noted = leased.having(
                fingerprint=credentials.fingerprint,
                leased_until=0,
                retry_at=self._now() + pause,
                failure=failure.code,
                failure_reason=str(failure).removeprefix(f"{SYSTEM}: "),
            )
            self._write(noted)
            if isinstance(failure, CredentialsRefused):
                self._secrets.drop(SECRET)
            if old:
                return old
            raise
        count("crm_token_refreshes")
        fresh = _Shared(
            version=leased.version,
            fingerprint=token.fingerprint,
            access_token=token.value,
            api_domain=token.api_domain,
            refreshed_at=self._now(),
            refresh_at=token.refresh_at,
            dead_at=token.dead_at,
        )
        # Should another have taken over an expired lease, its token stands in the row and ours serves this container.
        self._write(fresh)
        return token

    def _ask(self, credentials: Credentials) -> AccessToken:
        form = {
            "grant_type": "refresh_token",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret.get_secret_value(),
            "refresh_token": credentials.refresh_token.get_secret_value(),
        }
        asked_at = self._now()
        try:
            answer = self._http(credentials.accounts_url).call(
                "POST",
                "/oauth/v2/token",
                # Asking twice would count twice against the ten.
                safe=False,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode(form).encode(),
                deadline=_ASK_SECONDS,
            )
        except OutcomeUnknown as error:
            # Whatever became of the token, nothing was done in the CRM.
            raise Unanswered(f"token endpoint: {error}", system=SYSTEM) from None
        told = _json_object(answer.body)
        if answer.status >= _SERVER_ERROR:
            raise Unintelligible(f"token endpoint answered {answer.status}", system=SYSTEM)
        value = told.get("access_token")
        if not isinstance(value, str) or not value:
            raise _refusal(told)
        life = told.get("expires_in")
        seconds = life if isinstance(life, int) and life > 0 else _SECONDS_OF_LIFE
        return AccessToken(
            value=value,
            api_domain=_checked_domain(told.get("api_domain"), credentials),
            fingerprint=credentials.fingerprint,
            refresh_at=asked_at + seconds * 5 // 6,
            dead_at=asked_at + seconds,
        )

    def _failure(self, shared: _Shared) -> OutsideFailure:
        wait = max(1, shared.retry_at - self._now())
        if shared.failure == CredentialsRefused.code:
            # The next try shall find what an administrator has put right in the meantime.
            self._secrets.drop(SECRET)
            return _refused(f"remembered: {shared.failure_reason}", retry_after=wait)
        return Busy(f"remembered: {shared.failure_reason}", system=SYSTEM, retry_after=wait)

    def _keep(self, token: AccessToken) -> None:
        conceal([token.value])
        self._kept = token

    def _read(self) -> _Shared:
        row = self._table.get(_KEY)
        return _Shared.model_validate(row) if row else _Shared()

    def _write(self, shared: _Shared) -> bool:
        row = {"pk": _KEY, "sk": SINGLE, "v": 1, **shared.model_dump(exclude_none=True)}
        return self._table.replace(row) if shared.version else self._table.add(row, now=self._now())

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _refusal(told: Mapping[str, Any]) -> OutsideFailure:
    """Read a refusal, which comes with HTTP 200 or 400 alike and whose description may be in any language."""
    error = told.get("error")
    if isinstance(error, str) and _REFUSALS.fullmatch(error):
        return _refused(f"token endpoint: {error}")
    return Busy("token endpoint grants no token now", system=SYSTEM)


def _refused(reason: str, retry_after: int | None = None) -> CredentialsRefused:
    sentence = say("Zoho CRM no longer accepts our authorisation. Ask your administrator to connect Zoho again.")
    return CredentialsRefused(reason, system=SYSTEM, sentence=sentence, retry_after=retry_after)


def _checked_domain(told: Any, credentials: Credentials) -> str:
    """Return the API's origin; the token's answer says in which data centre the organisation lives."""
    if told is None:
        return credentials.api_domain
    origin = told.rstrip("/") if isinstance(told, str) else ""
    host = urlsplit(origin).hostname or ""
    known = (
        _ZOHO_HOST.fullmatch(host)
        or host == urlsplit(credentials.api_domain).hostname
        # In Lambda, loopback is the runtime's own door: only a simulator's token may lead there.
        or (host in _LOOPBACK and urlsplit(credentials.accounts_url).hostname in _LOOPBACK)
    )
    if not known or not _is_secure_origin(origin):
        raise Unintelligible("token endpoint names an API domain that is not Zoho's", system=SYSTEM)
    return origin


def _is_secure_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        parts.port  # noqa: B018 (reading it raises when it is no number)
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return secure and bool(parts.hostname) and "@" not in parts.netloc and origin == f"{parts.scheme}://{parts.netloc}"


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
