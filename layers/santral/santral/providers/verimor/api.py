"""How requests to Verimor carry the key, and what its answers mean in general."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from santral.errors import Busy, CredentialsRefused, OutcomeUnknown, OutsideFailure, Rejected, Unintelligible
from santral.http import DEADLINE_SECONDS, Answer, Http
from santral.providers import lenient_json
from santral.providers.verimor.notation import PROVIDER
from santral.providers.verimor.results import folded
from santral.sentences import Sentence, say

_OK = range(200, 300)
_REFUSED_REQUEST = range(400, 500)
_UNAUTHORIZED = 401
_FORBIDDEN = 403
# "Gecersiz anahtar: <key>": what follows is our own key.
_BAD_KEY = folded("Geçersiz anahtar")
_NO_SUCH_VALUE = folded("value null or none")
_ERROR = folded("-ERR")
_CONFIRMED = re.compile(r"\+?ok\b", re.IGNORECASE)
_NOT_BOUGHT = say("Verimor refuses this: the company's package lacks the module it needs. Ask your administrator.")
# A limit counts minutes, and no document promises a Retry-After.
_FULL_MINUTE = 60


class Parameters(StrEnum):
    """Where a request carries its parameters, and with them the key, as each document's example shows (M1)."""

    QUERY = ""
    FORM = "application/x-www-form-urlencoded"
    JSON = "application/json"


@dataclass(frozen=True)
class Said:
    """What Verimor said, once that is neither about our key nor a failure of its own."""

    body: bytes
    refused: bool
    safe: bool

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace").strip()

    def unless_refused(self, sentence: Sentence) -> "Said":
        """Return itself, or raise Rejected with this sentence for the person."""
        if self.refused:
            raise Rejected("refused", system=PROVIDER, sentence=sentence)
        return self

    def confirmed(self) -> None:
        """Do nothing when this is `+OK`, `OK` or `Ok`. What says neither yes nor no raises as a lost answer."""
        if not _CONFIRMED.match(self.value()):
            raise lost("neither confirmed nor refused", safe=self.safe)

    def value(self, *names: str) -> str:
        """Return the one value an answer is: plain text, JSON text or number, or in an object under a name (M4)."""
        try:
            told = json.loads(self.text)
        except (ValueError, RecursionError):
            return self.text
        if isinstance(told, dict):
            told = next((told[name] for name in names if name in told), "")
        return str(told).strip() if isinstance(told, str | int) and not isinstance(told, bool) else ""

    def json(self) -> Any:
        """Return the JSON it is. Raises as a lost answer when it is none."""
        try:
            return lenient_json.read(self.body)
        except ValueError as error:
            raise lost(str(error), safe=self.safe) from None


class Api:
    """One company's API: every request carries the key, every answer is judged before anyone reads it."""

    def __init__(self, http: Http, key: SecretStr, *, key_in_query: bool) -> None:
        self._http = http
        self._key = {"key": key.get_secret_value()}
        self._key_in_query = key_in_query

    def ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        safe: bool,
        carried: Parameters = Parameters.QUERY,
        deadline: float = DEADLINE_SECONDS,
    ) -> Said:
        """Make one exchange.

        Raises:
            CredentialsRefused: The key is wrong; its answer, which quotes the key, is not passed on.
            Rejected: The company has not bought what this needs.
            Busy: Too many requests in this minute.
            OutsideFailure: As `Http.call`, and for failures of Verimor's own.
        """
        query, body = self._placed(parameters or {}, carried)
        headers = {"Content-Type": carried.value} if carried.value else {}
        try:
            answer = self._http.call(
                method, path, safe=safe, query=query, headers=headers, body=body, deadline=deadline
            )
        except Busy as busy:
            wait = max(busy.retry_after or 0, _FULL_MINUTE)
            raise Busy("asks us to slow down", system=PROVIDER, retry_after=wait) from None
        return _judged(answer, safe=safe)

    def _placed(self, parameters: Mapping[str, Any], carried: Parameters) -> tuple[str, bytes | None]:
        # Commas as the documents write them: user_list=1000,1001.
        if carried is Parameters.QUERY:
            return urlencode({**self._key, **parameters}, safe=","), None
        query, told = ("", {**self._key, **parameters})
        if self._key_in_query:
            query, told = urlencode(self._key), dict(parameters)
        written = json.dumps(told) if carried is Parameters.JSON else urlencode(told)
        return query, written.encode()


def lost(reason: str, *, safe: bool) -> OutsideFailure:
    """Return the error of an answer that says nothing we can use. What must not be repeated may have happened."""
    return (Unintelligible if safe else OutcomeUnknown)(reason, system=PROVIDER)


def _judged(answer: Answer, *, safe: bool) -> Said:
    said = folded(answer.text[:200])
    if answer.status == _UNAUTHORIZED or said.startswith(_BAD_KEY):
        raise CredentialsRefused(f"answered {answer.status}", system=PROVIDER)
    if answer.status == _FORBIDDEN:
        raise Rejected("answered 403", system=PROVIDER, sentence=_NOT_BOUGHT)
    if answer.status not in _OK and answer.status not in _REFUSED_REQUEST:
        raise lost(f"answered {answer.status}", safe=safe)
    # The queue document prints its refusals without a status.
    refused = answer.status in _REFUSED_REQUEST or said.startswith(_ERROR) or _NO_SUCH_VALUE in said
    return Said(answer.body, refused=refused, safe=safe)
