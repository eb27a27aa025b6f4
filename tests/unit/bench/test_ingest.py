"""The bench fails when a bound is broken, and what it measures against does the least that is right."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from bench import bare_ingest
from bench.ingest import Contender, report
from bench.senders import Job, Posted, written_event
from santral.providers.virtualats.signature import HEADER, KeyPair

KEYS = KeyPair("public", "secret-key-of-the-bench")
JOB = Job("http://127.0.0.1:1/", KEYS.public_key, KEYS.secret_key, "crm-api-key", "batch", events=1, senders=1)


def measured(*, seconds=0.1, status=200, cpu_ms=1.0):
    posted = [Posted(200, 0.1)] * 97 + [Posted(status, seconds)] * 3
    return Contender(pool=None, posted=posted, cpu_seconds=len(posted) * cpu_ms / 1000)


def test_what_keeps_every_bound_passes(capsys):
    assert report(measured(seconds=1.0, cpu_ms=1.3), measured(status=500, seconds=9)) == 0
    assert "BROKEN" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("figures", "bound"),
    [({"status": 503}, "2xx"), ({"status": 0}, "2xx"), ({"seconds": 1.1}, "p99"), ({"cpu_ms": 1.31}, "bare")],
)
def test_a_broken_bound_fails_and_is_named(figures, bound, capsys):
    assert report(measured(**figures), measured()) == 1

    (broken,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("BROKEN")]
    assert bound in broken


@pytest.fixture
def post(monkeypatch):
    sent = []
    monkeypatch.setattr(bare_ingest, "_sqs", lambda: SimpleNamespace(send_message=lambda **it: sent.append(it)))
    for name, value in {
        "WEBHOOK_TOKEN": "path-token",
        "PUBLIC_KEY": KEYS.public_key,
        "SECRET_KEY": KEYS.secret_key,
        "CRM_API_KEY": JOB.crm_api_key,
        "EVENTS_QUEUE_URL": "queue",
    }.items():
        monkeypatch.setenv(name, value)

    def post(*, token="path-token", body=None, signed=None, moment=None):
        body = body or written_event(JOB, 7)
        authentication = KEYS.authentication(signed or body, moment or datetime.now(UTC))
        event = {"pathParameters": {"token": token}, "headers": {HEADER: authentication}, "body": body.decode()}
        return bare_ingest.handler(event, None)["statusCode"], [json.loads(it["MessageBody"])["callId"] for it in sent]

    return post


def test_the_bare_function_queues_what_is_authentic(post):
    assert post() == (200, ["batch-7"])


def test_the_bare_function_verifies_all_that_the_real_one_verifies(post):
    other_key = written_event(JOB, 7).replace(JOB.crm_api_key.encode(), b"another-key")
    assert post(token="another") == (401, [])
    assert post(signed=b"something else") == (401, [])
    assert post(body=other_key) == (401, [])
    assert post(moment=datetime.now(UTC) - timedelta(minutes=6)) == (401, [])
