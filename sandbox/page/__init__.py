"""A small Zoho CRM at / and /page/..: the files of this folder, and what Zoho's own servers would do for them.

GET   /page/sandbox.json                    who may act, the tokens, which outside systems are simulated
GET   /page/crm/{module}                    what the simulated CRM holds, as Zoho's own pages see it
POST  /page/functions/{name}                a button is pressed: its function runs, and says a sentence
POST  /page/connections/{name}              the widget asks the API by a Connection
GET   /page/simulators/{name}               a simulator's own state
POST  /page/simulators/{name}/{action}      something happens outside, such as a customer calling in
"""

import json
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from pydantic import ValidationError

from sandbox.page.connections import ADMINISTRATORS, AGENTS, Connections, Invocation
from sandbox.page.functions import FUNCTIONS, Pressed
from sandbox.web import Request, Response, json_response, message, strict_headers

_FOLDER = Path(__file__).parent
_SERVED = {".html", ".js", ".css", ".svg"}
_SIMULATOR_SECONDS = 10
_TOLD_OF_USERS = ("email", "extensions", "agent_number", "language")


class Page:
    """Answers what belongs to the page; `facts` is what READY says, `users` the tenant's user directory."""

    def __init__(self, facts: Mapping[str, Any], users: Iterable[Mapping[str, Any]]) -> None:
        self._host = urlsplit(facts["url"]).netloc
        self._simulators: Mapping[str, str] = facts["simulators"]
        users = list(users)
        self._told = {
            "agent_token": facts["agent_token"],
            "admin_token": facts["admin_token"],
            "users": [{name: user[name] for name in _TOLD_OF_USERS if name in user} for user in users],
            "simulators": sorted(self._simulators),
            "foreign": foreign(facts["url"]),
        }
        self._connections = Connections(
            facts["url"],
            {AGENTS: facts["agent_token"], ADMINISTRATORS: facts["admin_token"]},
            # Whom the demo's CRM calls an administrator is the first of its users.
            frozenset(user["email"] for user in users[:1]),
        )
        # Recordings come from the bucket, the widget also from another origin; no script but ours can run.
        policy = (
            f"default-src 'self'; img-src 'self' data:; media-src 'self' {facts['aws_endpoint']}; "
            f"frame-src 'self' {foreign(facts['url'])}; frame-ancestors 'none'"
        )
        self._file_headers = strict_headers(policy)

    def serves(self, request: Request) -> bool:
        return request.path == "/" or request.path.startswith("/page/")

    def __call__(self, request: Request) -> Response:
        # A foreign name that points to this machine gets nothing (DNS rebinding), tokens least of all.
        if request.header("host") != self._host:
            return message(404, "Not Found")
        path = unquote(request.path).strip("/").split("/")
        if request.method in ("GET", "HEAD"):
            return self._read(path)
        return self._act(path, request) if request.method == "POST" else message(404, "Not Found")

    def _read(self, path: list[str]) -> Response:
        match path:
            case ["page", "sandbox.json"]:
                return json_response(200, self._told, [("cache-control", "no-store")])
            case ["page", "crm", module]:
                return self._control("zoho", "GET", f"records/{module}")
            case ["page", "simulators", name]:
                return self._control(name, "GET", "state")
            case [""]:
                return self._file("index.html")
            case ["page", name]:
                return self._file(name)
        return message(404, "Not Found")

    def _act(self, path: list[str], request: Request) -> Response:
        # Another site's form can post to us, but not JSON.
        if request.header("content-type") != "application/json":
            return message(415, "Unsupported Media Type")
        match path:
            case ["page", "functions", name] if name in FUNCTIONS:
                return self._press(name, request)
            case ["page", "connections", name]:
                return self._invoke(name, request)
            case ["page", "simulators", name, action]:
                return self._control(name, "POST", f"actions/{action}", request.body)
        return message(404, "Not Found")

    def _press(self, name: str, request: Request) -> Response:
        def run() -> Any:
            pressed = Pressed.model_validate_json(request.body)
            return FUNCTIONS[name](self._connections, pressed, request.header("accept-language") or "").as_json()

        return _answered(run)

    def _invoke(self, name: str, request: Request) -> Response:
        def run() -> Any:
            asked = json.loads(request.body)
            return self._connections.invoke(name, asked["user"], Invocation.model_validate(asked["data"]))

        return _answered(run)

    def _control(self, simulator: str, method: str, command: str, body: bytes = b"") -> Response:
        """What a simulator's control plane answers; the page has no other way to it, being of another origin."""
        if simulator not in self._simulators:
            return json_response(404, {"error": f"There is no simulated {simulator} here."})
        with requests.Session() as session:
            session.trust_env = False  # no proxy between two programs on one machine
            url = f"{self._simulators[simulator]}/_control/{command}"
            answer = session.request(method, url, data=body, timeout=_SIMULATOR_SECONDS)
        headers = (("content-type", answer.headers["content-type"]), ("cache-control", "no-store"))
        return Response(answer.status_code, answer.content, headers)

    def _file(self, name: str) -> Response:
        path = _FOLDER / name
        if path.suffix not in _SERVED or not path.is_file():
            return message(404, "Not Found")
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Response(200, path.read_bytes(), (("content-type", content_type), *self._file_headers))


def foreign(url: str) -> str:
    """The same server under its other name: to a browser another origin, as the widget's is inside Zoho."""
    return f"http://localhost:{urlsplit(url).port}"


def _answered(run: Callable[[], Any]) -> Response:
    try:
        return json_response(200, run(), [("cache-control", "no-store")])
    except (ValidationError, ValueError, KeyError, TypeError):
        return json_response(400, {"error": "The page asked for something that makes no sense here."})
    except requests.RequestException:
        return json_response(502, {"error": "The telephone system did not answer. Look before you try again."})
