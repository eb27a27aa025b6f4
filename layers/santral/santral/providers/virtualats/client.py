"""VirtualATS's API and webhook."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from santral.calls import CallEvent, Direction, Disposition
from santral.errors import (
    CredentialsRefused,
    FieldError,
    InvalidRequest,
    NoRecording,
    NotAuthentic,
    NotUnderstood,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unintelligible,
)
from santral.http import DEADLINE_SECONDS, Answer, Http
from santral.providers import constant_time, lenient_json
from santral.providers.credentials import BaseUrl, Key, SecretKey
from santral.providers.downloads import audio_size, capped
from santral.providers.ports import (
    Acknowledgement,
    DialOrder,
    Extension,
    HistoryBudget,
    Page,
    RecordingStream,
    Webhook,
)
from santral.providers.virtualats.call_object import ID_PATTERN, PROVIDER, CallObject, Notification, Text, is_reference
from santral.providers.virtualats.signature import HEADER, KeyPair
from santral.sentences import say
from santral.telemetry import count, logger

CALL_PLACED_SECONDS = 22.0
DOWNLOAD_SECONDS = 240.0
HISTORY_LIMIT = 1000
# Nobody waits at a screen for it, and a page is hundreds of rows of a database we know nothing about.
HISTORY_SECONDS = 15.0
ACKNOWLEDGED = '{"result":"success","errors":[]}'

_PROBE = re.compile(rb"\s*(?:\{\s*\}\s*)?")
_OK = range(200, 300)
_REFUSED_CREDENTIALS = frozenset({401, 403})
_REFUSED_REQUEST = frozenset({400, 404, 422})
_NOT_FOUND = 404
_CALL_OVER = frozenset({400, 404, 409, 410, 422})
_DIRECTIONS_ASKED = {Direction.INBOUND: "INBOUND", Direction.OUTBOUND: "OUTBOUND"}
_DISPOSITIONS_ASKED = {
    Disposition.ANSWERED: "ANSWERED",
    Disposition.NO_ANSWER: "NO_ANSWERED",
    Disposition.FAILED: "FAILED",
    Disposition.BUSY: "BUSY",
}
_REFUSAL = say("VirtualATS refused this. Check that the extension exists there and that the number is complete.")
_EXTENSION_STATES = {
    "ONLINE": "available",
    "OFFLINE": "offline",
    "DISCONNECTED": "offline",
    "UNMONITORED": "unknown",
}


M = TypeVar("M", bound=BaseModel)


def _now() -> datetime:
    return datetime.now(UTC)


class Options(BaseModel):
    """What the document leaves open, and a tenant may have to set otherwise."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    sign_query: Literal["empty", "query_string", "values", "first_value"] = "empty"
    require_signature: bool = False


class VirtualAtsCredentials(BaseModel):
    """The secret `virtualats`. `crm_api_key` is ours: VirtualATS sends it with every webhook."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    base_url: BaseUrl = "https://web.vats.az/vats/api"
    public_key: Key
    secret_key: SecretKey
    crm_api_key: SecretKey
    webhook_tokens: tuple[SecretKey, ...] = Field(min_length=1)
    options: Options = Options()


class _Account(BaseModel):
    """A row of `account/list`; `callerId` reads `Mamed <100>`."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore", coerce_numbers_to_str=True)

    number: str = Field(min_length=1, max_length=32)
    caller_id: Text = Field(default="", alias="callerId")
    status: Text = ""

    def extension(self) -> Extension:
        name = self.caller_id.partition("<")[0].strip()
        return Extension(self.number, name, _EXTENSION_STATES.get(self.status.upper(), "unknown"))


class VirtualAts:
    """One company's VirtualATS.

    Args:
        credentials: The tenant's secret.
        http: Replaces the connection in tests.
        clock: What our tokens are made of and received ones are held against.
    """

    Credentials = VirtualAtsCredentials
    encrypted = True  # its address begins with https:// or is refused
    dial_options = frozenset({"fallback_extension", "wait"})
    # The document names no limit of requests; this is one each 25 seconds on average.
    history_budget = HistoryBudget(rows=500, requests=12)

    def __init__(
        self, credentials: VirtualAtsCredentials, *, http: Http | None = None, clock: Callable[[], datetime] = _now
    ) -> None:
        self._keys = KeyPair(credentials.public_key, credentials.secret_key.get_secret_value())
        self._crm_api_key = credentials.crm_api_key.get_secret_value()
        self._tokens = [token.get_secret_value() for token in credentials.webhook_tokens]
        self._options = credentials.options
        self._http = http or Http(PROVIDER, credentials.base_url)
        self._clock = clock

    def check(self) -> None:
        """Read the extensions, the smallest signed answer there is."""
        self.extensions()

    def dial(self, order: DialOrder) -> str:
        """Ring the extension and bridge it to the number; see the port.

        Document, "Asinxron rejimdə zəng etmək" (originate) and "Sinxron rejimdə gedən zənglər" (create). Both dial on
        GET, and an answer we cannot read may be that of a phone that already rings.
        """
        parameters = {"to": order.to.removeprefix("+"), "number": order.extension}
        if order.fallback_extension:
            parameters["defaultNumber"] = order.fallback_extension
        path, deadline = ("/call/create", CALL_PLACED_SECONDS) if order.wait else ("/call/originate", DEADLINE_SECONDS)
        placed = self._ask(path, parameters, safe=False, deadline=deadline)
        call_id = placed.get("value") if isinstance(placed, dict) else None
        if isinstance(call_id, str) and re.fullmatch(ID_PATTERN[1:-1], call_id):
            return call_id
        raise OutcomeUnknown("answered without a usable call id", system=PROVIDER)

    def hang_up(self, provider_id: str) -> None:
        """End a call; see the port. Document, "Zəngi bitirmək".

        The signed part is the id of the path. What an ended call is answered with is not stated: whatever refuses the
        call alone, neither our keys nor our pace, means that it is over.
        """
        if not is_reference(provider_id):
            raise Rejected("not a call's id", system=PROVIDER, sentence=say("VirtualATS does not know this call."))
        headers = {HEADER: self._keys.authentication(provider_id.encode(), self._clock())}
        answer = self._http.call("GET", f"/call/hangup/{provider_id}", safe=True, headers=headers)
        if answer.status not in _CALL_OVER:
            self._refuse_failure(answer.status, safe=True)
        self._verify_answer(answer, safe=True)

    def history(self, *, since: datetime, until: datetime, offset: int, limit: int) -> Page:
        """Return the finished calls of a period, oldest first; see the port."""
        return self.find_calls(since=since, until=until, offset=offset, limit=limit)

    def find_calls(
        self,
        *,
        since: datetime,
        until: datetime,
        offset: int,
        limit: int,
        direction: Direction | None = None,
        disposition: Disposition | None = None,
        newest_first: bool = False,
    ) -> Page:
        """Return finished calls of a period that fit. Document, "Dövr üzrə zəng siyahısının tələb edilməsi".

        A row that is not understood does not hide the others: it is left out, counted as `rows_not_understood`
        and warned of in the log by the fields at fault. A call that still rings is left out too, as it is not finished.

        Args:
            since: First moment of the period, with its offset.
            until: Last moment of the period.
            offset: How many calls to leave out.
            limit: At most 1000.
            direction: Only calls of this one.
            disposition: Only calls that turned out so.
            newest_first: The order by their start.

        Raises:
            InvalidRequest: VirtualATS knows no such direction or disposition; its words are fewer than ours.
        """
        if not 0 < limit <= HISTORY_LIMIT:
            raise ValueError(f"limit must be 1 to {HISTORY_LIMIT}")
        parameters = {
            "from": _written(since),
            "to": _written(until),
            "offset": str(offset),
            "limit": str(limit),
            "order": "desc" if newest_first else "asc",
            **_filters(direction, disposition),
        }
        calls, rows = self._rows("/callRecord/history", parameters, CallObject, deadline=HISTORY_SECONDS)
        return Page([call.event() for call in calls if not call.still_rings], rows)

    def extensions(self) -> list[Extension]:
        """Return all extensions. Document, "Daxili nomrələri və onların statusunu tələb etmək".

        A row that is not understood is left out, logged and counted as `rows_not_understood`.
        """
        accounts, _ = self._rows("/account/list", {}, _Account)
        return [account.extension() for account in accounts]

    @contextmanager
    def recording(self, ref: str) -> Iterator[RecordingStream]:
        """Open a recording; see the port. Document, "Qeydə alınmış danışıqların səs fayllarının əldə edilməsi".

        The signed part is the id of the path. The answer's own signature would cover all of the audio; it is not
        verified, since the audio is passed on before its end is known.
        """
        if not is_reference(ref):
            raise NoRecording("not a recording's id")
        headers = {HEADER: self._keys.authentication(ref.encode(), self._clock())}
        path = f"/storageFile/download/{ref}"
        with self._http.stream(path, headers=headers, deadline=DOWNLOAD_SECONDS) as answer:
            if answer.status == _NOT_FOUND:
                raise NoRecording("the provider has no such file, or not yet")
            self._refuse_failure(answer.status, safe=True)
            size = audio_size(answer.headers, system=PROVIDER)
            yield RecordingStream(capped(answer.chunks, system=PROVIDER), size)

    def download_query(self, ref: str) -> str:
        """Return the query string that opens a recording where no header can be set, as the document allows."""
        return urlencode({HEADER: self._keys.authentication(ref.encode(), self._clock())})

    def authentic(self, token: str) -> bool:
        """Tell whether a path token is one of ours; see the port."""
        return constant_time.is_one_of(token, self._tokens)

    def events(self, webhook: Webhook) -> list[CallEvent]:
        """Return what a webhook tells; see the port. Document, "Zənglərin CRM sistemə inteqrasiyası"."""
        if _PROBE.fullmatch(webhook.body):
            return []
        self._verify_signature(webhook)
        return self.events_kept(webhook.body)

    def events_kept(self, body: bytes) -> list[CallEvent]:
        """Return what a body tells, whenever it came; see the port."""
        try:
            told = lenient_json.read(body)
        except ValueError as error:
            raise NotUnderstood(str(error)) from None
        if not isinstance(told, dict):
            raise NotUnderstood("not an object")
        self._verify_api_key(told.get("apiKey"))
        return [_understood(Notification, told).told()]

    def acknowledgement(self) -> Acknowledgement:
        """Return the document's answer of success, signed like everything VirtualATS and we say to each other."""
        signature = self._keys.authentication(ACKNOWLEDGED.encode(), self._clock())
        return Acknowledgement(ACKNOWLEDGED, {HEADER: signature, "content-type": "application/json"})

    def _verify_signature(self, webhook: Webhook) -> None:
        authentication = webhook.headers.get(HEADER)
        if authentication is None:
            if self._options.require_signature:
                raise NotAuthentic("signature missing")
        elif not self._keys.verify(authentication, webhook.body, self._clock()):
            raise NotAuthentic("signature wrong")

    def _verify_api_key(self, api_key: Any) -> None:
        if not isinstance(api_key, str) or not constant_time.equal(api_key.strip(), self._crm_api_key):
            raise NotAuthentic("apiKey wrong")

    def _rows(
        self,
        path: str,
        parameters: Mapping[str, str],
        model: type[M],
        *,
        deadline: float = DEADLINE_SECONDS,
    ) -> tuple[list[M], int]:
        """Return the rows that are understood, and how many there were."""
        rows = self._ask(path, parameters, safe=True, deadline=deadline)
        if not isinstance(rows, list):
            raise Unintelligible("answered with something else than a list", system=PROVIDER)
        read, faults = [], []
        for row in rows:
            try:
                read.append(_understood(model, row))
            except NotUnderstood as error:
                faults.append(str(error))
        if faults:
            count("rows_not_understood", len(faults))
            logger.warning("rows not understood", rows=len(faults), faults=sorted(set(faults))[:10])
        return read, len(rows)

    def _ask(self, path: str, parameters: Mapping[str, str], *, safe: bool, deadline: float = DEADLINE_SECONDS) -> Any:
        query = urlencode(parameters)
        headers = {HEADER: self._keys.authentication(self._signed_part(parameters, query), self._clock())}
        answer = self._http.call("GET", path, safe=safe, query=query, headers=headers, deadline=deadline)
        self._refuse_failure(answer.status, safe=safe)
        self._verify_answer(answer, safe=safe)
        try:
            return lenient_json.read(answer.body)
        except ValueError as error:
            raise _lost(str(error), safe=safe) from None

    def _signed_part(self, parameters: Mapping[str, str], query: str) -> bytes:
        values = list(parameters.values())
        signed = {
            "empty": "",
            "query_string": query,
            "values": "".join(values),
            "first_value": values[0] if values else "",
        }
        return signed[self._options.sign_query].encode()

    def _refuse_failure(self, status: int, *, safe: bool) -> None:
        if status in _OK:
            return
        if status in _REFUSED_CREDENTIALS:
            raise CredentialsRefused(f"answered {status}", system=PROVIDER)
        if status in _REFUSED_REQUEST:
            raise Rejected(f"answered {status}", system=PROVIDER, sentence=_REFUSAL)
        raise _lost(f"answered {status}", safe=safe)

    def _verify_answer(self, answer: Answer, *, safe: bool) -> None:
        authentication = answer.headers.get(HEADER)
        if authentication is None or self._keys.verify(authentication, answer.body, self._clock()):
            return
        # TLS already says who answers, so by default a disagreement about the signature is only reported.
        count("answer_signature_wrong")
        if self._options.require_signature:
            raise _lost("the answer's signature is wrong", safe=safe)
        logger.warning("the answer's signature is wrong", provider=PROVIDER)


def _understood(model: type[M], told: Any) -> M:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        # Field names only: pydantic's own text would quote the values.
        fields = sorted({str(problem["loc"][0]) if problem["loc"] else "(whole)" for problem in error.errors()})
        raise NotUnderstood("not understood: " + ", ".join(fields)) from None


def _lost(reason: str, *, safe: bool) -> OutsideFailure:
    """An answer that says nothing we can use. After a dial the phone may ring all the same."""
    return (Unintelligible if safe else OutcomeUnknown)(reason, system=PROVIDER)


def _filters(direction: Direction | None, disposition: Disposition | None) -> dict[str, str]:
    asked: list[tuple[str, str | None, Mapping[Any, str]]] = [
        ("direction", direction, _DIRECTIONS_ASKED),
        ("disposition", disposition, _DISPOSITIONS_ASKED),
    ]
    unknown = [(name, words) for name, value, words in asked if value is not None and value not in words]
    if unknown:
        raise InvalidRequest(
            [FieldError(name, say("must be one of {choices}", choices=", ".join(words))) for name, words in unknown]
        )
    return {name: words[value] for name, value, words in asked if value is not None}


def _written(moment: datetime) -> str:
    """`ddMMyyyyHHmmssZ`, e.g. 01012019000000+0300."""
    return moment.strftime("%d%m%Y%H%M%S%z")
