"""Whatever is wrong with a request, every action says so as problem+json, and nothing of it reaches a provider."""

import base64
import importlib
import json
from pathlib import Path

import pytest

from santral.api import HttpAction
from tests.fakes.doors import EVENTS, call, sample

ROOT = Path(__file__).parents[3]
ACTIONS = {
    f"{file.parent.name}/{file.stem}": module.handler
    for file in sorted((ROOT / "functions").glob("*/*.py"))
    if isinstance((module := importlib.import_module(f"functions.{file.parent.name}.{file.stem}")).handler, HttpAction)
}
WITH_BODY = {name: handler for name, handler in ACTIONS.items() if sample(name).get("body")}
UNREADABLE = {
    "broken": (b'{"to": ', 400),
    "a list": (b"[]", 400),
    "a text": (b'"to"', 400),
    "a name twice": (b'{"to": "1", "to": "2"}', 400),
    "nested too deep": (b"[" * 100_000, 400),
    "another encoding": ('{"to": "Şişli"}'.encode("iso-8859-9"), 400),
    "half a character": (b'{"to": "\xc5"}', 400),
    "not a number": (b'{"to": NaN}', 400),
    "too large": (b'{"to": "' + b"x" * 300_000 + b'"}', 413),
}


@pytest.fixture(autouse=True)
def nobody_is_asked(tenant, monkeypatch):
    def asked(*_):
        raise AssertionError("a provider was asked for")

    monkeypatch.setattr(tenant, "provider", asked)


def refused(heard, status, code):
    assert (heard.status, heard.json["code"]) == (status, code)
    assert heard.headers["content-type"] == "application/problem+json"
    assert heard.json["detail"]
    return True


def with_body(name, content, **headers):
    event = sample(name)
    event["body"], event["isBase64Encoded"] = base64.b64encode(content).decode(), True
    event["headers"] |= headers
    return event


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_that_cannot_be_read_is_refused(name, kind):
    content, status = UNREADABLE[kind]
    heard = call(ACTIONS[name], with_body(name, content))

    assert refused(heard, status, {400: "malformed_request", 413: "request_too_large"}[status])


@pytest.mark.parametrize("content_type", ["text/plain", "application/json; charset=iso-8859-9", "application/xml", ""])
@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_of_another_kind_is_refused(name, content_type):
    event = sample(name)
    event["headers"]["content-type"] = content_type

    assert refused(call(ACTIONS[name], event), 415, "unsupported_media_type")


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_that_is_not_the_base64_it_claims_to_be_is_refused(name):
    event = sample(name)
    event["isBase64Encoded"] = True

    assert refused(call(ACTIONS[name], event), 400, "malformed_request")


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_field_nobody_knows_is_refused_by_its_name(name):
    body = json.loads(sample(name)["body"])
    heard = call(ACTIONS[name], with_body(name, json.dumps({**body, "colour": "red"}).encode()))

    assert refused(heard, 422, "invalid_request")
    assert [wrong["field"] for wrong in heard.json["errors"]] == ["colour"]


@pytest.mark.parametrize("value", ["x\x00y", "y" * 5000, "\ud800", ""], ids=["NUL", "too long", "half a pair", "empty"])
@pytest.mark.parametrize("name", ACTIONS)
def test_a_query_nobody_knows_is_refused_by_its_name_whatever_it_holds(name, value):
    event = sample(name)
    event["queryStringParameters"] = {**event.get("queryStringParameters", {}), "colour": value}
    heard = call(ACTIONS[name], event)

    assert refused(heard, 422, "invalid_request")
    assert [wrong["field"] for wrong in heard.json["errors"]] == ["colour"]


@pytest.mark.parametrize(
    "value", ["x\x00y", "y" * 5000, " ", "\u202e", "a/b"], ids=["NUL", "too long", "blank", "marks", "slash"]
)
@pytest.mark.parametrize("name", [name for name in ACTIONS if sample(name).get("pathParameters")])
def test_a_path_that_leads_nowhere_is_refused_by_its_name(name, value):
    event = sample(name)
    parameter = next(iter(event["pathParameters"]))
    event["pathParameters"] = {**event["pathParameters"], parameter: value}
    heard = call(ACTIONS[name], event)

    # A permalink is no field: who holds none is told so.
    if heard.status != 404:
        assert refused(heard, 422, "invalid_request")
        assert [wrong["field"] for wrong in heard.json["errors"]] == [parameter]


def test_every_action_has_a_sample_to_be_spoilt():
    assert all((EVENTS / f"{name}.json").exists() for name in ACTIONS)
    assert len(ACTIONS) >= 40
