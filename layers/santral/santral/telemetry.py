"""JSON logs that cannot leak, and metrics.

The redaction here is the last line of defence, not the first: code logs ids, never URLs, bodies or numbers. What slips
through all the same (a library's message, a traceback) loses every URL, every known secret and every phone number.
"""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from santral import __version__

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>\\]+", re.IGNORECASE)
_KEY_PARAMETER = re.compile(
    r"\b((?:api_?)?key|token|secret|password|authorization)(\W{1,4})(?!\[?secret\])"
    r"(?:bearer |zoho-oauthtoken )?[^\s\"'&,;\\]{6,}",
    re.IGNORECASE,
)
# Word boundaries keep request ids, hashes and CRM record ids readable.
_NUMBER = re.compile(r"(?<![\w.-])\+?\d{7,14}(\d{2})(?![\w-])")
_secrets: set[str] = set()

NAMESPACE = "Santral"
ESSENTIAL = frozenset(
    {
        "auth_failures",
        "breaker_open",
        "calls_doubled",
        "calls_missing",
        "oldest_pending_seconds",
        "unexpected_errors",
        "webhooks_quarantined",
    }
)
"""The metrics that alarms read. All others are written only where the stack asks for them: each is paid for."""


def conceal(secrets: Iterable[str]) -> None:
    """Make these values unprintable in every log line of this container from now on."""
    _secrets.update(secret for secret in secrets if len(secret) >= 6)  # noqa: PLR2004 (shorter ones would blank out words)


def redacted(text: str) -> str:
    """Return `text` without URLs, known secrets and full phone numbers (the last two digits stay)."""
    # A copy: while GET /status asks one system in this thread, another may read its keys.
    for secret in tuple(_secrets):
        text = text.replace(secret, "[secret]")
    text = _URL.sub("[url]", text)
    text = _KEY_PARAMETER.sub(r"\1\2[secret]", text)
    return _NUMBER.sub(r"[number …\1]", text)


class _RedactingFormatter(LambdaPowertoolsFormatter):
    def serialize(self, log: Any) -> str:
        return redacted(super().serialize(log))


logger = Logger(
    service="santral", version=__version__, logger_formatter=_RedactingFormatter(utc=True, use_rfc3339=True)
)
# Metrics of the same dimensions go into one line, so each set of dimensions has a collection of its own.
_collections: dict[tuple[tuple[str, str], ...], EphemeralMetrics] = {}


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Add `value` to the counter `name`; it is written when the invocation ends, if this stack wants it.

    Args:
        name: As it stands in docs/metrics.md.
        value: How many.
        dimensions: What it is told apart by, beside the tenant. Each combination is a metric of its own, and paid for.
    """
    _add(name, MetricUnit.Count, value, dimensions)


def gauge(name: str, value: float, unit: Literal["Count", "Seconds"] = "Count", **dimensions: str) -> None:
    """Note the present `value` of `name`; it is written when the invocation ends. See `count`."""
    _add(name, unit, value, dimensions)


def flush() -> None:
    """Write this invocation's metrics, if there are any."""
    for collection in _collections.values():
        if collection.metric_set:
            collection.flush_metrics()


def _add(name: str, unit: MetricUnit | str, value: float, dimensions: Mapping[str, str]) -> None:
    if name in ESSENTIAL or os.environ.get("EXTRA_METRICS") == "true":
        _collection(dimensions).add_metric(name=name, unit=unit, value=value)


def _collection(dimensions: Mapping[str, str]) -> EphemeralMetrics:
    key = tuple(sorted(dimensions.items()))
    if key not in _collections:
        # Stacks of one account share the namespace: the tenant tells them apart.
        given = {"tenant": os.environ.get("TENANT", "none"), **dimensions}
        _collections[key] = EphemeralMetrics(namespace=NAMESPACE, service="", default_dimensions=given)
    return _collections[key]
