"""make bench-widget: what the widget weighs, and how soon it stands; exit 1 when a bound is broken.

Size is that of every file uploaded to Zoho, each compressed by gzip as a server sends it. Times are Chromium's own, in
a window with an empty cache, beside those of a page with one word on it from the same server in the same run: first
paint, and when the record's number can be called (of the empty page, when it has loaded). The API answers at once: what
it takes is another benchmark's.
"""

import gzip
import shutil
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.bounds import exit_status
from sandbox.web import Listener, Request, Response, json_response, message
from sandbox.widget import BUILT, Widget

Times = tuple[float, float]  # milliseconds to the first paint, and until it can be used
ROUNDS = 10
MOST_BYTES = 150 * 1024
PAINT_MILLISECONDS = 150.0
INTERACTIVE_MILLISECONDS = 350.0
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
CONTACT = {"id": "1", "Full_Name": "Elif Yılmaz", "Phone": "+90 532 123 45 67"}
PHONE = {"provider": "verimor", "extensions": ["101"], "can": ["dial", "hang_up", "list_extensions"]}
ANSWERS = {
    "/page/sandbox.json": {"agent_token": "a", "admin_token": "b", "users": [{"email": "ayse@example.com"}]},
    "/page/crm/Contacts": [CONTACT],
    "/calls/live": {"calls": [], "phones": [PHONE], "agent": "1001", "unread": []},
    "/extensions": {"extensions": [{"extension": "102", "name": "Mehmet", "state": "available"}]},
}
EMPTY = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>-</title><p>Santral'
)
WIDGET_PATH = "/widget/widget.html?direct&module=Contacts&id=1"
WATCH = """
    new MutationObserver(() => {
      if (document.querySelector(".call-box button[aria-disabled=false]")) window.callableAt ??= performance.now();
    }).observe(document, {subtree: true, childList: true, attributes: true});
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
LOADED = "performance.getEntriesByType('navigation')[0].loadEventStart || undefined"


class Site:
    """The widget as the sandbox serves it, the empty page, and an API that has its answers ready."""

    def __init__(self, url: str) -> None:
        self._widget = Widget(url, url)

    def __call__(self, request: Request) -> Response:
        if self._widget.serves(request):
            return self._widget(request)
        if request.path == "/empty":
            return Response(200, EMPTY, (("content-type", "text/html"),))
        if request.path in ANSWERS:
            return json_response(200, ANSWERS[request.path])
        return message(404, "Not Found")


def measured(browser: Browser, url: str, interactive: str) -> Times:
    """Milliseconds to the first paint and until the page can be used."""
    context = browser.new_context(viewport={"width": 420, "height": 800})
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(url)
        told = [page.wait_for_function(f"() => {script}").json_value() for script in (PAINT, interactive)]
        return float(told[0]), float(told[1])
    finally:
        context.close()


def compressed(folder: Path) -> dict[str, int]:
    """Bytes of every file as gzip leaves it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): len(gzip.compress(path.read_bytes(), mtime=0)) for path in files}


@contextmanager
def served() -> Iterator[str]:
    listener = Listener(0)
    try:
        listener.serve(Site(listener.url))
        yield listener.url
    finally:
        listener.stop()


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None or not (BUILT / "widget.js").is_file():
        print("This needs Chromium and the built widget: make browser widget", file=sys.stderr)
        return 1
    ours, empty = [], []
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        measured(browser, f"{url}/empty", LOADED)  # the first page starts what every later one finds running
        for _ in range(ROUNDS):
            empty.append(measured(browser, f"{url}/empty", LOADED))
            ours.append(measured(browser, url + WIDGET_PATH, "window.callableAt"))
        browser.close()
    return report(compressed(BUILT), ours, empty)


def report(sizes: Mapping[str, int], ours: Sequence[Times], empty: Sequence[Times]) -> int:
    """Print sizes and medians; return 1 when a bound is broken."""
    for name, size in sizes.items():
        print(f"{name:28}{size:8} bytes gzip")
    print(f"\nmedian of {len(ours):<4}    first paint  interactive")
    (paint, use), (empty_paint, empty_use) = (
        [statistics.median(times) for times in zip(*runs, strict=True)] for runs in (ours, empty)
    )
    for name, painted, usable in (("widget", paint, use), ("empty page", empty_paint, empty_use)):
        print(f"{name:14}{painted:12.0f} ms{usable:10.0f} ms")
    total = sum(sizes.values())
    return exit_status(
        {
            f"at most {MOST_BYTES // 1024} kB gzip in all": (f"{total / 1024:.1f} kB", total <= MOST_BYTES),
            f"first paint at most {PAINT_MILLISECONDS:.0f} ms over the empty page": (
                f"{paint - empty_paint:+.0f} ms",
                paint - empty_paint <= PAINT_MILLISECONDS,
            ),
            f"interactive at most {INTERACTIVE_MILLISECONDS:.0f} ms over the empty page": (
                f"{use - empty_use:+.0f} ms",
                use - empty_use <= INTERACTIVE_MILLISECONDS,
            ),
        }
    )


if __name__ == "__main__":
    sys.exit(main())
