"""What santral.http promises, held against a server on this machine that misbehaves in every way it can."""

import json
import logging
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests.adapters import HTTPAdapter
from werkzeug.wrappers import Response

from santral import telemetry
from santral.errors import Busy, OutcomeUnknown, OutsideFailure, Unanswered, Unintelligible, Unreachable
from santral.http import BODY_LIMIT, Http
from simulators.faults import CommitThen, Drip, Garbage, Hang, Redirect, Reset, Status, Truncate
from simulators.frame import Simulator, committed
from simulators.serving import serving

KEY = "canary-key-in-query"
SHORT = 0.4  # seconds; long enough for loopback, short enough for a test that waits it out


class Echo(Simulator):
    """A system that does what it is told, which it counts by requests committed."""

    name = "echo"

    def answer(self, request):
        committed(request)
        return Response(b"done" * 8, 200, {"X-Header": "value"})

    @property
    def effects(self):
        return sum(entry.committed for entry in self.requests.all())


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def http(echo):
    with serving(echo) as url:
        yield Http("echo", url)


def call(http, *, safe, deadline=SHORT, path="/act"):
    return http.call("POST", path, safe=safe, query=f"key={KEY}", headers={"X-Key": KEY}, body=b"{}", deadline=deadline)


def failure(http, *, safe, **more):
    with pytest.raises(OutsideFailure) as failed:
        call(http, safe=safe, **more)
    return failed.value


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_an_answer_is_returned_whole_with_its_status_and_headers(http, echo):
    answer = call(http, safe=False)

    assert (answer.status, answer.headers["x-header"], answer.body) == (200, "value", b"done" * 8)
    (request,) = echo.requests.all()
    assert (request.method, request.path, request.query, request.body) == ("POST", "/act", f"key={KEY}", b"{}")


def test_any_status_is_an_answer_not_an_exception(http, echo):
    echo.faults.add("/act", Status(code=418, body=b"teapot"))

    assert call(http, safe=False).status == 418


def test_an_answer_may_be_as_large_as_its_reader_allows(http, echo):
    echo.faults.add("/act", Status(code=200, body=b"x" * (BODY_LIMIT + 1)), times=None)

    assert len(http.call("GET", "/act", safe=True, body_limit=BODY_LIMIT + 1).body) == BODY_LIMIT + 1
    with pytest.raises(Unintelligible):
        http.call("GET", "/act", safe=True, body_limit=BODY_LIMIT)


# A lost answer: whatever spoils it, what may have happened is never done again.

LOST = {
    "hang": Hang(),
    "reset": Reset(),
    "short body": Truncate(ending="short"),
    "short chunked body": Truncate(ending="chunked"),
    "reset in the body": Truncate(ending="reset"),
    "body drip": Drip(interval=0.05),
    "headers drip": Drip(interval=0.05, part="headers"),
    "endless headers": Drip(interval=0.002, part="endless_headers"),
    "redirect": Redirect(location="/elsewhere"),
    "redirect to another host": Redirect(location="http://127.0.0.1:9/elsewhere"),
    "too large": Status(code=200, body=b"x" * (BODY_LIMIT + 1)),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_an_unsafe_request_is_sent_once_and_its_lost_answer_is_an_unknown_outcome(http, echo, fault):
    echo.faults.add("/act", CommitThen(fault=fault), times=None)

    assert type(failure(http, safe=False)) is OutcomeUnknown

    assert echo.effects == 1
    assert len(echo.requests) == 1


def test_an_unsafe_request_is_not_repeated_on_a_server_error(http, echo):
    echo.faults.add("/act", CommitThen(fault=Status(code=503)), times=None)

    assert call(http, safe=False).status == 503
    assert len(echo.requests) == 1


SILENT = ("hang", "body drip", "headers drip", "endless headers", "short body", "short chunked body")


@pytest.mark.parametrize("fault", [LOST[name] for name in SILENT], ids=SILENT)
def test_a_safe_request_whose_answer_never_comes_whole_is_unanswered(http, echo, fault):
    echo.faults.add("/act", fault, times=None)

    assert type(failure(http, safe=True)) is Unanswered


NEVER_READ = ("redirect", "redirect to another host", "too large")


@pytest.mark.parametrize("fault", [LOST[name] for name in NEVER_READ], ids=NEVER_READ)
def test_what_is_never_read_is_not_asked_for_twice(http, echo, fault):
    echo.faults.add("/act", fault, times=None)

    assert type(failure(http, safe=True, deadline=5)) is Unintelligible

    assert len(echo.requests) == 1


def test_a_redirect_is_not_followed(http, echo):
    echo.faults.add("/act", Redirect(location="/elsewhere"))

    failure(http, safe=True)

    assert echo.requests.to("/elsewhere") == []


@pytest.mark.parametrize("fault", [Status(code=500), Status(code=503), Reset(), Truncate()])
def test_a_safe_request_is_tried_once_more(http, echo, fault):
    echo.faults.add("/act", fault)

    assert call(http, safe=True, deadline=5).status == 200
    assert len(echo.requests) == 2


def test_a_safe_request_is_tried_twice_at_most(http, echo):
    echo.faults.add("/act", Status(code=500), times=None)

    assert call(http, safe=True, deadline=5).status == 500
    assert len(echo.requests) == 2


@pytest.mark.parametrize("safe", [True, False])
def test_a_throttle_is_busy_and_not_repeated(http, echo, safe):
    echo.faults.add("/act", Status(code=429, headers={"Retry-After": "17"}), times=None)

    error = failure(http, safe=safe)

    assert (type(error), error.retry_after) == (Busy, 17)
    assert len(echo.requests) == 1


@pytest.mark.parametrize("wait", ["soon", "-1", "9" * 5000])
def test_a_throttle_with_an_odd_wait_is_busy_all_the_same(http, echo, wait):
    echo.faults.add("/act", Status(code=429, headers={"Retry-After": wait}))

    assert failure(http, safe=True).retry_after is None


@pytest.mark.parametrize("safe", [True, False])
def test_a_refused_connection_is_unreachable(safe):
    assert type(failure(Http("echo", f"http://127.0.0.1:{closed_port()}"), safe=safe)) is Unreachable


def test_a_base_url_no_request_can_be_made_of_is_unreachable():
    assert type(failure(Http("echo", "http://127.0.0.1:99999"), safe=False)) is Unreachable


def test_a_path_cannot_lead_to_another_host():
    with pytest.raises(Unintelligible):
        Http("echo", "http://127.0.0.1:8000").call("GET", "@elsewhere.example/", safe=True)


class Refusing(HTTPAdapter):
    def send(self, request, **_):
        raise requests.ConnectionError(f"cannot reach {request.url} with {request.headers}")


def test_no_error_tells_the_url_or_the_key(http, echo):
    errors = [
        failure(Http("echo", f"http://127.0.0.1:{closed_port()}"), safe=False),
        failure(Http("echo", "http://echo.example", transport=Refusing()), safe=True),
    ]
    for fault in LOST.values():
        echo.faults.add("/act", fault)
        errors.append(failure(http, safe=False))

    for error in errors:
        told = f"{error!r} {error} {error.sentence} {error.__cause__!r}"
        assert KEY not in told
        assert "127.0.0.1" not in told
        assert error.__suppress_context__ or error.__context__ is None


def test_no_log_line_tells_the_url_or_the_key(http, echo, caplog):
    caplog.set_level(logging.INFO)
    for fault in LOST.values():
        echo.faults.add("/act", fault)
        failure(http, safe=False)
    # A header line without a colon is what urllib3 warns of, with the URL in its warning.
    with socket.create_server(("127.0.0.1", 0)) as server:
        odd = Http("echo", f"http://127.0.0.1:{server.getsockname()[1]}")
        answer_oddly(server)
        call(odd, safe=False, deadline=5)

    assert KEY not in caplog.text


def answer_oddly(server):
    def serve():
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon here\r\n\r\nok")

    threading.Thread(target=serve, daemon=True).start()


def test_proxies_and_netrc_of_the_environment_are_not_used(http, echo, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")

    assert call(http, safe=False).status == 200
    assert "Authorization" not in echo.requests.all()[0].headers


@pytest.mark.parametrize(("safe", "error"), [(True, Unanswered), (False, OutcomeUnknown)])
def test_the_deadline_also_cuts_an_answer_that_closes_its_connection(safe, error):
    held = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        drip_without_length(server, held)
        assert type(failure(Http("echo", f"http://127.0.0.1:{server.getsockname()[1]}"), safe=safe)) is error
        held.set()


# Over TLS, as in production.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return a certificate for this machine and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM)
    )
    return path


@pytest.fixture
def secured(echo, certificate):
    class Trusting(Http):
        def _new_session(self):
            session = super()._new_session()
            session.verify = str(certificate)
            return session

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(echo, ssl_context=context) as url:
        yield Trusting("echo", url)


@pytest.mark.parametrize("safe", [True, False])
def test_tls_carries_requests_too(secured, safe):
    assert call(secured, safe=safe, deadline=5).status == 200


@pytest.mark.parametrize("fault", [LOST[name] for name in ("hang", "body drip", "short body")])
@pytest.mark.parametrize(("safe", "error"), [(True, Unanswered), (False, OutcomeUnknown)])
def test_the_deadline_holds_over_tls(secured, echo, fault, safe, error):
    echo.faults.add("/act", CommitThen(fault=fault), times=None)

    assert type(failure(secured, safe=safe)) is error


def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(secured, echo):
    assert type(failure(Http("echo", echo.url), safe=False, deadline=5)) is Unreachable
    assert len(echo.requests) == 0


# Streams.


def read_all(http, deadline=SHORT):
    with http.stream("/file", deadline=deadline, headers={"X-Key": KEY}) as answer:
        return answer.status, b"".join(answer.chunks)


def test_a_stream_is_read_to_its_end(http):
    assert read_all(http, deadline=5) == (200, b"done" * 8)


def test_a_stream_tells_its_status_before_its_body(http, echo):
    echo.faults.add("/file", Status(code=404))

    assert read_all(http)[0] == 404


CUT = ("hang", "reset", "short body", "short chunked body", "reset in the body", "body drip", "headers drip")


@pytest.mark.parametrize("fault", [LOST[name] for name in CUT], ids=CUT)
def test_a_stream_that_ends_early_is_unanswered(http, echo, fault):
    echo.faults.add("/file", fault, times=None)

    with pytest.raises(Unanswered):
        read_all(http)


def test_a_stream_of_unknown_length_cut_by_the_deadline_never_looks_complete():
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = threading.Event()
        drip_without_length(server, held)
        http = Http("echo", f"http://127.0.0.1:{server.getsockname()[1]}")
        # The one who reads must hear of it while reading: afterwards the half file is already kept.
        with http.stream("/file", deadline=SHORT) as answer, pytest.raises(Unanswered):
            list(answer.chunks)
        held.set()


def drip_without_length(server, held):
    def serve():
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            with suppress(OSError):
                while not held.wait(0.02):  # each byte starts the socket's own time-out anew
                    connection.sendall(b"x")

    threading.Thread(target=serve, daemon=True).start()


def test_a_stream_follows_no_redirect(http, echo):
    echo.faults.add("/file", Redirect(location="/elsewhere"))

    with pytest.raises(Unintelligible):
        read_all(http)


def test_what_goes_wrong_at_the_reader_of_a_stream_is_not_blamed_on_the_other_side(http):
    def read_and_fail():
        with http.stream("/file", deadline=5) as answer:
            next(answer.chunks)
            raise FileNotFoundError("the reader's own trouble")

    with pytest.raises(FileNotFoundError):
        read_and_fail()


def test_garbage_is_an_answer_which_its_reader_has_to_judge(http, echo):
    echo.faults.add("/act", Garbage())

    assert call(http, safe=False).body.startswith(b"\xff\xfe")


# A system that is down is left alone; what may have happened stays what it is.


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watched(echo, clock):
    with serving(echo) as url:
        yield Http("echo", url, monotonic=clock)


@pytest.mark.parametrize("safe", [True, False])
def test_a_system_that_only_breaks_is_no_longer_asked_and_nothing_leaves(watched, echo, clock, safe):
    echo.faults.add("/act", Status(code=503), times=None)
    while not watched._breaker.open:
        call(watched, safe=safe)
    asked = len(echo.requests)

    assert type(failure(watched, safe=safe)) is Unreachable
    with pytest.raises(Unreachable), watched.stream("/act", deadline=SHORT):
        pass

    assert len(echo.requests) == asked
    echo.faults.clear()
    clock.now += 60
    assert call(watched, safe=safe).status == 200
    assert call(watched, safe=safe).status == 200


def test_a_system_that_cannot_be_reached_opens_the_door_s_breaker(clock):
    http = Http("echo", f"http://127.0.0.1:{closed_port()}", monotonic=clock)
    for _ in range(5):
        assert "not sent" in str(failure(http, safe=False))

    assert "not tried" in str(failure(http, safe=False))


def test_a_lost_answer_stays_an_unknown_outcome_and_counts_as_a_failure(watched, echo):
    echo.faults.add("/act", CommitThen(fault=Reset()), times=None)
    for _ in range(5):
        assert type(failure(watched, safe=False)) is OutcomeUnknown

    assert type(failure(watched, safe=False)) is Unreachable
    assert echo.effects == 5


def test_whoever_waits_for_a_person_learns_nothing_about_the_system(watched, echo, monkeypatch):
    monkeypatch.setattr("santral.http._PATIENT_SECONDS", SHORT / 2)
    echo.faults.add("/act", CommitThen(fault=Hang()), times=None)
    for _ in range(6):
        assert type(failure(watched, safe=False)) is OutcomeUnknown

    assert echo.effects == 6


@pytest.mark.parametrize("seconds", ["little", "usual"])
def test_whoever_is_in_a_hurry_does_not_close_the_door_to_those_who_have_the_time(watched, echo, monkeypatch, seconds):
    monkeypatch.setattr("santral.http._HURRIED_SECONDS", SHORT * 2 if seconds == "little" else SHORT / 2)
    echo.faults.add("/act", Hang(), times=None)
    for _ in range(5):
        assert type(failure(watched, safe=False)) is OutcomeUnknown

    assert type(failure(watched, safe=False)) is (OutcomeUnknown if seconds == "little" else Unreachable)


@pytest.mark.parametrize("fault", [Status(code=429), Status(code=404), Redirect(location="/elsewhere")], ids=repr)
def test_a_system_that_says_no_is_not_down(watched, echo, fault):
    echo.faults.add("/act", fault, times=None)
    for _ in range(6):
        with suppress(OutsideFailure):
            call(watched, safe=False)

    assert len(echo.requests) == 6


def counted(capsys, name):
    telemetry.flush()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if f'"{name}"' in line]
    return {(line["system"], line.get("code")): sum(line[name]) for line in lines}


def test_requests_and_what_went_wrong_are_counted_by_system_and_code(http, echo, capsys):
    telemetry.flush()
    capsys.readouterr()
    call(http, safe=True)
    for fault in (Status(code=401), Status(code=404), Status(code=429), CommitThen(fault=Reset())):
        echo.faults.add("/act", fault, times=1)
        with suppress(OutsideFailure):
            call(http, safe=False)
    echo.faults.add("/act", Status(code=500), times=None)
    call(http, safe=True)
    assert counted(capsys, "provider_errors") == {
        ("echo", "credentials_refused"): 1,
        ("echo", "busy"): 1,
        ("echo", "outcome_unknown"): 1,
        ("echo", "server_error"): 2,
    }

    call(http, safe=False)
    assert counted(capsys, "outside_requests") == {("echo", None): 1}
