"""The gateway's decisions that need a clock; what is seen on the wire is tested in tests/component/sandbox."""

import json

import pytest

from sandbox.gateway import Gateway
from sandbox.runtime import Answer, Failure
from sandbox.template import Authorizer, HttpApi, Route, Throttle
from sandbox.web import Request


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


class Functions:
    """Answers with the route it was asked for; the authorizer lets `good` in."""

    def __init__(self):
        self.asked = []

    def __call__(self, function, event):
        self.asked.append(function)
        if function == "Authorizer":
            return Answer(json.dumps({"isAuthorized": event["identitySource"] == ["good"]}).encode())
        return Answer(json.dumps({"statusCode": 200, "body": event["routeKey"]}).encode())


def get(gateway, path, **headers):
    return gateway(Request("GET", path, tuple(headers.items())))


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/pets/dog/1", "GET /pets/dog/1"),
        ("/pets/dog/2", "GET /pets/dog/{id}"),
        ("/pets/cat/2", "GET /pets/{any+}"),
        ("/pets/cat", "GET /pets/{any+}"),
        ("/other", "ANY /{any+}"),
        ("/pets/dog/", "GET /pets/{any+}"),
    ],
)
def test_the_most_specific_route_wins(path, route):
    keys = ["ANY /{any+}", "GET /pets/{any+}", "GET /pets/dog/{id}", "GET /pets/dog/1", "ANY /pets/dog/1"]
    routes = tuple(Route(*key.split(" "), function="F") for key in keys)

    assert get(Gateway(HttpApi(routes), Functions()), path).body.decode() == route


def test_the_default_route_takes_what_is_left():
    routes = (Route("ANY", "$default", "F"), Route("GET", "/a", "F"))

    assert get(Gateway(HttpApi(routes), Functions()), "/b/c").body == b"$default"


def test_a_decision_is_kept_for_its_time_whatever_it_was(clock):
    functions = Functions()
    api = HttpApi(
        (Route("GET", "/a", "F", "T"),), {"T": Authorizer("T", "Authorizer", ("$request.header.Token",), 300)}
    )
    gateway = Gateway(api, functions, clock)

    def asked():
        return functions.asked.count("Authorizer")

    assert [get(gateway, "/a", token="bad").status, get(gateway, "/a", token="bad").status, asked()] == [403, 403, 1]
    assert [get(gateway, "/a", token="good").status, get(gateway, "/a", Token="good").status, asked()] == [200, 200, 2]
    clock.now += 299
    assert [get(gateway, "/a", token="good").status, asked()] == [200, 2]
    clock.now += 2
    assert [get(gateway, "/a", token="good").status, asked()] == [200, 3]


def test_an_authorizer_without_a_time_is_always_asked(clock):
    functions = Functions()
    api = HttpApi((Route("GET", "/a", "F", "T"),), {"T": Authorizer("T", "Authorizer", ("$request.header.Token",), 0)})
    gateway = Gateway(api, functions, clock)

    get(gateway, "/a", token="good")
    get(gateway, "/a", token="good")

    assert functions.asked.count("Authorizer") == 2


def test_an_authorizers_failure_is_not_kept(clock):
    outcomes = [Failure("error"), Answer(b'{"isAuthorized": true}'), Answer(b'{"statusCode": 204}')]
    api = HttpApi(
        (Route("GET", "/a", "F", "T"),), {"T": Authorizer("T", "Authorizer", ("$request.header.Token",), 300)}
    )
    gateway = Gateway(api, lambda *_: outcomes.pop(0), clock)

    assert [get(gateway, "/a", token="x").status for _ in range(2)] == [500, 204]


def test_a_throttle_fills_up_again_at_its_rate(clock):
    api = HttpApi((Route("GET", "/a", "F", throttle=Throttle(rate=2, burst=3)), Route("GET", "/b", "F")))
    gateway = Gateway(api, Functions(), clock)

    assert [get(gateway, "/a").status for _ in range(4)] == [200, 200, 200, 429]
    assert get(gateway, "/b").status == 200
    clock.now += 0.5
    assert [get(gateway, "/a").status for _ in range(2)] == [200, 429]
    clock.now += 100
    assert [get(gateway, "/a").status for _ in range(4)] == [200, 200, 200, 429]


def test_an_event_over_6_megabytes_reaches_no_function():
    functions = Functions()
    gateway = Gateway(HttpApi((Route("POST", "/a", "F"),)), functions)

    response = gateway(Request("POST", "/a", body=b"x" * (6 * 1024 * 1024)))

    assert response.status == 413
    assert functions.asked == []
