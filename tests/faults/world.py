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
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from unittest import mock

import functions.calls.dial
import functions.webhooks.virtualats
import functions.workers.archive_recording
import functions.workers.reconcile_calls
import functions.workers.record_event
import functions.workers.retry_pending
import santral.api
import santral.jobs
import santral.store.queue
from santral.http import Http
from santral.providers.virtualats import VirtualAts as VirtualAtsClient
from santral.providers.virtualats import VirtualAtsCredentials
from santral.store.directory import User
from santral.store.quarantine import Quarantine
from santral.store.queue import EventQueue, RecordingQueue
from santral.store.secrets import Secrets
from santral.tenant import Tenant
from santral.zoho.client import Zoho
from simulators.timeline import SteppedTime
from simulators.virtualats import VirtualAts
from simulators.virtualats_exchange import CallScript, ExchangeCall, State
from simulators.virtualats_signature import HEADER
from simulators.virtualats_webhooks import Delivery, DeliveryPolicy, Notification, Webhooks
from simulators.zoho import ZohoCrm
from simulators.zoho.layout import CallIdField, Layout
from tests.fakes import SETTINGS, MemoryRecordings, MemorySecrets, MemoryShelf
from tests.fakes.doors import Context, http
from tests.fakes.in_process import HOME, zoho_secret
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
SWEEP_EACH_SECONDS = 60
MEAN_GAP_SECONDS = 1.5
# What a function has, where it is not the minute of most.
SECONDS = {"reconciler": 290, "recordings": 290}
RECONCILE_EACH_SECONDS = 300
# So long the call records are looked at again after the last trouble, before a run can be at rest.
LAST_LOOKS_SECONDS = 1200
MOST_ROUNDS_OF_REST = 1500
LIVES_OF_DEAD_LETTERS = 3
COPIES_COME_AFTER = (0, 1, 30, 400, 7200, 8 * 86_400)
OUTCOMES = ("ANSWERED", "ANSWERED", "ANSWERED", "NO_ANSWERED", "BUSY", "FAILED")
KNOWN_CALLERS = ("905321234567", "905329876543")


@dataclass(frozen=True)
class Case:
    """A customer's set-up, as far as it changes how calls are kept from being lost or doubled."""

    call_id_field: CallIdField = "unique"
    calls_can_be_upserted: bool = True
    unknown_caller: str = "unlinked"


CASES = (
    Case(),
    Case(calls_can_be_upserted=False),
    Case("plain"),
    Case("absent"),
    Case(unknown_caller="lead"),
    Case("plain", unknown_caller="lead"),
)


class Container(Tenant):
    """A warm process: what it remembers dies with it."""

    def provider(self, name: str, ability: Any) -> Any:
        return self.pbx


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


class Sender(Webhooks):
    """The PBX's notifications, delivered to the webhook function in this process; `book` is its own log."""

    def __init__(self, world: "World") -> None:
        pbx = world.pbx
        super().__init__(world.timeline, pbx.keys, "1234567890abcdef", "in process")
        self.policy = DeliveryPolicy(tries=60, retry_after=20)
        self.book: list[dict[str, Any]] = []
        self._world = world

    def notify(self, call: ExchangeCall, state: State, base_url: str) -> None:
        self.send(Notification(call.call_id, state, self._body(call, state, base_url)))
        if state == "UPDATE" and call.direction == "INBOUND" and call.destination in self._world.named_late:
            # The caller's name is known a second later, and only this second UPDATE tells it.
            named = replace(call, caller_name=self._world.named_late[call.destination])
            body = self._body(named, state, base_url)
            self._timeline.call_later(0.4, lambda: self.send(Notification(call.call_id, state, body)))

    def send(self, notification: Notification) -> None:
        self._world.notifications.append(notification)
        troubles = self._world.troubles
        if self._world.reconciles and troubles.strikes("webhook_lost"):
            return
        delay = troubles.dice.uniform(1, 90) if troubles.strikes("webhook_late") else 0
        self._schedule(notification, 1, delay)
        if troubles.strikes("webhook_doubled"):
            self._schedule(notification, 1, delay + troubles.dice.choice(COPIES_COME_AFTER))

    def _post(self, notification: Notification, attempt: int) -> Delivery:
        headers = {HEADER: self._keys.authentication(notification.body, self._timeline.now())}
        event = http("webhooks/virtualats", raw=notification.body, headers=headers, path={"token": "hook-token-one"})
        answer = self._world.invoke("webhook", functions.webhooks.virtualats.handler, event)
        status = answer and answer["statusCode"]
        if status and self._world.troubles.strikes("acknowledgement_lost"):
            status = None
        told = {name: value for name, value in json.loads(notification.body).items() if name != "apiKey"}
        self.book.append(
            {
                "kind": "delivery",
                "at": self._timeline.now().isoformat(),
                "call_id": notification.call_id,
                "event": sha256(notification.body).hexdigest()[:16],
                "attempt": attempt,
                "status": status,
                "told": told,
            }
        )
        return Delivery(notification.call_id, notification.state, attempt, status=status)


@dataclass
class World:
    """One company for the length of a run."""

    seed: int
    case: Case = Case()
    rates: dict[str, float] | None = None
    given_troubles: Troubles | None = None
    reconciles: bool = True
    gap_seconds: float = MEAN_GAP_SECONDS
    named_late: dict[str, str] = field(default_factory=dict)
    clicks: list[dict[str, Any]] = field(default_factory=list)
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
        self.crm_down_until = now()
        self.pbx = VirtualAts(timeline=self.timeline)
        self.pbx.webhooks = self.sender = Sender(self)
        self._ids = itertools.count(1)
        self._containers: dict[str, Container] = {}
        self._mine = threading.local()
        self._swept_at = self._reconciled_at = now()
        self.secrets = MemorySecrets(
            virtualats={
                "base_url": f"{HOME}/vats/api",
                "public_key": self.pbx.keys.public_key,
                "secret_key": self.pbx.keys.secret_key,
                "crm_api_key": "1234567890abcdef",
                "webhook_tokens": ["hook-token-one"],
            },
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
                self.pass_seconds(self.dice.expovariate(1 / self.gap_seconds))
            self.rest()

    def rest(self) -> None:
        """End all trouble and go on until nothing is left to do, dead letters redriven."""
        self.pass_seconds(120)
        self.troubles.calm()
        self.zoho.restore_refresh_token()
        self.crm_down_until = self.timeline.now()
        lives = LIVES_OF_DEAD_LETTERS
        looks_until = self.timeline._elapsed + LAST_LOOKS_SECONDS
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
            self.work()
            self.on_schedule()

    # What happens in it.

    def place_call(self) -> None:
        """A call, inbound or by a click, as the dice say."""
        self.placed += 1
        self._maybe_an_outage()
        outcome = self.dice.choice(OUTCOMES)
        timing = {"ring_seconds": self.dice.randrange(1, 20), "talk_seconds": self.dice.randrange(1, 90)}
        kind = self.dice.random()
        if kind < 0.1:
            self.pbx.use_script(self._script(outcome, timing))
            self.click(f"90533{self.placed:07d}")
            return
        line = f"99412{self.placed:07d}"
        source, destination = self._caller(), line
        if kind < 0.13:
            source, destination = "102", "103"
        elif outcome == "ANSWERED" and kind < 0.5:
            self.named_late[line] = f"Caller {self.placed}"
        self.pbx.use_script(self._script(outcome, timing))
        self.pbx.place_inbound_call(source=source, destination=destination, extension="101", outcome=outcome)

    def click(self, number: str) -> None:
        """An agent presses Call, maybe more than once; the same request every time."""
        key = f"click-{len(self.clicks) + 1}"
        event = http("calls/dial", body={"to": f"+{number}", "extension": "101"}, headers={"idempotency-key": key})
        answers: list[int | None] = []

        def press(container: str) -> Callable[[], None]:
            def pressed() -> None:
                answer = self.invoke(container, functions.calls.dial.handler, event)
                answers.append(answer and answer["statusCode"])

            return pressed

        if self.troubles.strikes("click_repeated"):
            self.turns.together(press("button"), press("second button"))
            self.timeline.call_later(30, press("button"))
        else:
            press("button")()
        self.clicks.append({"kind": "click", "request": key, "number": number, "answers": answers})

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
            for name, module in list(sys.modules.items()):
                if name.startswith("santral.") and getattr(module, "time", None) is time:
                    stack.enter_context(mock.patch.object(module, "time", virtual))
                if name.startswith("santral.") and getattr(module, "random", None) is random:
                    stack.enter_context(mock.patch.object(module, "random", dice))
            # The module's own name for it: patched in `uuid` itself, every thread of the process would draw from it.
            ids = types.SimpleNamespace(uuid4=self._next_id)
            stack.enter_context(mock.patch("simulators.virtualats_exchange.uuid", ids))
            stack.enter_context(mock.patch("simulators.virtualats_exchange.recording", short_recording))
            yield

    def _tenant_at_work(self) -> Tenant:
        return self._mine.tenant

    def _new_container(self, name: str) -> Container:
        settings = SETTINGS.model_copy(
            update={"unknown_caller": self.case.unknown_caller, "providers": ("virtualats",)}
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
        credentials = container.secrets.get("virtualats", VirtualAtsCredentials)
        network = Network(self.pbx, self.steps, self._pbx_trouble)
        line = Http("virtualats", credentials.base_url, transport=network, monotonic=seconds)
        container.pbx = VirtualAtsClient(credentials, http=line, clock=clock)
        self._containers[name] = container
        return container

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

    def _pbx_trouble(self, send: Callable[[], Any]) -> Any:
        self.pbx.requests.clear()
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
        if self.troubles.strikes("crm_revokes"):
            self.zoho.revoke_refresh_token()
            self.timeline.call_later(self.troubles.dice.uniform(60, 900), self.zoho.restore_refresh_token)

    def _script(self, outcome: str, timing: dict[str, int]) -> CallScript:
        ready_after = self.dice.choice((0, 0, 0, 20, 400))
        return CallScript(outcome=outcome, recording_ready_after=ready_after, **timing)

    def _caller(self) -> str:
        return self.dice.choice(KNOWN_CALLERS) if self.dice.random() < 0.3 else f"90532{self.dice.randrange(500):07d}"

    def _next_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.dice.getrandbits(128), version=4)

    def _write_users(self) -> None:
        user = self.zoho.users.by_email("ayse@example.com")
        container = Container(
            settings=SETTINGS, table=self.table, secrets=Secrets(self.secrets), clock=self.timeline.now
        )
        container.directory.remember(
            User(email="ayse@example.com", extensions={"virtualats": ("101",)}, zoho_user_id=user.id)
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
