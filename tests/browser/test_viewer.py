"""The API's description in a real browser: what a newcomer sees at /docs, and that a route can be tried there."""

import pytest
from playwright.sync_api import expect

from sandbox.viewer import INSTALLED
from tests.missing import missing


@pytest.fixture
def viewer(page, sandbox):
    if not INSTALLED.is_dir():
        missing("The viewer is not installed: run `make viewer`.")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{sandbox.url}/docs")
    expect(page.get_by_role("heading", name="Santral")).to_be_visible()
    yield page
    assert [url for url in asked if not url.startswith((sandbox.url, "data:"))] == [], "nothing comes from elsewhere"


def test_a_route_is_tried_with_the_agents_token(viewer, picture):
    operation = viewer.locator("#operations-tenant-tenant_status")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    picture(viewer, "docs-tried")


def test_every_area_of_the_api_is_there(viewer, picture):
    for area in ("agents", "calls", "campaigns", "messages", "queues", "tenant", "webhooks"):
        expect(viewer.locator(f"#operations-tag-{area}")).to_be_visible()
    picture(viewer, "docs")
