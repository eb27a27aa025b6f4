"""VirtualATS as its document describes it: stateful, and refusing whatever the document does not allow."""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, ClassVar, Literal

from werkzeug.wrappers import Request, Response

from simulators.demo_data import ACCOUNTS, COMPANY_NUMBER, Account
from simulators.frame import ActionRefusedError, Simulator, committed, json_response
from simulators.timeline import RealTime, Timeline
from simulators.virtualats_exchange import (
    CallScript,
    Exchange,
    ExchangeCall,
    NoSuchCallError,
    Outcome,
    State,
    written_as_document,
)
from simulators.virtualats_signature import HEADER, KeyPair
from simulators.virtualats_webhooks import DeliveryPolicy, Webhooks

BASE_PATH = "/vats/api"
SignQuery = Literal["empty", "query_string", "values", "first_value"]
DIRECTIONS = frozenset({"INBOUND", "OUTBOUND"})
DISPOSITIONS = frozenset({"RING", "ANSWERED", "NO_ANSWERED", "FAILED", "BUSY"})
DIALLING_TAKES_AT_MOST = 30


class RefusedError(Exception):
    """The request breaks the document; `reason` is what the plain body says."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class VirtualAts(Simulator):
    name = "virtualats"
    actions: ClassVar[frozenset[str]] = frozenset(
        {"place_inbound_call", "hang_up", "use_script", "use_delivery", "notify_crm_at", "repeat_events"}
    )

    def __init__(
        self,
        *,
        public_key: str = "1234567",
        secret_key: str = "vats-demo-secret",
        crm_api_key: str = "1234567890abcdef",
        crm_url: str | None = None,
        accounts: Iterable[Account] = ACCOUNTS,
        sign_query: SignQuery = "empty",
        timeline: Timeline | None = None,
    ) -> None:
        super().__init__()
        self.accounts = {account.number: account for account in accounts}
        self.keys = KeyPair(public_key, secret_key)
        self.timeline = timeline or RealTime()
        self.webhooks = Webhooks(self.timeline, self.keys, crm_api_key, crm_url)
        self.exchange = Exchange(self.timeline, self._tell_crm)
        self._sign_query = sign_query

    @property
    def api_url(self) -> str:
        """What a tenant's `base_url` is set to."""
        return self.url + BASE_PATH

    # What happens outside the API; the control plane offers these too.

    def place_inbound_call(
        self,
        *,
        source: str = "994557967473",
        destination: str = COMPANY_NUMBER,
        extension: str = "101",
        outcome: Outcome = "ANSWERED",
        caller_name: str = "",
        ring_seconds: float | None = None,
        talk_seconds: float | None = None,
    ) -> str:
        """A customer calls in; the call's id."""
        if extension not in self.accounts:
            raise ActionRefusedError(f"no account {extension}")
        timing = {"ring_seconds": ring_seconds, "talk_seconds": talk_seconds}
        given: dict[str, Any] = {name: seconds for name, seconds in timing.items() if seconds is not None}
        script = replace(self.exchange.script, outcome=outcome, **given)
        call = ExchangeCall("INBOUND", source, destination, caller_name, extension, script, self.timeline.now())
        self.exchange.place(call)
        return call.call_id

    def hang_up(self, call_id: str) -> None:
        """One of the two on the line hangs up."""
        try:
            self.exchange.hang_up(call_id)
        except NoSuchCallError:
            raise ActionRefusedError(f"no call {call_id} is going on") from None

    def use_script(self, script: CallScript) -> None:
        self.exchange.script = script

    def use_delivery(self, policy: DeliveryPolicy) -> None:
        self.webhooks.policy = policy

    def notify_crm_at(self, crm_url: str | None) -> None:
        self.webhooks.crm_url = crm_url

    def repeat_events(self, call_id: str, state: State | None = None) -> int:
        return self.webhooks.repeat(call_id, state)

    @property
    def busy(self) -> bool:
        return self.webhooks.busy

    def state(self) -> dict[str, Any]:
        return {
            "accounts": self._account_list(),
            "calls": [
                {**written_as_document(call, self.api_url), "state": call.state} for call in self.exchange.calls()
            ],
            "deliveries": [asdict(delivery) for delivery in self.webhooks.log],
            "script": asdict(self.exchange.script),
        }

    def close(self) -> None:
        super().close()
        self.timeline.stop()

    def _tell_crm(self, call: ExchangeCall, state: State) -> None:
        self.webhooks.notify(call, state, self.api_url)

    # The API.

    def answer(self, request: Request) -> Response:
        try:
            return self._signed(self._route(request))
        except RefusedError as refusal:
            headers = {"Allow": "GET"} if refusal.status == 405 else None
            return Response(refusal.reason, refusal.status, headers, content_type="text/plain; charset=utf-8")

    def _route(self, request: Request) -> Response:
        match request.path.removeprefix(BASE_PATH).split("/"):
            case _ if not request.path.startswith(f"{BASE_PATH}/"):
                raise RefusedError(404, "Not Found")
            case ["", "callRecord", "history"]:
                return self._on_query(request, self._history)
            case ["", "account", "list"]:
                return self._on_query(request, self._list_accounts)
            case ["", "call", "originate"]:
                return self._on_query(request, self._originate)
            case ["", "call", "create"]:
                return self._on_query(request, self._create)
            case ["", "call", "hangup", call_id]:
                return self._end_call(request, call_id)
            case ["", "storageFile", "download", recording_id]:
                return self._download(request, recording_id)
            case _:
                raise RefusedError(404, "Not Found")

    def _on_query(self, request: Request, endpoint: Callable[[Request], Response]) -> Response:
        _only_get(request)
        self._authenticate(request.headers.get(HEADER), self._signed_query(request))
        return endpoint(request)

    def _signed_query(self, request: Request) -> bytes:
        match self._sign_query:
            case "empty":
                return b""
            case "query_string":
                return request.query_string
            case "values":
                return "".join(value for _, value in request.args.items(multi=True)).encode()
            case "first_value":
                return next(iter(request.args.values()), "").encode()

    def _authenticate(self, authentication: str | None, body: bytes) -> None:
        if authentication is None or not self.keys.accepts(authentication, body, self.timeline.now()):
            raise RefusedError(401, "Unauthorized")

    def _signed(self, answer: Response) -> Response:
        answer.headers[HEADER] = self.keys.authentication(answer.get_data(), self.timeline.now())
        return answer

    def _history(self, request: Request) -> Response:
        asked = _parameters(request, "from", "to", "offset", "limit", "order", "direction", "disposition")
        since, until = _moment(asked.get("from")), _moment(asked.get("to"))
        offset = _count(asked.get("offset", "0"), 0, None)
        limit = _count(asked.get("limit", "50"), 1, 1000)
        newest_first = _one_of(asked.get("order", "asc"), {"asc", "desc"}) == "desc"
        directions = {_one_of(asked["direction"], DIRECTIONS)} if "direction" in asked else DIRECTIONS
        dispositions = {_one_of(asked["disposition"], DISPOSITIONS)} if "disposition" in asked else DISPOSITIONS
        calls = [
            call
            for call in self.exchange.ended_calls()
            if (since is None or since <= call.started_at)
            and (until is None or call.started_at <= until)
            and call.direction in directions
            and call.disposition in dispositions
        ]
        calls.sort(key=lambda call: call.started_at, reverse=newest_first)
        return json_response([written_as_document(call, self.api_url) for call in calls[offset : offset + limit]])

    def _list_accounts(self, request: Request) -> Response:
        _parameters(request)
        return json_response(self._account_list())

    def _account_list(self) -> list[dict[str, str]]:
        return [
            {"number": account.number, "callerId": f"{account.name}  <{account.number}>", "status": account.status}
            for account in self.accounts.values()
        ]

    def _originate(self, request: Request) -> Response:
        return json_response({"value": self._dial(request).call_id})

    def _create(self, request: Request) -> Response:
        call = self._dial(request)
        self.timeline.wait_for(call.dialled, DIALLING_TAKES_AT_MOST)
        return json_response({"value": call.call_id})

    def _dial(self, request: Request) -> ExchangeCall:
        asked = _parameters(request, "to", "number", "defaultNumber")
        to = asked.get("to", "")
        if not re.fullmatch(r"[0-9]{3,15}", to):
            raise RefusedError(400, "to")
        if "number" not in asked:
            raise RefusedError(400, "number")
        extension = next(
            (asked[name] for name in ("number", "defaultNumber") if asked.get(name) in self.accounts), None
        )
        if extension is None:
            raise RefusedError(400, "number")
        committed(request)
        caller = self.accounts[extension]
        call = ExchangeCall(
            "OUTBOUND", extension, to, caller.name, extension, self.exchange.script, self.timeline.now()
        )
        self.exchange.place(call)
        return call

    def _end_call(self, request: Request, call_id: str) -> Response:
        _only_get(request)
        self._authenticate(request.headers.get(HEADER), call_id.encode())
        _parameters(request)
        if not re.fullmatch(r"[0-9a-f]{32}", call_id):
            raise RefusedError(400, "callId")
        try:
            self.exchange.hang_up(call_id)
        except NoSuchCallError:
            raise RefusedError(404, "no such call") from None
        committed(request)
        return Response(b"", 200, content_type="application/json")

    def _download(self, request: Request, recording_id: str) -> Response:
        _only_get(request)
        # The header counts first, even where it is wrong and the parameter would be right.
        self._authenticate(request.headers.get(HEADER, request.args.get(HEADER)), recording_id.encode())
        _parameters(request, HEADER)
        audio = self.exchange.audio(recording_id)
        if audio is None:
            raise RefusedError(404, "Not Found")
        return Response(audio, 200, content_type="audio/x-wav")


def _only_get(request: Request) -> None:
    if request.method != "GET":
        raise RefusedError(405, "Method Not Allowed")


def _parameters(request: Request, *known: str) -> dict[str, str]:
    asked: dict[str, str] = {}
    for name, value in request.args.items(multi=True):
        if name not in known or name in asked:
            raise RefusedError(400, name)
        asked[name] = value
    return asked


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    # A plus sent bare arrives as a blank and is refused here, as it must be sent as %2B.
    if not re.fullmatch(r"[0-9]{14}[+-][0-9]{4}", text):
        raise RefusedError(400, "ddMMyyyyHHmmssZ")
    try:
        return datetime.strptime(text, "%d%m%Y%H%M%S%z")
    except ValueError:
        raise RefusedError(400, "ddMMyyyyHHmmssZ") from None


def _count(text: str, least: int, most: int | None) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least or (most is not None and int(text) > most):
        raise RefusedError(400, "offset or limit")
    return int(text)


def _one_of(text: str, known: Iterable[str]) -> str:
    if text not in known:
        raise RefusedError(400, text)
    return text
