from contextlib import contextmanager

import pytest

from santral.calls import CallEvent, CallState, Disposition, RecordingState
from santral.errors import NoRecording, Unanswered
from santral.providers.ports import RecordingStream
from santral.store.calls import Owed
from santral.telephony.outbox import record, retry_pending
from santral.telephony.recordings import archive
from simulators.audio import recording

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"
AUDIO = recording("call", 3)


class Source:
    """A PBX with one recording; `failure` strikes as often as `failures` says."""

    def __init__(self, content=AUDIO, *, size=None):
        self.content = content
        self.size = len(content) if size is None else size
        self.opened = 0
        self.failure = None

    @contextmanager
    def recording(self, ref):
        assert ref == "12345"
        self.opened += 1
        if self.failure:
            raise self.failure
        yield RecordingStream(iter([self.content[:100], self.content[100:]]), self.size)


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def ended(tenant, source, monkeypatch):
    monkeypatch.setattr(tenant, "provider", lambda name, ability: source)
    event = CallEvent(
        call_id=CALL_ID,
        provider="virtualats",
        state=CallState.ENDED,
        direction="inbound",
        disposition=Disposition.ANSWERED,
        from_="905321234567",
        talk_seconds=3,
        started_at=tenant.clock(),
        ended_at=tenant.clock(),
        recording_ref="12345",
    )
    record(tenant, event)
    return tenant


def test_the_bytes_kept_are_the_bytes_recorded(ended):
    archive(ended, CALL_ID)

    entry = ended.calls.get(CALL_ID)
    content_type, content = ended.recordings.objects[entry.recording.key]
    assert (content, content_type) == (AUDIO, "audio/wav")
    assert entry.recording.state is RecordingState.READY
    assert entry.recording.size == len(AUDIO)
    assert entry.owed == set()


def test_the_key_tells_nothing_of_the_call_and_nothing_of_the_providers_names(ended):
    archive(ended, CALL_ID)

    [key] = ended.recordings.objects
    assert key.startswith("recordings/original/")
    assert "12345" not in key
    assert CALL_ID.partition(":")[2] not in key


def test_archiving_twice_fetches_once(ended, source):
    archive(ended, CALL_ID)
    archive(ended, CALL_ID)

    assert source.opened == 1


@pytest.mark.parametrize(
    "failure", [NoRecording("404"), Unanswered("cut", system="virtualats")], ids=["not ready", "cut short"]
)
def test_what_is_not_there_yet_is_asked_for_again_until_it_is(ended, source, failure):
    source.failure = failure
    archive(ended, CALL_ID)
    entry = ended.calls.get(CALL_ID)
    assert (entry.recording.state, entry.owed) == (RecordingState.PENDING, {Owed.RECORDING})

    asked = len(ended.recording_queue.sent)
    ended.clock.pass_seconds(20)
    retry_pending(ended, 55)

    assert len(ended.recording_queue.sent) == asked + 1
    source.failure = None
    archive(ended, CALL_ID)
    assert ended.calls.get(CALL_ID).recording.state is RecordingState.READY


def test_after_six_hours_it_is_unavailable_and_says_so(ended, source):
    source.failure = NoRecording("404")
    ended.clock.pass_seconds(6 * 3600 + 1)
    archive(ended, CALL_ID)

    entry = ended.calls.get(CALL_ID)
    assert (entry.recording.state, entry.owed) == (RecordingState.UNAVAILABLE, set())


def test_a_log_in_page_is_no_recording(ended, source):
    source.content = b"<!doctype html><title>Log in</title>"
    source.size = len(source.content)
    archive(ended, CALL_ID)

    assert ended.recordings.objects == {}
    assert ended.calls.get(CALL_ID).recording.state is RecordingState.PENDING


def test_a_body_shorter_than_stated_is_not_kept(ended, source):
    source.size = len(AUDIO) + 1
    archive(ended, CALL_ID)

    assert ended.recordings.objects == {}
    assert Owed.RECORDING in ended.calls.get(CALL_ID).owed


def test_an_empty_recording_is_not_kept(ended, source):
    source.content, source.size = b"", 0
    archive(ended, CALL_ID)

    assert ended.recordings.objects == {}


def test_a_call_without_a_recording_needs_none(tenant):
    event = CallEvent(call_id=CALL_ID, provider="virtualats", state=CallState.ENDED, direction="inbound")
    record(tenant, event)
    archive(tenant, CALL_ID)

    assert tenant.recordings.objects == {}
