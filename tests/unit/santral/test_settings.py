from datetime import time

import pytest
from pydantic import ValidationError

from santral.settings import Settings

ENVIRONMENT = {
    "TENANT": "acme",
    "TABLE_NAME": "table",
    "BUCKET_NAME": "bucket",
    "EVENTS_QUEUE_URL": "https://queue.example/e",
    "RECORDINGS_QUEUE_URL": "https://queue.example/r",
    "PROVIDERS": "virtualats,wapcrm",
    "TELEPHONY_PROVIDER": "virtualats",
    "COUNTRY": "AZ",
    "TIME_ZONE": "Asia/Baku",
    "LANGUAGE": "az",
    "UNKNOWN_CALLER": "lead",
    "LOG_CALLS_FROM": "",
    "RETENTION_DAYS": "90",
    "PERMALINK_DAYS": "400",
    "DIALS_PER_USER_HOUR": "60",
    "DIALS_PER_DAY": "1000",
    "MESSAGES_PER_USER_HOUR": "60",
    "MESSAGES_PER_DAY": "1000",
    "ALLOWED_DESTINATIONS": "",
    "DENIED_DESTINATIONS": "+90900,+979",
    "COMMERCIAL_HOURS": "09:00-20:30",
}


@pytest.fixture
def environment(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings_come_from_the_environment(environment):
    settings = Settings.from_environment()

    assert settings.providers == ("virtualats", "wapcrm")
    assert settings.time_zone.key == "Asia/Baku"
    assert settings.log_calls_from is None
    assert settings.retention_days == 90


def test_limits_come_from_the_environment(environment):
    settings = Settings.from_environment()

    assert (settings.allowed_destinations, settings.denied_destinations) == ((), ("+90900", "+979"))
    assert settings.commercial_hours == (time(9), time(20, 30))


def test_no_provider_is_an_empty_list(environment):
    environment.setenv("PROVIDERS", "")

    assert Settings.from_environment().providers == ()


def test_what_is_missing_or_wrong_is_named(environment):
    environment.delenv("TABLE_NAME")
    environment.setenv("COUNTRY", "DE")

    with pytest.raises(ValidationError) as refused:
        Settings.from_environment()

    assert {error["loc"][0] for error in refused.value.errors()} == {"table_name", "country"}
