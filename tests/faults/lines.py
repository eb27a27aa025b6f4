"""The telephone systems a world can have, and WapCRM beside them: what happens there, and how we are told of it.

Each has its simulator, a client of it as the tenant has one, and its own books: the calls as it tells them, and what
was done there because somebody pressed a button. One that posts webhooks hands them to our functions in this process;
each attempt and its answer goes into `book`.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl

import functions.webhooks.verimor_call
import functions.webhooks.verimor_campaign
import functions.webhooks.virtualats
import functions.webhooks.wapcrm
from santral.http import Http
from santral.providers.kobikom import Kobikom as KobikomClient
from santral.providers.verimor import Verimor as VerimorClient
from santral.providers.virtualats import VirtualAts as VirtualAtsClient
from santral.providers.wapcrm import WapCrm as WapCrmClient
from santral.store.budgets import ProviderBudget
from simulators import kobikom_exchange, verimor_exchange
from simulators.demo_data import PBX_COMPANY, VerimorUser
from simulators.kobikom import Kobikom
from simulators.kobikom_exchange import CallScript as KobikomScript
from simulators.kobikom_exchange import Leg, PbxCall
from simulators.notifications import Delivery, DeliveryPolicy, Notification, Notifier
from simulators.timeline import SteppedTime
from simulators.verimor import Verimor
from simulators.verimor_campaign_order import CampaignOrder
from simulators.verimor_company import Company
from simulators.verimor_exchange import CallScript as VerimorScript
from simulators.verimor_exchange import VerimorCall
from simulators.verimor_webhooks import CrmSettings
from simulators.verimor_webhooks import Webhooks as VerimorWebhooks
from simulators.virtualats import VirtualAts
from simulators.virtualats_exchange import CallScript, ExchangeCall, State
from simulators.virtualats_signature import HEADER
from simulators.virtualats_webhooks import Webhooks as VirtualAtsWebhooks
from simulators.wapcrm import WapCrm
from simulators.wapcrm_calls import INCOMING, KINDS, MISSED, NOT_REACHED, OUTGOING, Conversation
from simulators.wapcrm_chats import Webhooks as WapCrmWebhooks
from tests.fakes.doors import http
from tests.fakes.in_process import HOME

if TYPE_CHECKING:
    from tests.faults.world import World

Line = dict[str, Any]
Connect = Callable[[str], Http]

# A request without a socket asks this host, and a recording's address is minted on the host that was asked.
VERIMOR_HOME = "http://localhost"
TOKEN = "hook-token-one"
COPIES_COME_AFTER = (0, 1, 30, 400, 7200, 8 * 86_400)
# Who calls again and again; the first one is a contact in the CRM.
KNOWN_CALLERS = ("905321234567", "905329876543")
# More than are ever on a call at once; the first three are agents, whom queues ring.
EXTENSIONS = tuple(str(number) for number in range(101, 141))
AGENTS = EXTENSIONS[:3]
QUEUE = {"kobikom": "10000", "verimor": "201"}


class Posted(Notifier):
    """A simulator's notifications, delivered to the webhook function in this process; `book` is its own log."""

    def post_to(self, world: "World") -> None:
        self.world = world
        self.policy = DeliveryPolicy(tries=60, retry_after=20)
        self.book: list[Line] = []

    def send(self, notification: Notification) -> None:
        self.world.notifications.append(notification)
        troubles = self.world.troubles
        if self.world.reconciles and troubles.strikes("webhook_lost"):
            return
        delay = troubles.dice.uniform(1, 90) if troubles.strikes("webhook_late") else 0
        self._schedule(notification, 1, delay)
        if troubles.strikes("webhook_doubled"):
            self._schedule(notification, 1, delay + troubles.dice.choice(COPIES_COME_AFTER))

    def _schedule(self, notification: Notification, attempt: int, seconds: float) -> None:
        self._timeline.call_later(seconds, lambda: self._deliver(notification, attempt))

    def _post(self, notification: Notification, attempt: int) -> Delivery:
        handler, event = self._call(notification)
        answer = self.world.invoke("webhook", handler, event)
        status = answer and answer["statusCode"]
        if status and self.world.troubles.strikes("acknowledgement_lost"):
            status = None
        self.book.append(
            {
                "kind": "delivery",
                "at": self._timeline.now().isoformat(),
                "event": sha256(notification.body).hexdigest()[:16],
                "attempt": attempt,
                "status": status,
                **self._told(notification),
            }
        )
        return Delivery(notification.call_id, notification.state, attempt, status=status)

    @abstractmethod
    def _call(self, notification: Notification) -> tuple[Any, Line]:
        """The function it is posted to, and the event that function gets."""

    @abstractmethod
    def _told(self, notification: Notification) -> Line:
        """What the sender writes down of it."""


class Pbx(ABC):
    """What every telephone system of a world has."""

    name: ClassVar[str]
    # How long it takes on average until the next call comes.
    gap_seconds: ClassVar[float] = 4.0
    simulator: Any
    sender: Posted | None = None

    def __init__(self, world: "World") -> None:
        self.world = world
        self.done: list[str] = []

    @property
    def timeline(self) -> SteppedTime:
        return self.world.timeline

    @abstractmethod
    def secret(self) -> Line: ...

    @abstractmethod
    def client(self, container: Any, connect: Connect) -> Any: ...

    @abstractmethod
    def place_call(self) -> None:
        """Let a call happen, by a click or not, as the dice say."""

    @abstractmethod
    def calls(self) -> list[Line]:
        """Its own records: each call once, under the id its provider's calls go by."""

    def seen(self, call_id: str) -> Line | None:
        """One of its calls; none of a system that does not know it by this id."""
        return None

    def effects(self) -> Iterator[str]:
        """What was really done there on request, as often as it was done."""
        yield from self.done
        yield from (f"dial {national(call['to'])}" for call in self.calls() if call["dialled"])

    def free_extension(self) -> str | None:
        busy = self.busy_extensions()
        free = [extension for extension in EXTENSIONS if extension not in busy and extension not in AGENTS]
        return self.world.dice.choice(free) if free else None

    def busy_extensions(self) -> set[str]:
        return set()


# --- VirtualATS ------------------------------------------------------------------------------------------------------


class VirtualAtsSender(Posted, VirtualAtsWebhooks):
    def notify(self, call: ExchangeCall, state: State, base_url: str) -> None:
        self.send(Notification(call.call_id, state, self._body(call, state, base_url)))
        if state == "UPDATE" and call.direction == "INBOUND" and call.destination in self.world.named_late:
            # The caller's name is known a second later, and only this second UPDATE tells it.
            named = replace(call, caller_name=self.world.named_late[call.destination])
            body = self._body(named, state, base_url)
            self._timeline.call_later(0.4, lambda: self.send(Notification(call.call_id, state, body)))

    def _call(self, notification: Notification) -> tuple[Any, Line]:
        headers = {HEADER: self._keys.authentication(notification.body, self._timeline.now())}
        event = http("webhooks/virtualats", raw=notification.body, headers=headers, path={"token": TOKEN})
        return functions.webhooks.virtualats.handler, event

    def _told(self, notification: Notification) -> Line:
        told = {name: value for name, value in json.loads(notification.body).items() if name != "apiKey"}
        return {"call_id": f"virtualats:{notification.call_id}", "told": told}


class VirtualAtsLine(Pbx):
    name = "virtualats"
    gap_seconds = 1.5
    outcomes = ("ANSWERED", "ANSWERED", "ANSWERED", "NO_ANSWERED", "BUSY", "FAILED")

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        self.simulator = VirtualAts(timeline=world.timeline)
        self.sender = VirtualAtsSender(world.timeline, self.simulator.keys, "1234567890abcdef", "in process")
        self.sender.post_to(world)
        self.simulator.webhooks = self.sender

    def secret(self) -> Line:
        keys = self.simulator.keys
        return {
            "base_url": f"{HOME}/vats/api",
            "public_key": keys.public_key,
            "secret_key": keys.secret_key,
            "crm_api_key": "1234567890abcdef",
            "webhook_tokens": [TOKEN],
        }

    def client(self, container: Any, connect: Connect) -> Any:
        credentials = container.secrets.get(self.name, VirtualAtsClient.Credentials)
        return VirtualAtsClient(credentials, http=connect(credentials.base_url), clock=container.clock)

    def place_call(self) -> None:
        world, dice = self.world, self.world.dice
        outcome = dice.choice(self.outcomes)
        timing = {"ring_seconds": dice.randrange(1, 20), "talk_seconds": dice.randrange(1, 90)}
        kind = dice.random()
        line = f"99412{world.placed:07d}"
        source, destination = world.caller(), line
        if 0.1 <= kind < 0.13:
            source, destination = "102", "103"
        elif outcome == "ANSWERED" and 0.1 <= kind < 0.5:
            world.named_late[line] = f"Caller {world.placed}"
        ready_after = dice.choice((0, 0, 0, 20, 400))
        self.simulator.use_script(CallScript(outcome=outcome, recording_ready_after=ready_after, **timing))
        if kind < 0.1:
            source = world.new_number()
            call_id = world.dial(source, "101")
        else:
            call_id = self.simulator.place_inbound_call(
                source=source, destination=destination, extension="101", outcome=outcome
            )
            call_id = f"virtualats:{call_id}"
        if call_id and destination != "103":
            talked = timing["talk_seconds"] if outcome == "ANSWERED" else 0
            world.over_after(timing["ring_seconds"] + talked + 1, call_id, source)

    def calls(self) -> list[Line]:
        exchange = self.simulator.exchange
        return [seen_by_virtualats(call, exchange.audio(call.recording_id)) for call in exchange.calls()]

    def seen(self, call_id: str) -> Line | None:
        call = self.simulator.exchange._calls.get(call_id.partition(":")[2])
        return seen_by_virtualats(call, None) if call else None


def seen_by_virtualats(call: ExchangeCall, audio: bytes | None) -> Line:
    internal = len(call.source) == len(call.destination) == len(EXTENSIONS[0])
    return {
        "call_id": f"virtualats:{call.call_id}",
        "direction": "internal" if internal else call.direction.lower(),
        "from": call.source,
        "to": call.destination,
        "answered": call.disposition == "ANSWERED",
        "talk_seconds": call.talk_seconds,
        "ended": call.ended_at is not None,
        "dialled": call.direction == "OUTBOUND",
        "recording_sha256": sha256(audio).hexdigest() if audio else None,
    }


# --- Kobikom ---------------------------------------------------------------------------------------------------------


class KobikomLine(Pbx):
    """Tells nothing by itself, and gives its calls no ids: what there was is told by legs, hours later the same."""

    name = "kobikom"
    outcomes = ("ANSWERED", "ANSWERED", "ANSWERED", "NO ANSWER", "BUSY", "FAILED")

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        company = replace(PBX_COMPANY, extensions={number: f"Colleague {number}" for number in EXTENSIONS})
        self.simulator = Kobikom(timeline=world.timeline, company=company)
        self._dialled: set[str] = set()
        exchange = self.simulator.exchange
        self._dial, self._redirect, self._hang_up = exchange.dial, exchange.redirect, exchange.hang_up_extension
        exchange.dial, exchange.redirect = self._noting_dial, self._noting_redirect
        exchange.hang_up_extension = self._noting_hang_up

    def secret(self) -> Line:
        return {"base_url": f"{HOME}/api/", "api_key": "kobi-demo-0001-0002-0003"}

    def client(self, container: Any, connect: Connect) -> Any:
        credentials = container.secrets.get(self.name, KobikomClient.Credentials)
        return KobikomClient(credentials, http=connect(credentials.base_url), clock=container.clock)

    def place_call(self) -> None:
        world, dice, pbx = self.world, self.world.dice, self.simulator
        script = KobikomScript(
            outcome=dice.choice(self.outcomes),
            ring_seconds=dice.randrange(1, 20),
            talk_seconds=dice.randrange(1, 90),
            recording_ready_after=dice.choice((0, 0, 0, 20, 400)),
            queue_answers=dice.random() < 0.2,
        )
        kind, extension = dice.random(), self.free_extension()
        if extension is None:
            return
        talked = script.talk_seconds if script.outcome == "ANSWERED" else 0
        lasts = script.pick_up_seconds + script.ring_seconds + talked
        if kind < 0.3:
            number = world.new_number()
            pbx.use_script(script)
            call_id = world.dial(number, extension)
            if call_id:
                self._somebody_presses(script, extension, lambda: call_id, number)
                world.over_after(lasts + 1, call_id, number)
            return
        if kind < 0.35:
            pbx.exchange.call_from_phone(extension, self.free_extension() or "102", script)
            return
        source = f"0{world.caller()[2:]}"
        if kind < 0.45:
            call = pbx.exchange.call_from_phone(extension, f"0{world.new_number()[2:]}", script)
            source = call.legs[0].destination
        elif kind < 0.7:
            unique_id = pbx.place_inbound_call(source=source, queue=QUEUE[self.name], outcome=script.outcome)
            call = pbx.exchange._calls[unique_id]
        else:
            call = pbx.exchange.call_in(source, "", script, extension=extension)
            self._somebody_presses(script, extension, lambda: world.live_call(extension, source), source)
        if call.legs:
            world.over_after(lasts + 500, call_id_of(call), source)

    def _somebody_presses(
        self, script: KobikomScript, extension: str, call_id: Callable[[], str | None], number: str
    ) -> None:
        """The agent hands a call on, or hangs it up, while it is talked on."""
        wish = self.world.dice.random()
        if script.outcome != "ANSWERED" or script.talk_seconds < 20 or wish > 0.4:
            return
        to_extension = self.free_extension()

        def press() -> None:
            going_on = [
                call
                for call in self.simulator.exchange.going_on()
                if extension in call.extensions
                and any(
                    national(leg.destination) == national(number) or national(leg.source) == national(number)
                    for leg in call.legs
                )
            ]
            named = call_id()
            if not (going_on and named and to_extension):
                return
            if wish < 0.25:
                self.world.transfer(named, to_extension, f"transfer {going_on[0].unique_id}")
            else:
                self.world.hang_up(named, f"hang up {going_on[0].unique_id}")

        self.world.soon(script.pick_up_seconds + script.ring_seconds + 6, press)

    def busy_extensions(self) -> set[str]:
        return self.simulator.exchange.busy_extensions()

    def calls(self) -> list[Line]:
        exchange = self.simulator.exchange
        return [self._seen(call, exchange.audio(call.recording or "")) for call in exchange.calls()]

    def _seen(self, call: PbxCall, audio: bytes | None) -> Line:
        first = _earliest(call)
        inside = [number in EXTENSIONS for number in (first.source, first.destination)]
        outbound = inside[0] or first.near.name.startswith("Local/")
        return {
            "call_id": call_id_of(call),
            "direction": "internal" if all(inside) else "outbound" if outbound else "inbound",
            "from": first.source,
            "to": first.destination,
            "answered": call.answered_at is not None,
            "talk_seconds": sum(leg.billed_seconds for leg in call.legs if leg.far) if call.answered_at else 0,
            "ended": call.ended_at is not None,
            "dialled": call.unique_id in self._dialled,
            "campaign": first.near.name.startswith("Local/"),
            "recording_sha256": sha256(audio).hexdigest() if audio else None,
        }

    def effects(self) -> Iterator[str]:
        yield from super().effects()
        for campaign in self.simulator.call_center.campaigns.values():
            yield f"campaign {campaign.name}"
            yield from (f"contact {campaign.name} {national(contact.phone)}" for contact in campaign.contacts)

    def _noting_dial(self, extension: str, number: str) -> PbxCall:
        call = self._dial(extension, number)
        self._dialled.add(call.unique_id)
        return call

    def _noting_redirect(self, extension: str, to_extension: str) -> None:
        call, _ = self.simulator.exchange._current(extension)
        self._redirect(extension, to_extension)
        self.done.append(f"transfer {call.unique_id}")

    def _noting_hang_up(self, extension: str) -> None:
        call, _ = self.simulator.exchange._current(extension)
        self._hang_up(extension)
        self.done.append(f"hang up {call.unique_id}")


def _earliest(call: PbxCall) -> Leg:
    return min(call.legs, key=lambda leg: leg.started_at)


def call_id_of(call: PbxCall) -> str:
    """The id a call without one goes by: of its earliest row's moment and channel."""
    first = _earliest(call)
    local = first.started_at.astimezone(kobikom_exchange.ISTANBUL)
    return f"kobikom:{sha256(f'{local:%Y-%m-%d %H:%M:%S}|{first.near.name}'.encode()).hexdigest()[:16]}"


# --- Verimor ---------------------------------------------------------------------------------------------------------


class VerimorSender(Posted, VerimorWebhooks):
    def _call(self, notification: Notification) -> tuple[Any, Line]:
        of_campaign = notification.state == "campaign_result"
        event = http(
            f"webhooks/verimor_{'campaign' if of_campaign else 'call'}",
            raw=notification.body,
            headers=self.headers(notification.body),
            path={"token": TOKEN},
        )
        door = functions.webhooks.verimor_campaign if of_campaign else functions.webhooks.verimor_call
        return door.handler, {**event, "headers": {name.lower(): text for name, text in event["headers"].items()}}

    def _told(self, notification: Notification) -> Line:
        told = dict(parse_qsl(notification.body.decode(), keep_blank_values=True))
        return {"call_id": f"verimor:{notification.call_id}", "told": told}


class VerimorLine(Pbx):
    name = "verimor"
    outcomes = ("NORMAL_CLEARING", "NORMAL_CLEARING", "NORMAL_CLEARING", "NO_ANSWER", "USER_BUSY", "CALL_REJECTED")

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        company = Company(users=tuple(VerimorUser(number, f"Colleague {number}") for number in EXTENSIONS))
        self.simulator = pbx = Verimor(timeline=world.timeline, company=company)
        settings = CrmSettings(notification_url="in process")
        self.sender = pbx.webhooks = VerimorSender(world.timeline, company.domain_id, settings)
        self.sender.post_to(world)
        pbx.exchange._listener = self.sender.tell_event
        pbx._api._webhooks = self.sender
        self._transfer, self._hang_up = pbx.exchange.transfer, pbx.exchange.hang_up
        pbx.exchange.transfer, pbx.exchange.hang_up = self._noting_transfer, self._noting_hang_up
        self._create, pbx.campaigns.create = pbx.campaigns.create, self._noting_campaign

    def secret(self) -> Line:
        key = "K12345678-1234-5678-4321-123456789012"
        return {"base_url": VERIMOR_HOME, "api_key": key, "webhook_tokens": [TOKEN], "domain_id": "429"}

    def client(self, container: Any, connect: Connect) -> Any:
        credentials = container.secrets.get(self.name, VerimorClient.Credentials)
        return VerimorClient(
            credentials,
            budget=ProviderBudget(container.table, self.name, clock=container.clock),
            http=connect(credentials.base_url),
            downloads=connect,
            clock=container.clock,
        )

    def place_call(self) -> None:
        world, dice, pbx = self.world, self.world.dice, self.simulator
        script = VerimorScript(
            outcome=dice.choice(self.outcomes),
            ring_seconds=dice.randrange(1, 20),
            talk_seconds=dice.randrange(1, 90),
            patience_seconds=40,
            answered_by=dice.choice((None, AGENTS[1])),
            picked_up_by=AGENTS[2] if dice.random() < 0.1 else None,
        )
        kind, extension, number = dice.random(), self.free_extension(), f"0{world.caller()[2:]}"
        if extension is None:
            return
        answered = script.outcome == "NORMAL_CLEARING"
        if kind < 0.3:
            number = world.new_number()
            pbx.use_script(script)
            call_id = world.dial(number, extension)
            if call_id is None:
                return
        elif kind < 0.35:
            inner = VerimorCall("internal", extension, self.free_extension() or "102", script, self.timeline.now())
            pbx.exchange.dial(inner, by_user=extension)
            return
        elif kind < 0.65:
            queue = QUEUE[self.name]
            call_id = f"verimor:{pbx.place_inbound_call(source=number, queue=queue, script=script)}"
            if dice.random() < 0.5:
                rings_after = script.ring_after + script.queue_seconds
                self.timeline.call_later(rings_after + 1, lambda: self._decline(call_id, script.answered_by))
        else:
            call_id = f"verimor:{pbx.place_inbound_call(source=number, extension=extension, script=script)}"
        world.over_after(script.ring_seconds + (script.talk_seconds if answered else 0) + 1, call_id, number)
        wish, to_extension = dice.random(), self.free_extension()
        if answered and script.talk_seconds >= 20 and to_extension:
            uuid = call_id.partition(":")[2]
            if wish < 0.2:
                world.soon(script.ring_seconds + 8, lambda: world.transfer(call_id, to_extension, f"transfer {uuid}"))
            elif wish < 0.35:
                world.soon(script.ring_seconds + 8, lambda: world.hang_up(call_id, f"hang up {uuid}"))

    def _decline(self, call_id: str, answered_by: str | None) -> None:
        """Of several phones that ring one lets go, and the others ring on."""
        exchange = self.simulator.exchange
        call = exchange.call(call_id.partition(":")[2])
        ringing = [leg for leg in call.legs if leg.ended_at is None] if call else []
        stays = next((leg for leg in ringing if leg.number == answered_by), ringing[0] if ringing else None)
        for leg in ringing:
            if call and leg is not stays and call.answered_at is None:
                exchange._end_leg(call, leg, "CALL_REJECTED")

    def busy_extensions(self) -> set[str]:
        legs = [leg for call in self.simulator.exchange._running.values() for leg in call.legs]
        return {leg.number for leg in legs if leg.ended_at is None}

    def calls(self) -> list[Line]:
        return [self._seen(call) for call in self.simulator.exchange.calls()]

    def seen(self, call_id: str) -> Line | None:
        call = self.simulator.exchange.call(call_id.partition(":")[2])
        return self._seen(call) if call else None

    def _seen(self, call: VerimorCall) -> Line:
        audio = None
        if call.recording == "present":
            audio = verimor_exchange.recording(call.call_uuid, max(1, call.talk_seconds))
        return {
            "call_id": f"verimor:{call.call_uuid}",
            "direction": call.direction,
            "from": call.caller_number,
            "to": call.destination_number,
            "answered": call.answered_at is not None,
            "talk_seconds": call.talk_seconds,
            "ended": call.is_over,
            "dialled": call.origin == "API",
            "campaign": call.origin == "IVR",
            "recording_sha256": sha256(audio).hexdigest() if audio else None,
        }

    def _noting_campaign(self, order: CampaignOrder) -> int:
        self.done += [
            f"campaign {order.name}",
            *(f"contact {order.name} {national(lead.phone)}" for lead in order.leads),
        ]
        return self._create(order)

    def _noting_transfer(self, call_uuid: str, user: str) -> None:
        self._transfer(call_uuid, user)
        self.done.append(f"transfer {call_uuid}")

    def _noting_hang_up(self, call_uuid: str, by: Any = "caller") -> None:
        self._hang_up(call_uuid, by)
        self.done.append(f"hang up {call_uuid}")


# --- WapCRM ----------------------------------------------------------------------------------------------------------


class WapCrmSender(Posted, WapCrmWebhooks):
    def _call(self, notification: Notification) -> tuple[Any, Line]:
        return functions.webhooks.wapcrm.handler, http("webhooks/wapcrm", raw=notification.body, path={"token": TOKEN})

    def _told(self, notification: Notification) -> Line:
        told = json.loads(notification.body)
        if "messages" in told:
            return {"messages": [message_id_of(message["id"]) for message in told["messages"]]}
        return {"messages": [message_id_of(told["InstanceMessageID"])], "status": told["Status"]}


class WapCrmBeside:
    """Messages, calls made within WapCRM, and what it keeps of the PBX's calls: conversations and outcomes."""

    name = "wapcrm"

    def __init__(self, world: "World") -> None:
        self.world = world
        self.simulator = WapCrm(timeline=world.timeline, per_minute=10_000, per_day=1_000_000)
        self.sender = WapCrmSender(world.timeline, "wapcrm-demo-secret", "in process")
        self.sender.post_to(world)
        self.simulator.webhooks = self.simulator.chats.webhooks = self.sender

    def secret(self) -> Line:
        return {
            "base_url": HOME,
            "secret_key": "wapcrm-demo-secret",
            "webhook_tokens": [TOKEN],
            "default_channel_id": "15",
        }

    def client(self, container: Any, connect: Connect) -> Any:
        credentials = container.secrets.get(self.name, WapCrmClient.Credentials)
        return WapCrmClient(credentials, http=connect(credentials.base_url))

    def something_happens(self) -> None:
        """Beside each call of the PBX, as the dice say."""
        world, dice = self.world, self.world.dice
        kind, number = dice.random(), world.caller()
        if kind < 0.2:
            self.simulator.customer_writes(number, [world.new_text() for _ in range(dice.choice((1, 1, 2)))])
        elif kind < 0.35:
            world.send_message(KNOWN_CALLERS[0], world.new_text())
        elif kind < 0.45:
            talked = dice.randrange(1, 90)
            call_kind = dice.choice(KINDS)
            talked = talked if call_kind in (OUTGOING, INCOMING) else 0
            self.simulator.agent_calls(number, kind=call_kind, call_seconds=talked, guid=str(world.next_id()))

    def a_call_is_over(self, call_id: str, number: str) -> None:
        """An agent says what came of a call, or has made it on WapCRM's own telephone; or neither."""
        world, kind = self.world, self.world.dice.random()
        if kind < 0.3:
            self._keep_conversation(call_id, number)
        elif kind < 0.6:
            world.save_outcome(call_id, world.new_text())

    def _keep_conversation(self, call_id: str, number: str) -> None:
        # Of a PBX without ids WapCRM learns the ids of calls from us alone.
        call = self.world.pbx_line.seen(call_id)
        if call and not call["ended"]:
            self.world.soon(10, lambda: self._keep_conversation(call_id, number))
        elif call:
            kinds = {("outbound", True): OUTGOING, ("inbound", True): INCOMING, ("inbound", False): MISSED}
            self.simulator.agent_calls(
                number.removeprefix("0"),
                kind=kinds.get((call["direction"], call["answered"]), NOT_REACHED),
                call_seconds=call["talk_seconds"],
                guid=call_id.partition(":")[2],
            )

    def calls(self, known: set[str]) -> list[Line]:
        """The calls made within WapCRM; `known` are the PBX's, under whose ids it keeps conversations about them."""
        return [
            self._seen(call)
            for call in self.simulator.conversations
            if not call.note and call.guid not in {call_id.partition(":")[2] for call_id in known}
        ]

    def _seen(self, call: Conversation) -> Line:
        return {
            "call_id": f"wapcrm:{call.guid}",
            "direction": "outbound" if call.kind in (OUTGOING, NOT_REACHED) else "inbound",
            "from": call.phone,
            "to": call.phone,
            "answered": call.kind in (OUTGOING, INCOMING),
            "talk_seconds": call.call_seconds,
            "ended": True,
            "dialled": False,
            "within_wapcrm": True,
            "recording_sha256": None,
        }

    def messages(self) -> list[Line]:
        return [
            {
                "kind": "message",
                "message_id": message_id_of(message.message_id),
                "number": message.phone,
                "text": message.text,
                "sent": message.source == "ME",
                "status": message.status,
            }
            for message in self.simulator.messages
        ]

    def effects(self) -> Iterator[str]:
        yield from (f"send {message.text}" for message in self.simulator.sent)
        yield from (f"outcome {call.note}" for call in self.simulator.conversations if call.note)


def message_id_of(told: str) -> str:
    """The id of a message as it stands in an address."""
    return "wapcrm:" + told.replace("+", "-").replace("/", "_").replace("=", ".")


def national(number: str) -> str:
    """A number without what its country or its way of dialling puts before it."""
    return number[-10:]


LINES: dict[str, type[Pbx]] = {line.name: line for line in (VirtualAtsLine, KobikomLine, VerimorLine)}
