"""What the buttons do: in Zoho the functions of zoho/functions, here the same requests to the API, in the same order.

Like those, each says one sentence: what has happened, or what the API answered instead.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from sandbox.page.connections import ADMINISTRATORS, AGENTS, Connections, Told

_GATEWAY_ONLY = "The telephone system answered: {message}"


class Place(BaseModel):
    """The record a button stands on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    module: str
    id: str
    name: str


class Pressed(BaseModel):
    """A button has been pressed: by whom, on which record, and what was typed or chosen with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str
    record: Place | None = None
    arguments: dict[str, Any] = {}


@dataclass(frozen=True)
class Said:
    """The sentence for the person; `opens` is an address to open beside it."""

    sentence: str
    ok: bool
    opens: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"sentence": self.sentence, "ok": self.ok, "opens": self.opens}


class RefusedError(Exception):
    """The API did not do what was asked; the text is the sentence for the person."""


@dataclass(frozen=True)
class _Santral:
    """The API as one press of a button asks it."""

    connections: Connections
    pressed: Pressed
    language: str

    def ask(self, method: str, path: str, *, name: str = AGENTS, query: Any = None, body: Any = None) -> Any:
        if not self.connections.may_use(name, self.pressed.user):
            raise RefusedError("This needs the connection santral_admin, which administrators have.")
        headers = {"X-Crm-User": self.pressed.user, "Accept-Language": self.language}
        told = self.connections.ask(name, method, path, query=query, body=body, headers=headers)
        if not told.went_well:
            raise RefusedError(_sentence_of(told))
        return told.body

    @property
    def record(self) -> dict[str, str] | None:
        return self.pressed.record.model_dump() if self.pressed.record else None

    def own_call(self) -> str:
        """The call of the acting user that goes on now."""
        calls = self.ask("GET", "/calls/live")["calls"]
        mine = [call for call in calls if call.get("extension") in self.pressed.arguments["extensions"]]
        if not mine:
            raise RefusedError("You are not on the phone now.")
        return str(mine[-1]["call_id"])

    def last_call(self, *, recorded: bool = False) -> str:
        """The newest call with this person's number; of those with a recording, if that is what matters."""
        query = {"phone": self.pressed.arguments["phone"], "limit": 20}
        calls = self.ask("GET", "/calls", query=query)["calls"]
        fitting = [call for call in calls if not recorded or call.get("recording") in ("pending", "ready")]
        if not fitting:
            raise RefusedError("There is no such call with this number yet.")
        return str(fitting[0]["call_id"])


def _sentence_of(told: Told) -> str:
    """A problem's own sentence and those of its fields, or what the gateway said by itself."""
    if isinstance(told.body, Mapping) and "detail" in told.body:
        wrong = [f"{each['field']}: {each['message']}" for each in told.body.get("errors") or []]
        return " ".join([str(told.body["detail"]), *wrong])
    text = told.body.get("message") if isinstance(told.body, Mapping) else told.body
    return _GATEWAY_ONLY.format(message=text)


def call(santral: _Santral) -> Said:
    to = santral.pressed.arguments["to"]
    order = {"to": to, "provider": santral.pressed.arguments.get("provider"), "record": santral.record}
    dialled = santral.ask("POST", "/calls", body={name: value for name, value in order.items() if value})
    return Said(f"Calling {to} through {dialled['provider']}.", ok=True)


def hang_up(santral: _Santral) -> Said:
    santral.ask("POST", f"/calls/{quote(santral.own_call(), safe='')}/hangup", body={})
    return Said("The call has been ended.", ok=True)


def transfer(santral: _Santral) -> Said:
    path = f"/calls/{quote(santral.own_call(), safe='')}/transfer"
    done = santral.ask("POST", path, body={"to_extension": santral.pressed.arguments["to_extension"]})
    return Said(f"Handed over to extension {done['to_extension']}.", ok=True)


def send_message(santral: _Santral) -> Said:
    order = {"to": santral.pressed.arguments["to"], "text": santral.pressed.arguments["text"], "record": santral.record}
    santral.ask("POST", "/messages", body=order)
    return Said("The message is on its way.", ok=True)


def send_file(santral: _Santral) -> Said:
    given = santral.pressed.arguments
    name, kind = given["file_name"], given["content_type"]
    links = santral.ask("POST", "/message-files", body={"file_name": name, "content_type": kind})
    santral.connections.put(links["upload_url"], base64.b64decode(given["content"]), kind)
    order = {"to": given["to"], "file_url": links["file_url"], "file_name": name, "record": santral.record}
    santral.ask("POST", "/messages", body=order)
    return Said("The file is on its way.", ok=True)


def create_campaign(santral: _Santral) -> Said:
    body = santral.pressed.arguments["campaign"]
    made = santral.ask("POST", "/campaigns", name=ADMINISTRATORS, body=body)
    taken = sum(contact["state"] == "added" for contact in made["contacts"])
    return Said(f"The campaign has been created with {taken} of {len(body['contacts'])} contacts.", ok=True)


def play_recording(santral: _Santral) -> Said:
    answer = santral.ask("GET", f"/calls/{quote(santral.last_call(recorded=True), safe='')}/recording")
    if "url" not in answer:
        return Said("The recording is still being fetched. Please try again in a moment.", ok=False)
    return Said("The recording plays.", ok=True, opens=answer["url"])


def save_outcome(santral: _Santral) -> Said:
    said = santral.pressed.arguments["outcome"]
    saved = santral.ask("POST", f"/calls/{quote(santral.last_call(), safe='')}/outcome", body=said)
    return Said(f"Outcome: {saved['outcome']}", ok=True)


_Function = Callable[[_Santral], Said]
_ALL: tuple[_Function, ...] = (
    call,
    hang_up,
    transfer,
    send_message,
    send_file,
    create_campaign,
    play_recording,
    save_outcome,
)


def _runner(function: _Function) -> Callable[[Connections, Pressed, str], Said]:
    def run(connections: Connections, pressed: Pressed, language: str) -> Said:
        try:
            return function(_Santral(connections, pressed, language))
        except RefusedError as refusal:
            return Said(str(refusal), ok=False)

    return run


FUNCTIONS = {function.__name__: _runner(function) for function in _ALL}
"""By the names of their files in zoho/functions."""
