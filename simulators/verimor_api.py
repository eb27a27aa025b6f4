"""The endpoints of Verimor's API: what each takes where, and what it answers."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import NAMESPACE_OID, uuid5

from werkzeug.wrappers import Request, Response

from simulators.frame import committed, json_response
from simulators.timeline import Timeline
from simulators.verimor_campaign_order import (
    ORDER_PARAMETERS,
    ModuleMissingError,
    OrderRefusedError,
    campaign_order,
)
from simulators.verimor_campaigns import Campaigns, NoSuchCampaignError
from simulators.verimor_company import Company
from simulators.verimor_exchange import URL_LASTS, Exchange, NoSuchCallError, VerimorCall
from simulators.verimor_limits import Limits
from simulators.verimor_records import LONGEST_RANGE, RecordQuery, record_detail, record_page
from simulators.verimor_requests import (
    FORM,
    BadKeyError,
    Place,
    RefusedError,
    choice,
    count,
    parameters,
    required,
    stamp,
)
from simulators.verimor_webhooks import CrmSettings, Webhooks, answers_probe
from simulators.verimor_words import ISTANBUL

DESTINATION = r"90[0-9]{7,10}|00[1-9][0-9]{6,14}"
RECORD_FILTERS = ("recording_present", "direction", "caller_id_number", "destination_number", "missed", "queue")
RECORD_CHOICES = {
    "recording_present": ("true", "false", "deleted"),
    "direction": ("inbound", "outbound", "internal"),
    "missed": ("true", "false"),
}
USER_STATUSES = ("AVAILABLE", "TALKING", "UNREGISTERED", "SS_DND")
AGENT_STATUSES = ("AVAILABLE", "TALKING", "LOGGED_OUT", "ON_BREAK")
SWITCH = ("on", "off")
SWITCHES = ("ringing", "answered", "hangup")
SETTINGS = (*SWITCHES, "notification_url")
RECORD_QUERY = (*RECORD_FILTERS, "start_stamp_from", "start_stamp_to", "limit", "page")
MANAGE_USERS = ("queue_number", "user_list")
ORIGINATE = (
    "extension",
    "destination",
    "caller_id",
    "manual_answer",
    "timeout",
    "announcement_to_callee",
    "announcement_to_caller",
)


@dataclass(frozen=True)
class Doubts:
    """What the documents leave open, or contradict each other in."""

    bad_key_status: Literal[400, 401] = 400
    unknown_call_status: Literal[400, 404] = 404
    json_answers: bool = False
    answered_as: Literal["Cevaplandı", "Başarılı"] = "Cevaplandı"


@dataclass(frozen=True)
class Endpoint:
    """`path` captures what its function gets after the request and what is asked."""

    method: str
    path: str
    takes: Place
    known: Collection[str]
    limit: str | None
    answer: Callable[..., Response]


class Api:
    def __init__(
        self,
        *,
        api_key: str,
        company: Company,
        exchange: Exchange,
        campaigns: Campaigns,
        webhooks: Webhooks,
        timeline: Timeline,
        limits: Limits | None,
        doubts: Doubts,
    ) -> None:
        self._api_key = api_key
        self._company = company
        self._exchange = exchange
        self._campaigns = campaigns
        self._webhooks = webhooks
        self._timeline = timeline
        self._limits = limits
        self._doubts = doubts
        # A call's id is whatever stands there: what is no call's is refused as such.
        self._endpoints = (
            Endpoint("GET", "/originate", "query", ORIGINATE, "originate", self._originate),
            Endpoint("GET", "/hangup/([^/]+)", "query", (), None, self._hang_up),
            Endpoint("GET", "/transfer/([^/]+)", "query", ("user_number",), None, self._transfer),
            Endpoint("GET", "/mute/([^/]+)", "query", ("state",), None, self._mute),
            Endpoint("GET", "/cdrs", "query", RECORD_QUERY, "cdrs", self._list_records),
            Endpoint("GET", "/cdrs/([^/]+)", "query", (), "cdrs", self._get_record),
            Endpoint("POST", "/recording_url/?", "form", ("call_uuid",), "recording_url", self._mint_recording_url),
            Endpoint("GET", "/caller_ids", "query", (), None, self._list_numbers),
            Endpoint("GET", "/announcements", "query", (), None, self._list_announcements),
            Endpoint("GET", "/queues", "query", (), "queues", self._list_queues),
            Endpoint("GET", "/queues/pending", "query", (), "queues", self._list_waiting),
            Endpoint("GET", "/queue/user_list", "query", ("queue_number",), "queues", self._list_queue_users),
            Endpoint("GET", "/queue/manage_users", "query", MANAGE_USERS, "queues", self._replace_queue_users),
            Endpoint("GET", "/agent_statuses", "query", ("agent", "status", "queue"), "statuses", self._list_agents),
            Endpoint("GET", "/user_statuses", "query", ("user", "status"), "statuses", self._list_users),
            Endpoint("GET", "/crm_integrations", "query", (), None, self._get_settings),
            Endpoint("POST", "/crm_integrations", "form", SETTINGS, None, self._change_settings),
            Endpoint("POST", r"/ivr_campaigns\.json", "json", ORDER_PARAMETERS, "ivr_campaigns", self._create_campaign),
            Endpoint("PATCH", "/ivr_campaigns/([0-9]+)", "form", ("status",), "ivr_campaigns", self._switch_campaign),
            Endpoint("DELETE", "/ivr_campaigns/([0-9]+)", "query", (), "ivr_campaigns", self._delete_campaign),
        )

    def answer(self, request: Request) -> Response:
        try:
            return self._answer(request)
        except RefusedError as refusal:
            return _plain(refusal.reason, refusal.status)
        except BadKeyError as error:
            return _plain(f"Gecersiz anahtar: {error.key}", self._doubts.bad_key_status)

    def _answer(self, request: Request) -> Response:
        if request.method == "GET" and (played := re.fullmatch(r"/recording/(R[^/]+)", request.path)):
            return self._play(played[1])
        for endpoint in self._endpoints:
            match = re.fullmatch(endpoint.path, request.path)
            if match and request.method == endpoint.method:
                self._count(endpoint.limit)
                asked = parameters(request, endpoint.takes, endpoint.known, self._api_key)
                return endpoint.answer(request, asked, *match.groups())
        raise RefusedError(404, "Not Found")

    def _count(self, limit: str | None) -> None:
        # A request too many is refused before anybody looks at its key.
        if limit and self._limits is not None and not self._limits.allows(limit, self._timeline.now()):
            raise RefusedError(429, "Too Many Requests")

    def _text(self, text: str, **fields: str) -> Response:
        if self._doubts.json_answers and fields:
            return json_response(fields)
        return _plain(text)

    # Calls.

    def _originate(self, request: Request, asked: dict[str, str]) -> Response:
        extension, destination = required(asked, "extension"), required(asked, "destination")
        if extension not in self._exchange.users:
            raise RefusedError(400, f"extension {extension} not found")
        inside = destination in self._exchange.users
        if not inside and not re.fullmatch(DESTINATION, destination):
            raise RefusedError(400, f"invalid destination: {destination}")
        caller_id = asked.get("caller_id", self._company.numbers[0])
        if caller_id not in self._company.numbers:
            raise RefusedError(400, f"invalid caller_id: {caller_id}")
        for name in ("announcement_to_callee", "announcement_to_caller"):
            if name in asked and not (asked[name].isdigit() and int(asked[name]) in self._company.announcements):
                raise RefusedError(400, f"cannot find announcement with id: {asked[name]}")
        manual = choice(asked, "manual_answer", ("true", "false")) == "true"
        timeout = count(asked, "timeout", 30, 10, 60)
        committed(request)
        call = VerimorCall(
            "internal" if inside else "outbound",
            extension,
            destination,
            self._exchange.script,
            self._timeline.now(),
            origin="API",
            shown_number="" if inside else caller_id,
            ring_timeout=timeout,
        )
        self._exchange.dial(call, by_user=extension, picks_up=manual)
        return self._text(call.call_uuid, call_uuid=call.call_uuid)

    def _hang_up(self, request: Request, _: dict[str, str], call_uuid: str) -> Response:
        return self._on_channel(request, lambda: self._exchange.hang_up(call_uuid))

    def _transfer(self, request: Request, asked: dict[str, str], call_uuid: str) -> Response:
        user = required(asked, "user_number")
        if self._exchange.user_statuses.get(user, "UNREGISTERED") == "UNREGISTERED":
            raise RefusedError(400, f"user {user} not found")
        return self._on_channel(request, lambda: self._exchange.transfer(call_uuid, user))

    def _mute(self, request: Request, asked: dict[str, str], call_uuid: str) -> Response:
        required(asked, "state")
        is_on = choice(asked, "state", SWITCH) == "on"
        return self._on_channel(request, lambda: self._exchange.mute(call_uuid, on=is_on))

    def _on_channel(self, request: Request, effect: Callable[[], None]) -> Response:
        try:
            effect()
        except NoSuchCallError:
            raise RefusedError(400, "No such channel!") from None
        committed(request)
        return _plain("+OK")

    # Records and recordings.

    def _list_records(self, _: Request, asked: dict[str, str]) -> Response:
        since, until = stamp(asked, "start_stamp_from"), stamp(asked, "start_stamp_to")
        if since is not None and (until or self._timeline.now()) - since > LONGEST_RANGE:
            raise RefusedError(400, "Tarih araligi 31 gunden uzun olamaz")
        for name, choices in RECORD_CHOICES.items():
            choice(asked, name, choices)
        filters = {name: asked[name] for name in RECORD_FILTERS if name in asked}
        query = RecordQuery(since, until, count(asked, "page", 1, 1, None), count(asked, "limit", 10, 10, 100), filters)
        return json_response(record_page(self._exchange.calls(), self._company.names, query))

    def _get_record(self, _: Request, __: dict[str, str], call_uuid: str) -> Response:
        call = self._exchange.call(call_uuid)
        if call is None or not call.is_over:
            raise RefusedError(self._doubts.unknown_call_status, f"cannot find call with call_uuid {call_uuid}")
        return json_response(record_detail(call, self._exchange.calls()))

    def _mint_recording_url(self, request: Request, asked: dict[str, str]) -> Response:
        call_uuid = required(asked, "call_uuid")
        call = self._exchange.call(call_uuid)
        if call is None or call.recording != "present":
            raise RefusedError(400, f"cannot find call with call_uuid {call_uuid}")
        committed(request)
        url = f"{request.host_url}recording/{self._exchange.mint_recording_url(call)}"
        return self._text(url, url=url, expires_at=(self._timeline.now() + URL_LASTS).isoformat())

    def _play(self, token: str) -> Response:
        audio = self._exchange.audio(token)
        if audio is None:
            raise RefusedError(404, "Not Found")
        return Response(audio, 200, content_type="audio/x-wav")

    # What the company has.

    def _list_numbers(self, _: Request, __: dict[str, str]) -> Response:
        return json_response(list(self._company.numbers))

    def _list_announcements(self, _: Request, __: dict[str, str]) -> Response:
        return json_response([{"id": id_, "name": name} for id_, name in self._company.announcements.items()])

    def _list_queues(self, _: Request, __: dict[str, str]) -> Response:
        queues = self._exchange.queues.values()
        return json_response([{"number": int(queue.number), "name": queue.name} for queue in queues])

    def _list_waiting(self, _: Request, __: dict[str, str]) -> Response:
        return json_response(self.waiting())

    def waiting(self) -> list[dict[str, str]]:
        return [
            {
                "queue_number": call.queue,
                # The place in the queue has an id of its own.
                "uuid": str(uuid5(NAMESPACE_OID, call.call_uuid)),
                "call_uuid": call.call_uuid,
                "caller_id": call.caller_number,
                "joined_at": str(int(call.joined_queue_at.timestamp())),
            }
            for call in self._exchange.waiting()
            if call.joined_queue_at is not None
        ]

    def _list_queue_users(self, _: Request, asked: dict[str, str]) -> Response:
        queue = self._exchange.queues[self._queue(asked)]
        users = [self._exchange.users[agent] for agent in queue.agents]
        return json_response([{"user": int(user.number), "name": user.name} for user in users])

    def _replace_queue_users(self, request: Request, asked: dict[str, str]) -> Response:
        number = self._queue(asked)
        users = required(asked, "user_list").split(",")
        for user in users:
            if user not in self._exchange.users or users.count(user) > 1:
                raise RefusedError(400, f"user {user} not found")
        committed(request)
        queue = self._exchange.queues[number]
        self._exchange.queues[number] = replace(queue, agents=tuple(users))
        return _plain("OK")

    def _queue(self, asked: dict[str, str]) -> str:
        number = asked.get("queue_number", "")
        if number not in self._exchange.queues:
            raise RefusedError(400, f"Queue_number value null or none {number}".strip())
        return number

    def _list_agents(self, _: Request, asked: dict[str, str]) -> Response:
        choice(asked, "status", AGENT_STATUSES)
        return json_response(
            [
                agent
                for agent in self.agent_statuses()
                if asked.get("agent", agent["agent"]) == agent["agent"]
                and asked.get("status", agent["status"]) == agent["status"]
                and ("queue" not in asked or asked["queue"] in agent["queues"])
            ]
        )

    def agent_statuses(self) -> list[dict[str, Any]]:
        """Users who are in a queue."""
        queues = self._exchange.queues.values()
        agents = sorted({agent for queue in queues for agent in queue.agents})
        return [self._agent_status(agent) for agent in agents]

    def _agent_status(self, agent: str) -> dict[str, Any]:
        status: str = self._exchange.agent_statuses[agent]
        if status == "AVAILABLE" and self._exchange.is_talking(agent):
            status = "TALKING"
        elif self._exchange.user_statuses[agent] == "UNREGISTERED":
            status = "LOGGED_OUT"
        queues = [queue.number for queue in self._exchange.queues.values() if agent in queue.agents]
        told = {"agent": agent, "status": status, "queues": queues}
        return told | ({"break_description": self._exchange.breaks.get(agent, "")} if status == "ON_BREAK" else {})

    def _list_users(self, _: Request, asked: dict[str, str]) -> Response:
        choice(asked, "status", USER_STATUSES)
        return json_response(
            [
                user
                for user in self.user_statuses()
                if asked.get("user", str(user["user"])) == str(user["user"])
                and asked.get("status", user["status"]) == user["status"]
            ]
        )

    def user_statuses(self) -> list[dict[str, Any]]:
        return [
            {"user": int(user), "status": "TALKING" if self._exchange.is_talking(user) else status}
            for user, status in self._exchange.user_statuses.items()
        ]

    # Where events go.

    def _get_settings(self, _: Request, __: dict[str, str]) -> Response:
        settings = self._webhooks.settings
        return json_response({name: getattr(settings, name) for name in SETTINGS})

    def _change_settings(self, request: Request, asked: dict[str, Any]) -> Response:
        url = required(asked, "notification_url")
        for name in SWITCHES:
            choice(asked, name, SWITCH)
        if urlsplit(url).scheme not in {"http", "https"} or not answers_probe(url, b"{}", FORM):
            raise RefusedError(400, "notification_url is invalid")
        committed(request)
        before = self._webhooks.settings
        switches = {name: asked.get(name, getattr(before, name)) for name in SWITCHES}
        self._webhooks.settings = CrmSettings(**switches, notification_url=url)
        return _plain("Ok")

    # Campaigns.

    def _create_campaign(self, request: Request, asked: dict[str, Any]) -> Response:
        if "campaigns" not in self._company.modules:
            raise RefusedError(403, "Otomatik Arama / Sesli Mesaj (Çoklu) modülü gereklidir")
        try:
            order = campaign_order(asked, self._company, self._timeline.now().astimezone(ISTANBUL).date())
        except OrderRefusedError as refusal:
            raise RefusedError(400, str(refusal)) from None
        except ModuleMissingError as missing:
            raise RefusedError(403, f"{missing} modülü gereklidir") from None
        if order.webhook_url and not answers_probe(order.webhook_url, b""):
            raise RefusedError(400, "webhook_url is invalid")
        committed(request)
        campaign_id = str(self._campaigns.create(order))
        return self._text(campaign_id, id=campaign_id)

    def _switch_campaign(self, request: Request, asked: dict[str, str], campaign_id: str) -> Response:
        required(asked, "status")
        is_on = choice(asked, "status", SWITCH) == "on"
        return self._on_campaign(request, campaign_id, lambda: self._campaigns.switch(int(campaign_id), on=is_on))

    def _delete_campaign(self, request: Request, _: dict[str, str], campaign_id: str) -> Response:
        return self._on_campaign(request, campaign_id, lambda: self._campaigns.delete(int(campaign_id)))

    def _on_campaign(self, request: Request, campaign_id: str, effect: Callable[[], None]) -> Response:
        try:
            effect()
        except NoSuchCampaignError:
            raise RefusedError(400, f"Cannot find ivr_campaign with ID {campaign_id}") from None
        committed(request)
        return _plain("OK")


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
