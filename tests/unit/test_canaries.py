import io
import json

import pytest

from santral.telemetry import logger
from tests.canaries import leaks


def line(message):
    return json.dumps({"level": "INFO", "message": message})


@pytest.mark.parametrize(
    "message",
    [
        "GET https://pbx.example/",
        "dialling +905321234567",
        "dialling 905321234567",
        "apikey=0123456789",
        "…?X-Amz-Signature=abc",
        "canary-secret",
        "it is hunter2-hunter2",
    ],
)
def test_each_kind_of_leak_is_found(message):
    assert leaks(line(message), secrets=["hunter2-hunter2"])


@pytest.mark.parametrize(
    "message", ["call virtualats:3489655c982f4e46b9c9ca975b031781", "record 4876876000000333001", "[url]"]
)
def test_what_may_be_logged_is_left_alone(message):
    assert leaks(line(message), secrets=["hunter2-hunter2"]) == []


def test_what_goes_through_our_logger_does_not_leak():
    heard = io.StringIO()
    usual = logger.registered_handler.setStream(heard)
    try:
        logger.info("dialling +905321234567 at https://pbx.example/?apikey=0123456789")
    finally:
        logger.registered_handler.setStream(usual)

    assert "dialling" in heard.getvalue()
    assert leaks(heard.getvalue()) == []
