import json
import re

import pytest

from sandbox.page import Page
from sandbox.web import Request

FACTS = {
    "url": "http://127.0.0.1:8080",
    "aws_endpoint": "http://127.0.0.1:4566",
    "agent_token": "agents",
    "admin_token": "administrators",
    "simulators": {"zoho": "http://127.0.0.1:1"},
}
AYSE = {"email": "ayse@example.com", "extensions": {"virtualats": ["101"]}, "agent_number": "1001", "language": "tr"}
USERS = [{**AYSE, "zoho_user_id": "5"}]


@pytest.fixture
def ask():
    page = Page(FACTS, USERS)

    def asked(target, method="GET", host="127.0.0.1:8080", content_type="application/json"):
        return page(Request(method, target, (("Host", host), ("Content-Type", content_type)), b"{}"))

    return asked


def header(response, name):
    return dict(response.headers).get(name)


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/page/crm/Calls"])
def test_the_page_is_at_the_root_and_below_page(path):
    assert Page(FACTS, USERS).serves(Request("GET", path))


@pytest.mark.parametrize("path", ["/calls", "/status", "/recordings/k1.a.b", "/pages"])
def test_the_api_is_left_to_the_gateway(path):
    assert not Page(FACTS, USERS).serves(Request("GET", path))


def test_everything_the_page_names_is_served(ask):
    html = ask("/").body.decode()

    named = set(re.findall(r'(?:href|src)="(/[^"]+)"', html))
    unread = set(named)
    while unread:
        imported = set(re.findall(r'from "(/[^"]+)"', ask(unread.pop()).body.decode()))
        unread |= imported - named
        named |= imported

    assert len(named) >= 10
    assert {ask(path).status for path in named} == {200}


def test_the_page_loads_nothing_from_elsewhere_but_recordings(ask):
    policy = header(ask("/"), "content-security-policy")

    assert "default-src 'self'" in policy
    assert "media-src 'self' http://127.0.0.1:4566" in policy
    assert not re.search(rb'(?:href|src)="(?:https?:)?//', ask("/").body)


def test_the_page_is_told_who_may_act_and_by_which_tokens(ask):
    told = json.loads(ask("/page/sandbox.json").body)

    assert told == {
        "agent_token": "agents",
        "admin_token": "administrators",
        "users": [AYSE],
        "simulators": ["zoho"],
        "foreign": "http://localhost:8080",
    }


@pytest.mark.parametrize("path", ["/page/sandbox.json", "/", "/page/crm/Calls"])
def test_a_foreign_name_for_this_machine_gets_nothing(ask, path):
    assert ask(path, host="evil.example:8080").status == 404


def test_what_another_sites_form_could_post_is_refused(ask):
    assert ask("/page/simulators/zoho/reset", "POST", content_type="text/plain").status == 415


def test_a_system_that_is_not_simulated_is_said_to_be_so(ask):
    answer = ask("/page/simulators/virtualats")

    assert answer.status == 404
    assert json.loads(answer.body) == {"error": "There is no simulated virtualats here."}


@pytest.mark.parametrize(
    "path",
    ["/page/__init__.py", "/page/../system.py", "/page/..%2Fsystem.py", "/page/none.js", "/page/", "/page/a/b/c"],
)
def test_only_the_pages_own_files_are_served(ask, path):
    assert ask(path).status == 404


def test_nothing_can_be_written_elsewhere(ask):
    assert ask("/page/crm/Calls", "POST").status == 404
