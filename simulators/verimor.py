"""Verimor Bulutsantralim as its documents describe it: plain-text answers, limits per minute, calls and campaigns."""

from dataclasses import asdict, replace
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from simulators.frame import ActionRefusedError, Simulator
from simulators.notifications import DeliveryPolicy
from simulators.timeline import RealTime, Timeline
from simulators.verimor_api import Api, Doubts
from simulators.verimor_campaigns import Campaign, Campaigns, ContactScript, Result
from simulators.verimor_company import Company
from simulators.verimor_exchange import (
    AgentStatus,
    CallScript,
    Exchange,
    NoSuchCallError,
    Side,
    UserStatus,
    VerimorCall,
)
from simulators.verimor_limits import Limits
from simulators.verimor_records import record
from simulators.verimor_webhooks import CrmSettings, Switch, Webhooks
from simulators.verimor_words import ResultCode

DEMO_COMPANY = Company()
AS_DOCUMENTED = Doubts()


class Verimor(Simulator):
    name = "verimor"
    actions: ClassVar[frozenset[str]] = frozenset(
        {
            "place_inbound_call",
            "hang_up",
            "use_script",
            "use_contact",
            "use_delivery",
            "notify_at",
            "repeat_events",
            "set_user_status",
            "set_agent_status",
            "delete_recording",
        }
    )

    def __init__(
        self,
        *,
        api_key: str = "K12345678-1234-5678-4321-123456789012",
        notification_url: str = "",
        company: Company = DEMO_COMPANY,
        limited: bool = True,
        doubts: Doubts = AS_DOCUMENTED,
        timeline: Timeline | None = None,
    ) -> None:
        super().__init__()
        self.timeline = timeline or RealTime()
        self.company = company
        self.webhooks = Webhooks(self.timeline, company.domain_id, CrmSettings(notification_url=notification_url))
        self.exchange = Exchange(self.timeline, company.users, company.queues, self.webhooks.tell_event)
        self.campaigns = Campaigns(self.timeline, self.exchange, self._tell_result, doubts.answered_as)
        self._api = Api(
            api_key=api_key,
            company=company,
            exchange=self.exchange,
            campaigns=self.campaigns,
            webhooks=self.webhooks,
            timeline=self.timeline,
            limits=Limits() if limited else None,
            doubts=doubts,
        )

    @property
    def api_url(self) -> str:
        """What a tenant's `base_url` is set to."""
        return self.url

    # What happens outside the API; the control plane offers these too.

    def place_inbound_call(
        self,
        *,
        source: str = "05321234567",
        destination: str = DEMO_COMPANY.numbers[0],
        extension: str | None = None,
        queue: str = "",
        caller_name: str = "",
        outcome: ResultCode | None = None,
        script: CallScript | None = None,
    ) -> str:
        """A customer calls in, for an extension or into a queue; the call's uuid."""
        if (extension is None) == (not queue):
            raise ActionRefusedError("either an extension or a queue is called")
        script = script or self.exchange.script
        script = replace(script, outcome=outcome or script.outcome)
        for user in {extension, script.answered_by, script.picked_up_by} - {None, *self.exchange.users}:
            raise ActionRefusedError(f"no user {user}")
        if queue and queue not in self.exchange.queues:
            raise ActionRefusedError(f"no queue {queue}")
        call = VerimorCall(
            "inbound", source, destination, script, self.timeline.now(), caller_name=caller_name, queue=queue
        )
        self.exchange.receive(call, extension=extension)
        return call.call_uuid

    def hang_up(self, call_id: str, by: Side = "caller") -> None:
        """One of the two on the line hangs up."""
        try:
            self.exchange.hang_up(call_id, by)
        except NoSuchCallError:
            raise ActionRefusedError(f"no call {call_id} is going on") from None

    def use_script(self, script: CallScript) -> None:
        self.exchange.script = script

    def use_contact(self, script: ContactScript, phone: str | None = None) -> None:
        """What campaigns' contacts do: one of them, by the number as results tell it, or all others."""
        if phone is None:
            self.campaigns.script = script
        else:
            self.campaigns.scripts[phone] = script

    def use_delivery(self, policy: DeliveryPolicy) -> None:
        self.webhooks.policy = policy

    def notify_at(
        self, notification_url: str, ringing: Switch = "on", answered: Switch = "on", hangup: Switch = "on"
    ) -> None:
        """Set what crm_integrations sets, without trying the address."""
        self.webhooks.settings = CrmSettings(ringing, answered, hangup, notification_url)

    def repeat_events(self, call_id: str, state: str | None = None) -> int:
        """Send again what was told of a call; `state` is an event type, or campaign_result."""
        return self.webhooks.repeat(call_id, state)

    def set_user_status(self, user: str, status: UserStatus) -> None:
        if user not in self.exchange.users:
            raise ActionRefusedError(f"no user {user}")
        self.exchange.user_statuses[user] = status

    def set_agent_status(self, agent: str, status: AgentStatus, break_description: str = "") -> None:
        if agent not in self.exchange.users:
            raise ActionRefusedError(f"no agent {agent}")
        self.exchange.agent_statuses[agent] = status
        self.exchange.breaks[agent] = break_description

    def delete_recording(self, call_id: str) -> None:
        call = self.exchange.call(call_id)
        if call is None or call.recording != "present":
            raise ActionRefusedError(f"call {call_id} has no recording")
        call.recording = "deleted"

    def forget(self) -> None:
        """Be as if nobody had ever called, nor been called by a campaign."""
        self.campaigns.forget()
        self.exchange.forget()

    @property
    def busy(self) -> bool:
        return self.webhooks.busy

    def state(self) -> dict[str, Any]:
        calls = self.exchange.calls()
        return {
            "users": self._api.user_statuses(),
            "agents": self._api.agent_statuses(),
            "queues": [asdict(queue) for queue in self.exchange.queues.values()],
            "waiting": self._api.waiting(),
            "calls": [
                {
                    **record(call, self.company.names, calls),
                    "state": call.state,
                    "muted": call.muted,
                    "connected_user": call.connected_user,
                }
                for call in calls
            ],
            "campaigns": [_campaign_state(campaign) for campaign in self.campaigns.all()],
            "crm": asdict(self.webhooks.settings),
            "deliveries": [asdict(delivery) for delivery in self.webhooks.log],
            "script": asdict(self.exchange.script),
        }

    def close(self) -> None:
        super().close()
        self.timeline.stop()

    def _tell_result(self, result: Result) -> None:
        if result.campaign.order.webhook_url:
            url = result.campaign.order.webhook_url
            self.webhooks.tell_result(url, result.call_uuid, result.fields(self.company.domain_id))

    def answer(self, request: Request) -> Response:
        return self._api.answer(request)


def _campaign_state(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.order.name,
        "call_type": campaign.order.call_type,
        "is_on": campaign.is_on,
        "leads": [
            {
                "lead_id": called.lead_id,
                "phone": called.lead.phone,
                "state": called.state,
                "attempts": called.attempts,
                "digits": called.digits,
                "status": called.status,
            }
            for called in campaign.leads
        ],
    }
