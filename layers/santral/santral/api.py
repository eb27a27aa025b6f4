"""What every HTTP action shares: reading the request, refusing what is wrong with it, idempotency, errors as answers.

An action is a function from `Request` to `Answer`. Its input is one pydantic model, filled from the path, the query
string and the JSON body; each field that is wrong is named in the refusal.
"""

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from santral.errors import (
    CredentialsRefused,
    FieldError,
    InProgress,
    InvalidRequest,
    MalformedRequest,
    NotAllowed,
    OutcomeUnknown,
    RequestTooLarge,
    SantralError,
    UnsupportedMediaType,
)
from santral.input import Input
from santral.sentences import Language, asked_language, dumps, language_of, loads, say, told
from santral.store.intents import Held, Intent, IntentState
from santral.store.quotas import Quota
from santral.telemetry import count, flush, logger
from santral.tenant import Tenant, current
from santral.validation import field_errors

Event = dict[str, Any]
Response = dict[str, Any]
_BODY_LIMIT = 256 * 1024
_KEY_LIMIT = 255
_ADDRESS_LIMIT = 254
_KEYED_SECONDS = 24 * 3600
_CLICK_SECONDS = 15
_WAIT_SECONDS = 2.0
_LOOK_SECONDS = 0.2
_PROBLEM = 400
_SERVER_ERROR = 500


I = TypeVar("I", bound=Input)  # noqa: E741 (an input)


@dataclass(frozen=True)
class Answer:
    """What an action answers: a status, a JSON body (None for an empty one, a mapping for a problem) and headers."""

    status: int
    body: BaseModel | Mapping[str, Any] | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request(Generic[I]):
    """A request that was read and found right.

    `user` is the acting CRM user's e-mail, a claim; `base_url` is where this API is reached from outside,
    its own domain where it has one; `accept_language` the header of that name, which is empty when there is none.
    """

    input: I
    tenant: Tenant
    route: str
    role: str
    user: str | None
    idempotency_key: str | None
    base_url: str
    accept_language: str

    @property
    def language(self) -> Language:
        """The language to tell sentences in. Reading the acting user's is a request of its own, so ask once."""
        return _language(self.tenant, self.accept_language, self.user)

    def once(self, click: tuple[str, ...], effect: Callable[[], Answer], *, quotas: Sequence[Quota] = ()) -> Answer:
        """Carry out an effect at most once, and give its answer to whoever asks for the same again.

        Args:
            click: What a person would call the same click, e.g. extension and number. It is the key, for 15 s, of a
                request without an idempotency key.
            effect: Does it. Once it has begun its key is not freed before it expires, whatever happens.
            quotas: What it counts against, once however often it is asked for.

        Raises:
            IdempotencyMismatch: The key was used for another request.
            InProgress: The first request is still being carried out.
            QuotaExceeded: It would be more than a quota allows.
        """
        intent = self._intent(click)
        intents = self.tenant.intents
        held = intents.begin(intent, quotas)
        if not held.ours:
            return self._answer_of_other(intent, held)
        state, answer = IntentState.UNKNOWN, _problem(OutcomeUnknown("cut off"))
        try:
            answer = effect()
            state = IntentState.DONE
        except SantralError as error:
            _note(error, self.tenant)
            answer = _problem(error)
            state = IntentState.UNKNOWN if isinstance(error, OutcomeUnknown) else IntentState.DONE
        finally:
            intents.finish(intent, held, state, status=answer.status, body=_text(answer.body))
        return answer

    def _intent(self, click: tuple[str, ...]) -> Intent:
        if self.idempotency_key is None:
            key = _digest(self.route, *click)
            return Intent(self.route, key, key, _CLICK_SECONDS)
        request = _digest(self.route, self.user or "", self.input.model_dump_json())
        return Intent(self.route, _digest(self.idempotency_key), request, _KEYED_SECONDS)

    def _answer_of_other(self, intent: Intent, held: Held) -> Answer:
        give_up_at = time.monotonic() + _WAIT_SECONDS
        while held.state is IntentState.OPEN and time.monotonic() < give_up_at:
            time.sleep(_LOOK_SECONDS)
            held = self.tenant.intents.look(intent)
        if held.state is IntentState.OPEN:
            raise InProgress("first request still open", retry_after=2)
        if not held.status:
            raise OutcomeUnknown("first request was cut off")
        body = loads(held.body) if held.status >= _PROBLEM else held.body
        return Answer(held.status, body, _content_type(held.status))


@dataclass(frozen=True)
class HttpAction(Generic[I]):
    """A Lambda handler that carries out an action. Its fields say what the API's description is made of."""

    action: Callable[[Request[I]], Answer]
    input: type[I]
    role: str
    answers: Mapping[int, type[BaseModel] | None]
    refusals: tuple[type[SantralError], ...]

    def __call__(self, event: Event, context: Any) -> Response:
        if "warm_up" in event:  # docs/egress.md: to be here is all that is asked; no request of the API looks so
            return {"statusCode": 204}
        return _answered(event, context, lambda: self.action(_request(event, self.input, self.role)))


def http_action(
    model: type[I],
    *,
    answers: Mapping[int, type[BaseModel] | None],
    refusals: tuple[type[SantralError], ...] = (),
    role: str = "agent",
) -> Callable[[Callable[[Request[I]], Answer]], HttpAction[I]]:
    """Make a Lambda handler of an action.

    Args:
        model: The action's input.
        answers: What it answers when all goes well, by status; None for no body.
        refusals: What it refuses beside what every action does.
        role: "agent" lets agents and administrators in, "admin" only administrators, "public" everyone.
    """
    return lambda action: HttpAction(action, model, role, answers, refusals)


@dataclass(frozen=True)
class WebhookRequest:
    """A webhook as it arrived: the path token, header names in lower case, the body's very bytes."""

    tenant: Tenant
    token: str
    headers: Mapping[str, str]
    body: bytes


def webhook_action(action: Callable[[WebhookRequest], Answer]) -> Callable[[Event, Any], Response]:
    """Make a Lambda handler of a webhook. Nothing is refused here: what a body means is the provider's knowledge."""

    def handler(event: Event, context: Any) -> Response:
        return _answered(event, context, lambda: action(_webhook_request(event)))

    return handler


def _answered(event: Event, context: Any, work: Callable[[], Answer]) -> Response:
    request_id = event.get("requestContext", {}).get("requestId", "")
    logger.append_keys(request_id=request_id, route=event.get("routeKey"), function=context.function_name)
    try:
        answer = work()
    except SantralError as error:
        _note(error, current())
        answer = _problem(error)
    except Exception:  # noqa: BLE001 (the last place before the gateway's own answer; it is logged with its traceback)
        logger.exception("request failed unexpectedly")
        count("unexpected_errors")
        answer = _problem(SantralError())
    finally:
        flush()
    headers = {**_content_type(answer.status), **answer.headers}
    if not isinstance(answer.body, Mapping):
        return {"statusCode": answer.status, "headers": headers, "body": _text(answer.body)}
    language = _language_of(event)
    problem = {**told(answer.body, language), "request_id": request_id}
    headers["content-language"] = language
    return {"statusCode": answer.status, "headers": headers, "body": _text(problem)}


def _language_of(event: Event) -> Language:
    headers = event.get("headers") or {}
    # Who was not let in is not believed to be anybody.
    user = headers.get("x-crm-user") if event["requestContext"].get("authorizer") else None
    return _language(current(), headers.get("accept-language", ""), user)


def _language(tenant: Tenant, accept_language: str, user: str | None) -> Language:
    """Return the language asked for, else the acting user's, else the tenant's."""
    asked = asked_language(accept_language)
    if asked or not user:
        return asked or tenant.settings.language
    try:
        known = tenant.directory.user(user)
    except Exception:  # noqa: BLE001 (whatever keeps the row from being read, the person is told what they asked about)
        logger.exception("language of the acting user not read")
        known = None
    return language_of(known.language if known else None) or tenant.settings.language


def _request(event: Event, model: type[I], role: str) -> Request[I]:
    context = event["requestContext"]
    granted = (context.get("authorizer") or {}).get("lambda", {}).get("role", "public")
    if role != "public" and granted not in ("admin", role):
        raise NotAllowed(f"{granted} on a route for {role}")
    headers = event.get("headers") or {}
    # The path is read last: what a body or query says under the same name cannot replace it.
    fields = {**(event.get("queryStringParameters") or {}), **_json_body(event), **(event.get("pathParameters") or {})}
    tenant = current()
    return Request(
        input=_validated(model, fields),
        tenant=tenant,
        route=event["routeKey"],
        role=granted,
        user=_acting_user(headers),
        idempotency_key=_idempotency_key(headers),
        base_url=tenant.settings.public_url or f"{headers.get('x-forwarded-proto', 'https')}://{context['domainName']}",
        accept_language=headers.get("accept-language", ""),
    )


def _acting_user(headers: Mapping[str, str]) -> str | None:
    user = headers.get("x-crm-user", "").strip().lower()
    if len(user) > _ADDRESS_LIMIT:
        raise InvalidRequest([FieldError("X-Crm-User", say("is longer than an e-mail address can be"))])
    return user or None


def _idempotency_key(headers: Mapping[str, str]) -> str | None:
    key = headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _KEY_LIMIT:
        raise InvalidRequest(
            [FieldError("Idempotency-Key", say("has to be 1 to {most} characters long", most=_KEY_LIMIT))]
        )
    return key


def _json_body(event: Event) -> dict[str, Any]:
    raw = _raw_body(event)
    if not raw:
        return {}
    if len(raw) > _BODY_LIMIT:
        raise RequestTooLarge(f"{len(raw)} bytes")
    media_type, _, parameters = (event.get("headers") or {}).get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    if media_type.strip() != "application/json" or charset not in ("", "utf-8"):
        raise UnsupportedMediaType("not application/json in UTF-8")
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_repetition, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest(f"not JSON ({type(error).__name__})") from error
    if not isinstance(body, dict):
        raise MalformedRequest("not a JSON object")
    return body


def _raw_body(event: Event) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", errors="surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedRequest("body is not the base64 it claims to be") from error


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name occurs twice")
    return fields


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _validated(model: type[I], fields: Mapping[str, Any]) -> I:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise InvalidRequest(field_errors(error)) from None


def _webhook_request(event: Event) -> WebhookRequest:
    return WebhookRequest(
        tenant=current(),
        token=(event.get("pathParameters") or {}).get("token", ""),
        headers=event.get("headers") or {},
        body=_raw_body(event),
    )


def _note(error: SantralError, tenant: Tenant) -> None:
    if isinstance(error, CredentialsRefused):
        # The secret may just have been rotated: the next request reads it again.
        tenant.secrets.drop(error.system)
    log = logger.error if error.status >= _SERVER_ERROR else logger.warning
    log("request not carried out", code=error.code, reason=str(error))


def _problem(error: SantralError) -> Answer:
    problem: dict[str, Any] = {
        "type": f"urn:santral:problem:{error.code}",
        "title": error.code.replace("_", " "),
        "status": error.status,
        "detail": error.sentence,
        "code": error.code,
    }
    if isinstance(error, InvalidRequest):
        problem["errors"] = [{"field": wrong.field, "message": wrong.message} for wrong in error.errors]
    headers = {"content-type": "application/problem+json"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    return Answer(error.status, problem, headers)


def _content_type(status: int) -> dict[str, str]:
    kind = "application/json" if status < _PROBLEM else "application/problem+json"
    return {"content-type": kind, "cache-control": "no-store"}


def _text(body: BaseModel | Mapping[str, Any] | str | None) -> str:
    if body is None:
        return ""
    if isinstance(body, str):
        return body
    if isinstance(body, BaseModel):
        return body.model_dump_json(by_alias=True)
    return dumps(body)


def _digest(*parts: str) -> str:
    # A separator that no part can hold keeps ("ab", "c") and ("a", "bc") apart.
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]
