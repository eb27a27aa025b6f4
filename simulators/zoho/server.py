"""Zoho CRM and its accounts host on one port: OAuth, the v8 API, its limits, and an observer for tests.

Besides the frame's control plane:
GET   /_control/records/{module}    what the module holds now
GET   /_control/commits             every effect in the CRM, with the number of the request that had it
POST  /_control/reset               the demo's people again, nothing committed, no token, no fault
Its actions are the methods under "What a test or the sandbox may do to it".
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from simulators.frame import CONTROL, ENTRY, Simulator, committed, json_response
from simulators.zoho import composite, coql, demo
from simulators.zoho.layout import MODULES, CallIdField, Layout
from simulators.zoho.limits import Limits
from simulators.zoho.metadata import create_fields, fields_answer, org_answer
from simulators.zoho.oauth import Accounts, Client
from simulators.zoho.records import Records
from simulators.zoho.search import page_of, search
from simulators.zoho.store import Commit, Store
from simulators.zoho.users import Users
from simulators.zoho.wire import Answer, ApiRequest, Json, RefusedError, wrong_method, wrong_url

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

API = "/crm/v8"
ROUTES = Map(
    [
        Rule("/oauth/v2/token", methods=["POST"], endpoint="token"),
        Rule("/oauth/v2/token/revoke", methods=["POST"], endpoint="revoke"),
        Rule(f"{API}/coql", methods=["POST"], endpoint="coql"),
        Rule(f"{API}/__composite_requests", methods=["POST"], endpoint="composite"),
        Rule(f"{API}/settings/fields", methods=["GET"], endpoint="fields"),
        Rule(f"{API}/settings/fields", methods=["POST"], endpoint="create_fields"),
        Rule(f"{API}/users", methods=["GET"], endpoint="users"),
        Rule(f"{API}/users/<user_id>", methods=["GET"], endpoint="user"),
        Rule(f"{API}/org", methods=["GET"], endpoint="org"),
        Rule(f"{API}/<module>", methods=["GET"], endpoint="list_records"),
        Rule(f"{API}/<module>", methods=["POST"], endpoint="insert"),
        Rule(f"{API}/<module>", methods=["PUT"], endpoint="update"),
        Rule(f"{API}/<module>", methods=["DELETE"], endpoint="delete"),
        Rule(f"{API}/<module>/search", methods=["GET"], endpoint="search"),
        Rule(f"{API}/<module>/upsert", methods=["POST"], endpoint="upsert"),
        Rule(f"{API}/<module>/<record_id>", methods=["GET"], endpoint="get"),
        Rule(f"{API}/<module>/<record_id>", methods=["PUT"], endpoint="update_one"),
        Rule(f"{API}/<module>/<record_id>", methods=["DELETE"], endpoint="delete"),
    ],
    merge_slashes=False,
)
ROWS_PER_CREDIT = 10


@dataclass(frozen=True)
class Route:
    kind: str
    arguments: dict[str, Any]


class ZohoCrm(Simulator):
    name: ClassVar[str] = "zoho"
    actions: ClassVar[frozenset[str]] = frozenset(
        {
            "reset",
            "arrange",
            "customise",
            "refuse_rows",
            "expire_access_tokens",
            "revoke_refresh_token",
            "restore_refresh_token",
            "convert_lead",
        }
    )

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        client: Client | None = None,
        layout: Layout | None = None,
        api_domain: str | None = None,
        with_demo_data: bool = True,
    ) -> None:
        super().__init__()
        self.clock = clock
        self.client = client or Client()
        # What the token answer names as api_domain; without one, this simulator's own address.
        self.api_domain = api_domain
        self.layout = layout or Layout()
        self._with_demo_data = with_demo_data
        self.reset()

    # What a test or the sandbox may do to it.

    def reset(self) -> None:
        """Begin anew: only the layout stays as it was set."""
        self.faults.clear()
        self.requests.clear()
        self.index_lag = timedelta(0)
        self.latency = 0.0
        self.users = Users()
        self.accounts = Accounts(self.client, self.clock)
        self.limits = Limits(self.clock)
        self.store = Store(self.layout, self.users, self.clock)
        self._records = Records(self.store)
        if self._with_demo_data:
            demo.fill(self.store)

    def arrange(
        self,
        *,
        index_lag_seconds: float | None = None,
        latency_seconds: float | None = None,
        concurrency: int | None = None,
        credits_per_day: int | None = None,
        call_id_field: CallIdField | None = None,
        calls_can_be_upserted: bool | None = None,
        read_only_user: bool | None = None,
    ) -> None:
        """Turn some knobs, those left out stay as they are."""
        if index_lag_seconds is not None:
            self.index_lag = timedelta(seconds=index_lag_seconds)
        self.latency = self.latency if latency_seconds is None else latency_seconds
        knobs: list[tuple[Limits | Layout, str, Any]] = [
            (self.limits, "concurrency", concurrency),
            (self.limits, "credits_per_day", credits_per_day),
            (self.layout, "call_id_field", call_id_field),
            (self.layout, "calls_can_be_upserted", calls_can_be_upserted),
            (self.layout, "read_only_user", read_only_user),
        ]
        for owner, knob, value in knobs:
            if value is not None:
                setattr(owner, knob, value)

    def customise(self, module: str, **changes: Any) -> None:
        """Let the customer have set a module up anew, see `Layout.customise`."""
        self.layout.customise(module, **changes)

    def refuse_rows(self, module: str, code: str, message: str = "refused on purpose", times: int = 1) -> None:
        self._records.refuse_rows(module, code, message, times)

    def expire_access_tokens(self) -> None:
        self.accounts.expire_access_tokens()

    def revoke_refresh_token(self) -> None:
        self.accounts.revoke(self.client.refresh_token)

    def restore_refresh_token(self) -> None:
        self.accounts.refresh_token_revoked = False

    def convert_lead(self, lead_id: str) -> None:
        self.store.convert(lead_id)

    # What tests and the sandbox's page look at.

    def records(self, module: str) -> list[Json]:
        return self.store.current(module)

    def calls(self) -> list[Json]:
        return self.records("Calls")

    def contacts(self) -> list[Json]:
        return self.records("Contacts")

    def leads(self) -> list[Json]:
        return self.records("Leads")

    def tasks(self) -> list[Json]:
        return self.records("Tasks")

    def notes(self) -> list[Json]:
        return self.records("Notes")

    @property
    def commits(self) -> list[Commit]:
        return list(self.store.commits)

    @property
    def counts(self) -> Counter[str]:
        """How many requests of each kind came in, those met by a fault included."""
        return Counter(kind_of(entry.method, entry.path) for entry in self.requests.all())

    # What the frame asks for.

    def answer(self, request: Request) -> Response:
        number = self._number_of(request)
        before = len(self.store.commits)
        answer = self._answer_to(request, number)
        if any(commit.request == number for commit in self.store.commits[before:]):
            committed(request)
        if answer.body is None:
            nothing = Response(b"", answer.status, answer.headers)
            # What has no content has no type: Zoho's own client takes a text for a file to download.
            nothing.headers.remove("Content-Type")
            return nothing
        response = json_response(answer.body, answer.status)
        response.headers.extend(dict(answer.headers))
        return response

    def state(self) -> Json:
        return {
            "records": {module: len(self.records(module)) for module in MODULES},
            "commits": len(self.store.commits),
            "requests_by_kind": dict(self.counts),
            "access_tokens": self.accounts.minted,
            "most_in_flight": self.limits.most_in_flight,
        }

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        response = self._observed(request) if request.path.startswith(CONTROL) else None
        return (response or super().wsgi_app)(environ, start_response)

    def _observed(self, request: Request) -> Response | None:
        match request.method, request.path.removeprefix(CONTROL).split("/"):
            case "GET", ["records", module] if module in MODULES:
                return json_response(self.records(module))
            case "GET", ["commits"]:
                return json_response([commit.as_json() for commit in self.commits])
            case "POST", ["reset"]:
                self.reset()
                return json_response({"ok": True})
        return None

    def _number_of(self, request: Request) -> int:
        entry = request.environ[ENTRY]
        # Forgotten by a reset meanwhile, it has no number.
        return next((number for number, each in enumerate(self.requests.all(), 1) if each is entry), 0)

    def _answer_to(self, request: Request, number: int) -> Answer:
        try:
            route = _route(request.method, request.path)
            if route.kind == "token":
                return self.accounts.token(request.values.to_dict(), self.api_domain or self.url)
            if route.kind == "revoke":
                return self.accounts.revoke(request.values.get("token", ""))
            self.accounts.check(request.headers.get("Authorization"))
            with self.limits.slot():
                time.sleep(self.latency)
                answer = self._api_answer(request, number)
        except RefusedError as refusal:
            answer = refusal.answer()
        return Answer(answer.status, answer.body, self.limits.headers())

    def _api_answer(self, request: Request, number: int) -> Answer:
        body = None
        if request.method in ("POST", "PUT"):
            body = _json_body(request)
        asked = ApiRequest(request.method, request.path, request.args.to_dict(), body, number)
        self.limits.spend(self._cost(asked))
        return self._dispatch(asked)

    def _cost(self, request: ApiRequest) -> int:
        route = _route(request.method, request.path)
        match route.kind:
            case "insert" | "update" | "upsert":
                rows = request.body.get("data") if isinstance(request.body, dict) else None
                return -(-len(rows) // ROWS_PER_CREDIT) or 1 if isinstance(rows, list) else 1
            case "coql":
                return coql.cost(request.body)
            case "composite":
                return len(composite.parts_of(request.body))
        return 1

    def _dispatch(self, request: ApiRequest) -> Answer:
        try:
            route = _route(request.method, request.path)
            return self._handled(request, route)
        except RefusedError as refusal:
            return refusal.answer()

    def _handled(self, request: ApiRequest, route: Route) -> Answer:
        about_the_organisation: dict[str, Callable[..., Answer]] = {
            "coql": lambda: coql.query(self.store, request.body),
            "composite": lambda: composite.run(request, self._dispatch),
            "fields": lambda: fields_answer(self.layout, request.query.get("module")),
            "create_fields": lambda: create_fields(self.layout, request.query.get("module"), request.body),
            "users": lambda: self.users.listed(request.query.get("type", "AllUsers"), *page_of(request.query)),
            "user": self.users.one,
            "org": org_answer,
        }
        if route.kind in about_the_organisation:
            return about_the_organisation[route.kind](**route.arguments)
        return self._about_records(request, route)

    def _about_records(self, request: ApiRequest, route: Route) -> Answer:
        module = route.arguments["module"]
        if not self.layout.has_module(module):
            details = {"resource_path_index": 0}
            raise RefusedError("INVALID_MODULE", "the module name given seems to be invalid", details)
        if route.kind == "search":
            return search(self.store, module, request.query, self.index_lag)
        operation: Callable[..., Answer] = getattr(self._records, route.kind)
        return operation(request, **route.arguments)


def kind_of(method: str, path: str) -> str:
    """The kind of a request, by which the observer counts: token, search, composite, coql, insert, upsert .."""
    try:
        return _route(method, path).kind
    except RefusedError:
        return "unknown"


def _route(method: str, path: str) -> Route:
    try:
        kind, arguments = ROUTES.bind("zoho").match(path, method)
    except MethodNotAllowed:
        raise wrong_method() from None
    except NotFound:
        raise wrong_url() from None
    return Route(str(kind), dict(arguments))


def _json_body(request: Request) -> Any:
    try:
        return json.loads(request.get_data())
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise RefusedError("INVALID_DATA", "body", {"expected_data_type": "jsonobject"}) from None
