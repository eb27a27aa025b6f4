"""The page's buttons against the functions they stand for in Zoho: the same requests, the same sentences."""

import re
from pathlib import Path

import pytest

from sandbox.page.connections import Connections, Told
from sandbox.page.functions import FUNCTIONS, Pressed

SCRIPTS = Path(__file__).parents[3] / "zoho" / "functions"
ANSWERS = {
    "GET /calls/live": {"calls": [{"call_id": "verimor:1"}]},
    "GET /calls": {"calls": [{"call_id": "verimor:1", "recording": "ready"}]},
    "GET /calls/…/recording": {"permalink": "/recordings/k1.a.b"},
    "POST /message-files": {"upload_url": "http://127.0.0.1/up", "file_url": "http://127.0.0.1/down"},
}
GIVEN = {
    "call": {"to": "0532", "provider": "verimor"},
    "hang_up": {},
    "transfer": {"to_extension": "102"},
    "send_message": {"to": "0532", "text": "Merhaba"},
    "send_file": {"to": "0532", "file_name": "a.txt", "content_type": "text/plain", "content": "YQ=="},
    "create_campaign": {"name": "Bayram", "settings": {"kind": "queue"}, "phones": ["0532"], "lead_ids": ["1"]},
    "play_recording": {"phone": "0532"},
    "save_outcome": {"call_id": "verimor:1", "result_id": 1, "child_result_id": 2, "note": "Cuma"},
}
# What only the sandbox does: it lets one choose the PBX, and uploads the file that has an address in Zoho.
OURS_ALONE = {"provider", "kind"}


class RecordedConnections(Connections):
    """Answers every request, and remembers it as the scripts write it."""

    def __init__(self):
        super().__init__("http://127.0.0.1", {"santral": "a", "santral_admin": "b"}, frozenset({"ayse@example.com"}))
        object.__setattr__(self, "asked", [])

    def ask(self, name, method, path, *, query=None, body=None, headers=None):
        request = f"{method} {re.sub('verimor%3A1', '…', path)}"
        keys = set(body or {}) - OURS_ALONE
        self.asked.append((request, name, set(query or {}), keys, set(headers)))
        return Told(200, ANSWERS.get(request, {}))

    def put(self, address, content, content_type):
        pass


def scripted(name):
    """The requests of a function of zoho/functions, in the order in which they stand there."""
    script = (SCRIPTS / f"{name}.deluge").read_text(encoding="utf-8")
    requests = []
    body = set(re.findall(r'body\.put\("(\w+)"', script)) | _keys(re.search(r"body = \{(.*)\};", script))
    headers = _keys(re.search(r"headers = \{(.*)\};", script)) | set(re.findall(r'headers\.put\("([\w-]+)"', script))
    for block in re.findall(r"invokeurl \[(.*?)\]", script, re.DOTALL):
        address = re.search(r"url :(.*)", block)[1].split('getOrgVariable("santral_api_url") + ')[1]
        path = "".join(text or "…" for text in re.findall(r'"([^"]*)"|[\w.()"]+', address))
        path = re.sub(r"…+", "…", path)
        path, _, query = path.partition("?")
        asked_body = body if "body:" in block else set()
        names = set(re.findall(r"(\w+)=", query))
        method = re.search(r"type :(\w+)", block)[1]
        requests.append((f"{method} {path}", re.search(r'connection:"(\w+)"', block)[1], names, asked_body, headers))
    return script, requests


def _keys(found):
    """The keys of a map's own, not those of maps in it."""
    return set(re.findall(r'"([\w-]+)":', re.sub(r"(?<=:)\{[^{}]*\}", "", found[1]))) if found else set()


def test_each_button_of_the_page_is_a_function_in_zoho():
    assert {path.stem for path in SCRIPTS.glob("*.deluge")} == set(FUNCTIONS) == set(GIVEN)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_button_asks_the_api_for_what_its_function_asks_and_says_the_same(name):
    connections = RecordedConnections()
    pressed = Pressed(user="ayse@example.com", record={"module": "Leads", "id": "7"}, arguments=GIVEN[name])

    said = FUNCTIONS[name](connections, pressed, "en")

    script, requests = scripted(name)
    asked = [request for request in connections.asked if request[0] != "POST /message-files"]
    assert [each[:4] for each in asked] == [each[:4] for each in requests]
    assert asked[-1][4] | {"Content-Type"} == requests[-1][4] | {"Content-Type"}
    assert said.ok
    assert f'"en":"{said.sentence}"' in script


def test_a_refusal_is_the_sentence_of_the_answer():
    connections = RecordedConnections()
    pressed = Pressed(user="ayse@example.com", arguments=GIVEN["call"])
    told = [
        (Told(422, {"detail": "No.", "errors": [{"field": "to", "message": "is not a phone number."}]}), "No. to: is "),
        (Told(503, {"message": "Service Unavailable"}), "Service Unavailable"),
        (Told(502, "<html>"), "The telephone system answered with an error (502)."),
    ]
    for answer, sentence in told:
        object.__setattr__(connections, "ask", lambda *_, _answer=answer, **__: _answer)
        said = FUNCTIONS["call"](connections, pressed, "en")
        assert said.sentence.startswith(sentence)
        assert not said.ok


def test_what_administrators_do_is_refused_to_others():
    connections = RecordedConnections()
    pressed = Pressed(user="mehmet@example.com", arguments=GIVEN["create_campaign"])

    said = FUNCTIONS["create_campaign"](connections, pressed, "en")

    assert said.sentence == "This needs the connection santral_admin, which administrators have."
    assert connections.asked == []
