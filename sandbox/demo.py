"""python -m sandbox.demo: start a sandbox and do the main job over HTTP, one line per step; exit 1 when one fails."""

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.aws import EmbeddedAwsError
from sandbox.intrinsics import TemplateError
from sandbox.system import ROOT, Sandbox
from simulators.virtualats import VirtualAts
from simulators.virtualats_exchange import CallScript
from simulators.wapcrm import WapCrm
from simulators.zoho.demo import CUSTOMER
from simulators.zoho.server import ZohoCrm

AGENT = "ayse@example.com"
STRANGER = "905551112233"
TEXT = "Merhaba Elif Hanım, teklifiniz hazır."
# Long enough for every state to be seen, short enough to be watched.
SCRIPT = CallScript(ring_seconds=3, talk_seconds=3)
LIFE_OF_A_CALL = ["requested", "ringing", "answered", "ended"]
PATIENCE = 60.0
LOOK_AGAIN = 0.05

T = TypeVar("T")


class StepFailedError(Exception):
    """What did not come true, as a sentence."""


def need(true: object, otherwise: str) -> None:
    if not true:
        raise StepFailedError(otherwise)


def until(look: Callable[[], T | None], otherwise: str) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        need(time.monotonic() < deadline, f"{otherwise} within {PATIENCE:.0f} s.")
        time.sleep(LOOK_AGAIN)
    return found


class Demo:
    """The main job, step by step; a step returns what it found, for its line."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.web = requests.Session()
        self.web.trust_env = False  # no proxy between two programs on one machine
        self.exchange = _simulator(sandbox, VirtualAts)
        self.wapcrm = _simulator(sandbox, WapCrm)
        self.crm = _simulator(sandbox, ZohoCrm)
        self.exchange.use_script(SCRIPT)
        self.contact = next(contact for contact in self.crm.contacts() if contact["Phone"] == CUSTOMER[2])
        self.dialling = {
            "to": self.contact["Phone"],
            "record": {"module": "Contacts", "id": self.contact["id"], "name": self.contact["Full_Name"]},
        }
        self.call_id = ""
        self.talked = 0
        self.permalink = ""
        self.recorded = b""

    def check_status(self) -> str:
        status = self.api("GET", "/status", 200)
        wrong = "; ".join(f"{check['name']}: {check['sentence']}" for check in status["checks"] if not check["ok"])
        need(status["ok"], f"The system is not well. {wrong}")
        return f"{len(status['checks'])} checks, all green"

    def dial(self) -> str:
        call = self.api("POST", "/calls", 202, json=self.dialling)
        need(call["state"] == LIFE_OF_A_CALL[0], f"The call began as {call['state']}.")
        self.call_id = call["call_id"]
        return f"{AGENT} calls {self.contact['Full_Name']} at {self.contact['Phone']}: {_short(self.call_id)}"

    def click_again(self) -> str:
        again = self.api("POST", "/calls", 202, json=self.dialling)
        need(again["call_id"] == self.call_id, "The second click made another call.")
        rung = len(self.exchange.requests.to("/call/originate"))
        need(rung == 1, f"The exchange was asked to dial {rung} times.")
        return "same call; the exchange was asked to dial once"

    def follow_call(self) -> str:
        seen = [LIFE_OF_A_CALL[0]]

        def ended() -> dict[str, Any] | None:
            call: dict[str, Any] = self.api("GET", f"/calls/{self.call_id}", 200)
            if call["state"] != seen[-1]:
                seen.append(call["state"])
            return call if call["state"] == "ended" else None

        call = until(ended, "The call did not end")
        need(seen == LIFE_OF_A_CALL, f"The call went {', '.join(seen)}.")
        need(call["disposition"] == "answered", f"The call ended as {call['disposition']}.")
        self.talked = call["talk_seconds"]
        return f"{' → '.join(seen)}: {call['disposition']}, {self.talked} s"

    def find_in_crm(self) -> str:
        record = self.logged(self.call_id)
        found = {
            "type": record["Call_Type"],
            "owner": record["Owner"]["email"],
            "contact": (record["Who_Id"] or {}).get("id"),
            "duration": record["Call_Duration"],
        }
        wanted = {
            "type": "Outbound",
            "owner": AGENT,
            "contact": self.contact["id"],
            "duration": f"00:{self.talked:02}",
        }
        need(found == wanted, f"The CRM holds {found} instead of {wanted}.")
        self.permalink = record["Voice_Recording__s"] or ""
        need(self.permalink.startswith(f"{self.sandbox.url}/recordings/"), "The CRM record has no recording link.")
        return f"one record, {record['id']}: {', '.join(str(value) for value in found.values())}"

    def play_recording(self) -> str:
        def ready() -> dict[str, Any] | None:
            answer = self.ask("GET", f"/calls/{self.call_id}/recording")
            need(answer.status_code in (200, 202), f"The recording was refused: {_sentence(answer)}")
            return answer.json() if answer.status_code == 200 else None

        playable = until(ready, "The recording did not arrive")
        self.recorded = self.web.get(playable["url"], timeout=10).content
        [call] = [call for call in self.exchange.exchange.calls() if self.call_id.endswith(call.call_id)]
        need(
            self.recorded == self.exchange.exchange.audio(call.recording_id),
            "What plays is not what the exchange recorded.",
        )
        digest = hashlib.sha256(self.recorded).hexdigest()
        return (
            f"{playable['content_type']}, {playable['size']} bytes as the exchange recorded them, sha256 {digest[:12]}"
        )

    def open_permalink(self) -> str:
        answer = self.web.get(self.permalink, timeout=10, allow_redirects=False)
        need(answer.status_code == 302, f"The recording link answered {answer.status_code}.")
        content = self.web.get(answer.headers["location"], timeout=10).content
        need(content == self.recorded, "The recording link leads to something else.")
        return "the link in the CRM record leads (302) to the same bytes"

    def send_message(self) -> str:
        message = {"to": self.contact["Phone"], "text": TEXT, "record": self.dialling["record"]}
        sent = self.api("POST", "/messages", 202, json=message)
        bodies = [request.json() for request in self.wapcrm.requests.to("/api/chatoperation")]
        need(len(bodies) == 1, f"WapCRM was asked to send {len(bodies)} messages.")
        [body] = bodies
        need((body["Incom"], body["userKey"]) == (4, AGENT), "The message did not go out in the agent's name.")
        need([message.text for message in self.wapcrm.sent] == [TEXT], "The customer received something else.")
        return f"{sent['state']} once, Incom {body['Incom']}, userKey {body['userKey']}: {_short(sent['message_id'])}"

    def miss_call(self) -> str:
        call = self.exchange.place_inbound_call(source=STRANGER, extension="102", outcome="NO_ANSWERED", ring_seconds=1)
        record = self.logged(f"virtualats:{call}")
        need(record["Call_Type"] == "Missed", f"It was logged as {record['Call_Type']}.")
        leads = [lead for lead in self.crm.leads() if (lead["Phone"] or "").endswith(STRANGER)]
        need(len(leads) == 1, f"The unknown caller became {len(leads)} leads.")
        return f"+{STRANGER} is logged once as Missed, owner {record['Owner']['email']}, with a new lead"

    def logged(self, call_id: str) -> dict[str, Any]:
        """The one CRM record of a call, once nothing is under way that could write a second."""

        def records() -> list[dict[str, Any]] | None:
            return [call for call in self.crm.calls() if call["Santral_Call_ID"] == call_id] or None

        until(records, "The call did not get into the CRM")
        self.sandbox.wait_until_idle()
        found = records() or []
        need(len(found) == 1, f"The CRM holds {len(found)} records of this call.")
        return found[0]

    def ask(self, method: str, path: str, **content: Any) -> requests.Response:
        token = self.sandbox.ready["agent_token"]
        headers = {"Authorization": f"Bearer {token}", "X-Crm-User": AGENT, "Accept-Language": "en"}
        return self.web.request(method, self.sandbox.url + path, headers=headers, timeout=30, **content)

    def api(self, method: str, path: str, status: int, **content: Any) -> Any:
        answer = self.ask(method, path, **content)
        need(answer.status_code == status, f"{method} {path} answered {answer.status_code}: {_sentence(answer)}")
        return answer.json()


def main() -> int:
    started = time.monotonic()
    folder = ROOT / ".local" / "sandbox" / f"demo-{os.getpid()}"
    try:
        with Sandbox(folder) as sandbox:
            _print("start", f"the whole system at {sandbox.url}", time.monotonic() - started)
            steps = _play(Demo(sandbox))
    except StepFailedError as failure:
        print(f"\nFailed. {failure}\nThe logs are in {folder.relative_to(ROOT)}.", file=sys.stderr)
    except (EmbeddedAwsError, TemplateError, BotoCoreError, ClientError, OSError) as error:
        print(f"\nFailed. The sandbox does not run: {error}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        print(f"\nAll {steps} steps done in {time.monotonic() - started:.1f} s, start and stop included.")
        print("One click rang once, and the call, its recording and its owner are in the CRM once.")
        print("Press the buttons yourself: make run, then open http://127.0.0.1:8080/")
        return 0
    return 1


def _play(demo: Demo) -> int:
    steps: dict[str, Callable[[], str]] = {
        "status": demo.check_status,
        "dial": demo.dial,
        "click again": demo.click_again,
        "follow the call": demo.follow_call,
        "look into the CRM": demo.find_in_crm,
        "play": demo.play_recording,
        "open the link": demo.open_permalink,
        "send a WhatsApp": demo.send_message,
        "miss a call": demo.miss_call,
    }
    for name, step in steps.items():
        begun = time.monotonic()
        _print(name, step(), time.monotonic() - begun)
    return len(steps)


def _print(name: str, found: str, seconds: float) -> None:
    print(f"{seconds:5.1f} s  {name:<18} {found}", flush=True)


def _simulator(sandbox: Sandbox, kind: type[T]) -> T:
    return next(simulator for simulator in sandbox.simulators.values() if isinstance(simulator, kind))


def _sentence(answer: requests.Response) -> str:
    try:
        content = answer.json()
    except ValueError:
        return answer.reason
    return str(content.get("detail") or content.get("message") or answer.reason)


def _short(name: str) -> str:
    return f"{name[:24]}…"


if __name__ == "__main__":
    sys.exit(main())
