"""Recordings: fetched from the provider once, as soon as it has them, and played from our own bucket."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

from pydantic import BaseModel, ConfigDict

from santral.calls import CallState, RecordingState
from santral.errors import Erased, NoRecording, OutsideFailure, SantralError, Unintelligible
from santral.providers.ports import RecordingSource
from santral.providers.registry import Ability
from santral.store.calls import Entry, Owed, Recording
from santral.store.recordings import LINK_SECONDS
from santral.telemetry import count, logger
from santral.telephony.permalinks import call_handle, opened, permalink
from santral.tenant import Tenant

_PAUSES_SECONDS = (15, 60, 300, 900, 1800, 3600)
_GIVE_UP_SECONDS = 6 * 3600
_ASK_AGAIN_SECONDS = 60
_WAIT_SECONDS = 6.5
_LOOK_SECONDS = 0.5
# What a recording can be, by its first bytes; anything else (a log-in page, an error text) is not one.
_MAGIC = (
    (b"RIFF", "audio/wav"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)
_ENDINGS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/ogg": "ogg"}


class Playable(BaseModel):
    """A recording that can be played now, through a link that dies at `expires_at`."""

    model_config = ConfigDict(frozen=True)

    url: str
    expires_at: datetime
    content_type: str
    size: int
    permalink: str


def archive(tenant: Tenant, call_id: str) -> None:
    """Bring a call's recording into our bucket. Doing it again, or while another does, ends with the same object.

    What fails outside stays owed in the ledger and is postponed; after six hours of trying it is `unavailable`.
    """
    entry = tenant.calls.get(call_id)
    ref = entry.facts.text("recording_ref")
    if ref is None or entry.recording.state is not RecordingState.PENDING:
        return
    source: RecordingSource = tenant.provider(entry.provider, Ability.RECORDING)
    try:
        recording = _fetched(tenant, entry, source, ref)
    except (OutsideFailure, NoRecording) as error:
        _postpone(tenant, entry, error)
        return
    tenant.calls.remember_alias(call_handle(entry.call_id), entry.call_id)
    tenant.calls.change(entry.call_id, lambda now: now.settled(Owed.RECORDING, recording=recording))
    count("recordings_archived")


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
    content_type, size = _ready(entry)
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
        raise Erased("permalink is past its days", sentence="This link has expired.")
    _ready(entry)
    return _link(tenant, entry)


def _fetched(tenant: Tenant, entry: Entry, source: RecordingSource, ref: str) -> Recording:
    with source.recording(ref) as stream:
        first = next(stream.chunks, b"")
        content_type = _content_type(first)
        key = f"recordings/original/{call_handle(entry.call_id)}.{_ENDINGS[content_type]}"
        chunks: Iterator[bytes] = chain([first], stream.chunks)
        stored = tenant.recordings.write(key, chunks, content_type=content_type, size=stream.size)
    return Recording(
        state=RecordingState.READY, key=key, content_type=content_type, size=stored.size, sha256=stored.sha256
    )


def _content_type(first_bytes: bytes) -> str:
    for magic, content_type in _MAGIC:
        if first_bytes.startswith(magic):
            return content_type
    raise Unintelligible("what was sent as a recording is no audio", system="recording")


def _postpone(tenant: Tenant, entry: Entry, error: SantralError) -> None:
    now = int(tenant.clock().timestamp())
    ended_at = entry.facts.times.get("ended_at") or entry.facts.started_at
    given_up = ended_at is not None and now - ended_at.timestamp() > _GIVE_UP_SECONDS

    def postponed(seen: Entry) -> Entry:
        if given_up:
            recording = seen.recording.model_copy(update={"state": RecordingState.UNAVAILABLE})
            return seen.settled(Owed.RECORDING, recording=recording)
        pause = _PAUSES_SECONDS[min(seen.attempts, len(_PAUSES_SECONDS) - 1)]
        return seen.having(owed=seen.owed | {Owed.RECORDING}, next_attempt_at=now + pause)

    tenant.calls.change(entry.call_id, postponed)
    count("recordings_given_up" if given_up else "recordings_postponed")
    logger.warning("recording not archived", call_id=entry.call_id, given_up=given_up, reason=str(error))


def _asked_for(tenant: Tenant, entry: Entry) -> Entry:
    """Queue the archive job, unless someone did within the last minute."""
    now = int(tenant.clock().timestamp())
    if entry.facts.state is not CallState.ENDED:
        raise NoRecording("call is not over", sentence="The recording will be there when the call is over.")
    if (entry.recording.requested_at or 0) + _ASK_AGAIN_SECONDS > now:
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


def _awaited(tenant: Tenant, entry: Entry) -> Entry:
    give_up_at = time.monotonic() + _WAIT_SECONDS
    while entry.recording.state is RecordingState.PENDING and time.monotonic() < give_up_at:
        time.sleep(_LOOK_SECONDS)
        entry = tenant.calls.get(entry.call_id)
    return entry


def _ready(entry: Entry) -> tuple[str, int]:
    recording = entry.recording
    if recording.state is RecordingState.ERASED:
        raise Erased("recording erased")
    if recording.state is not RecordingState.READY or recording.content_type is None or recording.size is None:
        raise NoRecording(f"recording is {recording.state}")
    return recording.content_type, recording.size


def _link(tenant: Tenant, entry: Entry) -> str:
    content_type, _ = _ready(entry)
    key = entry.recording.key or ""
    return tenant.recordings.link(key, content_type=content_type, file_name=key.rpartition("/")[2])
