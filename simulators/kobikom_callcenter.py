"""The call center on top of the exchange: agents, queues, breaks, and campaigns that dial through whoever is free."""

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from simulators.demo_data import PbxCompany
from simulators.kobikom_exchange import ISTANBUL, Exchange, PbxCall
from simulators.timeline import Timeline

UNKNOWN_QUEUE = "191"  # what the document says to send for a queue one does not know
SHORT_CALL_SECONDS = 5
RETRY_AFTER_SECONDS = 60
# Q.850 causes, in the words Asterisk has for them.
FAILURE_CAUSES = {
    1: "Unallocated (unassigned) number",
    17: "User busy",
    20: "Subscriber absent",
    21: "Call Rejected",
    34: "Circuit/channel congestion",
}


class NotPossibleError(Exception):
    """What was asked does not go together with how things stand; `reason` is what the PBX says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Agent:
    number: str
    name: str
    extension: str
    logged_in: bool = False
    break_id: str | None = None
    break_started_at: datetime | None = None


@dataclass
class Queue:
    number: str
    name: str
    agents: list[str]


@dataclass(frozen=True)
class BreakTaken:
    started_at: datetime
    ended_at: datetime


@dataclass
class Contact:
    """A number of a campaign, and how its last attempt went in the dialler's own words; "" before the first."""

    phone: str
    name: str
    surname: str
    status: str = ""
    attempts: int = 0
    due_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failure_cause: int | None = None
    agent: Agent | None = None
    call: PbxCall | None = None

    @property
    def is_called(self) -> bool:
        return self.call is not None and self.call.ended_at is None

    @property
    def seconds(self) -> int | None:
        if self.started_at is None or self.ended_at is None:
            return None
        return round((self.ended_at - self.started_at).total_seconds())


@dataclass(frozen=True)
class CallingHours:
    """From the first to the last day, both included, between two times of each."""

    first_day: date
    last_day: date
    opens: time
    closes: time

    def are_now(self, local: datetime) -> bool:
        return self.first_day <= local.date() <= self.last_day and self.opens <= local.time() <= self.closes

    def next_opening(self, local: datetime) -> datetime | None:
        day = max(self.first_day, local.date())
        if day == local.date() and local.time() > self.opens:
            day += timedelta(days=1)
        return datetime.combine(day, self.opens, ISTANBUL) if day <= self.last_day else None


@dataclass
class Campaign:
    """`retries` is how many times a number is called, as the document has it."""

    id: str
    name: str
    hours: CallingHours
    retries: int
    queue: str
    contacts: list[Contact] = field(default_factory=list)
    opening_awaited: datetime | None = None

    def next_contact(self, now: datetime) -> Contact | None:
        return next((contact for contact in self.contacts if self._is_due(contact, now)), None)

    def _is_due(self, contact: Contact, now: datetime) -> bool:
        if contact.is_called or contact.attempts >= max(1, self.retries) or contact.status in ("Success", "ShortCall"):
            return False
        return contact.due_at is None or contact.due_at <= now


class CallCenter:
    """Shares the exchange's lock, since each moves the other."""

    def __init__(self, exchange: Exchange, timeline: Timeline, company: PbxCompany) -> None:
        self._exchange = exchange
        self._timeline = timeline
        self._lock = exchange.lock
        self.agents = {
            agent.number: Agent(agent.number, agent.name, agent.extension, agent.logged_in) for agent in company.agents
        }
        self.queues = {queue.number: Queue(queue.number, queue.name, list(queue.agents)) for queue in company.queues}
        self.breaks = {kind.id: kind for kind in company.breaks}
        self.campaigns: dict[str, Campaign] = {}
        self._campaign_ids = itertools.count(1)
        self._held_for_campaigns: dict[str, Contact] = {}
        exchange.on_free_extension = self._dial

    # Agents.

    def log_in(self, number: str) -> None:
        with self._lock:
            self._agent(number).logged_in = True
            self._dial()

    def log_out(self, number: str) -> None:
        with self._lock:
            agent = self._agent(number)
            agent.logged_in, agent.break_id, agent.break_started_at = False, None, None

    def start_break(self, number: str, break_id: str) -> None:
        with self._lock:
            agent = self._agent(number)
            if break_id not in self.breaks:
                raise NotPossibleError("Mola bulunamadı")
            if not agent.logged_in:
                raise NotPossibleError("Agent giriş yapmamış")
            if agent.break_id is not None:
                raise NotPossibleError("Agent zaten molada")
            agent.break_id, agent.break_started_at = break_id, self._timeline.now()

    def end_break(self, number: str) -> BreakTaken:
        with self._lock:
            agent = self._agent(number)
            if agent.break_started_at is None:
                raise NotPossibleError("Agent molada değil")
            taken = BreakTaken(agent.break_started_at, self._timeline.now())
            agent.break_id, agent.break_started_at = None, None
            self._dial()
            return taken

    def agent_calls(self) -> list[tuple[Agent, PbxCall, str]]:
        """The calls of queues and campaigns that an agent has: the agent, the call, the outside number."""
        with self._lock:
            found = []
            for call in self._exchange.going_on():
                for agent in self.agents.values():
                    leg = next((leg for leg in call.live_legs if agent.extension in leg.extensions), None)
                    if leg is not None and leg.context == "ext-queues" and leg.answered_at is not None:
                        found.append((agent, call, leg.source))
                    elif any(channel.extension == agent.extension for channel in call.agents):
                        found.append((agent, call, call.legs[0].destination))
            return found

    # Queues.

    def create_queue(self, number: str, name: str, agents: list[str]) -> None:
        with self._lock:
            if number in self.queues or number in self._exchange.extensions:
                raise NotPossibleError("Bu numara kullanılıyor")
            self.queues[number] = Queue(number, name, [self._agent(agent).number for agent in agents])

    def delete_queue(self, number: str) -> None:
        with self._lock:
            del self.queues[self.queue(number).number]

    def add_to_queue(self, number: str, agents: list[str]) -> None:
        with self._lock:
            queue = self.queue(number)
            known = [self._agent(agent).number for agent in agents]
            queue.agents += [agent for agent in dict.fromkeys(known) if agent not in queue.agents]
            self._dial()

    def remove_from_queue(self, number: str, agents: list[str]) -> None:
        with self._lock:
            queue = self.queue(number)
            queue.agents = [agent for agent in queue.agents if agent not in agents]

    def queue(self, number: str) -> Queue:
        if number not in self.queues:
            raise NotPossibleError("Kuyruk bulunamadı")
        return self.queues[number]

    def free_agents(self, queue: str) -> list[Agent]:
        """Members who could take a call now, in the queue's order; of the unknown queue, everybody who could."""
        with self._lock:
            members = list(self.agents) if queue == UNKNOWN_QUEUE else self.queue(queue).agents
            busy = self._exchange.busy_extensions()
            free = [self.agents[number] for number in members if number in self.agents]
            return [
                agent
                for agent in free
                if agent.logged_in
                and agent.break_id is None
                and agent.extension not in busy
                and agent.number not in self._held_for_campaigns
            ]

    # Campaigns.

    def create_campaign(self, name: str, hours: CallingHours, retries: int, queue: str) -> Campaign:
        with self._lock:
            if queue != UNKNOWN_QUEUE:
                self.queue(queue)
            campaign = Campaign(str(next(self._campaign_ids)), name, hours, retries, queue)
            self.campaigns[campaign.id] = campaign
            self._dial()
            return campaign

    def delete_campaign(self, campaign_id: str) -> None:
        """Calls that are going on are not cut off."""
        with self._lock:
            del self.campaigns[self._campaign(campaign_id).id]

    def add_contact(self, campaign_id: str, contact: Contact) -> None:
        """A number may be there already; the document says nothing of doubles."""
        with self._lock:
            self._campaign(campaign_id).contacts.append(contact)
            self._dial()

    def remove_contact(self, campaign_id: str, phone: str) -> None:
        with self._lock:
            campaign = self._campaign(campaign_id)
            kept = [contact for contact in campaign.contacts if contact.phone != phone]
            if len(kept) == len(campaign.contacts):
                raise NotPossibleError("Telefon bulunamadı")
            campaign.contacts = kept

    def contacts(self, campaign_id: str | None, phone: str | None) -> list[tuple[Campaign, Contact]]:
        with self._lock:
            campaigns = [self._campaign(campaign_id)] if campaign_id else list(self.campaigns.values())
            return [
                (campaign, contact)
                for campaign in campaigns
                for contact in campaign.contacts
                if phone in (None, contact.phone)
            ]

    def _dial(self) -> None:
        """Call whoever is due and can be given to a free agent; runs whenever one of the two may have changed."""
        with self._lock:
            now = self._timeline.now()
            for campaign in list(self.campaigns.values()):
                if not campaign.hours.are_now(now.astimezone(ISTANBUL)):
                    self._await_opening(campaign, now)
                    continue
                if campaign.queue != UNKNOWN_QUEUE and campaign.queue not in self.queues:
                    continue
                for agent in self.free_agents(campaign.queue):
                    contact = campaign.next_contact(now)
                    if contact is None:
                        break
                    self._call(campaign, contact, agent)

    def _await_opening(self, campaign: Campaign, now: datetime) -> None:
        opening = campaign.hours.next_opening(now.astimezone(ISTANBUL))
        if opening is not None and opening != campaign.opening_awaited:
            campaign.opening_awaited = opening
            self._timeline.call_later((opening - now).total_seconds(), self._dial)

    def _call(self, campaign: Campaign, contact: Contact, agent: Agent) -> None:
        self._held_for_campaigns[agent.number] = contact
        contact.attempts += 1
        contact.status, contact.failure_cause, contact.agent = "Placing", None, None
        contact.started_at, contact.ended_at = self._timeline.now(), None
        contact.call = self._exchange.call_for_campaign(
            contact.phone, campaign.queue, lambda call: self._follow(contact, agent, call)
        )

    def _follow(self, contact: Contact, agent: Agent, call: PbxCall) -> None:
        if call.ended_at is not None:
            self._conclude(contact, call)
            self._held_for_campaigns.pop(agent.number, None)
        elif call.answered_at is None:
            contact.status = "Ringing"
        else:
            contact.status, contact.started_at = "OnQueue", self._timeline.now()
            self._timeline.call_later(call.script.pick_up_seconds, lambda: self._put_through(contact, agent, call))

    def _put_through(self, contact: Contact, agent: Agent, call: PbxCall) -> None:
        with self._lock:
            if call.ended_at is not None:
                return
            busy = agent.extension in self._exchange.busy_extensions()
            if call.script.outcome == "ABANDONED" or busy or not agent.logged_in:
                self._exchange.end(call)
                return
            contact.status, contact.agent = "Success", agent
            self._exchange.put_through(call, agent.extension)

    def _conclude(self, contact: Contact, call: PbxCall) -> None:
        contact.ended_at = call.ended_at
        if contact.agent is not None:
            talked = contact.seconds or 0
            contact.status = "ShortCall" if talked < SHORT_CALL_SECONDS else "Success"
            return
        if call.answered_at is not None:
            contact.status = "Abandoned"
        elif call.disposition == "NO ANSWER":
            contact.status = "NoAnswer"
        else:
            contact.status = "Failure"
            contact.failure_cause = 17 if call.disposition == "BUSY" else call.script.failure_cause
        contact.due_at = self._timeline.now() + timedelta(seconds=RETRY_AFTER_SECONDS)
        self._timeline.call_later(RETRY_AFTER_SECONDS, self._dial)

    def _agent(self, number: str) -> Agent:
        if number not in self.agents:
            raise NotPossibleError("Agent bulunamadı")
        return self.agents[number]

    def _campaign(self, campaign_id: str) -> Campaign:
        if campaign_id not in self.campaigns:
            raise NotPossibleError("Kampanya bulunamadı")
        return self.campaigns[campaign_id]
