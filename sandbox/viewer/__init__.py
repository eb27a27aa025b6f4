"""The API's description at /openapi.json, and at /docs a viewer that tries each route with the agents' token.

The viewer is Swagger UI, which `make viewer` takes from npm; this folder pins it.
"""

import mimetypes
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.openapi import document, written
from sandbox.template import Template
from sandbox.web import Request, Response, message

_FOLDER = Path(__file__).parent
INSTALLED = _FOLDER.parents[1] / ".local" / "viewer" / "node_modules" / "swagger-ui-dist"
_OURS = ("start.js", "viewer.css")
_THEIRS = ("swagger-ui-bundle.js", "swagger-ui.css")
# Swagger UI styles its elements one by one; scripts come from here alone.
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


class Viewer:
    """Answers what belongs to the description; `installed` is where Swagger UI was put, if it was."""

    def __init__(self, url: str, template: Template, installed: Path = INSTALLED) -> None:
        self._host = urlsplit(url).netloc
        self._template = template
        self._installed = installed

    def serves(self, request: Request) -> bool:
        return request.path in ("/openapi.json", "/docs") or request.path.startswith("/docs/")

    def __call__(self, request: Request) -> Response:
        # A foreign name that points to this machine gets nothing (DNS rebinding).
        if request.header("host") != self._host or request.method not in ("GET", "HEAD"):
            return message(404, "Not Found")
        match request.path.strip("/").split("/"):
            case ["openapi.json"]:
                return Response(200, self._description, (("content-type", "application/json"),))
            case ["docs"]:
                there = (self._installed / _THEIRS[0]).is_file()
                return _file(_FOLDER / ("index.html" if there else "missing.html"))
            case ["docs", name] if name in _OURS:
                return _file(_FOLDER / name)
            case ["docs", name] if name in _THEIRS:
                return _file(self._installed / name)
        return message(404, "Not Found")

    @cached_property
    def _description(self) -> bytes:
        return written(document(self._template)).encode()


def _file(path: Path) -> Response:
    if not path.is_file():
        return message(404, "Not Found")
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    headers = (
        ("content-type", content_type),
        ("cache-control", "no-cache"),
        ("content-security-policy", _POLICY),
        ("x-content-type-options", "nosniff"),
    )
    return Response(200, path.read_bytes(), headers)
