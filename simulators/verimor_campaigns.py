"""Verimor's dialler: campaigns call numbers in their hours, try again, read digits and tell what became of each."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from simulators.timeline import Timeline
from simulators.verimor_campaign_order import MENU, CampaignOrder, Lead
from simulators.verimor_exchange import Exchange, VerimorCall
from simulators.verimor_words import ISTANBUL, RESULT_TEXTS, ResultCode

TRIED_AGAIN: frozenset[ResultCode] = frozenset(
    {"USER_BUSY", "NO_ANSWER", "NO_USER_RESPONSE", "ALLOTTED_TIMEOUT", "ORIGINATOR_CANCEL"}
)
AGENTS_ARE_LOOKED_FOR_EVERY = timedelta(seconds=1)
LONGEST_MENU = 10
FIRST_IDS = {"campaign": 20212, "lead": 1878, "notification": 5}


@dataclass(frozen=True)
class ContactScript:
    """What a called contact does. `outcomes` are those of the attempts, the last one of all further ones.

    `keys` are pressed one in each round of the menu; "" presses none, and so does whoever has no keys left.
    """

    outcomes: tuple[ResultCode, ...] = ("NORMAL_CLEARING",)
    ring_seconds: float = 3
    listen_seconds: float = 5
    keys: tuple[str, ...] = ("1",)
    talk_seconds: float = 8


@dataclass
class CalledLead:
    lead_id: int
    lead: Lead
    attempts: int = 0
    state: Literal["pending", "calling", "done"] = "pending"
    due_at: datetime | None = None  # None: as soon as there is room
    call: VerimorCall | None = None
    rounds: int = 0
    misses: int = 0
    told: bool = False
    digits: list[str] = field(default_factory=list)
    status: str = ""


@dataclass
class Campaign:
    campaign_id: int
    order: CampaignOrder
    leads: list[CalledLead]
    is_on: bool = True
    wakes_at: datetime | None = None

    @property
    def calls(self) -> list[VerimorCall]:
        return [called.call for called in self.leads if called.call is not None and not called.call.is_over]


@dataclass(frozen=True)
class Result:
    """What is told of one attempt; `digit` "" when the call never began."""

    campaign: Campaign
    called: CalledLead
    digit: str
    status: str
    call_uuid: str
    notification_id: int
    at: datetime

    def fields(self, domain_id: str) -> dict[str, str]:
        return {
            "notification_id": str(self.notification_id),
            "notification_date": f"{self.at:%Y-%m-%d %H:%M:%S} UTC",
            "domain_id": domain_id,
            "ivr_campaign_id": str(self.campaign.campaign_id),
            "ivr_campaign_name": self.campaign.order.name,
            "ivr_lead_id": str(self.called.lead_id),
            "phone": self.called.lead.phone,
            "digit": self.digit,
            "status": self.status,
            "call_uuid": self.call_uuid,
        }


class NoSuchCampaignError(Exception):
    """No campaign of this id, or no longer."""


class Campaigns:
    """All under the exchange's lock, since calls and campaigns move each other."""

    def __init__(
        self, timeline: Timeline, exchange: Exchange, listener: Callable[[Result], None], answered_as: str
    ) -> None:
        self.script = ContactScript()
        self.scripts: dict[str, ContactScript] = {}
        self.tries_again_after = timedelta(seconds=60)
        self._timeline = timeline
        self._exchange = exchange
        self._listener = listener
        self._answered_as = answered_as
        self._campaigns: dict[int, Campaign] = {}
        self._ids = {what: itertools.count(first) for what, first in FIRST_IDS.items()}

    def create(self, order: CampaignOrder) -> int:
        with self._exchange.lock:
            leads = [CalledLead(next(self._ids["lead"]), lead) for lead in order.leads]
            campaign = Campaign(next(self._ids["campaign"]), order, leads)
            self._campaigns[campaign.campaign_id] = campaign
            self._wake(campaign, self._timeline.now())
        return campaign.campaign_id

    def switch(self, campaign_id: int, *, on: bool) -> None:
        with self._exchange.lock:
            campaign = self._campaign(campaign_id)
            campaign.is_on = on
            self._wake(campaign, self._timeline.now())

    def delete(self, campaign_id: int) -> None:
        """No further call is placed; one that goes on goes on."""
        with self._exchange.lock:
            self._campaign(campaign_id).is_on = False
            del self._campaigns[campaign_id]

    def forget(self) -> None:
        """Be as if no campaign had ever been."""
        for campaign in self.all():
            self.delete(campaign.campaign_id)

    def all(self) -> list[Campaign]:
        with self._exchange.lock:
            return list(self._campaigns.values())

    def _campaign(self, campaign_id: int) -> Campaign:
        if campaign_id not in self._campaigns:
            raise NoSuchCampaignError(campaign_id)
        return self._campaigns[campaign_id]

    # Dialling.

    def _wake(self, campaign: Campaign, at: datetime) -> None:
        if campaign.wakes_at is not None and campaign.wakes_at <= at:
            return
        campaign.wakes_at = at
        seconds = max(0.0, (at - self._timeline.now()).total_seconds())
        self._timeline.call_later(seconds, lambda: self._woken(campaign, at))

    def _woken(self, campaign: Campaign, at: datetime) -> None:
        with self._exchange.lock:
            if campaign.wakes_at != at:
                return
            campaign.wakes_at = None
            if campaign.is_on:
                self._dial_who_is_due(campaign)

    def _dial_who_is_due(self, campaign: Campaign) -> None:
        now = self._timeline.now()
        opens_at = _next_hours(campaign.order, now)
        pending = [called for called in campaign.leads if called.state == "pending"]
        if opens_at is None or not pending:
            return
        if opens_at > now:
            self._wake(campaign, opens_at)
            return
        due = [called for called in pending if called.due_at is None or called.due_at <= now]
        for called in due[: self._room(campaign)]:
            self._dial(campaign, called)
        later = [called.due_at for called in pending if called.state == "pending" and called.due_at]
        if later:
            self._wake(campaign, max(min(later), now + AGENTS_ARE_LOOKED_FOR_EVERY))
        elif campaign.order.call_type == "queue" and any(called.state == "pending" for called in pending):
            self._wake(campaign, now + AGENTS_ARE_LOOKED_FOR_EVERY)

    def _room(self, campaign: Campaign) -> int:
        """How many more calls may be placed now."""
        order, calls = campaign.order, campaign.calls
        room = order.max_thread_count - len(calls)
        if order.call_type == "ivr":
            return max(0, room)
        free = len(self._exchange.free_agents(order.queue_number))
        without_agent = sum(not call.connected_user for call in calls)
        return max(0, min(room, int(free * order.thread_multiplier) - without_agent))

    def _dial(self, campaign: Campaign, called: CalledLead) -> None:
        script = self.scripts.get(called.lead.phone, self.script)
        outcome = script.outcomes[min(called.attempts, len(script.outcomes) - 1)]
        called.attempts, called.state, called.told = called.attempts + 1, "calling", False
        called.rounds = called.misses = 0
        call = VerimorCall(
            "outbound",
            campaign.order.cli,
            called.lead.phone,
            replace(
                self._exchange.script,
                outcome=outcome,
                ring_seconds=script.ring_seconds,
                talk_seconds=script.talk_seconds,
                recorded=campaign.order.recording_enabled,
            ),
            self._timeline.now(),
            origin="IVR",
            shown_number=campaign.order.cli,
            ring_timeout=campaign.order.ring_timeout,
        )
        call.on_end = lambda: self._ended(campaign, called, call)
        if campaign.order.call_type == "queue":
            call.on_answer = lambda: self._exchange.join_queue(call, campaign.order.queue_number)
        else:
            call.on_answer = lambda: self._play_menu(campaign, called, call, script)
        called.call = call
        self._exchange.dial(call)

    def _ended(self, campaign: Campaign, called: CalledLead, call: VerimorCall) -> None:
        cause = call.cause or "NORMAL_CLEARING"
        if call.answered_at is None:
            self._tell(campaign, called, call, "", RESULT_TEXTS[cause])
        elif not called.told:
            self._tell(campaign, called, call, "-" if campaign.order.call_type == "ivr" else "", self._answered_as)
        retries = call.answered_at is None and cause in TRIED_AGAIN and called.attempts <= campaign.order.call_retries
        called.state = "pending" if retries else "done"
        called.due_at = self._timeline.now() + self.tries_again_after if retries else None
        self._wake(campaign, self._timeline.now())

    # The menu.

    def _play_menu(self, campaign: Campaign, called: CalledLead, call: VerimorCall, script: ContactScript) -> None:
        key = script.keys[called.rounds] if called.rounds < len(script.keys) else ""
        waits = script.listen_seconds + (0 if key else campaign.order.digit_timeout)
        self._timeline.call_later(waits, lambda: self._hear_key(campaign, called, call, script, key))

    def _hear_key(
        self, campaign: Campaign, called: CalledLead, call: VerimorCall, script: ContactScript, key: str
    ) -> None:
        with self._exchange.lock:
            if call.is_over:
                return
            target = campaign.order.targets.get(MENU.get(key, ""), "")
            called.rounds += 1
            called.misses = 0 if target else called.misses + 1
            if 0 < called.misses <= campaign.order.digit_retries:
                self._play_menu(campaign, called, call, script)
                return
            self._tell(campaign, called, call, _digit(key, is_valid=bool(target)), self._answered_as)
            if not target:
                target = campaign.order.targets.get("invalid_target" if key else "timeout_target", "")
            if target == "restart" and called.rounds < LONGEST_MENU:
                self._play_menu(campaign, called, call, script)
            else:
                self._go_to(call, target)

    def _go_to(self, call: VerimorCall, target: str) -> None:
        kind, _, place = target.partition("/")
        if kind == "user":
            self._exchange.ring_again(call, [place])
        elif kind == "queue":
            self._exchange.join_queue(call, place)
        elif kind in {"", "hangup", "restart"}:
            self._exchange.end(call, "NORMAL_CLEARING", "callee")
        else:
            self._exchange.end_after_talk(call)

    def _tell(self, campaign: Campaign, called: CalledLead, call: VerimorCall, digit: str, status: str) -> None:
        called.status, called.told = status, True
        called.digits.append(digit)
        number = next(self._ids["notification"])
        self._listener(Result(campaign, called, digit, status, call.call_uuid, number, self._timeline.now()))


def _digit(key: str, *, is_valid: bool) -> str:
    if not key:
        return "-"
    return key if is_valid else f"!{key}"


def _next_hours(order: CampaignOrder, now: datetime) -> datetime | None:
    """When the campaign may next call: now or later, None when its days are over."""
    local = now.astimezone(ISTANBUL)
    day = max(local.date(), order.date_begin)
    while day <= order.date_end:
        opens = datetime.combine(day, order.time_begin, ISTANBUL)
        closes = datetime.combine(day, order.time_end, ISTANBUL) + timedelta(minutes=1)
        if day.isoweekday() in order.active_days and local < closes:
            return max(opens, local)
        day += timedelta(days=1)
    return None
