import json

import pytest

from santral.errors import Busy, CredentialsRefused, NoRecording, Unintelligible
from tests.fakes import Network, answering

KEY = "K12345678-1234-5678-4321-123456789012"
CALL = "358c20bc-fd86-11e5-87a2-157d41a07454"
URL = "https://api.bulutsantralim.com/recording/Rbb9d6f36-d1a7-46f5-961e-4be2e2ba1b8e"


def minting(url=URL):
    return answering(body=url)


def audio(status=200, body=b"RIFFaudio", **headers):
    return Network(lambda _request: (status, {"content-type": "audio/wav", **headers}, body))


def content_of(pbx, ref=CALL):
    with pbx.recording(ref) as stream:
        return b"".join(stream.chunks), stream.size


@pytest.mark.operation("verimor recording_url")
def test_an_address_is_asked_for_with_the_key_and_opened_without(make_pbx, budget):
    mint, store = minting(), audio(**{"content-length": "9"})

    assert content_of(make_pbx(mint, downloads=store)) == (b"RIFFaudio", 9)

    assert (mint.last.method, mint.last_target) == ("POST", "/recording_url/")
    assert mint.last.body == f"key={KEY}&call_uuid={CALL}".encode()
    assert mint.last.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert budget.taken == [("recording_url", 5)]
    assert (store.last.method, store.last.url, store.last.body) == ("GET", URL, None)
    assert KEY not in f"{store.last.url}{store.last.headers}"


@pytest.mark.parametrize(
    "body", [URL, f" {URL}\n", json.dumps(URL), json.dumps({"url": URL, "expires_at": "2026-01-01"})]
)
def test_m4_the_address_comes_as_text_or_as_json(make_pbx, body):
    assert content_of(make_pbx(minting(body), downloads=audio()))[0] == b"RIFFaudio"


def test_an_addresss_query_goes_along(make_pbx):
    store = audio()

    content_of(make_pbx(minting(f"{URL}?a=1%2F2&b=c"), downloads=store))

    assert store.last.url == f"{URL}?a=1%2F2&b=c"


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://drive.example/R1", ["drive.example"]),
        ("https://DRIVE.example:443/R1", [" Drive.Example "]),
        ("https://drive.example:8443/R1", ["drive.example:8443"]),
        ("http://127.0.0.1:9000/R1", ["127.0.0.1:9000"]),
        ("https://api.bulutsantralim.com:443/R1", []),
    ],
)
def test_an_address_may_be_on_a_host_the_tenant_named(make_pbx, url, hosts):
    pbx = make_pbx(minting(url), downloads=audio(), options={"recording_hosts": hosts})

    assert content_of(pbx)[0] == b"RIFFaudio"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.bulutsantralim.com/recording/R1",
        "https://api.bulutsantralim.com.evil.example/R1",
        "https://evil.example/api.bulutsantralim.com",
        "https://api.bulutsantralim.com@evil.example/R1",
        "https://user@api.bulutsantralim.com/R1",
        "https://api.bulutsantralim.com:8443/R1",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1/R1",
        "//api.bulutsantralim.com/R1",
        "/recording/R1",
        "file:///etc/passwd",
        "https://[::1",
        "https://api.bulutsantralim.com\\@evil.example/R1",
        "https://api.bulutsantralim.com/a b",
        "https://drive.example:8443/R1",
        "http://drive.example/R1",
        "",
        "{}",
        "OK",
    ],
)
def test_no_other_address_is_ever_opened(make_pbx, url):
    store = audio()

    with pytest.raises(Unintelligible) as refused:
        content_of(make_pbx(minting(url), downloads=store, options={"recording_hosts": ["drive.example"]}))

    assert store.requests == []
    assert not url or url not in str(refused.value)


def test_a_recording_on_this_machine_may_be_unencrypted_as_the_api_itself(make_pbx):
    store = audio()
    pbx = make_pbx(minting("http://127.0.0.1:8081/recording/R1"), downloads=store, base_url="http://127.0.0.1:8081")

    assert content_of(pbx)[0] == b"RIFFaudio"


@pytest.mark.parametrize("status", [400, 404])
def test_a_call_without_a_recording_has_none(make_pbx, status):
    with pytest.raises(NoRecording):
        content_of(make_pbx(answering(status, f"cannot find call with call_uuid {CALL}")))


@pytest.mark.parametrize("status", [400, 404, 410])
def test_an_address_that_leads_nowhere_is_no_recording(make_pbx, status):
    with pytest.raises(NoRecording):
        content_of(make_pbx(minting(), downloads=audio(status)))


@pytest.mark.parametrize("status", [401, 403, 500, 204 + 300])
def test_any_other_failure_of_the_download_is_told_as_one(make_pbx, status):
    with pytest.raises(Unintelligible):
        content_of(make_pbx(minting(), downloads=audio(status)))


@pytest.mark.parametrize("ref", ["", "..", "a/b", "https://evil.example/R1", "x" * 129])
def test_what_is_no_id_is_never_asked_for(make_pbx, ref):
    mint = minting()

    with pytest.raises(NoRecording):
        content_of(make_pbx(mint), ref)

    assert mint.requests == []


def test_words_instead_of_audio_are_no_recording_to_keep(make_pbx):
    store = Network(lambda _request: (200, {"content-type": "text/html; charset=utf-8"}, b"<html>"))

    with pytest.raises(Unintelligible):
        content_of(make_pbx(minting(), downloads=store))


def test_redirects_are_not_followed(make_pbx):
    store = audio(302, location="https://evil.example/R1")

    with pytest.raises(Unintelligible):
        content_of(make_pbx(minting(), downloads=store))

    assert len(store.requests) == 1


def test_a_recording_over_the_limit_is_refused_before_and_while_it_is_read(make_pbx, monkeypatch):
    monkeypatch.setattr("santral.providers.downloads.DOWNLOAD_LIMIT", 5)

    for headers in ({"content-length": "9"}, {}):
        with pytest.raises(Unintelligible, match="limit"):
            content_of(make_pbx(minting(), downloads=audio(**headers)))


def test_five_addresses_a_minute_are_all_there_is(make_pbx, budget):
    budget.spent = {"recording_url"}
    mint = minting()

    with pytest.raises(Busy):
        content_of(make_pbx(mint))

    assert mint.requests == []


def test_m1_the_key_may_go_into_the_query(make_pbx):
    mint = minting()

    content_of(make_pbx(mint, downloads=audio(), options={"key_in_query": True}))

    assert mint.last_target == f"/recording_url/?key={KEY}"
    assert mint.last.body == f"call_uuid={CALL}".encode()


def test_m3_a_wrong_key_is_told_without_it(make_pbx):
    with pytest.raises(CredentialsRefused) as refused:
        content_of(make_pbx(answering(400, f"Gecersiz anahtar: {KEY}")))

    assert KEY not in repr(refused.value)
