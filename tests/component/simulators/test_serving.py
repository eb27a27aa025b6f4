"""Each fault as a client on the wire meets it."""

import socket
import threading

import pytest
import requests
from werkzeug.serving import generate_adhoc_ssl_context

from simulators.faults import CommitThen, Drip, Garbage, Hang, Reset, Status, Truncate
from simulators.frame import Simulator, committed, json_response
from simulators.serving import Server, serving
from tests.eventually import eventually


class Counter(Simulator):
    name = "counter"

    def __init__(self):
        super().__init__()
        self.count = 0

    def answer(self, request):
        self.count += 1
        committed(request)
        return json_response({"count": self.count, "padding": "." * 50})


@pytest.fixture
def counter():
    return Counter()


@pytest.fixture
def url(counter):
    with serving(counter) as url:
        yield url


def get(url, **options):
    return requests.get(f"{url}/count", timeout=10, allow_redirects=False, **options)


def read_raw(url, until_bytes=None):
    """What comes over a bare socket, up to so many bytes or the end."""
    host, port = url.removeprefix("http://").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /count HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while until_bytes is None or len(received) < until_bytes:
            some = connection.recv(1)
            if not some:
                break
            received += some
    return received


def test_a_simulator_is_served_on_a_free_port_of_this_machine(counter, url):
    assert url.startswith("http://127.0.0.1:")
    assert counter.url == url
    assert get(url).json()["count"] == 1


def test_two_simulators_serve_side_by_side():
    with serving(Counter()) as one, serving(Counter()) as other:
        assert one != other
        assert get(one).json() == get(other).json()


def test_a_server_may_be_started_and_stopped_on_a_given_port():
    server = Server(Counter())
    server.start()
    port = int(server.url.rsplit(":", 1)[1])
    server.stop()

    with pytest.raises(requests.ConnectionError):
        get(server.url)
    with serving(Counter(), port) as url:
        assert url == server.url
        assert get(url).status_code == 200


def test_headers_are_logged_as_they_were_written(counter, url):
    get(url, headers={"X-CIB-SecretKey": "k"})

    assert ("X-CIB-SecretKey", "k") in list(counter.requests.all()[0].headers)


def test_serving_is_quiet(counter, capfd):
    counter.faults.add("/count", Reset())
    with serving(counter) as url:
        with pytest.raises(requests.ConnectionError):
            get(url)
        get(url)

    assert capfd.readouterr() == ("", "")


def test_a_reset_is_a_reset_and_not_an_end_of_file(counter, url):
    counter.faults.add("/count", Reset())

    with pytest.raises(ConnectionResetError):
        read_raw(url)
    assert counter.count == 0


def test_an_answer_lost_by_reset_has_taken_effect(counter, url):
    counter.faults.add("/count", CommitThen(fault=Reset()))

    with pytest.raises(ConnectionResetError):
        read_raw(url)
    assert counter.count == 1


@pytest.mark.parametrize("fault", [Hang(), CommitThen(fault=Hang())])
def test_a_hanging_request_is_never_answered(counter, url, fault):
    counter.faults.add("/count", fault)

    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{url}/count", timeout=0.2)
    assert counter.count == (1 if isinstance(fault, CommitThen) else 0)


def test_stopping_a_server_does_not_wait_for_what_hangs(counter):
    counter.faults.add("/count", Hang(seconds=3600))
    outcome = []

    def ask(url):
        try:
            get(url)
        except requests.ConnectionError as error:
            outcome.append(error)

    with serving(counter) as url:
        client = threading.Thread(target=ask, args=(url,))
        client.start()
        eventually(lambda: counter.faults.injected == 1)
    client.join(timeout=10)

    assert len(outcome) == 1


@pytest.mark.parametrize("ending", ["short", "chunked", "reset"])
def test_a_truncated_answer_ends_before_it_is_complete(counter, url, ending):
    counter.faults.add("/count", Truncate(keep=5, ending=ending))

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        get(url)
    assert counter.count == 1


def test_a_short_answer_promises_more_than_it_sends(counter, url):
    counter.faults.add("/count", Truncate(keep=5))

    head, body = read_raw(url).split(b"\r\n\r\n")

    assert body == b'{"cou'
    assert b"Content-Length: 77" in head


def test_an_answer_cut_between_chunks_lacks_the_last_one(counter, url):
    counter.faults.add("/count", Truncate(keep=5, ending="chunked"))

    head, body = read_raw(url).split(b"\r\n\r\n", 1)

    assert b"Transfer-Encoding: chunked" in head
    assert body == b'5\r\n{"cou\r\n'


@pytest.mark.parametrize("part", ["body", "headers"])
def test_a_dripping_answer_is_complete_in_the_end(counter, url, part):
    counter.faults.add("/count", Drip(interval=0.0005, part=part))

    assert get(url).json()["count"] == 1


def test_endless_headers_never_come_to_the_answer(counter, url):
    counter.faults.add("/count", Drip(interval=0, part="endless_headers"))

    received = read_raw(url, until_bytes=5000)

    assert received.startswith(b"HTTP/1.1 200 OK\r\nX-Drip: more\r\n")
    assert b"\r\n\r\n" not in received


def test_another_status_comes_with_its_headers_and_body(counter, url):
    counter.faults.add("/count", Status(code=429, body=b"slow down", headers={"Retry-After": "2"}))

    answer = get(url)

    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (429, "slow down", "2")


def test_a_status_may_promise_more_than_it_sends(counter, url):
    counter.faults.add("/count", Status(code=200, body=b"RIFF", headers={"Content-Length": "2147483648"}))

    head, body = read_raw(url).split(b"\r\n\r\n")

    assert b"Content-Length: 2147483648" in head
    assert body == b"RIFF"


def test_garbage_arrives_whole(counter, url):
    counter.faults.add("/count", Garbage())

    assert get(url).content == Garbage().body


def test_faults_are_set_from_another_process_too(counter, url):
    rule = {"path": "/count", "fault": {"kind": "commit_then", "fault": {"kind": "status", "code": 500}}}

    assert requests.post(f"{url}/_control/faults", json=rule, timeout=10).json() == {"ok": True}

    assert get(url).status_code == 500
    assert counter.count == 1


def test_concurrent_requests_are_all_answered_and_all_logged(counter, url):
    clients = [threading.Thread(target=get, args=(url,)) for _ in range(20)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()

    assert len(counter.requests) == 20


def test_a_certificate_nobody_vouches_for_is_served_for_clients_to_refuse(counter):
    with serving(counter, ssl_context=generate_adhoc_ssl_context()) as url:
        assert url.startswith("https://127.0.0.1:")
        with pytest.raises(requests.exceptions.SSLError):
            get(url)
        assert counter.count == 0
