"""The whole pipeline in one process and on virtual time: the real handlers, AWS in memory, the simulators, trouble.

Everything that happens follows from the seed, so a red run can be run again. `Case` says what kind of customer it is;
`World.run` lets so many calls happen and then lets the system come to rest without further trouble.
"""

import contextlib
import io
import itertools
import json
import random
import sys
import threading
import time
import types
import uuid
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Literal
from unittest import mock

import functions.calls.dial
import functions.calls.hang_up
import functions.calls.list_live_calls
import functions.calls.save_outcome
import functions.calls.transfer
import functions.campaigns.create_campaign
import functions.messages.send
import functions.workers.archive_recording
import functions.workers.poll_live_calls
import functions.workers.reconcile_calls
import functions.workers.record_event
import functions.workers.retry_pending
import santral.api
import santral.jobs
import santral.store.queue
from santral.http import Http
from santral.providers.registry import provider
from santral.store.directory import User
from santral.store.quarantine import Quarantine
from santral.store.queue import EventQueue, RecordingQueue
from santral.store.secrets import Secrets
from santral.tenant import Tenant
from santral.zoho.client import Zoho
from simulators.notifications import Notification
from simulators.timeline import SteppedTime
from simulators.zoho import ZohoCrm
from simulators.zoho.layout import CallIdField, Layout
from tests.fakes import SETTINGS, MemoryRecordings, MemorySecrets, MemoryShelf
from tests.fakes.doors import Context, http
from tests.fakes.in_process import HOME, zoho_secret
from tests.faults.lines import COPIES_COME_AFTER, KNOWN_CALLERS, LINES, QUEUE, WapCrmBeside, national
from tests.faults.parts import (
    IndexedTable,
    Network,
    Port,
    Queue,
    Sqs,
    Steps,
    answered,
    bucket_trouble,
    lost,
    queue_trouble,
    table_trouble,
)
from tests.faults.troubles import Crash, Troubles, Turns

# The numbers of template.yaml.
EVENTS_VISIBILITY, EVENTS_RECEIVES = 360, 10
RECORDINGS_VISIBILITY, RECORDINGS_RECEIVES = 1800, 5
TICK_SECONDS = 5
SWEEP_EACH_SECONDS = POLL_EACH_SECONDS = 60
# What a function has, where it is not the minute of most.
SECONDS = {"reconciler": 290, "recordings": 290}
RECONCILE_EACH_SECONDS = 300
# So long the call records are looked at again after the last trouble, before a run can be at rest.
LAST_LOOKS_SECONDS = 1200
# A conversation waits for half an hour for the PBX to tell of its call.
LAST_LOOKS_AT_CONVERSATIONS_SECONDS = 3000
MOST_ROUNDS_OF_REST = 1500
LIVES_OF_DEAD_LETTERS = 3
CAMPAIGN_AFTER_CALLS = 10
SAMPLES = {
    "dial": "calls/dial",
    "transfer": "calls/transfer",
    "hang up": "calls/hang_up",
    "outcome": "calls/save_outcome",
    "send": "messages/send",
    "campaign": "campaigns/create_campaign",
}
RECORD = ("virtualats_exchange.recording", "verimor_exchange.recording", "kobikom_exchange.recording")


@dataclass(frozen=True)
class Case:
    """A customer's set-up, as far as it changes how calls are kept from being lost or doubled.

    `wapcrm` beside the PBX keeps conversations about its calls; "calls" when those made within it are logged as well.
    """

    call_id_field: CallIdField = "unique"
    calls_can_be_upserted: bool = True
    unknown_caller: str = "unlinked"
    pbx: str = "virtualats"
    wapcrm: Literal["none", "beside", "calls"] = "none"
    campaign_calls: bool = False


CASES = (
    Case(),
    Case("plain", unknown_caller="lead"),
    Case(pbx="kobikom"),
    Case(pbx="verimor", unknown_caller="lead"),
    Case("absent", wapcrm="calls"),
    Case("plain", pbx="kobikom", unknown_caller="lead", campaign_calls=True),
    Case("absent", pbx="verimor", campaign_calls=True),
    Case(calls_can_be_upserted=False),
    Case(pbx="kobikom", wapcrm="calls"),
    Case("plain", pbx="verimor", wapcrm="beside"),
)


class Container(Tenant):
    """A warm process: what it remembers dies with it."""

    def provider(self, name: str, ability: Any) -> Any:
        provider(name, ability)
        return self.clients[name]


class VirtualTime(types.ModuleType):
    """`time` for the modules under test: waiting costs nothing and lets others go on."""

    def __init__(self, timeline: SteppedTime, turns: Turns) -> None:
        super().__init__("time")
        self._timeline = timeline
        self._turns = turns
        self._waited = 0.0

    def monotonic(self) -> float:
        return self._timeline._elapsed + self._waited

    def sleep(self, seconds: float) -> None:
        self._waited += seconds
        self._turns.step()


@dataclass
class World:
    """One company for the length of a run."""

    seed: int
    case: Case = Case()
    rates: dict[str, float] | None = None
    given_troubles: Troubles | None = None
    reconciles: bool = True
    named_late: dict[str, str] = field(default_factory=dict)
    clicks: list[dict[str, Any]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    notifications: list[Notification] = field(default_factory=list)
    placed: int = 0

    def __post_init__(self) -> None:
        self.troubles = self.given_troubles or Troubles(self.seed, self.rates)
        self.dice = random.Random(f"calls {self.seed}")
        self.timeline = SteppedTime()
        self.turns = Turns(self.troubles.dice)
        self.steps = Steps(self.troubles, self.turns)
        self.table = IndexedTable()
        self.shelf = MemoryShelf()
        self.bucket = MemoryRecordings()
        now = self.timeline.now
        self.events = Queue("events", now, EVENTS_VISIBILITY, EVENTS_RECEIVES)
        self.recordings = Queue("recordings", now, RECORDINGS_VISIBILITY, RECORDINGS_RECEIVES)
        self.sqs = Port(
            Sqs({SETTINGS.events_queue_url: self.events, SETTINGS.recordings_queue_url: self.recordings}),
            self.steps,
            queue_trouble(self.troubles),
        )
        layout = Layout(call_id_field=self.case.call_id_field, calls_can_be_upserted=self.case.calls_can_be_upserted)
        self.zoho = ZohoCrm(clock=now, layout=layout, api_domain=HOME)
        self.zoho.arrange(credits_per_day=10_000_000, index_lag_seconds=20)
        self.crm_down_until = self.pbx_down_until = now()
        self._numbers = itertools.count(1)
        self._errands: list[tuple[float, int, Callable[[], None]]] = []
        self._containers: dict[str, Container] = {}
        self._mine = threading.local()
        self._swept_at = self._polled_at = self._reconciled_at = now()
        self.pbx_line = LINES[self.case.pbx](self)
        self.pbx, self.sender = self.pbx_line.simulator, self.pbx_line.sender
        self.wapcrm = None if self.case.wapcrm == "none" else WapCrmBeside(self)
        self.lines = [self.pbx_line, *([self.wapcrm] if self.wapcrm else [])]
        self.secrets = MemorySecrets(
            **{line.name: line.secret() for line in self.lines},
            zoho=zoho_secret(self.zoho),
            permalinks={"keys": {"k1": "permalink-signing-key"}},
        )
        self._write_users()

    # The run.

    def run(self, calls: int) -> None:
        """Let so many calls happen, work them off, then let everything come to rest."""
        with self.in_place():
            while self.placed < calls:
                self.place_call()
                self.pass_seconds(self.dice.expovariate(1 / self.pbx_line.gap_seconds))
            self.rest()

    def rest(self) -> None:
        """End all trouble and go on until nothing is left to do, dead letters redriven."""
        self.pass_seconds(120)
        self.troubles.calm()
        self.zoho.restore_refresh_token()
        self.crm_down_until = self.pbx_down_until = self.timeline.now()
        lives = LIVES_OF_DEAD_LETTERS
        looks = LAST_LOOKS_AT_CONVERSATIONS_SECONDS if self.wapcrm else LAST_LOOKS_SECONDS
        looks_until = self.timeline._elapsed + looks
        for _ in range(MOST_ROUNDS_OF_REST):
            next_due = self.timeline._agenda.next_due()
            looked = self.timeline._elapsed > looks_until
            if lives and (self.events.dead or self.recordings.dead):
                lives -= 1
                self.troubles.injected["redriven"] += self.events.redrive() + self.recordings.redrive()
            if looked and not self.pending() and next_due is None:
                return
            pause: float = SWEEP_EACH_SECONDS
            if looked and not self.pending() and next_due is not None:
                pause = max(pause, next_due - self.timeline._elapsed + 1)
            self.timeline.advance(pause)
            self.run_errands()
            self.work()
            self.on_schedule()

    def pending(self) -> int:
        """Messages and rows that still owe something."""
        queued = sum(len(queue.messages) + len(queue.dead) for queue in (self.events, self.recordings))
        return queued + sum(len(keys) for (index, _), keys in self.table._indexed.items() if index == "due")

    def pass_seconds(self, seconds: float) -> None:
        ends_at = self.timeline._elapsed + seconds
        while (left := ends_at - self.timeline._elapsed) > 0:
            self.timeline.advance(min(left, TICK_SECONDS))
            self.run_errands()
            self.work()
            self.on_schedule()

    # What happens in it.

    def place_call(self) -> None:
        """A call, and whatever else happens meanwhile, as the dice say."""
        self.placed += 1
        self._maybe_an_outage()
        if self.placed == CAMPAIGN_AFTER_CALLS and self.case.pbx != "virtualats":
            self.create_campaign()
        if self.wapcrm:
            self.wapcrm.something_happens()
        self.pbx_line.place_call()

    def soon(self, seconds: float, errand: Callable[[], None]) -> None:
        """Do something later, when nothing else is being done: what somebody presses may need two workers."""
        self._errands.append((self.timeline._elapsed + seconds, next(self._numbers), errand))

    def run_errands(self) -> None:
        now = self.timeline._elapsed
        due = sorted(errand for errand in self._errands if errand[0] <= now)
        self._errands = [errand for errand in self._errands if errand[0] > now]
        for _, _, errand in due:
            errand()

    def over_after(self, seconds: float, call_id: str, number: str) -> None:
        if beside := self.wapcrm:
            self.soon(seconds, lambda: beside.a_call_is_over(call_id, number))

    # What people press.

    def dial(self, number: str, extension: str) -> str | None:
        """An agent presses Call, maybe on a contact; the call's id when that is told."""
        body: dict[str, Any] = {"to": f"+{number}", "extension": extension}
        known = {"number": national(number)}
        if self.dice.random() < 0.5:
            body["record"], known["contact"] = self.contact, self.contact["id"]
        handler = functions.calls.dial.handler
        return self.press("dial", handler, f"dial {national(number)}", known=known, body=body).get("call_id")

    def transfer(self, call_id: str, to_extension: str, effect: str) -> None:
        event = {"body": {"to_extension": to_extension}, "path": {"call_id": call_id}}
        self.press("transfer", functions.calls.transfer.handler, effect, **event)

    def hang_up(self, call_id: str, effect: str) -> None:
        # Whose call is over by then is told 200 as well.
        path = {"call_id": call_id}
        self.press("hang up", functions.calls.hang_up.handler, effect, surely=False, body={}, path=path)

    def save_outcome(self, call_id: str, note: str) -> None:
        event = {"body": {"result_id": 23, "child_result_id": 21, "note": note}, "path": {"call_id": call_id}}
        self.press("outcome", functions.calls.save_outcome.handler, f"outcome {note}", **event)

    def send_message(self, number: str, text: str) -> None:
        event = {"body": {"to": f"+{number}", "text": text, "record": self.contact}}
        self.press("send", functions.messages.send.handler, f"send {text}", **event)

    def create_campaign(self) -> None:
        """A manager starts a campaign of some numbers, once; its contacts are added within it."""
        numbers = [self.new_number() for _ in range(5)]
        campaign = {"name": "Reminder", "kind": "queue", "queue": QUEUE[self.case.pbx], "retries": 1}
        today = f"{self.timeline.now():%Y-%m-%d}"
        hours = {"start_date": today, "end_date": today, "start_time": "00:01", "end_time": "23:59"}
        named = {"name": "Deniz", "surname": "Su"} if self.case.pbx == "kobikom" else {}
        line = {} if self.case.pbx == "kobikom" else {"caller_id": "908505320000", "agents_multiplier": 2}
        contacts = [{"phone": f"+{number}", **named} for number in numbers]
        body = {**campaign, **hours, **line, "contacts": contacts}
        self.asked |= {f"contact Reminder {national(number)}" for number in numbers}
        self.press("campaign", functions.campaigns.create_campaign.handler, "campaign Reminder", body=body)

    def live_call(self, extension: str, number: str) -> str | None:
        """What the list of calls that go on says of an extension's call with a number."""
        event = http("calls/list_live_calls", query={"extension": extension})
        answer = self.invoke("list", functions.calls.list_live_calls.handler, event)
        calls = json.loads(answer["body"]).get("calls", []) if answer and answer["statusCode"] == 200 else []
        others = (call for call in calls if national(call.get("from") or "") == national(number))
        return next((call["call_id"] for call in others), None)

    @property
    def contact(self) -> dict[str, str]:
        """The one of `KNOWN_CALLERS` whom the CRM knows."""
        number = national(KNOWN_CALLERS[0])
        contacts = self.zoho.store.current("Contacts")
        return {
            "module": "Contacts",
            "id": next(row["id"] for row in contacts if number in (row["Phone"] or "").replace(" ", "")),
        }

    def press(
        self,
        what: str,
        handler: Any,
        effect: str,
        *,
        surely: bool = True,
        known: dict[str, str] | None = None,
        **event: Any,
    ) -> dict[str, Any]:
        """An agent presses a button, maybe more than once; the same request every time. What the first one is told.

        `known` is what else the sender's log says of the click. Not `surely`: the answer is good also when there was
        nothing left to do.
        """
        key = f"click-{len(self.clicks) + 1}"
        sent = http(SAMPLES[what], headers={"idempotency-key": key}, **event)
        answers: list[int | None] = []
        told: dict[str, Any] = {}

        def press(container: str) -> Callable[[], None]:
            def pressed() -> None:
                answer = self.invoke(container, handler, sent)
                answers.append(answer and answer["statusCode"])
                if answer and answer["statusCode"] < 300 and not told:
                    told.update(json.loads(answer["body"]))

            return pressed

        if self.troubles.strikes("click_repeated"):
            self.turns.together(press("button"), press("second button"))
            self.soon(30, press("button"))
        else:
            press("button")()
        line = {"kind": "click", "what": what, "request": key, "effect": effect, "surely": surely, "answers": answers}
        self.clicks.append({**line, **(known or {})})
        return told

    def caller(self) -> str:
        return self.dice.choice(KNOWN_CALLERS) if self.dice.random() < 0.3 else f"90532{self.dice.randrange(500):07d}"

    def new_number(self) -> str:
        """A number nobody else is called under."""
        return f"90533{next(self._numbers):07d}"

    def new_text(self) -> str:
        return f"Message {next(self._numbers):07d}"

    def work(self) -> None:
        """Work off what the queues give now."""
        for queue, handler in (
            (self.events, functions.workers.record_event.handler),
            (self.recordings, functions.workers.archive_recording.handler),
        ):
            while batch := queue.receive():
                if self.troubles.strikes("workers_at_once"):
                    others = (lambda: self.sweep("second sweeper"), lambda: self._batch("other", queue, handler, batch))  # noqa: B023
                    self.turns.together(
                        lambda: self._batch(queue.name, queue, handler, batch),  # noqa: B023 (run before the next)
                        self.troubles.dice.choice(others),
                    )
                else:
                    self._batch(queue.name, queue, handler, batch)

    def on_schedule(self) -> None:
        now = self.timeline.now()
        if (now - self._swept_at).total_seconds() >= SWEEP_EACH_SECONDS:
            self._swept_at = now
            self.sweep()
        if self.reconciles and (now - self._reconciled_at).total_seconds() >= RECONCILE_EACH_SECONDS:
            self._reconciled_at = now
            self.invoke("reconciler", functions.workers.reconcile_calls.handler, {})

        if self.case.pbx == "kobikom" and (now - self._polled_at).total_seconds() >= POLL_EACH_SECONDS:
            self._polled_at = now
            self.invoke("poller", functions.workers.poll_live_calls.handler, {})

    def sweep(self, container: str = "sweeper") -> None:
        self.invoke(container, functions.workers.retry_pending.handler, {})

    def invoke(self, container: str, handler: Callable[[Any, Any], Any], event: Any) -> Any:
        """Run a function in a warm container; None when its process died."""
        self._mine.tenant = self._containers.setdefault(container, None) or self._new_container(container)
        try:
            return handler(event, _context(SECONDS.get(container, 55)))
        except Crash:
            self._containers.pop(container, None)
            return None
        except Exception as error:  # noqa: BLE001 (what leaves a handler is what Lambda would report)
            self.troubles.injected[f"(handler raised {type(error).__name__})"] += 1
            return None

    def _batch(self, container: str, queue: Queue, handler: Any, batch: list[Any]) -> None:
        records = [
            {
                "messageId": message.id,
                "body": message.body,
                "attributes": {"MessageGroupId": message.group} if queue is self.events else {},
            }
            for message in batch
        ]
        answer = self.invoke(container, handler, {"Records": records})
        if answer is None:
            return
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for message in batch:
            if message.id in failed:
                continue
            queue.delete(message)
            if self.troubles.strikes("message_redelivered"):
                again = self.troubles.dice.choice(COPIES_COME_AFTER)
                self.timeline.call_later(again, lambda message=message: queue.redeliver(message))

    # How it is put together.

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Put this world behind the handlers."""
        virtual = VirtualTime(self.timeline, self.turns)
        # Dice of our own: the process's are also thrown by whatever else runs in it, and the run would not repeat.
        dice = random.Random(f"pauses {self.seed}")
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            for module in (santral.api, santral.jobs):
                stack.enter_context(mock.patch.object(module, "current", self._tenant_at_work))
            stack.enter_context(mock.patch.object(santral.store.queue, "client", return_value=self.sqs))
            # The modules' own name for it: patched in `uuid` itself, every thread of the process would draw from it.
            ids = types.SimpleNamespace(uuid4=self.next_id)
            for name, module in list(sys.modules.items()):
                if name.startswith(("santral.", "simulators.")) and getattr(module, "uuid", None) is uuid:
                    stack.enter_context(mock.patch.object(module, "uuid", ids))
                if name.startswith("santral.") and getattr(module, "time", None) is time:
                    stack.enter_context(mock.patch.object(module, "time", virtual))
                if name.startswith("santral.") and getattr(module, "random", None) is random:
                    stack.enter_context(mock.patch.object(module, "random", dice))
            for recording in RECORD:
                stack.enter_context(mock.patch(f"simulators.{recording}", short_recording))
            stack.enter_context(mock.patch("simulators.kobikom_exchange.wav49", short_recording))
            # Verimor tries a campaign's address before it takes it, and this one is no address.
            stack.enter_context(mock.patch("simulators.verimor_api.answers_probe", return_value=True))
            yield

    def _tenant_at_work(self) -> Tenant:
        return self._mine.tenant

    def _new_container(self, name: str) -> Container:
        settings = SETTINGS.model_copy(
            update={
                "unknown_caller": self.case.unknown_caller,
                "providers": tuple(line.name for line in self.lines),
                "telephony_provider": self.case.pbx,
                "wap_crm_calls": self.case.wapcrm == "calls",
                "campaign_calls_logged": self.case.campaign_calls,
            }
        )
        clock = self.timeline.now

        def seconds() -> float:
            return clock().timestamp()

        watched = Port(self.table, self.steps, table_trouble(self.troubles))
        container = Container(settings=settings, table=watched, secrets=Secrets(self.secrets), clock=clock)
        container.event_queue = EventQueue(settings.events_queue_url)
        container.recording_queue = RecordingQueue(settings.recordings_queue_url)
        container.recordings = Port(self.bucket, self.steps, bucket_trouble(self.troubles))
        container.quarantine = Quarantine(watched, self.shelf, clock=clock)
        crm = Network(self.zoho, self.steps, self._crm_trouble)
        container.zoho = Zoho(
            container.secrets,
            watched,
            clock=clock,
            http=lambda base_url: Http("zoho", base_url, transport=crm, monotonic=seconds),
            sleep=lambda _seconds: self.turns.step(),
        )
        container.clients = {line.name: line.client(container, self._way_to(line, seconds)) for line in self.lines}
        container.pbx = container.clients[self.case.pbx]
        self._containers[name] = container
        return container

    def _way_to(self, line: Any, seconds: Callable[[], float]) -> Callable[[str], Http]:
        def trouble(send: Callable[[], Any]) -> Any:
            line.simulator.requests.clear()
            if line is self.pbx_line and self.timeline.now() < self.pbx_down_until:
                raise lost()
            return self._outside_trouble(send)

        network = Network(line.simulator, self.steps, trouble)
        return lambda address: Http(line.name, address, transport=network, monotonic=seconds)

    def _crm_trouble(self, send: Callable[[], Any]) -> Any:
        self.zoho.requests.clear()
        if self.timeline.now() < self.crm_down_until:
            raise lost()
        kinds = ("crm_fails", "crm_fails_after_commit", "crm_lost", "crm_lost_after_commit", "crm_busy")
        match self.troubles.one_of((*kinds, "crm_token_expires")):
            case "crm_fails":
                return answered(503)
            case "crm_fails_after_commit":
                send()
                return answered(500, b"<html>")
            case "crm_lost":
                raise lost()
            case "crm_lost_after_commit":
                send()
                raise lost()
            case "crm_busy":
                return answered(429)
            case "crm_token_expires":
                self.zoho.expire_access_tokens()
        return send()

    def _outside_trouble(self, send: Callable[[], Any]) -> Any:
        match self.troubles.one_of(("pbx_fails", "pbx_lost", "pbx_lost_after_commit", "recording_cut")):
            case "pbx_fails":
                return answered(502)
            case "pbx_lost":
                raise lost()
            case "pbx_lost_after_commit":
                send()
                raise lost()
            case "recording_cut":
                whole = send()
                cut = answered(whole.status_code, whole.raw.data[:-100])
                cut.headers.update(whole.headers)
                return cut
        return send()

    def _maybe_an_outage(self) -> None:
        now = self.timeline.now()
        if self.troubles.strikes("crm_down"):
            self.crm_down_until = now + timedelta(seconds=self.troubles.dice.uniform(60, 1800))
        if self.troubles.strikes("pbx_down"):
            self.pbx_down_until = now + timedelta(seconds=self.troubles.dice.uniform(60, 1800))
        if self.troubles.strikes("crm_revokes"):
            self.zoho.revoke_refresh_token()
            self.timeline.call_later(self.troubles.dice.uniform(60, 900), self.zoho.restore_refresh_token)

    def next_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.dice.getrandbits(128), version=4)

    def _write_users(self) -> None:
        user = self.zoho.users.by_email("ayse@example.com")
        container = Container(
            settings=SETTINGS, table=self.table, secrets=Secrets(self.secrets), clock=self.timeline.now
        )
        container.directory.remember(
            User(email="ayse@example.com", extensions={self.case.pbx: ("101",)}, zoho_user_id=user.id)
        )


def _context(seconds: int) -> Context:
    context = Context()
    context.get_remaining_time_in_millis = lambda: seconds * 1000
    return context


def short_recording(name: str, seconds: int) -> bytes:
    """A sound of a few milliseconds, unlike any other call's: making hundreds of real ones would take minutes."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(sha256(name.encode()).digest() * max(4, seconds))
    return content.getvalue()
