"""The one door to Zoho CRM's REST API.

What a caller can tell by the error's class: Busy, Unreachable, Unanswered and Unintelligible pass by themselves
(nothing was done, or it may be done again); OutcomeUnknown passes too, but what was asked may have happened;
CredentialsRefused needs an administrator; `RecordRefused` stays refused until something in the record or in Zoho's
set-up is changed.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from santral.errors import (
    Busy,
    CredentialsRefused,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unanswered,
    Unintelligible,
)
from santral.http import Answer, Http
from santral.sentences import say
from santral.store.secrets import Secrets
from santral.store.table import Table
from santral.telemetry import count, logger
from santral.zoho.active_users import ActiveUsers
from santral.zoho.layout import Layout, Layouts
from santral.zoho.oauth import SYSTEM, AccessToken, HttpFactory, Tokens
from santral.zoho.objections import Objections

Json = dict[str, Any]

API = "/crm/v8"
DEADLINE_SECONDS = 8.0
_NO_CONTENT = 204
_BAD_REQUEST = 400
_UNAUTHORIZED = 401
_REQUEST_TIMEOUT = 408
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_BUSY = frozenset({"TOO_MANY_REQUESTS", "LIMIT_EXCEEDED"})
_FAILED = frozenset(
    {"INTERNAL_ERROR", "REQUEST_TIMEOUT", "PROCESSING_STOPPED", "ROLLBACK_PERFORMED", "AMBIGUITY_DURING_PROCESSING"}
)
PERMISSIONS = frozenset({"NO_PERMISSION", "PERMISSION_DENIED"})
_WRONG_HOST = b"INVALID_HOST"
_CREDITS_HOLD = timedelta(minutes=10)
_WORD = re.compile(r"[A-Za-z0-9_$]{1,100}")


class RecordRefused(Rejected):
    """Zoho said no for good. Its message and values are left out: they may hold personal data.

    Attributes:
        zoho_code: Zoho's word for it, e.g. MANDATORY_NOT_FOUND.
        field: The api name of the field it is about, when Zoho names one.
        existing_id: The record that is in the way, for DUPLICATE_DATA.
    """

    def __init__(self, zoho_code: str, field: str | None = None, existing_id: str | None = None) -> None:
        what = f"{zoho_code}, {field}" if field else zoho_code
        told = say("Zoho CRM refuses this ({what}). Tell your administrator.", what=what)
        super().__init__(what, system=SYSTEM, sentence=told)
        self.zoho_code = zoho_code
        self.field = field
        self.existing_id = existing_id


class ScopeMissing(CredentialsRefused):
    """The credentials are right, but do not reach this far: only a person can give them more."""


class PermissionMissing(RecordRefused):
    """The CRM user who gave us the authorisation may not do this, whatever the record holds."""

    def __init__(self, zoho_code: str) -> None:
        super().__init__(zoho_code)
        self.sentence = say(
            "The Zoho CRM user who connected us may not do this. Ask your administrator for that user's permission."
        )


class RecordLocked(Busy):
    """This record is busy, e.g. waiting for an approval; Zoho itself is not."""


def _door(base_url: str) -> Http:
    return Http(SYSTEM, base_url)


class Zoho:
    """The tenant's Zoho CRM. Construct it once per container.

    Args:
        secrets: Where the credentials are.
        table: Where token and layouts are shared between containers.
        clock: Returns the present moment.
        http: Makes the door to a base URL; tests put their own network behind it.
        sleep: Waits, while another container refreshes the token.
    """

    def __init__(
        self,
        secrets: Secrets,
        table: Table,
        *,
        clock: Callable[[], datetime],
        http: HttpFactory = _door,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http
        self._doors: dict[str, Http] = {}
        self._tokens = Tokens(secrets, table, clock=clock, http=self._door_to, sleep=sleep)
        self._layouts = Layouts(table, clock=clock, fetch=self._fields)
        self._active_users = ActiveUsers(clock=clock, fetch=self._users)
        self.objections = Objections(table, clock=clock)
        self._clock = clock
        self._credits: tuple[datetime, int] | None = None
        self.clock_ahead: timedelta | None = None
        """How far our clock was ahead of Zoho's when Zoho last told the time; the answer's way here counts in."""
        self._hurried_until: float | None = None

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """Give the requests made inside so many seconds together, for what is worth nothing later.

        A new token, needed about once an hour, is asked for in its own time.
        """
        self._hurried_until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._hurried_until = None

    @property
    def credits_left(self) -> int | None:
        """Return how many API credits the organisation has left, if Zoho told it within the last minutes.

        Zoho tells it only once half of a day's are spent, and credits come back as the day rolls on.
        """
        if self._credits is None or self._credits[0] + _CREDITS_HOLD < self._clock():
            return None
        return self._credits[1]

    def request(
        self, method: str, path: str, *, safe: bool, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Any:
        """Make one request and return its JSON, or None for "no content".

        An answer with results per record or per sub-request is returned whatever its status: each result has to be
        looked at anyway.

        Args:
            method: HTTP verb.
            path: Below `/crm/v8`, e.g. "/Calls".
            safe: True for what may be done twice; then a lost answer is asked for again, once.
            query: Query parameters.
            body: Sent as JSON.

        Raises:
            CredentialsRefused: Token refused twice, or the authorisation lacks a scope.
            RecordRefused: Zoho refuses the request as a whole.
            OutcomeUnknown: Not safe, and it may have happened.
            OutsideFailure: See the module's text.
        """
        token = self._tokens.current()
        answer = self._send(token, method, path, safe=safe, query=query, body=body)
        if _token_refused(answer):
            # A 401 proves that nothing was done, so this holds for what is not safe as well.
            token = self._tokens.current(refused=token)
            answer = self._send(token, method, path, safe=safe, query=query, body=body)
            if _token_refused(answer):
                self._tokens.distrust(token)
                raise _refused_twice(answer)
        return _content(answer, safe=safe)

    def layout(self, module: str, *, fresh: bool = False) -> Layout:
        """Return which fields a module has, read at most once a day unless asked for `fresh`."""
        return self._layouts.of(module, fresh=fresh)

    def described(self, module: str, field: str | None) -> Layout:
        """Return which fields a module has, `field` if there is such a one, their labels and what may fill them."""
        return self._layouts.described(module, field)

    def active_user(self, email: str) -> str | None:
        """Return the id of the active CRM user with an e-mail address, asked for at most every few minutes."""
        return self._active_users.id_of(email)

    def _users(self, page: int) -> Any:
        query = {"type": "ActiveUsers", "page": str(page), "per_page": "200"}
        return self.request("GET", "/users", safe=True, query=query)

    def _fields(self, module: str) -> Any:
        try:
            return self.request("GET", "/settings/fields", safe=True, query={"module": module})
        except (RecordRefused, ScopeMissing) as refusal:
            # Calls are logged all the same: a layout we may only assume is no reason to lose them.
            logger.warning("the layout may not be read", of=module, reason=str(refusal))
            count("crm_layouts_assumed")
            return None

    def _send(
        self, token: AccessToken, method: str, path: str, *, safe: bool, query: Mapping[str, str] | None, body: Any
    ) -> Answer:
        headers = {"Authorization": f"Zoho-oauthtoken {token.value}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = self._door_to(token.api_domain).call(
            method,
            API + path,
            safe=safe,
            query=urlencode(query or {}),
            headers=headers,
            body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            deadline=self._seconds_left(),
        )
        told = answer.headers.get("X-API-CREDITS-REMAINING", "")
        if told.isdecimal():
            self._credits = (self._clock(), int(told))
        self.clock_ahead = _ahead(self._clock(), answer.headers.get("Date", ""))
        return answer

    def _seconds_left(self) -> float:
        if self._hurried_until is None:
            return DEADLINE_SECONDS
        left = self._hurried_until - time.monotonic()
        if left <= 0:
            raise Unanswered("not sent, its time is over", system=SYSTEM)
        return min(left, DEADLINE_SECONDS)

    def _door_to(self, base_url: str) -> Http:
        if base_url not in self._doors:
            self._doors[base_url] = self._http(base_url)
        return self._doors[base_url]


def failure(told: Any, status: int, *, safe: bool) -> OutsideFailure:
    """Return the error for what Zoho told about a request, a record or a sub-request that did not succeed."""
    told = told if isinstance(told, dict) else {}
    code = _word(told.get("code"))
    if code == "OAUTH_SCOPE_MISMATCH":
        return ScopeMissing(
            "OAUTH_SCOPE_MISMATCH",
            system=SYSTEM,
            sentence=say(
                "Our authorisation in Zoho CRM lacks a scope. Ask your administrator to connect Zoho again "
                "with all the scopes the onboarding guide lists."
            ),
        )
    if status == _UNAUTHORIZED:
        return CredentialsRefused(f"{status} {code}", system=SYSTEM)
    if code == "RECORD_LOCKED":
        return RecordLocked(f"{status} {code}", system=SYSTEM)
    if status == _TOO_MANY_REQUESTS or code in _BUSY:
        return Busy(f"{status} {code}", system=SYSTEM)
    if status >= _SERVER_ERROR or status == _REQUEST_TIMEOUT or code is None or code in _FAILED:
        return lost(f"{status} {code or 'without a code'}", safe=safe)
    details = told.get("details")
    details = details if isinstance(details, dict) else {}
    refused = RecordRefused(code, _word(details.get("api_name")), record_id(details))
    return PermissionMissing(code) if code in PERMISSIONS else refused


def lost(reason: str, *, safe: bool) -> OutsideFailure:
    """Return the error for an answer that does not say what became of the request."""
    return (Unintelligible if safe else OutcomeUnknown)(reason, system=SYSTEM)


def record_id(details: Mapping[str, Any]) -> str | None:
    """Return a record's id as text: its 18 digits are more than some JSON readers keep of a number."""
    value = details.get("id")
    return str(value) if isinstance(value, str | int) and str(value).isdecimal() else None


def _content(answer: Answer, *, safe: bool) -> Any:
    if answer.status == _NO_CONTENT:
        return None
    try:
        told = json.loads(answer.body)
    except ValueError:
        raise lost(f"{answer.status} without JSON", safe=safe) from None
    if not isinstance(told, dict):
        raise lost(f"{answer.status} without an object", safe=safe)
    in_parts = any(isinstance(told.get(parts), list) for parts in ("data", "fields", "__composite_requests"))
    if answer.status < _SERVER_ERROR and in_parts:
        return told
    if answer.status >= 400 or told.get("status") == "error":  # noqa: PLR2004 (the first status that refuses)
        raise failure(told, answer.status, safe=safe)
    return told


def _ahead(now: datetime, date: str) -> timedelta | None:
    try:
        return now - parsedate_to_datetime(date)
    except (TypeError, ValueError):
        # None at all, one that cannot be read, or one without a zone.
        return None


def _token_refused(answer: Answer) -> bool:
    if answer.status == _BAD_REQUEST and _WRONG_HOST in answer.body:
        # The organisation has moved to another data centre: the next token's answer names its host.
        return True
    return answer.status == _UNAUTHORIZED and b"OAUTH_SCOPE_MISMATCH" not in answer.body


def _refused_twice(answer: Answer) -> CredentialsRefused:
    if answer.status != _BAD_REQUEST:
        return CredentialsRefused("a new token was refused", system=SYSTEM)
    wrong_host = say(
        "Zoho CRM says this company lives in another data centre. Ask your administrator to connect Zoho again there, "
        "and to set accounts_url and api_domain of that data centre."
    )
    return CredentialsRefused("wrong data centre", system=SYSTEM, sentence=wrong_host)


def _word(value: Any) -> str | None:
    """Let only identifiers through into errors and logs."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None
