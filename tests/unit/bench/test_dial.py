"""The bench of dialling fails when a bound is broken, and counts what is really sent."""

import json
from types import SimpleNamespace

import pytest

from bench import bare_dial
from bench.dial import MIB, Contender, Requests, report

AWS = ("dynamodb.GetItem", "dynamodb.TransactWriteItems", "dynamodb.PutItem", "dynamodb.PutItem")


def measured(*, cpu_ms=1.0, failed=0, growth=0):
    return Contender(cpu_seconds=400 * cpu_ms / 1000, dials=400, failed=failed, resident=[60 * MIB, 60 * MIB + growth])


def made(**others):
    few = {"warm_dial": Requests(AWS, 1), "live_calls": Requests(AWS[:1], 0), "authorizer": Requests((), 0)}
    return {name.replace("_", " "): requests for name, requests in {**few, **others}.items()}


def test_what_keeps_every_bound_passes(capsys):
    assert report(measured(cpu_ms=1.25, growth=5 * MIB), measured(growth=9 * MIB), made()) == 0
    assert "BROKEN" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("figures", "requests", "bound"),
    [
        ({"cpu_ms": 1.26}, {}, "CPU"),
        ({"failed": 1}, {}, "202"),
        ({"growth": 5 * MIB + 1}, {}, "RSS"),
        ({}, {"warm_dial": Requests((*AWS, "sqs.SendMessage"), 1)}, "warm dial"),
        ({}, {"warm_dial": Requests(AWS, 2)}, "warm dial"),
        ({}, {"live_calls": Requests(AWS[:2], 0)}, "live calls"),
        ({}, {"authorizer": Requests(AWS[:1], 0)}, "authorizer"),
    ],
)
def test_a_broken_bound_fails_and_is_named(figures, requests, bound, capsys):
    assert report(measured(**figures), measured(), made(**requests)) == 1

    (broken,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("BROKEN")]
    assert bound in broken


def test_the_bare_function_makes_the_requests_of_the_real_one_and_no_others(monkeypatch):
    made = []

    def asked(operation, answer):
        return lambda **_: made.append(operation) or answer

    user = {"Item": {"extensions": {"M": {"virtualats": {"L": [{"S": "101"}]}}}}}
    table = SimpleNamespace(
        get_item=asked("get", user), transact_write_items=asked("transact", {}), put_item=asked("put", {})
    )
    monkeypatch.setattr(bare_dial, "_dynamodb", lambda: table)
    monkeypatch.setattr(bare_dial, "_ring", lambda to, extension: made.append(f"ring {extension} for {to}") or "c1")
    monkeypatch.setenv("TABLE_NAME", "table")

    body = {"to": "05321234567", "record": {"module": "Contacts", "id": "1"}}
    event = {"routeKey": "POST /calls", "headers": {"x-crm-user": "ayse@example.com"}, "body": json.dumps(body)}
    answer = bare_dial.handler(event, None)

    assert made == ["get", "transact", "ring 101 for +905321234567", "put", "put"]
    assert json.loads(answer["body"]) == {"call_id": "virtualats:c1", "provider": "virtualats", "state": "requested"}
