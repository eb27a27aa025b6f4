from contextlib import contextmanager
from io import BytesIO

import pytest
import soundfile

from santral.calls import CallEvent, CallState, Disposition, RecordingState
from santral.errors import Erased, NoRecording, NotConfigured, Unanswered
from santral.providers.ports import RecordingStream
from santral.store.calls import Owed, Recording
from santral.telephony import recordings
from santral.telephony.outbox import record, retry_pending
from santral.telephony.permalinks import call_handle, permalink
from santral.telephony.recordings import archive, erase, open_permalink, play
from simulators.audio import recording, wav49
from tests.fakes.holdings import MemoryVersions

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
        yield RecordingStream(self.chunks(), self.size)

    def chunks(self):
        yield self.content[:100]
        yield self.content[100:]


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


def test_the_object_says_which_call_it_is_of_without_naming_it(ended):
    archive(ended, CALL_ID)

    [(key, metadata)] = ended.recordings.metadata.items()
    assert key == f"recordings/original/{metadata['call']}.wav"


def test_what_no_browser_plays_gets_an_mp3_beside_it_which_is_played(ended, source):
    source.content = wav49("call", 3)
    source.size = len(source.content)
    archive(ended, CALL_ID)

    entry = ended.calls.get(CALL_ID)
    assert ended.recordings.objects[entry.recording.key] == ("audio/wav", source.content)
    played = play(ended, CALL_ID, base_url="https://phone.example")
    assert (played.content_type, played.size) == ("audio/mpeg", entry.recording.playable_size)
    assert "recordings/playable/" in played.url
    content_type, mp3 = ended.recordings.objects[entry.recording.playable_key]
    assert (content_type, len(mp3)) == ("audio/mpeg", played.size)
    assert soundfile.info(BytesIO(mp3)).duration == pytest.approx(3, abs=0.2)


@pytest.mark.parametrize("broken", [b"", b"\xff" * 5000], ids=["nothing behind the header", "noise"])
def test_what_cannot_be_converted_is_offered_as_it_is(ended, source, broken):
    source.content = wav49("call", 1)[:24] + broken
    source.size = len(source.content)
    archive(ended, CALL_ID)

    entry = ended.calls.get(CALL_ID)
    assert (entry.recording.state, entry.recording.playable_key) == (RecordingState.READY, None)
    assert play(ended, CALL_ID, base_url="https://phone.example").content_type == "audio/wav"


def test_what_is_too_long_for_the_scratch_space_is_offered_as_it_is(ended, source, monkeypatch):
    monkeypatch.setattr("santral.telephony.recordings.CONVERTIBLE_BYTES", 1000)
    source.content = wav49("call", 3)
    source.size = len(source.content)
    archive(ended, CALL_ID)

    entry = ended.calls.get(CALL_ID)
    assert ended.recordings.objects.keys() == {entry.recording.key}


def test_archiving_twice_fetches_once(ended, source):
    archive(ended, CALL_ID)
    archive(ended, CALL_ID)

    assert source.opened == 1


FAILURES = pytest.mark.parametrize(
    "failure",
    [NoRecording("404"), Unanswered("cut", system="virtualats"), NotConfigured("no secret")],
    ids=["not ready", "cut short", "not set up"],
)


@FAILURES
def test_what_is_not_there_yet_stays_owed_and_is_archived_once_it_is(ended, source, failure):
    source.failure = failure
    archive(ended, CALL_ID)
    entry = ended.calls.get(CALL_ID)
    assert (entry.recording.state, entry.owed) == (RecordingState.PENDING, {Owed.RECORDING})

    source.failure = None
    archive(ended, CALL_ID)
    entry = ended.calls.get(CALL_ID)
    assert (entry.recording.state, entry.owed) == (RecordingState.READY, set())


def seconds_until_asked(tenant):
    """Let the queue and the sweep do their work, until the archiver is asked again."""
    delay = tenant.recording_queue.delays[-1]
    if delay:
        tenant.clock.pass_seconds(delay)
        return delay
    asked = len(tenant.recording_queue.sent)
    waited = 0
    while len(tenant.recording_queue.sent) == asked:
        assert waited < 8 * 3600
        tenant.clock.pass_seconds(60)
        waited += 60
        retry_pending(tenant, 55)
    return waited


def pauses_until_given_up(tenant):
    pauses = []
    while True:
        tenant.recording_queue.send(CALL_ID)
        archive(tenant, CALL_ID)
        if tenant.calls.get(CALL_ID).recording.state is RecordingState.UNAVAILABLE:
            return pauses
        pauses.append(seconds_until_asked(tenant))


def test_who_wants_to_hear_it_at_once_does_not_have_it_fetched_twice(ended, source, monkeypatch):
    monkeypatch.setattr(recordings, "_WAIT_SECONDS", 0)
    asked = len(ended.recording_queue.sent)
    assert play(ended, CALL_ID, base_url="https://phone.example") is None
    assert len(ended.recording_queue.sent) == asked

    source.failure = NoRecording("404")
    archive(ended, CALL_ID)
    asked = len(ended.recording_queue.sent)
    assert play(ended, CALL_ID, base_url="https://phone.example") is None
    assert len(ended.recording_queue.sent) == asked + 1


def test_the_provider_is_asked_after_ever_longer_pauses_and_for_six_hours(ended, source):
    source.failure = NoRecording("404")

    *pauses, last = pauses_until_given_up(ended)

    assert pauses == [15, 60, 300, 900, 1800, 3600, 7200]
    assert 6 * 3600 <= sum(pauses) + last < 6 * 3600 + 60
    assert ended.calls.get(CALL_ID).owed == set()


def test_a_provider_that_cannot_be_asked_gets_a_week_to_come_back(ended, source):
    source.failure = Unanswered("down", system="virtualats")

    pauses = pauses_until_given_up(ended)

    assert pauses[7:9] == [21_600, 21_600]
    assert 7 * 86_400 <= sum(pauses) < 7 * 86_400 + 3600


def test_a_message_that_was_lost_is_sent_again_by_the_sweep(ended, source):
    source.failure = NoRecording("404")
    archive(ended, CALL_ID)
    asked = len(ended.recording_queue.sent)

    ended.clock.pass_seconds(15)
    retry_pending(ended, 55)
    assert len(ended.recording_queue.sent) == asked
    ended.clock.pass_seconds(120)
    retry_pending(ended, 55)
    assert len(ended.recording_queue.sent) == asked + 1


def test_a_recording_that_is_late_holds_up_nothing_else_the_call_owes(ended, source):
    ended.calls.change(CALL_ID, lambda entry: entry.owing(frozenset({Owed.RECORD}), next_attempt_at=7))
    source.failure = NoRecording("404")
    archive(ended, CALL_ID)

    entry = ended.calls.get(CALL_ID)
    assert entry.owed == {Owed.RECORD, Owed.RECORDING}
    assert entry.next_attempt_at == 7


def test_a_call_erased_while_its_recording_was_fetched_keeps_none(ended, source):
    def erased_meanwhile():
        yield AUDIO
        ended.calls.change(
            CALL_ID, lambda entry: entry.settled(Owed.RECORDING, recording=Recording(state=RecordingState.ERASED))
        )

    source.chunks = erased_meanwhile
    archive(ended, CALL_ID)

    assert ended.recordings.objects == {}
    assert ended.calls.get(CALL_ID).recording.state is RecordingState.ERASED


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


def test_an_erased_recording_is_gone_in_every_version_and_says_so(ended):
    archive(ended, CALL_ID)
    versions = MemoryVersions()
    handle = call_handle(CALL_ID)
    for key in (f"recordings/original/{handle}.wav", f"recordings/playable/{handle}.mp3", "recordings/original/other"):
        versions.put(key, b"once")
        versions.put(key, b"twice")

    assert erase(ended, versions, CALL_ID) == 4
    assert {version.key for version in versions.contents} == {"recordings/original/other"}
    with pytest.raises(Erased):
        play(ended, CALL_ID, base_url="https://phone.example")
    with pytest.raises(Erased):
        open_permalink(ended, permalink(ended, CALL_ID))


def test_a_link_opened_before_the_recording_is_there_says_that_it_comes(ended):
    with pytest.raises(NoRecording, match="not archived yet") as refusal:
        open_permalink(ended, permalink(ended, CALL_ID))
    assert "Open the link again in a minute." in refusal.value.sentence

    archive(ended, CALL_ID)

    assert open_permalink(ended, permalink(ended, CALL_ID))


def test_a_recording_erased_before_it_was_there_is_never_fetched(ended, source, monkeypatch):
    monkeypatch.setattr(recordings.time, "sleep", lambda _seconds: None)
    erase(ended, MemoryVersions(), CALL_ID)
    archive(ended, CALL_ID)

    assert source.opened == 0
    assert ended.calls.get(CALL_ID).owed == set()


def test_a_call_that_was_not_recorded_has_nothing_to_erase(tenant):
    record(tenant, CallEvent(call_id=CALL_ID, provider="virtualats", state=CallState.ENDED, direction="inbound"))

    with pytest.raises(NoRecording):
        erase(tenant, MemoryVersions(), CALL_ID)
