import pytest

from functions.calls.open_recording import handler
from santral.calls import CallEvent, CallState, RecordingState
from santral.store.calls import Recording
from santral.telephony.permalinks import call_handle, permalink
from tests.fakes import MemorySecrets
from tests.fakes.doors import call, http, sample

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"


@pytest.fixture
def link(tenant):
    event = CallEvent(call_id=CALL_ID, provider="virtualats", state=CallState.ENDED, started_at=tenant.clock())
    recording = Recording(
        state=RecordingState.READY, key="recordings/original/abc.wav", content_type="audio/wav", size=9
    )
    tenant.calls.change(CALL_ID, lambda entry: entry.told(event).having(recording=recording))
    tenant.calls.remember_alias(call_handle(CALL_ID), CALL_ID)
    return permalink(tenant, CALL_ID)


def opened(token):
    return call(handler, http("calls/open_recording", path={"permalink": token}))


def test_a_permalink_leads_to_a_fresh_link_without_a_bearer(tenant, link):
    heard = opened(link)

    assert heard.status == 302
    assert heard.headers["location"].startswith("https://bucket.example/recordings/original/abc.wav")
    assert heard.headers["referrer-policy"] == "no-referrer"
    assert heard.headers["cache-control"] == "no-store"
    assert heard.text == ""


@pytest.mark.parametrize("position", [0, 5, -1])
def test_a_changed_permalink_leads_nowhere(tenant, link, position):
    changed = list(link)
    changed[position] = "A" if changed[position] != "A" else "B"

    assert opened("".join(changed)).status == 404


def test_the_sample_was_signed_by_nobody(tenant):
    heard = call(handler, sample("calls/open_recording"))

    assert (heard.status, heard.json["code"]) == (404, "unknown_permalink")


def test_a_link_signed_with_an_older_key_still_opens_and_one_of_a_revoked_key_does_not(tenant, link):
    tenant.secrets.drop("permalinks")
    tenant.secrets._source = MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key", "k2": "newer-key"}})
    kept = opened(link).status
    newer = permalink(tenant, CALL_ID)
    tenant.secrets.drop("permalinks")
    tenant.secrets._source = MemorySecrets(permalinks={"keys": {"k2": "newer-key"}})

    assert (kept, opened(link).status, opened(newer).status) == (302, 404, 302)
    assert newer.startswith("k2.")


def test_an_erased_recording_is_gone(tenant, link):
    tenant.calls.change(CALL_ID, lambda entry: entry.having(recording=Recording(state=RecordingState.ERASED)))

    assert opened(link).status == 410


def test_a_permalink_past_its_days_is_gone(tenant, link):
    tenant.clock.pass_seconds(401 * 86_400)

    assert opened(link).status == 410


def test_one_that_is_not_archived_yet_is_not_found(tenant, link):
    tenant.calls.change(CALL_ID, lambda entry: entry.having(recording=Recording(state=RecordingState.PENDING)))

    assert opened(link).json["code"] == "no_recording"
