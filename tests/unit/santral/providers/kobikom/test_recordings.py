import pytest

from santral.errors import CredentialsRefused, NoRecording, SantralError, Unintelligible
from tests.fakes import answering

API_KEY = "kobi-canary-0001-0002-0003"
REF = "2019/10/24/out-05332730130-1004-20191024-150314-1571918594.40633.WAV"
WAV = b"RIFF\x24\x00\x00\x00WAVE"


def content(pbx, ref=REF):
    with pbx.recording(ref) as recording:
        return b"".join(recording.chunks), recording.size


@pytest.mark.operation("kobikom downloadRecording")
def test_a_recording_is_asked_for_by_its_whole_path(make_pbx):
    network = answering(body=WAV, **{"Content-Length": "12"})

    assert content(make_pbx(network)) == (WAV, 12)

    assert network.last.method == "GET"
    assert network.last_target == (
        f"/api/?apikey={API_KEY}&module=downloadRecording&type=json&listen=%2Fvar%2Fspool%2Fasterisk%2Fmonitor%2F2019%2F10"
        "%2F24%2Fout-05332730130-1004-20191024-150314-1571918594.40633.WAV"
    )


def test_the_folder_is_the_operators(make_pbx):
    network = answering(body=WAV)

    content(make_pbx(network, recording_root="/mnt/rec/"), "a.wav")

    assert network.last_target.endswith("&listen=%2Fmnt%2Frec%2Fa.wav")


@pytest.mark.parametrize("audio", [WAV, b"ID3\x04", b"\xff\xfb\x90", b"\xff", b"OggS\x00"])
def test_p12_audio_is_told_by_its_first_bytes(make_pbx, audio):
    assert content(make_pbx(answering(body=audio))) == (audio, None)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"result": "false", "message": "Dosya bulunamad\xc4\xb1"}', NoRecording),
        (b"<CallCenter><result>false</result><message>Dosya yok</message></CallCenter>", NoRecording),
        (b"", NoRecording),
        (b"\n ", NoRecording),
        (f'{{"result": "false", "message": "Geçersiz API anahtarı {API_KEY}"}}'.encode(), CredentialsRefused),
        (f"Invalid api key {API_KEY}".encode(), CredentialsRefused),
        (b'{"result": "true", "message": "Tamam"}', Unintelligible),
        (b"<html><body>Apache", Unintelligible),
        (b"<" * 100_000, Unintelligible),
        (b"%PDF-1.7", Unintelligible),
        (b"\x00" * 100, Unintelligible),
    ],
)
def test_p12_words_are_no_recording(make_pbx, body, error):
    with pytest.raises(SantralError) as failure:
        content(make_pbx(answering(body=body)))

    assert type(failure.value) is error
    assert API_KEY not in f"{failure.value} {failure.value.sentence}"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NoRecording),
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (500, Unintelligible),
        (302, Unintelligible),
    ],
)
def test_a_failure_by_status_is_told_as_such(make_pbx, status, error):
    with pytest.raises(error), make_pbx(answering(status, WAV)).recording(REF):
        pytest.fail("opened")


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "/etc/passwd.wav",
        "../a.wav",
        "2019/../../a.wav",
        "2019/./a.wav",
        "2019//a.wav",
        "a..wav",
        "a.php",
        "a",
        "kayıt.wav",
        "İzmir/a.wav",
        "a.wav/",
        "a.wav\x00",
        "a.wav\n",
        "a wav.wav",
        "a%2f.wav",
        "ş.wav",
        "a/" * 130 + "a.wav",
    ],
)
def test_p12_a_reference_that_leads_elsewhere_is_never_asked_for(make_pbx, ref):
    network = answering(body=WAV)

    with pytest.raises(NoRecording):
        content(make_pbx(network), ref)

    assert network.requests == []


def test_a_recording_is_capped_while_it_streams(make_pbx, monkeypatch):
    monkeypatch.setattr("santral.providers.downloads.DOWNLOAD_LIMIT", 100)

    with make_pbx(answering(body=WAV + b"x" * 100)).recording(REF) as recording, pytest.raises(Unintelligible):
        list(recording.chunks)
