"""docs/api.md says what template, functions and the table of operations say."""

import re

from sandbox.actions import actions, whole_template
from tests.api import PAGE, page
from tests.operations import OPERATIONS


def test_the_page_of_the_api_is_as_the_code_is():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def test_every_route_leads_to_its_section():
    links = re.findall(r"\]\(#([^)]+)\)", page())
    titles = [line.removeprefix("### ").lower() for line in page().splitlines() if line.startswith("### ")]
    headings = [re.sub(r"[^a-z0-9 _-]", "", title).replace(" ", "-") for title in titles]

    assert sorted(links) == sorted(headings)
    assert len(links) == len(whole_template().http_api.routes)


def test_what_a_function_may_do_is_on_it():
    dial = page().partition("### POST /calls\n")[2].partition("###")[0]

    assert "`secretsmanager:GetSecretValue` on `VirtualAtsSecret`, `KobikomSecret`, `VerimorSecret`" in dial
    assert "INTENT#*" in dial
    assert "kobikom `dial`" in dial


def test_operations_name_routes_there_are():
    routes = {action.route.key for action in actions(whole_template())}
    named = {
        route.partition(" with ")[0].partition("?")[0]
        for operation in OPERATIONS
        for route in operation.routes.split(", ")
        if route.startswith(("GET", "POST", "PATCH", "DELETE"))
    }

    assert named <= routes
