"""An HTTP API of API Gateway, as far as handlers and callers can tell: routes, authorizer, CORS, throttles, payloads.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import binascii
import contextlib
import json
import secrets
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunningError
from dataclasses import replace
from typing import Any

from sandbox.runtime import Answer, Outcome
from sandbox.template import ACCOUNT, REGION, Authorizer, Cors, HttpApi, Route, Throttle
from sandbox.web import Request, Response, message

Invoke = Callable[[str, Mapping[str, Any]], Outcome]
Event = dict[str, Any]

_API_ID = "local"
# API Gateway's own limit is 30 s, and it gives up a little before.
_LONGEST_WAIT = 29.0
_MOST_WAITING = 256
_LARGEST_EVENT = 6 * 1024 * 1024
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_NOT_FORWARDED = {"connection", "cookie", "keep-alive", "transfer-encoding"}


class Gateway:
    """Answers requests by the functions behind the API's routes."""

    def __init__(self, api: HttpApi, invoke: Invoke, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._invoke = invoke
        self._routes = sorted(api.routes, key=_precedence)
        self._buckets = {route: _TokenBucket(route.throttle, clock) for route in api.routes if route.throttle}
        self._decisions = _Decisions(clock)
        self._waiting = ThreadPoolExecutor(_MOST_WAITING, thread_name_prefix="gateway-wait")

    def __call__(self, request: Request) -> Response:
        request_id = secrets.token_urlsafe(12)
        response = self._answer(request, request_id)
        if self._api.cors:
            response = _with_cors(response, request, self._api.cors)
        return replace(response, headers=(*response.headers, ("apigw-requestid", request_id)))

    def _answer(self, request: Request, request_id: str) -> Response:
        if self._api.cors and _is_preflight(request):
            return Response(204)
        found = self._route(request)
        if found is None:
            return message(404, "Not Found")
        route, parameters = found
        bucket = self._buckets.get(route)
        if bucket and not bucket.take():
            return message(429, "Too Many Requests")
        event = _event(request, request_id, route, parameters)
        if route.authorizer:
            refusal = self._authorize(self._api.authorizers[route.authorizer], event)
            if refusal:
                return refusal
        if len(request.body) + len(request.target) > _LARGEST_EVENT:
            return message(413, "Request Entity Too Large")
        return self._integrate(route, _with_body(event, request))

    def _route(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        for route in self._routes:
            if route.method in ("ANY", request.method):
                parameters = _match(route.path, request.path)
                if parameters is not None:
                    return route, parameters
        return None

    def _authorize(self, authorizer: Authorizer, event: Event) -> Response | None:
        """None if the request may go on; then its event says who asks."""
        identity = tuple(_identity(source, event) for source in authorizer.identity_sources)
        if not all(identity):
            return message(401, "Unauthorized")
        decision = self._decisions.get(authorizer, identity)
        if decision is None:
            decision = self._decide(authorizer, identity, event)
            if decision is None:
                return message(500, "Internal Server Error")
            self._decisions.keep(authorizer, identity, decision)
        if not decision["isAuthorized"]:
            return message(403, "Forbidden")
        event["requestContext"]["authorizer"] = {"lambda": decision.get("context")}
        return None

    def _decide(self, authorizer: Authorizer, identity: tuple[str, ...], event: Event) -> dict[str, Any] | None:
        context = event["requestContext"]
        outcome = self._invoke(
            authorizer.function,
            {
                **event,
                "type": "REQUEST",
                "routeArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{_API_ID}/$default/"
                f"{context['http']['method']}{event['rawPath']}",
                "identitySource": list(identity),
            },
        )
        decision = outcome.json() if isinstance(outcome, Answer) else None
        if isinstance(decision, dict) and isinstance(decision.get("isAuthorized"), bool):
            return decision
        return None

    def _integrate(self, route: Route, event: Event) -> Response:
        waiting = self._waiting.submit(self._invoke, route.function, event)
        try:
            outcome = waiting.result(min(route.timeout, _LONGEST_WAIT))
        except StillRunningError:
            return message(503, "Service Unavailable")
        response = _response(outcome.payload) if isinstance(outcome, Answer) else None
        return response or message(500, "Internal Server Error")


class _TokenBucket:
    def __init__(self, throttle: Throttle, clock: Callable[[], float]) -> None:
        self._throttle = throttle
        self._clock = clock
        self._tokens = throttle.burst
        self._filled_at = clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            now = self._clock()
            refill = (now - self._filled_at) * self._throttle.rate
            self._tokens, self._filled_at = min(self._throttle.burst, self._tokens + refill), now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class _Decisions:
    """The authorizers' answers, kept as long as they say; a refusal is kept like a permission."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, tuple[str, ...]], tuple[float, dict[str, Any]]] = {}

    def get(self, authorizer: Authorizer, identity: tuple[str, ...]) -> dict[str, Any] | None:
        good_until, decision = self._kept.get((authorizer.name, identity), (0.0, None))
        return decision if self._clock() < good_until else None

    def keep(self, authorizer: Authorizer, identity: tuple[str, ...], decision: dict[str, Any]) -> None:
        if authorizer.ttl and identity:
            self._kept[authorizer.name, identity] = (self._clock() + authorizer.ttl, decision)


def _precedence(route: Route) -> tuple[Any, ...]:
    """Full matches before variables, variables before greedy ones, $default last; a method before ANY."""
    if route.path == "$default":
        return ([3], route.method)
    ranks = [2 if "+}" in segment else 1 if segment.startswith("{") else 0 for segment in route.path.split("/")]
    return (ranks, route.method == "ANY")


def _match(pattern: str, path: str) -> dict[str, str] | None:
    """The path's variables, decoded, if it is one the pattern means."""
    if pattern == "$default":
        return {}
    expected, actual = pattern.split("/"), path.split("/")
    if expected[-1].endswith("+}") and len(actual) > len(expected):
        actual = [*actual[: len(expected) - 1], "/".join(actual[len(expected) - 1 :])]
    if len(expected) != len(actual):
        return None
    parameters = {}
    for wanted, given in zip(expected, actual, strict=True):
        value = urllib.parse.unquote(given)
        if wanted.startswith("{") and value:
            parameters[wanted.strip("{+}")] = value
        elif wanted != value:
            return None
    return parameters


def _event(request: Request, request_id: str, route: Route, parameters: dict[str, str]) -> Event:
    path, _, query = request.target.partition("?")
    headers = _joined((name.lower(), value) for name, value in request.headers if name.lower() not in _NOT_FORWARDED)
    host = headers.get("host", "")
    now = time.time()
    event: Event = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": urllib.parse.unquote(path),
        "rawQueryString": query,
        "headers": {
            **headers,
            "x-amzn-trace-id": f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]}",
            "x-forwarded-for": request.source_ip,
            "x-forwarded-port": host.partition(":")[2] or "80",
            "x-forwarded-proto": "http",
        },
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": _API_ID,
            # With its port, unlike AWS's, so that links made of it lead here.
            "domainName": host,
            "domainPrefix": _API_ID,
            "http": {
                "method": request.method,
                "path": urllib.parse.unquote(path),
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route.key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies := [
        it.strip() for name, value in request.headers if name.lower() == "cookie" for it in value.split(";")
    ]:
        event["cookies"] = cookies
    if parameters:
        event["pathParameters"] = parameters
    if query_parameters := _joined(urllib.parse.parse_qsl(query, keep_blank_values=True)):
        event["queryStringParameters"] = query_parameters
    return event


def _with_body(event: Event, request: Request) -> Event:
    if not request.body:
        return event
    if event["headers"].get("content-type", "").lower().startswith(_TEXT_TYPES):
        # What is no UTF-8 is no text, whatever it says.
        with contextlib.suppress(UnicodeDecodeError):
            return {**event, "body": request.body.decode()}
    return {**event, "body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _identity(source: str, event: Event) -> str:
    kind, _, name = source.removeprefix("$request.").partition(".")
    if kind == "header":
        return str(event["headers"].get(name.lower(), ""))
    return str(event.get("queryStringParameters", {}).get(name, ""))


def _response(payload: bytes) -> Response | None:
    """The response a handler's answer means; None if it means none."""
    answer = json.loads(payload)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        # Without a status the whole answer is the body.
        content = answer.encode() if isinstance(answer, str) else payload
        return Response(200, content, (("content-type", "application/json"),))
    status, body, headers, cookies = (
        answer["statusCode"],
        answer.get("body") or "",
        answer.get("headers") or {},
        answer.get("cookies") or [],
    )
    well_formed = isinstance(body, str) and isinstance(headers, dict) and isinstance(cookies, list)
    if not well_formed or not str(status).isdecimal() or not 100 <= int(status) <= 599:
        return None
    if any(isinstance(value, dict | list) for value in headers.values()):
        return None
    try:
        content = base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
    except binascii.Error:
        return None
    lowered = {name.lower(): str(value) for name, value in headers.items() if name.lower() != "content-length"}
    lowered.setdefault("content-type", "text/plain; charset=utf-8")
    return Response(int(status), content, (*lowered.items(), *(("set-cookie", str(cookie)) for cookie in cookies)))


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and request.header("access-control-request-method") is not None


def _with_cors(response: Response, request: Request, cors: Cors) -> Response:
    """API Gateway's CORS headers in place of the handler's; none for an origin that is not allowed."""
    headers = [(name, value) for name, value in response.headers if not name.startswith("access-control-")]
    origin = request.header("origin")
    if origin and ("*" in cors.origins or origin in cors.origins):
        headers.append(("access-control-allow-origin", "*" if "*" in cors.origins else origin))
        if cors.credentials:
            headers.append(("access-control-allow-credentials", "true"))
        if cors.exposed_headers:
            headers.append(("access-control-expose-headers", ",".join(cors.exposed_headers)))
        if _is_preflight(request):
            headers += _preflight_answer(cors)
    return replace(response, headers=tuple(headers))


def _preflight_answer(cors: Cors) -> list[tuple[str, str]]:
    answer = [
        ("access-control-allow-methods", ",".join(cors.methods)),
        ("access-control-allow-headers", ",".join(cors.headers)),
    ]
    return answer if cors.max_age is None else [*answer, ("access-control-max-age", str(cors.max_age))]
