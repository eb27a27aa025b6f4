"""The widget at /widget/..: the very files that are uploaded to Zoho, with Zoho's script replaced by a stand-in.

It is served under both names of this machine. Under the page's own it may talk to the API by itself; under the other it
is of another origin, as inside Zoho, and has nothing but what the SDK gives it.
"""

import mimetypes
import re
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.page import foreign
from sandbox.web import Request, Response, message, strict_headers

ROOT = Path(__file__).parent.parent
BUILT = ROOT / ".local" / "widget" / "app"
_STAND_IN = Path(__file__).parent / "page" / "embedded_sdk.js"
_THEIRS = re.compile(rb"https://live\.zwidgets\.com/js-sdk/[^\"]+")
_MISSING = b"""<!doctype html><meta charset="utf-8"><title>Santral</title>
<p>The widget has not been built yet: run <code>make widget</code>, which needs npm, and reload this page.</p>"""
_SERVED = {".html", ".js", ".css", ".json", ".svg"}


class Widget:
    """Answers what belongs to the widget; `built` is where `make widget` put it, `files_at` where recordings are."""

    def __init__(self, url: str, files_at: str, built: Path = BUILT) -> None:
        self._built = built
        self._hosts = {urlsplit(address).netloc for address in (url, foreign(url))}
        # No script but ours runs here either; Zoho's policy for widgets of its own hosting is about as strict.
        policy = (
            f"default-src 'self'; connect-src 'self' {files_at}; media-src 'self' {files_at}; "
            f"img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'self' {url}"
        )
        self._headers = strict_headers(policy)

    def serves(self, request: Request) -> bool:
        return request.path.startswith("/widget/")

    def __call__(self, request: Request) -> Response:
        # A foreign name that points to this machine gets nothing (DNS rebinding).
        if request.header("host") not in self._hosts or request.method not in ("GET", "HEAD"):
            return message(404, "Not Found")
        name = request.path.removeprefix("/widget/")
        if name == _STAND_IN.name:
            return self._file(_STAND_IN.name, _STAND_IN.read_bytes())
        path = (self._built / name).resolve()
        if path.suffix not in _SERVED or not path.is_relative_to(self._built.resolve()):
            return message(404, "Not Found")
        if name == "widget.html" and not path.is_file():
            return self._file(name, _MISSING)
        if not path.is_file():
            return message(404, "Not Found")
        content = path.read_bytes()
        return self._file(name, _THEIRS.sub(_STAND_IN.name.encode(), content) if path.suffix == ".html" else content)

    def _file(self, name: str, content: bytes) -> Response:
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(200, content, (("content-type", content_type), *self._headers))
