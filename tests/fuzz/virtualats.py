"""VirtualATS's answers and webhook."""

import json
from datetime import UTC, datetime
from pathlib import Path

from santral.providers.ports import DialOrder, Webhook
from santral.providers.virtualats import VirtualAts
from tests.fuzz import Parser, Saying

_EVENTS = Path(__file__).parents[2] / "events"
_CREDENTIALS = VirtualAts.Credentials.model_validate(
    {"public_key": "1", "secret_key": "s", "crm_api_key": "1234567890abcdef", "webhook_tokens": ["token"]}
)


def _now():
    return datetime(2019, 1, 1, tzinfo=UTC)


def _saying(body):
    return VirtualAts(_CREDENTIALS, http=Saying(body), clock=_now)


def _history(body):
    page = _saying(body).history(since=_now(), until=_now(), offset=0, limit=100)
    return [event.written() for event in page.events]


def _webhook(body):
    return [event.written() for event in _saying(b"").events(Webhook({}, body))]


def _keyed_webhook(body):
    """The same with our key put in where the body is an object, since without it reading ends early."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    return _webhook(json.dumps({**told, "apiKey": "1234567890abcdef"}).encode() if isinstance(told, dict) else body)


def _recording(body):
    with _saying(body).recording("12345") as stream:
        return b"".join(stream.chunks)


def _printed(name):
    return (_EVENTS / "providers" / "virtualats" / f"{name}.as_printed.txt").read_bytes()


def _posted(name):
    return (_EVENTS / "webhooks" / f"virtualats_{name}.body.json").read_bytes()


_POSTED = (_posted("new"), _posted("update"), _posted("hangup"))

PARSERS = (
    Parser("virtualats callRecord/history", _history, (b"[" + _printed("call_record") + b"]",)),
    Parser("virtualats account/list", lambda body: _saying(body).extensions(), (_printed("extensions"),)),
    Parser(
        "virtualats call/originate",
        lambda body: _saying(body).dial(DialOrder(to="+994557967473", extension="101")),
        (_printed("originate"), b'{"value": "3489655c982f4e46b9c9ca975b031781"}'),
    ),
    Parser(
        "virtualats call/create",
        lambda body: _saying(body).dial(DialOrder(to="+994557967473", extension="101", wait=True)),
        (_printed("create"),),
    ),
    Parser("virtualats call/hangup", lambda body: _saying(body).hang_up("3489655c"), (b"", b"{}")),
    Parser("virtualats storageFile/download", _recording, (b"RIFF\x24\x00\x00\x00WAVEfmt ",)),
    Parser("virtualats webhook", _webhook, (*_POSTED, _printed("webhook"))),
    Parser("virtualats webhook with its key", _keyed_webhook, _POSTED),
)
