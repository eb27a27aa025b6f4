import json
import re

import pytest

from sandbox.actions import whole_template
from sandbox.openapi import FILE
from sandbox.viewer import Viewer
from sandbox.web import Request

HOST = (("host", "127.0.0.1:8080"),)


@pytest.fixture(scope="module")
def template():
    return whole_template()


@pytest.fixture
def installed(tmp_path):
    (tmp_path / "swagger-ui-bundle.js").write_text("// theirs")
    (tmp_path / "swagger-ui.css").write_text("/* theirs */")
    return tmp_path


@pytest.fixture
def viewer(template, installed):
    return Viewer("http://127.0.0.1:8080", template, installed)


def seen(viewer, path, headers=HOST, method="GET"):
    response = viewer(Request(method, path, headers))
    return response.status, response.body.decode()


def test_the_description_is_served_as_it_is_checked_in(viewer):
    status, body = seen(viewer, "/openapi.json")

    assert (status, json.loads(body)) == (200, json.loads(FILE.read_text(encoding="utf-8")))


def test_every_file_the_viewers_page_asks_for_is_served_from_here(viewer):
    status, page = seen(viewer, "/docs")
    files = [found for found in re.findall(r'(?:href|src)="([^"]+)"', page) if found.startswith("/docs/")]

    assert status == 200
    assert len(files) == 4
    assert [seen(viewer, file)[0] for file in files] == [200] * 4
    assert "//" not in re.sub(r"<!.*?>", "", page), "nothing comes from another host"


def test_a_machine_without_the_viewer_is_told_how_to_get_it(template, tmp_path):
    viewer = Viewer("http://127.0.0.1:8080", template, tmp_path / "nothing")
    status, page = seen(viewer, "/docs")

    assert status == 200
    assert "make viewer" in page
    assert seen(viewer, "/docs/swagger-ui-bundle.js")[0] == 404
    assert seen(viewer, "/openapi.json")[0] == 200


@pytest.mark.parametrize(
    "path", ["/docs/package.json", "/docs/../template.yaml", "/docs/%2e%2e/actions.py", "/docs/x/y"]
)
def test_nothing_else_of_the_machine_is_served(viewer, path):
    assert seen(viewer, path)[0] == 404


def test_a_foreign_name_that_leads_here_gets_nothing(viewer):
    assert seen(viewer, "/openapi.json", (("host", "evil.example"),))[0] == 404


def test_it_is_only_read(viewer):
    assert seen(viewer, "/openapi.json", method="POST")[0] == 404


def test_other_paths_are_not_its_own(viewer):
    assert not viewer.serves(Request("GET", "/docsx"))
    assert not viewer.serves(Request("GET", "/calls"))
