"""What the widget asks by a Connection, and what it is answered: Zoho's shapes, and no way to anywhere else."""

import json

import pytest
from pydantic import ValidationError

from sandbox.page.connections import Connections, Invocation, Told

API = "http://127.0.0.1:8080"


class AnsweredConnections(Connections):
    def __init__(self, told=None):
        super().__init__(API, {"santral": "agents", "santral_admin": "administrators"}, frozenset({"ayse@example.com"}))
        object.__setattr__(self, "told", told or Told(200, {"calls": []}))
        object.__setattr__(self, "asked", [])

    def ask(self, name, method, path, *, query=None, body=None, headers=None):
        self.asked.append((name, method, path, query, body, headers))
        return self.told


def invocation(**given):
    texts = {name: json.dumps(given.pop(name)) for name in ("parameters", "headers") if name in given}
    return Invocation.model_validate({"url": f"{API}/calls", **given, **texts})


def test_parameters_are_the_query_or_the_body_as_their_type_says():
    connections = AnsweredConnections()

    connections.invoke("santral", "mehmet@example.com", invocation(parameters={"limit": 1}, param_type=1))
    order = invocation(method="POST", parameters={"to": "0532"}, headers={"X-Crm-User": "m"}, param_type=2)
    connections.invoke("santral", "mehmet@example.com", order)

    assert connections.asked == [
        ("santral", "GET", "/calls", {"limit": 1}, None, None),
        ("santral", "POST", "/calls", None, {"to": "0532"}, {"X-Crm-User": "m"}),
    ]


@pytest.mark.parametrize(("status", "well"), [(200, "true"), (202, "true"), (422, "false"), (503, "false")])
def test_the_answer_is_wrapped_as_zohos_and_does_not_tell_the_status(status, well):
    told = AnsweredConnections(Told(status, {"detail": "No."})).invoke("santral", "a", invocation())

    assert told == {
        "code": "SUCCESS",
        "details": {"statusMessage": {"detail": "No."}, "status": well},
        "message": "Connection invoked successfully",
        "status": "success",
    }


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/calls", f"{API}.example.com/calls", "file:///etc/passwd"])
def test_another_address_is_not_asked(url):
    connections = AnsweredConnections()

    assert connections.invoke("santral", "ayse@example.com", invocation(url=url))["code"] == "FAILURE"
    assert connections.asked == []


@pytest.mark.parametrize(
    ("name", "user", "code"),
    [
        ("santral_admin", "ayse@example.com", "SUCCESS"),
        ("santral_admin", "mehmet@example.com", "FAILURE"),
        ("unknown", "ayse@example.com", "FAILURE"),
    ],
)
def test_a_connection_answers_those_with_whom_it_is_shared(name, user, code):
    assert AnsweredConnections().invoke(name, user, invocation())["code"] == code


def test_what_the_sdk_would_never_send_is_refused():
    for wrong in ({"method": "TRACE"}, {"param_type": 3}, {"headers": "no JSON"}):
        with pytest.raises(ValidationError):
            Invocation.model_validate({"url": f"{API}/calls", **wrong})
