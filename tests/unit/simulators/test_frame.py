import pytest
from werkzeug.test import Client

from simulators.frame import ActionRefusedError, Simulator, committed, json_response


class Greeter(Simulator):
    name = "greeter"
    actions = frozenset({"greet", "refuse"})

    def answer(self, request):
        if request.method == "POST":
            committed(request)
        return json_response({"body": request.get_data(as_text=True)}, 201)

    def state(self):
        return {"greetings": "merhaba"}

    def greet(self, name: str, times: int = 1) -> str:
        return f"{name} " * times

    def refuse(self) -> None:
        raise ActionRefusedError("not today")


@pytest.fixture
def greeter():
    return Greeter()


@pytest.fixture
def client(greeter):
    return Client(greeter.wsgi_app)


def test_a_request_is_logged_as_it_was_on_the_wire(greeter, client):
    client.post("/a%2Fb%20c?from=01%2B03&from=2", data=b"\xff\x00", headers={"X-Key": "k"})

    [entry] = greeter.requests.all()
    assert (entry.method, entry.path, entry.query) == ("POST", "/a%2Fb%20c", "from=01%2B03&from=2")
    assert entry.body == b"\xff\x00"
    assert entry.headers["X-Key"] == "k"
    assert entry.status == 201


def test_the_log_tells_what_took_effect(greeter, client):
    client.get("/x")
    client.post("/x")

    assert [entry.committed for entry in greeter.requests.to("/x")] == [False, True]


def test_the_simulator_still_reads_the_body_the_log_has_read(client):
    assert client.post("/x", data="hello").get_json() == {"body": "hello"}


def test_control_requests_are_neither_logged_nor_struck(greeter, client):
    client.post("/_control/faults", json={"path": ".*", "fault": {"kind": "status", "code": 500}})

    assert client.get("/_control/state").status_code == 200
    assert len(greeter.requests) == 0
    assert greeter.faults.injected == 0


def test_the_state_shows_the_simulators_own_beside_faults_and_requests(client):
    client.post("/_control/faults", json={"path": "/x", "fault": {"kind": "status", "code": 500}})
    client.get("/x")

    state = client.get("/_control/state").get_json()

    assert state["name"] == "greeter"
    assert state["greetings"] == "merhaba"
    assert state["requests"] == 1
    assert state["faults"] == {"waiting": [], "injected": 1, "injected_by_kind": {"status": 1}}


def test_faults_are_added_and_forgotten_over_the_control_plane(client):
    rule = {"path": "/x", "method": "GET", "times": None, "fault": {"kind": "status", "code": 503}}

    assert client.post("/_control/faults", json=rule).status_code == 200
    assert client.get("/x").status_code == 503
    client.delete("/_control/faults")
    assert client.get("/x").status_code == 201


def test_requests_are_read_and_forgotten_over_the_control_plane(client):
    client.post("/x?y=1", data="z")

    [entry] = client.get("/_control/requests").get_json()
    assert (entry["method"], entry["path"], entry["query"], entry["body"]) == ("POST", "/x", "y=1", "z")
    assert entry["committed"]
    client.delete("/_control/requests")
    assert client.get("/_control/requests").get_json() == []


def test_an_action_runs_with_its_arguments(client):
    assert client.post("/_control/actions/greet", json={"name": "Leyla", "times": 2}).get_json() == "Leyla Leyla "


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("unknown", {}),
        ("answer", {}),  # a method, but not offered as an action
        ("greet", {}),
        ("greet", {"name": "Leyla", "loud": True}),
        ("greet", {"name": "Leyla", "times": "often"}),
        ("refuse", {}),
    ],
)
def test_an_action_that_cannot_be_done_is_refused(client, action, arguments):
    answer = client.post(f"/_control/actions/{action}", json=arguments)

    assert answer.status_code == 400
    assert answer.get_json()["error"]


@pytest.mark.parametrize("body", ["{", "[]", '"x"'])
def test_arguments_that_are_no_json_object_are_refused(client, body):
    assert client.post("/_control/actions/greet", data=body).status_code == 400


def test_an_unknown_control_route_is_not_found(client):
    assert client.put("/_control/state").status_code == 404
