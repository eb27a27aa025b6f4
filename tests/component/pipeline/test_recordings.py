"""Recordings on the running system: kept as they were, played in any browser, and gone when they are erased."""

import hashlib
from dataclasses import replace
from io import BytesIO

import pytest
import requests
import soundfile

from santral.telephony.permalinks import call_handle
from santral.telephony.recordings import erase
from tests.component.operations.conftest import as_integrator, here  # noqa: F401 (fixtures)
from tests.component.pipeline.conftest import QUICK


@pytest.fixture
def recorded(company):
    """Have a customer call and be recorded, in some form; return the call as the PBX knows it."""

    def call(form):
        company.pbx.use_script(replace(QUICK, recording_form=form, talk_seconds=3))
        provider_id = company.pbx.place_inbound_call(source="905321234567", extension="101")
        company.logged(f"virtualats:{provider_id}")
        return next(call for call in company.pbx.exchange.calls() if call.call_id == provider_id)

    return call


def playable(company, call):
    path = f"/calls/virtualats:{call.call_id}/recording"
    return company.until(lambda: company.get(path), lambda answer: answer.status_code == 200).json()


def object_of(company, call, *, ending="wav"):
    key = f"recordings/original/{call_handle(f'virtualats:{call.call_id}')}.{ending}"
    return company.sandbox.root.s3.get_object(Bucket=company.sandbox.ready["bucket"], Key=key)


def test_what_no_browser_plays_is_kept_as_it_was_and_played_as_an_mp3_of_the_same_length(company, recorded):
    call = recorded("wav49")
    told = playable(company, call)
    played = requests.get(told["url"], timeout=10)
    sent = company.pbx.exchange.audio(call.recording_id)

    assert (told["content_type"], told["size"]) == ("audio/mpeg", len(played.content))
    assert played.headers["content-type"] == "audio/mpeg"
    assert soundfile.info(BytesIO(played.content)).duration == pytest.approx(call.talk_seconds, abs=0.2)
    assert object_of(company, call)["Body"].read() == sent
    assert requests.get(told["permalink"], timeout=10).content == played.content


@pytest.mark.parametrize(("form", "ending"), [("wav", "wav"), ("wav49", "mp3")])
def test_a_player_may_jump_and_is_told_to_play_and_not_to_save(company, recorded, form, ending):
    told = playable(company, recorded(form))
    whole = requests.get(told["url"], timeout=10)
    part = requests.get(told["url"], headers={"Range": "bytes=1000-1999"}, timeout=10)

    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    assert whole.headers["content-disposition"].startswith("inline;")
    assert whole.headers["content-disposition"].endswith(f'.{ending}"')


def test_the_object_says_what_it_is_and_of_which_call_without_naming_it(company, recorded):
    call = recorded("wav")
    playable(company, call)
    sent = company.pbx.exchange.audio(call.recording_id)
    kept = object_of(company, call)

    assert kept["ContentType"] == "audio/wav"
    assert kept["Metadata"] == {
        "call": call_handle(f"virtualats:{call.call_id}"),
        "sha256": hashlib.sha256(sent).hexdigest(),
    }


def test_an_erased_recording_is_gone_in_every_version_and_its_link_says_so(company, recorded, here):  # noqa: F811 (the fixture)
    call = recorded("wav49")
    told = playable(company, call)
    s3, bucket = company.sandbox.root.s3, company.sandbox.ready["bucket"]
    s3.put_object(
        Bucket=bucket, Key=f"recordings/playable/{call_handle(f'virtualats:{call.call_id}')}.mp3", Body=b"again"
    )
    before = s3.list_object_versions(Bucket=bucket, Prefix="recordings/")["Versions"]

    assert erase(here.tenant, here.holdings.versions, f"virtualats:{call.call_id}") == len(before) >= 3
    left = s3.list_object_versions(Bucket=bucket, Prefix="recordings/")
    assert "Versions" not in left
    assert "DeleteMarkers" not in left
    assert requests.get(told["permalink"], timeout=10).status_code == 410
    assert requests.get(told["url"], timeout=10).status_code == 404
    assert company.get(f"/calls/virtualats:{call.call_id}/recording").status_code == 410
