import json
import logging
import sys

import pytest

from santral import telemetry


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("called +905321234567 back", "called [number …67] back"),
        ("GET https://pbx.example/api?apikey=abcdef failed", "GET [url] failed"),
        ("Gecersiz anahtar: key=K0123456789", "Gecersiz anahtar: key=[secret]"),
        ("'Authorization': 'Bearer abc.def-ghi'", "'Authorization': '[secret]'"),
        (
            "call virtualats:3489655c982f4e46b9c9ca975b031781 ended",
            "call virtualats:3489655c982f4e46b9c9ca975b031781 ended",
        ),
        ("record 4876876000000333001 written", "record 4876876000000333001 written"),
        ("waited 1500 ms", "waited 1500 ms"),
    ],
)
def test_redaction_hides_numbers_urls_and_keys_and_leaves_ids(text, safe):
    assert telemetry.redacted(text) == safe


def test_a_known_secret_is_unprintable():
    telemetry.conceal(["canary-secret-1", "short"])

    assert telemetry.redacted("it was canary-secret-1, in short") == "it was [secret], in short"


def test_a_log_line_is_json_and_redacted_even_in_a_traceback(capsys):
    handler = telemetry.logger.registered_handler
    try:
        raise ValueError("https://pbx.example/?key=canary-in-url")
    except ValueError:
        record = telemetry.logger.makeRecord("t", logging.ERROR, "f", 1, "failed for %s", ("+905321234567",), None)
        record.exc_info = sys.exc_info()
    line = handler.format(record)

    assert "canary" not in line
    assert "905321" not in line
    assert json.loads(line)["level"] == "ERROR"


def test_counters_are_written_once_at_the_end(capsys):
    telemetry.flush()
    capsys.readouterr()
    telemetry.count("calls_logged")
    telemetry.count("calls_logged", 2)
    telemetry.flush()
    telemetry.flush()

    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "calls_logged" in line]
    assert line["calls_logged"] == [1, 2]


def test_metrics_name_the_tenant_and_those_with_other_dimensions_stand_in_lines_of_their_own(capsys, monkeypatch):
    monkeypatch.setattr(telemetry, "_collections", {})
    monkeypatch.setenv("TENANT", "acme")
    # What a stack may set for its logs must not become a dimension that no alarm names.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "something")
    telemetry.count("provider_errors", system="pbx", code="busy")
    telemetry.count("provider_errors", system="crm", code="busy")
    telemetry.gauge("oldest_pending_seconds", 30, "Seconds")
    telemetry.flush()
    capsys.readouterr()
    # A warm container writes them again, under the same dimensions.
    telemetry.count("provider_errors", system="pbx", code="busy")
    telemetry.count("provider_errors", system="crm", code="busy")
    telemetry.gauge("oldest_pending_seconds", 30, "Seconds")
    telemetry.flush()

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line["_aws"]["CloudWatchMetrics"][0] for line in lines]
    assert {metrics["Namespace"] for metrics in told} == {"Santral"}
    assert [metrics["Dimensions"] for metrics in told] == [[["tenant", "system", "code"]]] * 2 + [[["tenant"]]]
    assert [(line["tenant"], line.get("system")) for line in lines] == [
        ("acme", "pbx"),
        ("acme", "crm"),
        ("acme", None),
    ]
    assert told[2]["Metrics"] == [{"Name": "oldest_pending_seconds", "Unit": "Seconds"}]


@pytest.mark.parametrize("switch", ["false", None])
def test_what_no_alarm_reads_is_written_only_where_it_is_asked_for(capsys, monkeypatch, switch):
    monkeypatch.setattr(telemetry, "_collections", {})
    if switch:
        monkeypatch.setenv("EXTRA_METRICS", switch)
    else:
        monkeypatch.delenv("EXTRA_METRICS")
    telemetry.count("calls_logged")
    telemetry.count("provider_errors", system="pbx", code="busy")
    telemetry.gauge("recording_lag_seconds", 30, "Seconds")
    for name in telemetry.ESSENTIAL:
        telemetry.count(name)
    telemetry.flush()

    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]} == telemetry.ESSENTIAL
