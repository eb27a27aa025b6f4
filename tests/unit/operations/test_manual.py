"""What docs/operations.md shows of the repairs is what they print."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from santral.calls import CallEvent, CallState, Direction
from santral.errors import NotUnderstood
from santral.messages import Message, MessageState
from santral.store.calls import Entry
from santral.telephony.outbox import record
from santral.telephony.permalinks import call_handle
from tests.fakes import Clock
from tests.onboarding import steps

MANUAL = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
ELIF = "+905321234567"


@pytest.fixture
def clock():
    return Clock(datetime(2026, 11, 22, 0, 20, 23, tzinfo=UTC))


@pytest.fixture
def shown(run, monkeypatch):
    """Type the commands of one of the manual's sections, and hold what is printed against what stands there."""

    monkeypatch.setattr("operations.screen._out", lambda: Console(highlight=False, width=120))

    def session(title, *, number=None, renamed=None):
        section = next(part for part in MANUAL.split("\n## ") if part.startswith(f"{title}:"))
        for name, actual in (renamed or {}).items():
            section = section.replace(name, actual)
        (*typed,) = steps(section)[:number]
        assert typed
        for step in typed:
            # What is typed at a question stands behind it; the terminal that echoes it is not here.
            answers = re.findall(r"^(?:Phone number|.*\[y/N\]): (.+)$", step.printed, re.MULTILINE)
            expected = re.sub(r"^(Phone number|.*\[y/N\]): .+\n", r"\1: ", step.printed, flags=re.MULTILINE)
            printed = run(
                step.command.removeprefix("python -m operations "), typed="".join(f"{it}\n" for it in answers)
            )
            printed = re.sub(r"^(Phone number|.*\[y/N\]): (?:.+)?\n", r"\1: ", printed, flags=re.MULTILINE)
            assert type(step)(step.command, expected).is_answered_by(printed), printed

    return session


def a_call(number, clock, **told):
    return CallEvent(
        call_id=f"virtualats:{number}",
        provider="virtualats",
        state=CallState.ENDED,
        direction=Direction.INBOUND,
        from_=ELIF,
        started_at=clock(),
        **told,
    )


def test_replay(shown, company, pbx, clock):
    pbx.records = [a_call(number, clock) for number in range(3)]
    for number in range(2):
        company.tenant.calls.add(Entry(call_id=f"virtualats:{number}", first_seen_at=clock(), crm_call_id="1"))

    shown("replay")


def test_redrive(shown, company):
    for number in range(3):
        company.holdings.dead_letters[0].put(f'{{"n": {number}}}', group="virtualats:1")

    shown("redrive")


def test_quarantine(shown, company, pbx, clock, monkeypatch):
    odd, broken = b"x" * 119, b"{broken"

    def read(body):
        if body == broken:
            raise NotUnderstood("not JSON")
        return [a_call(1, clock)]

    monkeypatch.setattr(pbx, "events_kept", read)
    kept = [
        company.tenant.quarantine.keep("virtualats", odd, "not understood: callDate, state"),
        company.tenant.quarantine.keep("virtualats", broken, "not JSON"),
    ]
    named = dict.fromkeys(re.findall(r"virtualats-[0-9a-f]{32}", MANUAL))
    # The bucket's own clock, here that of its stand-in, says when it was kept.
    moments = {"2026-11-22 00:20:23Z": "2026-01-15 09:30:00Z"}

    shown("quarantine", renamed={**dict(zip(named, kept, strict=True)), **moments})


def test_erase(shown, company, clock):
    tenant = company.tenant
    for number in range(2):
        record(tenant, a_call(number, clock))
    for take in (b"first", b"second"):
        company.holdings.versions.put(f"recordings/original/{call_handle('virtualats:1')}.wav", take)
    tenant.messages.add(
        Message(
            message_id="wapcrm:1", provider="wapcrm", state=MessageState.ACCEPTED, to=ELIF, text="x", sent_at=clock()
        )
    )
    tenant.quarantine.keep("virtualats", b'{"source": "905321234567"', "broken")

    shown("erase", number=1)
