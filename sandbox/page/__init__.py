"""The CRM page at / and /page/..: the files of this folder, and what lies behind them that is not the product's API.

GET   /page/sandbox.json                    who may act, the tokens, which outside systems are simulated
GET   /page/crm/{module}                    what the simulated CRM holds
GET   /page/simulators/{name}               a simulator's own state
POST  /page/simulators/{name}/{action}      something happens outside, such as a customer calling in
"""

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from sandbox.web import Request, Response, json_response, message

_FOLDER = Path(__file__).parent
_SERVED = {".html", ".js", ".css", ".svg"}
_SIMULATOR_SECONDS = 10
_TOLD_OF_USERS = ("email", "extensions", "agent_number")


class Page:
    """Answers what belongs to the page; `facts` is what READY says, `users` the tenant's user directory."""

    def __init__(self, facts: Mapping[str, Any], users: Iterable[Mapping[str, Any]]) -> None:
        self._host = urlsplit(facts["url"]).netloc
        self._simulators: Mapping[str, str] = facts["simulators"]
        self._told = {
            "agent_token": facts["agent_token"],
            "admin_token": facts["admin_token"],
            "users": [{name: user[name] for name in _TOLD_OF_USERS if name in user} for user in users],
            "simulators": sorted(self._simulators),
        }
        # The recording comes from the bucket, everything else from here; no script but ours can run.
        policy = f"default-src 'self'; img-src 'self' data:; media-src {facts['aws_endpoint']}; frame-ancestors 'none'"
        self._file_headers = (
            ("cache-control", "no-cache"),
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
        )

    def serves(self, request: Request) -> bool:
        return request.path == "/" or request.path.startswith("/page/")

    def __call__(self, request: Request) -> Response:
        # A foreign name that points to this machine gets nothing (DNS rebinding), tokens least of all.
        if request.header("host") != self._host:
            return message(404, "Not Found")
        path = unquote(request.path).strip("/").split("/")
        if request.method in ("GET", "HEAD"):
            return self._read(path)
        match request.method, path:
            case "POST", ["page", "simulators", name, action]:
                return self._act(name, action, request)
        return message(404, "Not Found")

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

    def _act(self, simulator: str, action: str, request: Request) -> Response:
        # Another site's form can post to us, but not JSON.
        if request.header("content-type") != "application/json":
            return message(415, "Unsupported Media Type")
        return self._control(simulator, "POST", f"actions/{action}", request.body)

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
