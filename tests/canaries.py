"""What no log line may hold: a secret, an address, a presigned link, a full phone number."""

import re
from collections.abc import Iterable, Iterator

_NEVER = {
    "an address": re.compile(r"\b[a-z][a-z0-9+.-]*://", re.IGNORECASE),
    "a presigned link": re.compile(r"X-Amz-Signature|X-Amz-Credential"),
    "a key in a query": re.compile(r"\b(?:api_?key|key|secret|token)=(?!\[secret\])", re.IGNORECASE),
    "a phone number": re.compile(r"(?<![\w.-])\+?\d{9,15}(?![\w-])"),
    "a planted canary": re.compile(r"canary", re.IGNORECASE),
}
_SHORTEST_SECRET = 6


def log_lines(text: str) -> Iterator[str]:
    """Return our own log lines: JSON with a level. Metrics and tracebacks of the test runner are none."""
    return (line for line in text.splitlines() if line.startswith("{") and '"level"' in line)


def leaks(text: str, secrets: Iterable[str] = ()) -> list[str]:
    """Return what each log line in `text` gives away."""
    known = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]
    return [
        f"{what}: {line}"
        for line in log_lines(text)
        for what in [
            *(what for what, pattern in _NEVER.items() if pattern.search(_without_timestamp(line))),
            *("a secret" for secret in known if secret in line),
        ]
    ]


def _without_timestamp(line: str) -> str:
    return re.sub(r'"(?:xray_trace_id|timestamp)":"[^"]*",?', "", line)
