import pytest
from pydantic import ValidationError
from werkzeug.test import Client

from simulators.faults import CommitThen, Delay, Drip, Faults, Garbage, Redirect, Rule, Status, Truncate
from simulators.frame import Simulator, committed, json_response


class Counter(Simulator):
    name = "counter"

    def __init__(self):
        super().__init__()
        self.count = 0

    def answer(self, request):
        self.count += 1
        committed(request)
        return json_response({"count": self.count})


@pytest.fixture
def counter():
    return Counter()


@pytest.fixture
def client(counter):
    return Client(counter.wsgi_app)


def test_a_rule_strikes_as_often_as_it_says(counter, client):
    counter.faults.add("/count", Status(code=503), times=2)

    assert [client.get("/count").status_code for _ in range(3)] == [503, 503, 200]
    assert counter.faults.injected == 2


def test_a_rule_without_times_strikes_until_cleared(counter, client):
    counter.faults.add("/count", Status(code=503), times=None)

    assert {client.get("/count").status_code for _ in range(5)} == {503}
    counter.faults.clear()
    assert client.get("/count").status_code == 200
    assert counter.faults.injected == 5


def test_a_rule_strikes_only_its_path_and_method(counter, client):
    counter.faults.add("^/count$", Status(code=503), method="POST")

    assert client.get("/count").status_code == 200
    assert client.post("/count/on").status_code == 200
    assert client.post("/count").status_code == 503


def test_rules_strike_in_the_order_they_were_added(counter, client):
    counter.faults.add("/count", Status(code=500))
    counter.faults.add("/count", Status(code=429, headers={"Retry-After": "7"}))

    assert client.get("/count").status_code == 500
    assert client.get("/count").headers["Retry-After"] == "7"


@pytest.mark.parametrize("fault", [Status(code=500), Redirect(location="http://169.254.169.254/"), Garbage()])
def test_a_fault_alone_keeps_the_request_from_taking_effect(counter, client, fault):
    counter.faults.add("/count", fault)

    client.get("/count")

    assert counter.count == 0
    assert not counter.requests.all()[0].committed


@pytest.mark.parametrize("fault", [Status(code=500), Redirect(location="/x"), Garbage(), Truncate(keep=1)])
def test_commit_then_lets_the_request_take_effect_once_and_spoils_the_answer(counter, client, fault):
    counter.faults.add("/count", CommitThen(fault=fault))

    try:
        answered = client.get("/count").get_data()
    except ConnectionAbortedError:
        answered = b""

    assert answered != b'{"count": 1}'
    assert counter.count == 1
    assert counter.requests.all()[0].committed
    assert counter.requests.all()[0].fault == "commit_then"


def test_a_redirect_goes_where_it_was_told(counter, client):
    counter.faults.add("/count", Redirect(location="http://127.0.0.1:9001/", code=308))

    answer = client.get("/count")

    assert (answer.status_code, answer.headers["Location"]) == (308, "http://127.0.0.1:9001/")


def test_garbage_claims_to_be_json_and_is_not(counter, client):
    counter.faults.add("/count", Garbage())

    answer = client.get("/count")

    assert answer.mimetype == "application/json"
    with pytest.raises(ValueError):
        answer.get_json()


def test_a_delayed_answer_is_the_real_one(counter, client):
    counter.faults.add("/count", Delay(seconds=0.01))

    assert client.get("/count").get_json() == {"count": 1}


def test_a_dripped_body_comes_byte_by_byte(counter, client):
    counter.faults.add("/count", Drip(interval=0))

    answer = client.get("/count", buffered=False)

    assert list(answer.iter_encoded()) == [bytes([byte]) for byte in b'{"count": 1}']


def test_clearing_lets_go_what_is_held():
    faults = Faults()
    held = faults.hold()

    faults.clear()

    assert held.is_set()
    assert not faults.hold().is_set()


def test_a_misspelt_fault_is_refused():
    with pytest.raises(ValidationError):
        Rule.model_validate({"path": "/", "fault": {"kind": "delay", "second": 1}})


def test_every_fault_survives_the_control_planes_json():
    rule = Rule(path="/x", fault=CommitThen(fault=Truncate(keep=3, ending="reset")), times=None)

    assert Rule.model_validate_json(rule.model_dump_json()) == rule
