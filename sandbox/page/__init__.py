"""The CRM page at / and /page/..: the files of this folder, and what they must know of the running sandbox."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.web import Request, Response, json_response, message

_FOLDER = Path(__file__).parent
_SERVED = {".html", ".js", ".css", ".svg", ".json", ".png", ".ico"}


class Page:
    """Answers what belongs to the page; `facts` is what READY says, for its scripts at /page/sandbox.json."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts

    def serves(self, request: Request) -> bool:
        return request.path == "/" or request.path.startswith("/page/")

    def __call__(self, request: Request) -> Response:
        # The facts hold tokens: a foreign name that points to this machine gets nothing (DNS rebinding).
        if request.header("host") != urlsplit(self._facts["url"]).netloc:
            return message(404, "Not Found")
        if request.method not in ("GET", "HEAD"):
            return message(405, "Method Not Allowed")
        if request.path == "/page/sandbox.json":
            return json_response(200, self._facts, [("cache-control", "no-store")])
        return self._file(unquote(request.path).removeprefix("/").removeprefix("page/") or "index.html")

    def _file(self, name: str) -> Response:
        path = (_FOLDER / name).resolve()
        if not path.is_relative_to(_FOLDER) or path.suffix not in _SERVED or not path.is_file():
            return message(404, "Not Found")
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Response(200, path.read_bytes(), (("content-type", content_type), ("cache-control", "no-cache")))
