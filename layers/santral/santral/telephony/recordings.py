"""Recordings: fetched from the provider once, as soon as it has them, and played from our own bucket."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from pydantic import BaseModel, ConfigDict

from santral.calls import CallState, RecordingState
from santral.errors import Erased, NoRecording, NotConfigured, OutsideFailure, SantralError, Unintelligible
from santral.providers.ports import RecordingSource
from santral.providers.registry import Ability
from santral.sentences import say
from santral.store.calls import Entry, Owed, Recording
from santral.store.recordings import LINK_SECONDS
from santral.store.versions import Versions
from santral.telemetry import count, gauge, logger
from santral.telephony.audio import (
    CONVERTIBLE_BYTES,
    HEAD_BYTES,
    PLAYABLE_TYPE,
    Inconvertible,
    make_playable,
    recognised,
)
from santral.telephony.permalinks import call_handle, opened, permalink
from santral.tenant import Tenant

_PAUSES_SECONDS = (15, 60, 300, 900, 1800, 3600, 7200, 21_600)
# A provider that says for so long that it has no recording has none; one that cannot be asked gets days to come back.
_GIVE_UP_SECONDS = 6 * 3600
_GIVE_UP_UNASKED_SECONDS = 7 * 86_400
# The queue holds a message back for so long at most; longer pauses are the sweep's, which comes each minute.
_LONGEST_DELAY_SECONDS = 900
# What the sweep waits beyond a message's own time, before it takes it for lost.
_GRACE_SECONDS = 120
_READ_BYTES = 64 * 1024
_LAST_BYTES_SECONDS = 10
_ASK_AGAIN_SECONDS = 60
_WAIT_SECONDS = 6.5
_LOOK_SECONDS = 0.5


class Playable(BaseModel):
    """A recording that can be played now, through a link that dies at `expires_at`."""

    model_config = ConfigDict(frozen=True)

    url: str
    expires_at: datetime
    content_type: str
    size: int
    permalink: str


class Fetching(BaseModel):
    """A recording that is on its way. Ask again after the seconds of Retry-After."""

    model_config = ConfigDict(frozen=True)

    state: Literal["fetching"] = "fetching"


def archive(tenant: Tenant, call_id: str) -> None:
    """Bring a call's recording into our bucket. Doing it again, or while another does, ends with the same object.

    What fails outside stays owed in the ledger and is tried again after ever longer pauses. What the provider does not
    have for six hours, or what cannot be fetched for a week, is `unavailable`.
    """
    entry = tenant.calls.get(call_id)
    ref = entry.facts.text("recording_ref")
    if ref is None or entry.recording.state is not RecordingState.PENDING:
        return
    try:
        source: RecordingSource = tenant.provider(entry.pbx, Ability.RECORDING)
        recording = _fetched(tenant, entry, source, ref)
    except (OutsideFailure, NoRecording, NotConfigured) as error:
        _postpone(tenant, entry, error)
        return
    except Erased:
        return
    tenant.calls.remember_alias(call_handle(entry.call_id), entry.call_id)
    tenant.calls.change(entry.call_id, lambda now: _archived(now, recording))
    count("recordings_archived")
    if ended_at := entry.facts.times.get("ended_at"):
        gauge("recording_lag_seconds", max(0, int((tenant.clock() - ended_at).total_seconds())), "Seconds")


def play(tenant: Tenant, call_id: str, *, base_url: str) -> Playable | None:
    """Return a call's recording, or None while it is still being fetched (it is asked for, and waited for a while).

    Raises:
        UnknownCall: The call is not known.
        NoRecording: It has none, or the provider no longer does.
        Erased: It was erased.
    """
    entry = tenant.calls.get(call_id)
    if entry.recording.state is RecordingState.PENDING:
        entry = _awaited(tenant, _asked_for(tenant, entry))
    if entry.recording.state is RecordingState.PENDING:
        return None
    _, content_type, size = _ready(entry)
    return Playable(
        url=_link(tenant, entry),
        expires_at=tenant.clock() + timedelta(seconds=LINK_SECONDS),
        content_type=content_type,
        size=size,
        permalink=f"{base_url}/recordings/{permalink(tenant, entry.call_id)}",
    )


def open_permalink(tenant: Tenant, token: str) -> str:
    """Return a fresh link to the recording a permalink leads to.

    Raises:
        UnknownPermalink: It was not signed with one of our keys.
        NoRecording: It is not archived (yet).
        Erased: It was erased, or the permalink is older than the tenant keeps them.
        UnknownCall: The call is older than the ledger.
    """
    entry = tenant.calls.behind(opened(tenant, token))
    born = entry.facts.started_at or datetime.min.replace(tzinfo=UTC)
    if tenant.clock() > born + timedelta(days=tenant.settings.permalink_days):
        raise Erased("permalink is past its days", sentence=say("This link has expired."))
    _ready(entry)
    return _link(tenant, entry)


def erase(tenant: Tenant, versions: Versions, call_id: str) -> int:
    """Remove a call's recording for good, original and playable copy, and return how many versions that were.

    Its link answers 410 from then on, and nobody archives it again.

    Raises:
        UnknownCall: The call is not known.
        NoRecording: It never had one.
    """
    entry = tenant.calls.get(call_id)
    if entry.recording.state is RecordingState.NONE:
        raise NoRecording("there is nothing to erase")
    erased = Recording(state=RecordingState.ERASED)
    tenant.calls.change(entry.call_id, lambda now: now.settled(Owed.RECORDING, recording=erased))
    if entry.recording.state is RecordingState.PENDING:
        # An archiver that looked at the row before this may be at the last bytes of its object.
        time.sleep(_LAST_BYTES_SECONDS)
    name = call_handle(entry.call_id)
    found = [
        version for folder in ("original", "playable") for version in versions.under(f"recordings/{folder}/{name}")
    ]
    versions.remove(found)
    return len(found)


def _fetched(tenant: Tenant, entry: Entry, source: RecordingSource, ref: str) -> Recording:
    name = call_handle(entry.call_id)
    with TemporaryDirectory(prefix="recording-") as scratch:
        original = Path(scratch) / "original"
        with source.recording(ref) as stream:
            head = _head(stream.chunks)
            audio = recognised(head)
            if audio is None:
                raise Unintelligible("what was sent as a recording is no audio", system=entry.provider)
            chunks = _while_wanted(tenant, entry, chain([head], stream.chunks))
            key = f"recordings/original/{name}.{audio.ending}"
            stored = tenant.recordings.write(
                key,
                chunks if audio.plays_in_browsers else _copied(chunks, original),
                content_type=audio.content_type,
                size=stream.size,
                metadata={"call": name},
            )
        recording = Recording(
            state=RecordingState.READY,
            key=key,
            content_type=audio.content_type,
            size=stored.size,
            sha256=stored.sha256,
        )
        if audio.plays_in_browsers:
            return recording
        return _with_playable_copy(tenant, recording, original, name)


def _head(chunks: Iterator[bytes]) -> bytes:
    head = bytearray()
    while len(head) < HEAD_BYTES and (chunk := next(chunks, None)) is not None:
        head += chunk
    return bytes(head)


def _while_wanted(tenant: Tenant, entry: Entry, chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from chunks
    # Erased while it was on its way: a stream that fails at its end leaves no object.
    if tenant.calls.get(entry.call_id).recording.state is RecordingState.ERASED:
        raise Erased("erased while it was fetched")


def _copied(chunks: Iterable[bytes], file: Path) -> Iterator[bytes]:
    """Yield the chunks on and keep them in `file`, unless they are more than can be converted."""
    size = 0
    with file.open("wb") as copy:
        for chunk in chunks:
            size += len(chunk)
            if size <= CONVERTIBLE_BYTES:
                copy.write(chunk)
            yield chunk


def _with_playable_copy(tenant: Tenant, recording: Recording, original: Path, name: str) -> Recording:
    """Return the recording with an MP3 beside it, or as it is where none can be made: then the original is offered."""
    copy = original.with_name("playable")
    try:
        make_playable(original, copy, size=recording.size)
    except Inconvertible as error:
        count("recordings_not_playable")
        logger.warning("no playable copy", recording=name, reason=str(error))
        return recording
    key = f"recordings/playable/{name}.mp3"
    with copy.open("rb") as mp3:
        stored = tenant.recordings.write(
            key,
            iter(lambda: mp3.read(_READ_BYTES), b""),
            content_type=PLAYABLE_TYPE,
            size=copy.stat().st_size,
            metadata={"call": name},
        )
    return recording.model_copy(update={"playable_key": key, "playable_size": stored.size})


def _archived(entry: Entry, recording: Recording) -> Entry:
    if entry.recording.state is not RecordingState.PENDING:
        return entry
    return entry.settled(Owed.RECORDING, recording=recording)


def _postpone(tenant: Tenant, entry: Entry, error: SantralError) -> None:
    now = int(tenant.clock().timestamp())
    patience = _GIVE_UP_SECONDS if isinstance(error, NoRecording) else _GIVE_UP_UNASKED_SECONDS
    waited = now - (entry.recording.first_attempt_at or now)
    given_up = waited >= patience
    pause = max(_PAUSES_SECONDS[min(entry.recording.attempts, len(_PAUSES_SECONDS) - 1)], error.retry_after or 0)
    # The last try is at the very end.
    pause = min(pause, patience - waited)
    by_message = pause <= _LONGEST_DELAY_SECONDS
    due_at = now + pause + (_GRACE_SECONDS if by_message else 0)

    def postponed(seen: Entry) -> Entry:
        recording = seen.recording
        if recording.state is not RecordingState.PENDING:
            return seen
        if given_up:
            unavailable = recording.model_copy(update={"state": RecordingState.UNAVAILABLE})
            return seen.settled(Owed.RECORDING, recording=unavailable)
        tried = {
            "attempts": recording.attempts + 1,
            "first_attempt_at": recording.first_attempt_at or now,
            "due_at": due_at,
        }
        # Whatever else this call owes keeps its own time.
        next_attempt_at = seen.next_attempt_at if seen.owed - {Owed.RECORDING} else due_at
        return seen.having(
            owed=seen.owed | {Owed.RECORDING},
            next_attempt_at=next_attempt_at,
            recording=recording.model_copy(update=tried),
        )

    after = tenant.calls.change(entry.call_id, postponed)
    if by_message and after.recording.state is RecordingState.PENDING:
        tenant.recording_queue.send(entry.call_id, delay_seconds=pause)
    count("recordings_given_up" if given_up else "recordings_postponed")
    logger.warning("recording not archived", call_id=entry.call_id, given_up=given_up, reason=str(error))


def _asked_for(tenant: Tenant, entry: Entry) -> Entry:
    """Queue the archive job, unless it was queued within the last minute."""
    now = int(tenant.clock().timestamp())
    if entry.facts.state is not CallState.ENDED:
        raise NoRecording("call is not over", sentence=say("The recording will be there when the call is over."))
    if _last_asked_at(entry) + _ASK_AGAIN_SECONDS > now:
        return entry
    tenant.recording_queue.send(entry.call_id)
    return tenant.calls.change(
        entry.call_id,
        lambda seen: (
            seen.having(recording=seen.recording.model_copy(update={"requested_at": now}))
            if seen.recording.state is RecordingState.PENDING
            else seen
        ),
    )


def _last_asked_at(entry: Entry) -> float:
    """Return when the archiver was last asked, as far as one can tell: a call's end asks it too."""
    ended_at = entry.facts.times.get("ended_at")
    at_its_end = ended_at.timestamp() if ended_at and not entry.recording.attempts else 0
    return max(entry.recording.requested_at or 0, at_its_end)


def _awaited(tenant: Tenant, entry: Entry) -> Entry:
    give_up_at = time.monotonic() + _WAIT_SECONDS
    while entry.recording.state is RecordingState.PENDING and time.monotonic() < give_up_at:
        time.sleep(_LOOK_SECONDS)
        entry = tenant.calls.get(entry.call_id)
    return entry


def _ready(entry: Entry) -> tuple[str, str, int]:
    """Return key, type and size of what is played: the playable copy where there is one."""
    recording = entry.recording
    if recording.state is RecordingState.ERASED:
        raise Erased("recording erased")
    if recording.playable_key and recording.playable_size:
        return recording.playable_key, PLAYABLE_TYPE, recording.playable_size
    if recording.state is RecordingState.PENDING:
        told = say("The recording of this call is still being fetched. Open the link again in a minute.")
        raise NoRecording("recording is not archived yet", sentence=told)
    if not (recording.state is RecordingState.READY and recording.key and recording.content_type and recording.size):
        raise NoRecording(f"recording is {recording.state}")
    return recording.key, recording.content_type, recording.size


def _link(tenant: Tenant, entry: Entry) -> str:
    key, content_type, _ = _ready(entry)
    return tenant.recordings.link(key, content_type=content_type, file_name=key.rpartition("/")[2])
