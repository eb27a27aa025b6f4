"""The widget by itself, as it is opened in the sandbox, and what tests look for on it again and again."""

from pathlib import Path
from urllib.parse import urlencode

AXE = Path(__file__).parents[2] / "zoho" / "widget" / "node_modules" / "axe-core" / "axe.min.js"
LANGUAGES = ("tr", "az", "en")


def address(sandbox, *, language="en", user="ayse@example.com", module=None, record=None):
    """Where the widget stands beside a record of the simulated CRM, or as a web tab where none is named."""
    query = {"direct": "", "language": language, "user": user}
    if record:
        module = module or "Contacts"
        records = sandbox.simulators["zoho"].records(module)
        names = ("Full_Name", "Account_Name")
        query |= {"module": module, "id": next(it["id"] for it in records if record in map(it.get, names))}
    return f"{sandbox.url}/widget/widget.html?{urlencode(query)}"


def violations(page):
    """What axe finds wrong with the page as it is shown now, as far as it is serious."""
    if not page.evaluate("'axe' in window"):
        # Not by a script element, which the page's own policy rightly refuses.
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations)")
    return [
        (it["id"], [node["html"] for node in it["nodes"]]) for it in found if it["impact"] in ("serious", "critical")
    ]


def tab(page, name):
    return page.get_by_role("tab", name=name, exact=True)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
