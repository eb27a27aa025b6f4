"""Kobikom's call-center PBX as its document describes it: stateful, strict, and answering in XML unless asked not to.

The document shows no refusal; here they are `result` false with a message, under HTTP 200 like everything else.
"""

import posixpath
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from simulators.demo_data import PBX_COMPANY, PbxCompany
from simulators.frame import ActionRefusedError, Simulator, committed
from simulators.kobikom_callcenter import (
    FAILURE_CAUSES,
    CallCenter,
    CallingHours,
    Campaign,
    Contact,
    NotPossibleError,
)
from simulators.kobikom_exchange import (
    ISTANBUL,
    RECORDING_ROOT,
    CallScript,
    Channel,
    Exchange,
    Leg,
    NotOnACallError,
    Outcome,
)
from simulators.kobikom_requests import (
    ArrayStyle,
    Given,
    Module,
    Read,
    RefusedError,
    answer_form,
    clock_time,
    column,
    count,
    day,
    flag,
    form_of_answer,
    given_in,
    number,
    order,
    phone_number,
    word,
)
from simulators.kobikom_words import Answer, Listing, Row, Style, Value, written
from simulators.timeline import RealTime, Timeline

API_PATH = "/api/"


class Kobikom(Simulator):
    name = "kobikom"
    actions: ClassVar[frozenset[str]] = frozenset(
        {"place_inbound_call", "place_call_from_phone", "hang_up", "use_script", "use_style"}
    )

    def __init__(
        self,
        *,
        api_key: str = "kobi-demo-0001-0002-0003",
        company: PbxCompany = PBX_COMPANY,
        style: Style | None = None,
        array_style: ArrayStyle = "brackets",
        outside_prefix: str = "",
        recording_root: str = RECORDING_ROOT,
        timeline: Timeline | None = None,
    ) -> None:
        """`array_style` is the way lists are sent; outside numbers without the `outside_prefix` cannot be dialled."""
        super().__init__()
        self.timeline = timeline or RealTime()
        self.style = style or Style()
        self._recording_root = recording_root.rstrip("/")
        self.exchange = Exchange(
            self.timeline, company.extensions, outside_prefix=outside_prefix, recording_root=self._recording_root
        )
        self.call_center = CallCenter(self.exchange, self.timeline, company)
        self._api_key = api_key
        self._array_style = array_style
        self._modules = self._all_modules()

    @property
    def api_url(self) -> str:
        """What a tenant's `base_url` is set to."""
        return self.url + API_PATH

    # What happens outside the API; the control plane offers these too.

    def place_inbound_call(
        self,
        *,
        source: str = "05321234567",
        queue: str | None = None,
        extension: str | None = None,
        outcome: Outcome = "ANSWERED",
        caller_name: str = "",
        answered_by: str | None = None,
        ring_seconds: float | None = None,
        talk_seconds: float | None = None,
    ) -> str:
        """A customer calls a queue (the first one unless told) or an extension; the call's unique id.

        A queue rings its free agents; `answered_by` is the extension of the one who takes the call.
        """
        script = _timed(replace(self.exchange.script_for(source), outcome=outcome), ring_seconds, talk_seconds)
        if extension is not None:
            self._known_extension(extension)
            return self.exchange.call_in(source, caller_name, script, extension=extension).unique_id
        queue = queue or next(iter(self.call_center.queues), "")
        try:
            ringing = [agent.extension for agent in self.call_center.free_agents(queue)]
        except NotPossibleError:
            raise ActionRefusedError(f"no queue {queue}") from None
        return self.exchange.call_in_to_queue(
            source, caller_name, script, queue=queue, ringing=ringing, answered_by=answered_by
        ).unique_id

    def place_call_from_phone(
        self,
        *,
        extension: str = "101",
        number: str = "05321234567",
        outcome: Outcome = "ANSWERED",
        ring_seconds: float | None = None,
        talk_seconds: float | None = None,
    ) -> str:
        """Somebody dials a number or a colleague on their phone; the call's unique id."""
        self._known_extension(extension)
        script = _timed(replace(self.exchange.script_for(number), outcome=outcome), ring_seconds, talk_seconds)
        return self.exchange.call_from_phone(extension, number, script).unique_id

    def hang_up(self, unique_id: str) -> None:
        """One of those on the line hangs up."""
        try:
            self.exchange.hang_up(unique_id)
        except NotOnACallError:
            raise ActionRefusedError(f"no call {unique_id} is going on") from None

    def use_script(self, script: CallScript, number: str | None = None) -> None:
        """How calls go from now on: all, or those with one number."""
        if number is None:
            self.exchange.script = script
        else:
            self.exchange.scripts[number] = script

    def use_style(self, style: Style) -> None:
        self.style = style

    def state(self) -> dict[str, Any]:
        center = self.call_center
        return {
            "extensions": [
                {"number": number, "name": name, "on_a_call": number in self.exchange.busy_extensions()}
                for number, name in self.exchange.extensions.items()
            ],
            "agents": [
                {**asdict(agent), "break_started_at": _moment(agent.break_started_at)}
                for agent in center.agents.values()
            ],
            "queues": [asdict(queue) for queue in center.queues.values()],
            "campaigns": [
                {
                    "id": campaign.id,
                    "name": campaign.name,
                    "queue": campaign.queue,
                    "contacts": [self._contact_row(campaign, contact) for contact in campaign.contacts],
                }
                for campaign in list(center.campaigns.values())
            ],
            "calls": [
                {
                    "unique_id": call.unique_id,
                    "disposition": call.disposition,
                    "going_on": call.ended_at is None,
                    "started_at": _moment(call.started_at),
                    "recording": call.recording,
                    "legs": [self._record_row(leg) for leg in call.legs],
                }
                for call in self.exchange.calls()
            ],
            "channels": [self._channel_row(channel) for channel in self.exchange.live_channels()],
            "script": asdict(self.exchange.script),
            "style": asdict(self.style),
        }

    def close(self) -> None:
        super().close()
        self.timeline.stop()

    def _known_extension(self, extension: str) -> str:
        if extension not in self.exchange.extensions:
            raise ActionRefusedError(f"no extension {extension}")
        return extension

    # The API.

    def answer(self, request: Request) -> Response:
        if request.path != API_PATH:
            return Response("Not Found", 404, content_type="text/html")
        try:
            served = self._serve(request)
        except RefusedError as refusal:
            served = Answer({"message": refusal.message}, result=False)
        if isinstance(served, Response):
            return served
        form = form_of_answer(request, self.style)
        kind = "application/json" if form == "json" else "text/xml"
        content_type = f"{kind}; charset={self.style.charset}"
        return Response(written(served, form, self.style), 200, content_type=content_type)

    def _serve(self, request: Request) -> Answer | Response:
        self._authorise(request)
        module = self._modules.get(request.args.get("module", ""))
        if module is None:
            raise RefusedError("Geçersiz modül")
        if request.args.get("type", "xml") not in ("xml", "json"):
            raise RefusedError("Geçersiz tip")
        if request.method != module.method:
            raise RefusedError(f"İstek {module.method} ile gönderilmelidir")
        given = given_in(request, module, self._array_style)
        try:
            return module.serve(request, given)
        except NotPossibleError as refusal:
            raise RefusedError(refusal.reason) from None
        except NotOnACallError:
            raise RefusedError("Aktif çağrı bulunamadı") from None

    def _authorise(self, request: Request) -> None:
        key = request.args.get("apikey", "")
        if not key:
            raise RefusedError("API anahtarı gönderilmedi")
        if key != self._api_key:
            # Another vendor's PBX really does repeat the key here; nobody may rely on this one not doing so.
            raise RefusedError(f"Geçersiz API anahtarı: {key} ({request.url})")

    def _all_modules(self) -> dict[str, Module]:
        history: dict[str, Read] = {
            "orderby": column,
            "sira": order,
            "limit": count,
            "baslangic_tarihi": day,
            "bitis_tarihi": day,
            "arayan_adi": str,
            "arayan_numara": str,
            "aranan_numara": str,
        }
        campaign = {
            "name": word,
            "start_date": day,
            "end_date": day,
            "start_time": clock_time,
            "end_time": clock_time,
            "retries": count,
            "queue": number,
        }
        account, agent, extension = {"account": number}, {"agent": number}, {"extension": number}
        contact = {"id_campaign": number, "phone": phone_number}
        members = frozenset({"dynmembers"})
        return {
            "createCampaign": Module(self._create_campaign, campaign, {}),
            "deleteCampaign": Module(self._delete_campaign, {"id_campaign": number}, {}),
            "listQueue": Module(self._list_queues, {}, {}, method="GET"),
            "createQueue": Module(
                self._create_queue, {**account, "name": word, "password": word}, {"dynmembers": number}, members
            ),
            "deleteQueue": Module(self._delete_queue, account, {}),
            "queueAgents": Module(self._queue_agents, account, {}),
            "loginAgent": Module(self._log_in, agent, {}),
            "logoutAgent": Module(self._log_out, agent, {}),
            "agentsQueue": Module(self._change_members, {**account, "dynmembers": number, "make": flag}, {}, members),
            "activeCallsCallCenter": Module(self._agent_calls, {}, {}),
            "activeCalls": Module(self._live_channels, {}, {}),
            "callRecords": Module(self._records, {}, history),
            "soundRecords": Module(self._recordings, {}, history),
            "downloadRecording": Module(self._download, {"listen": word}, {}, method="GET"),
            "getCallDetail": Module(self._campaign_calls, {}, contact),
            "campaignAddPhone": Module(self._add_contact, {"name": str, "surname": str, **contact}, {}),
            "campaignDeletePhone": Module(self._remove_contact, contact, {}),
            "breakList": Module(self._list_breaks, {}, {"tip": answer_form}, method="GET"),
            "breakStart": Module(self._start_break, {**agent, "breakId": number}, {}),
            "breakEnd": Module(self._end_break, agent, {}),
            "dial": Module(self._dial, {**extension, "number": phone_number}, {}),
            "redirect": Module(self._redirect, {"from": number, **extension}, {}),
            "hangup": Module(self._hang_up, extension, {}),
        }

    # Campaigns.

    def _create_campaign(self, request: Request, given: Given) -> Answer:
        hours = CallingHours(given["start_date"], given["end_date"], given["start_time"], given["end_time"])
        if hours.last_day < hours.first_day or hours.closes <= hours.opens:
            raise RefusedError("Tarih aralığı geçersiz")
        campaign = self.call_center.create_campaign(given["name"], hours, given["retries"], given["queue"])
        committed(request)
        return Answer({"id_campaign": int(campaign.id), "name": campaign.name})

    def _delete_campaign(self, request: Request, given: Given) -> Answer:
        self.call_center.delete_campaign(given["id_campaign"])
        return _done(request, "Kampanya Silindi")

    def _add_contact(self, request: Request, given: Given) -> Answer:
        contact = Contact(given["phone"], given["name"], given["surname"])
        self.call_center.add_contact(given["id_campaign"], contact)
        return _done(request, "Kampanyaya Yeni Telefon Eklendi")

    def _remove_contact(self, request: Request, given: Given) -> Answer:
        self.call_center.remove_contact(given["id_campaign"], given["phone"])
        return _done(request, "Kampanyadan Telefon Silindi")

    def _campaign_calls(self, _: Request, given: Given) -> Answer:
        contacts = self.call_center.contacts(given.get("id_campaign"), given.get("phone"))
        rows = [self._contact_row(campaign, contact) for campaign, contact in contacts]
        return Answer(listing=Listing("data", "Datas", "Data", rows, frozenset({"bare_keys"})))

    def _contact_row(self, campaign: Campaign, contact: Contact) -> Row:
        agent = contact.agent
        cause = contact.failure_cause
        return {
            "name": campaign.name,
            "phone": contact.phone,
            "status": contact.status or None,
            "start_time": _moment(contact.started_at),
            "end_time": _moment(contact.ended_at),
            "duration": contact.seconds,
            "failure_cause": cause,
            "failure_cause_txt": None if cause is None else FAILURE_CAUSES.get(cause, "Unknown"),
            "agent_number": agent.number if agent else None,
            "agent_name": agent.name if agent else None,
        }

    # Queues and agents.

    def _list_queues(self, _: Request, __: Given) -> Answer:
        rows = [{"extension": queue.number, "descr": queue.name} for queue in self.call_center.queues.values()]
        return Answer(listing=Listing("message", "message", "queue", rows, keyed=False))

    def _create_queue(self, request: Request, given: Given) -> Answer:
        self.call_center.create_queue(given["account"], given["name"], given["dynmembers"])
        return _done(request, "Kuyruk Eklendi")

    def _delete_queue(self, request: Request, given: Given) -> Answer:
        self.call_center.delete_queue(given["account"])
        return _done(request, "Kuyruk Silindi")

    def _queue_agents(self, _: Request, given: Given) -> Answer:
        agents = self.call_center.queue(given["account"]).agents
        return Answer(listing=Listing("agents", "agents", "agent", list(agents), frozenset({"opened_twice"})))

    def _change_members(self, request: Request, given: Given) -> Answer:
        change = self.call_center.add_to_queue if given["make"] else self.call_center.remove_from_queue
        change(given["account"], given["dynmembers"])
        return _done(request, "İşleminiz Gerçekleşti")

    def _log_in(self, request: Request, given: Given) -> Answer:
        self.call_center.log_in(given["agent"])
        return _done(request, "Giriş yapıldı.")

    def _log_out(self, request: Request, given: Given) -> Answer:
        self.call_center.log_out(given["agent"])
        return _done(request, "Çıkış yapıldı.")

    def _list_breaks(self, _: Request, __: Given) -> Answer:
        rows = [{"id": kind.id, "name": kind.name} for kind in self.call_center.breaks.values()]
        return Answer(listing=Listing("break", None, "break", rows), bare=True)

    def _start_break(self, request: Request, given: Given) -> Answer:
        self.call_center.start_break(given["agent"], given["breakId"])
        return _done(request, "Mola Başladı")

    def _end_break(self, request: Request, given: Given) -> Answer:
        taken = self.call_center.end_break(given["agent"])
        if form_of_answer(request, self.style) == "json" and self.style.break_end == "message":
            return _done(request, "Mola Başladı")
        committed(request)
        row: Row = {
            "agent": given["agent"],
            "starttime": _moment(taken.started_at),
            "endtime": _moment(taken.ended_at),
            "duration": round((taken.ended_at - taken.started_at).total_seconds()),
        }
        return Answer({"break": row})

    # Calls.

    def _dial(self, request: Request, given: Given) -> Answer:
        self._extension(given["extension"])
        self.exchange.dial(given["extension"], given["number"])
        return _done(request, "Arama Başladı")

    def _redirect(self, request: Request, given: Given) -> Answer:
        self._extension(given["from"])
        self._extension(given["extension"])
        self.exchange.redirect(given["from"], given["extension"])
        committed(request)
        return Answer({"message": "Çağrı Yönlendirildi", "extension": int(given["extension"])})

    def _hang_up(self, request: Request, given: Given) -> Answer:
        self._extension(given["extension"])
        self.exchange.hang_up_extension(given["extension"])
        return _done(request, "Çağrı Sonlandırıldı")

    def _extension(self, extension: str) -> None:
        if extension not in self.exchange.extensions:
            raise RefusedError("Dahili bulunamadı")

    def _live_channels(self, _: Request, __: Given) -> Answer:
        rows = [self._channel_row(channel) for channel in self.exchange.live_channels()]
        return Answer(listing=Listing("activecalls", "calls", "call", rows))

    def _channel_row(self, channel: Channel) -> Row:
        return {
            "kanal": channel.name,
            "kaynak": channel.context,
            "dahili": channel.exten,
            "oncelik": channel.priority,
            "yon": channel.state,
            "islem": channel.application,
            "data": channel.data,
            "arayan_numara": channel.number,
            "sure": round((self.timeline.now() - channel.started_at).total_seconds()),
        }

    def _agent_calls(self, _: Request, __: Given) -> Answer:
        rows = [
            {"agentnumber": agent.number, "fechainicio": self._since(call.answered_at), "phone": phone}
            for agent, call, phone in self.call_center.agent_calls()
        ]
        return Answer(listing=Listing("activecalls", "activecalls", "activecall", rows, frozenset({"never_closed"})))

    def _since(self, moment: datetime | None) -> str | None:
        return _moment(moment) if self.style.agent_calls == "moment" else "Konuşuyor"

    def _records(self, _: Request, given: Given) -> Answer:
        rows = self._asked_for([self._record_row(leg) for leg in self.exchange.records()], given)
        return Answer(listing=Listing("activecalls", "call_records", "call_record", rows, frozenset({"missing_comma"})))

    def _recordings(self, _: Request, given: Given) -> Answer:
        legs = [leg for leg in self.exchange.records() if self.exchange.recorded(leg.recording)]
        rows = self._asked_for([{**self._record_row(leg), "dosya": leg.recording} for leg in legs], given)
        return Answer(listing=Listing("activecalls", "call_records", "call_record", rows))

    def _record_row(self, leg: Leg) -> Row:
        caller_name = leg.near.caller_name if leg.source == leg.near.number else ""
        return {
            "arama_tarihi": _moment(leg.started_at),
            "arayan_adi": f'"{caller_name}" <{leg.source}>' if caller_name else leg.source,
            "arayan_numara": leg.source,
            "aranan_numara": leg.destination,
            "kaynak": leg.context,
            "kanal": leg.near.name,
            "ic_kanal": leg.far.name if leg.far else "",
            "sonislem": leg.last_application,
            "sondata": leg.last_data,
            "sure": leg.billed_seconds if self.style.sure == "billsec" else leg.duration,
            "durum": leg.disposition,
        }

    def _asked_for(self, rows: list[Row], given: Given) -> list[Row]:
        """The rows that fit, newest first unless asked for in another order."""
        since, until = given.get("baslangic_tarihi"), given.get("bitis_tarihi")
        last = f"{until}" + (" 23:59:59" if self.style.end_day == "included" else " 00:00:00")
        found = [
            row
            for row in rows
            if (since is None or str(row["arama_tarihi"]) >= f"{since} 00:00:00")
            and (until is None or str(row["arama_tarihi"]) <= last)
            and all(
                given.get(name, "").casefold() in str(row[name]).casefold()
                for name in ("arayan_adi", "arayan_numara", "aranan_numara")
            )
        ]
        by = given.get("orderby", "arama_tarihi")
        found.sort(key=lambda row: _sortable(row[by]), reverse=given.get("sira", "desc") == "desc")
        return found[: given.get("limit")]

    def _download(self, _: Request, given: Given) -> Response:
        path = given["listen"]
        if posixpath.normpath(path) != path or not path.startswith(f"{self._recording_root}/"):
            raise RefusedError("Geçersiz dosya yolu")
        audio = self.exchange.audio(path)
        if audio is None:
            raise RefusedError("Dosya bulunamadı")
        return Response(audio, 200, content_type="audio/x-wav")


def _done(request: Request, message: str) -> Answer:
    committed(request)
    return Answer({"message": message})


def _timed(script: CallScript, ring_seconds: float | None, talk_seconds: float | None) -> CallScript:
    timing = {"ring_seconds": ring_seconds, "talk_seconds": talk_seconds}
    given: dict[str, Any] = {name: seconds for name, seconds in timing.items() if seconds is not None}
    return replace(script, **given)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(ISTANBUL):%Y-%m-%d %H:%M:%S}"


def _sortable(value: Value) -> tuple[int, str]:
    # Numbers by size, everything else by its letters.
    return (value, "") if isinstance(value, int) else (0, value or "")
