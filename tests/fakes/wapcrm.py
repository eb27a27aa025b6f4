"""A WapCRM client over a fake network, what the service answers with, and its document's samples as printed."""

from pathlib import Path

from santral.http import Http
from santral.providers.wapcrm import WapCrm

KEY = "canary-wapcrm-key"
_SAMPLES = Path(__file__).parents[2] / "events" / "providers" / "wapcrm"


def wapcrm(network=None, **secret):
    """Return a client, with changes of its secret."""
    credentials = WapCrm.Credentials.model_validate({"secret_key": KEY, "default_channel_id": 15, **secret})
    return WapCrm(credentials, http=Http("wapcrm", credentials.base_url, transport=network) if network else None)


def envelope(*, data=None, status=True, code="", message="Success"):
    """Return an answer in the one form of all answers."""
    return {"data": data, "status": status, "message": message, "statusCode": code, "requestID": "0f80"}


def printed(name):
    """Return a sample of the document exactly as it is printed there."""
    return (_SAMPLES / f"{name}.as_printed.txt").read_bytes()
