import base64
import json

import pytest

from functions.webhooks.virtualats import handler
from santral.calls import CallEvent, CallState
from santral.errors import NotAuthentic, NotUnderstood
from tests.fakes import MemoryShelf
from tests.fakes.doors import call, http, sample

EVENT = CallEvent(call_id="virtualats:1", provider="virtualats", state=CallState.ENDED)


@pytest.fixture
def pbx(pbx):
    pbx.tokens = {"sample-webhook-token"}
    pbx.next_events = [EVENT]
    return pbx


@pytest.fixture
def shelf(tenant):
    tenant.quarantine._shelf = MemoryShelf()
    return tenant.quarantine._shelf


def test_what_is_understood_is_queued_then_acknowledged_in_the_providers_words(tenant, pbx):
    heard = call(handler, sample("webhooks/virtualats"))

    assert tenant.event_queue.sent == [EVENT]
    assert (heard.status, heard.json) == (200, {"result": "success", "errors": []})
    assert heard.headers["x-signed"] == "yes"


def test_a_wrong_path_token_is_refused_before_anything_is_read(tenant, pbx):
    heard = call(handler, http("webhooks/virtualats", path={"token": "wrong"}, raw=b"not json"))

    assert (heard.status, heard.json["code"]) == (401, "not_authentic")
    assert tenant.event_queue.sent == []


def test_a_wrong_key_or_signature_is_refused_and_nothing_is_kept(tenant, pbx, shelf):
    pbx.next_webhook_failure = NotAuthentic("wrong apiKey")

    assert call(handler, sample("webhooks/virtualats")).status == 401
    assert (tenant.event_queue.sent, shelf.kept) == ([], {})


def test_a_probe_is_acknowledged_and_queues_nothing(tenant, pbx):
    pbx.next_events = []

    assert call(handler, http("webhooks/virtualats", raw=b"")).status == 200
    assert tenant.event_queue.sent == []


@pytest.mark.parametrize("raw", [b"\xff\x00 not text", b"{broken", b"x" * 500_000])
def test_what_is_authentic_but_not_understood_is_kept_whole_and_acknowledged(tenant, pbx, shelf, raw):
    pbx.next_webhook_failure = NotUnderstood("body is not JSON")
    heard = call(handler, http("webhooks/virtualats", raw=raw))

    [(key, content)] = shelf.kept.items()
    assert heard.status == 200
    assert key.startswith("quarantine/virtualats-")
    assert base64.b64decode(json.loads(content)["body"]) == raw
    assert any(pk.startswith("QUARANTINE#virtualats-") for pk in tenant.table.rows)


def test_the_same_unreadable_body_twice_is_kept_once(tenant, pbx, shelf):
    pbx.next_webhook_failure = NotUnderstood("body is not JSON")
    for _ in range(2):
        call(handler, http("webhooks/virtualats", raw=b"{broken"))

    assert len(shelf.kept) == 1


def test_it_is_not_acknowledged_when_the_queue_did_not_take_it(tenant, pbx, monkeypatch):
    def refuse(event):
        raise ConnectionError("queue is away")

    monkeypatch.setattr(tenant.event_queue, "send", refuse)

    assert call(handler, sample("webhooks/virtualats")).status == 500


def test_what_was_accepted_refused_and_put_aside_is_counted(pbx, shelf, metrics):
    call(handler, sample("webhooks/virtualats"))
    assert metrics() == {"events_accepted": [1]}

    call(handler, http("webhooks/virtualats", path={"token": "wrong"}, raw=b"{}"))
    pbx.next_webhook_failure = NotAuthentic("wrong apiKey")
    call(handler, sample("webhooks/virtualats"))
    assert metrics() == {"auth_failures": [1, 1]}

    pbx.next_webhook_failure = NotUnderstood("not understood: state")
    call(handler, sample("webhooks/virtualats"))
    assert metrics() == {"webhooks_quarantined": [1]}
