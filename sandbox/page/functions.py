"""What the buttons do: in Zoho the functions of zoho/functions, here the same requests to the API, in the same order.

Like those, each says one sentence: what has happened, or what the API answered instead.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from sandbox.page.connections import ADMINISTRATORS, AGENTS, Connections, Told

_NO_CALL = "You have no call going on."
_CAMPAIGN_LASTS = timedelta(days=7)


class Place(BaseModel):
    """The record a button stands on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    module: str
    id: str


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
    ok: bool = True
    opens: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"sentence": self.sentence, "ok": self.ok, "opens": self.opens}


class RefusedError(Exception):
    """The API did not do what was asked; the text is the sentence for the person."""


@dataclass(frozen=True)
class Press:
    """The API as one press of a button asks it, in the language of `accept_language`."""

    connections: Connections
    pressed: Pressed
    accept_language: str

    @property
    def given(self) -> dict[str, Any]:
        return self.pressed.arguments

    @property
    def record(self) -> dict[str, str] | None:
        return self.pressed.record.model_dump() if self.pressed.record else None

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        connection: str = AGENTS,
    ) -> Any:
        """Return what the API answers; `key` is an Idempotency-Key.

        Raises:
            RefusedError: it did not do what was asked, or this user has not been given the connection.
        """
        if not self.connections.may_use(connection, self.pressed.user):
            raise RefusedError(f"This needs the connection {connection}, which administrators have.")
        headers = {"Accept-Language": self.accept_language, "X-Crm-User": self.pressed.user}
        if key:
            headers["Idempotency-Key"] = key
        told = self.connections.ask(connection, method, path, query=query, body=body, headers=headers)
        if not told.went_well:
            raise RefusedError(_sentence_of(told))
        return told.body

    def own_call(self) -> str:
        """The path of the acting user's call that goes on now."""
        calls = self.ask("GET", "/calls/live", query={"extension": "me"})["calls"]
        if not calls:
            raise RefusedError(_NO_CALL)
        return _path_of(calls[0]["call_id"])


def _path_of(call_id: str) -> str:
    return f"/calls/{quote(call_id, safe='')}"


def _sentence_of(told: Told) -> str:
    """A problem's own sentence and those of its fields, or what the gateway said by itself."""
    if not isinstance(told.body, Mapping):
        return f"The telephone system answered with an error ({told.status})."
    wrong = [f"{each['field']}: {each['message']}" for each in told.body.get("errors") or []]
    return " ".join([str(told.body.get("detail") or told.body.get("message")), *wrong])


def call(press: Press) -> Said:
    order = {"to": press.given["to"], "record": press.record}
    # Which PBX dials is the company's setting; here one may choose.
    press.ask("POST", "/calls", body={**order, "provider": press.given["provider"]})
    return Said("Your phone is ringing.")


def hang_up(press: Press) -> Said:
    press.ask("POST", f"{press.own_call()}/hangup")
    return Said("The call was ended.")


def transfer(press: Press) -> Said:
    press.ask("POST", f"{press.own_call()}/transfer", body={"to_extension": press.given["to_extension"]})
    return Said("The call was transferred.")


def send_message(press: Press) -> Said:
    press.ask("POST", "/messages", body={"to": press.given["to"], "text": press.given["text"], "record": press.record})
    return Said("The message is on its way.")


def upload_file(press: Press) -> str:
    """Give a file an address. In Zoho it has one already, in a field of the record."""
    name, kind = press.given["file_name"], press.given["content_type"]
    links = press.ask("POST", "/message-files", body={"file_name": name, "content_type": kind})
    press.connections.put(links["upload_url"], base64.b64decode(press.given["content"]), kind)
    return str(links["file_url"])


def send_file(press: Press) -> Said:
    order = {"to": press.given["to"], "file_url": upload_file(press), "file_name": press.given["file_name"]}
    press.ask("POST", "/messages", body={**order, "record": press.record})
    return Said("The file is on its way.")


def create_campaign(press: Press) -> Said:
    name, today = press.given["name"], date.today()  # noqa: DTZ011  # a day as the office counts it
    body = {
        **press.given["settings"],
        "name": name,
        "start_date": today.isoformat(),
        "end_date": (today + _CAMPAIGN_LASTS).isoformat(),
        "contacts": [{"phone": phone} for phone in press.given["phones"]],
    }
    # The same leads under the same name on the same day are one campaign, however often the button is pressed.
    same = hashlib.sha256("\0".join([name, today.isoformat(), *press.given["lead_ids"]]).encode()).hexdigest()
    press.ask("POST", "/campaigns", body=body, key=same, connection=ADMINISTRATORS)
    return Said("The campaign was created.")


def play_recording(press: Press) -> Said:
    query = {"disposition": "answered", "limit": 1, "phone": press.given["phone"]}
    for one in press.ask("GET", "/calls", query=query)["calls"]:
        if one.get("recording") == "ready":
            answer = press.ask("GET", f"{_path_of(one['call_id'])}/recording")
            return Said("The recording opens.", opens=answer.get("permalink"))
    return Said("The last call's recording is not ready yet.", ok=False)


def save_outcome(press: Press) -> Said:
    said = {name: press.given.get(name) for name in ("result_id", "child_result_id", "note")}
    body = {name: value for name, value in said.items() if value not in (None, "")}
    press.ask("POST", f"{_path_of(press.given['call_id'])}/outcome", body=body)
    return Said("The outcome of the call was saved.")


_ALL = (call, hang_up, transfer, send_message, send_file, create_campaign, play_recording, save_outcome)


def _runner(function: Callable[[Press], Said]) -> Callable[[Connections, Pressed, str], Said]:
    def run(connections: Connections, pressed: Pressed, accept_language: str) -> Said:
        try:
            return function(Press(connections, pressed, accept_language))
        except RefusedError as refusal:
            return Said(str(refusal), ok=False)

    return run


FUNCTIONS = {function.__name__: _runner(function) for function in _ALL}
"""By the names of their files in zoho/functions."""
