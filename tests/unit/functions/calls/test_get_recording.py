import pytest

from functions.calls.get_recording import handler
from santral.calls import CallEvent, CallState, RecordingState
from santral.store.calls import Recording
from tests.fakes.doors import call, sample

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("santral.telephony.recordings._WAIT_SECONDS", 0)


def known(tenant, *, call_state=CallState.ENDED, ref="12345", **recording):
    event = CallEvent(
        call_id=CALL_ID, provider="virtualats", state=call_state, recording_ref=ref, started_at=tenant.clock()
    )

    def change(entry):
        entry = entry.told(event)
        return entry.having(recording=Recording(**recording)) if recording else entry

    tenant.calls.change(CALL_ID, change)


READY = {
    "state": RecordingState.READY,
    "key": "recordings/original/abc.wav",
    "content_type": "audio/wav",
    "size": 1000,
    "sha256": "0" * 64,
}


def test_an_archived_recording_plays_through_a_link_of_minutes(tenant):
    known(tenant, **READY)

    heard = call(handler, sample("calls/get_recording"))

    assert heard.status == 200
    assert heard.json["url"].startswith("https://bucket.example/recordings/original/abc.wav")
    assert (heard.json["content_type"], heard.json["size"]) == ("audio/wav", 1000)
    assert heard.json["expires_at"] == "2026-01-15T09:35:00Z"
    assert heard.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("own_domain", "begins"),
    [("https://phone.example", "https://phone.example/recordings/k1."), ("", "https://api.example.com/recordings/k1.")],
)
def test_its_permalink_is_of_the_companys_own_domain_or_of_where_it_was_asked(tenant, own_domain, begins):
    tenant.settings = tenant.settings.model_copy(update={"public_url": own_domain})
    known(tenant, **READY)

    assert call(handler, sample("calls/get_recording")).json["permalink"].startswith(begins)


def test_one_that_is_not_there_yet_is_asked_for_once(tenant):
    known(tenant)

    first = call(handler, sample("calls/get_recording"))
    second = call(handler, sample("calls/get_recording"))

    assert (first.status, first.json) == (202, {"state": "fetching"})
    assert int(first.headers["retry-after"]) > 0
    assert second.status == 202
    assert tenant.recording_queue.sent == [CALL_ID]


def test_it_is_asked_for_again_when_a_minute_brought_nothing(tenant):
    known(tenant)
    call(handler, sample("calls/get_recording"))
    tenant.clock.pass_seconds(61)
    call(handler, sample("calls/get_recording"))

    assert len(tenant.recording_queue.sent) == 2


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"ref": None}, 404, "no_recording"),
        ({"call_state": CallState.ANSWERED}, 404, "no_recording"),
        ({"recording": {"state": RecordingState.UNAVAILABLE}}, 404, "no_recording"),
        ({"recording": {"state": RecordingState.ERASED}}, 410, "erased"),
    ],
)
def test_what_cannot_be_played_says_why(tenant, how, status, code):
    known(tenant, **{key: value for key, value in how.items() if key != "recording"}, **how.get("recording", {}))

    heard = call(handler, sample("calls/get_recording"))

    assert (heard.status, heard.json["code"]) == (status, code)


def test_an_unknown_call_has_no_recording_either(tenant):
    assert call(handler, sample("calls/get_recording")).json["code"] == "unknown_call"
