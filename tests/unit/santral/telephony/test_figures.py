"""What the pipeline says of itself."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.providers.ports import RecordingStream
from santral.telephony.outbox import record
from santral.telephony.recordings import archive
from simulators.audio import recording

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"
AUDIO = recording("call", 1)


class Source:
    @contextmanager
    def recording(self, _ref):
        yield RecordingStream(iter([AUDIO]), len(AUDIO))


@pytest.fixture
def ended(clock):
    return CallEvent(
        call_id=CALL_ID,
        provider="virtualats",
        state=CallState.ENDED,
        direction=Direction.INBOUND,
        disposition=Disposition.ANSWERED,
        from_="905321234567",
        extension="101",
        talk_seconds=30,
        started_at=clock() - timedelta(seconds=40),
        ended_at=clock(),
        recording_ref="12345",
    )


def test_each_event_is_folded_one_is_logged_and_the_others_are_merged(tenant, ended, metrics):
    record(tenant, ended.model_copy(update={"state": CallState.RINGING, "ended_at": None, "recording_ref": None}))
    record(tenant, ended)
    record(tenant, ended)

    figures = metrics()
    assert sum(figures["events_folded"]) == 3
    assert sum(figures["events_merged"]) == 2
    assert sum(figures["calls_logged"]) == 1


def test_a_recordings_lag_counts_from_the_end_of_its_call(tenant, ended, clock, metrics, monkeypatch):
    monkeypatch.setattr(tenant, "provider", lambda _name, _ability: Source())
    record(tenant, ended)
    clock.pass_seconds(90)
    archive(tenant, CALL_ID)
    archive(tenant, CALL_ID)

    assert metrics()["recording_lag_seconds"] == [90]
