"""Kobikom's API: 23 modules behind one address."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NotRequired, Self, TypedDict, Unpack
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from santral.campaigns import CampaignContact, CampaignResult, NewCampaign
from santral.errors import (
    CredentialsRefused,
    NoRecording,
    NotUnderstood,
    OutcomeUnknown,
    OutsideFailure,
    Rejected,
    Unintelligible,
)
from santral.http import BODY_LIMIT, DEADLINE_SECONDS, Http
from santral.providers.credentials import MaybePlainUrl, SecretKey, is_encrypted
from santral.providers.kobikom import answers, campaigns
from santral.providers.kobikom.call_records import HANDED_ON_WITHIN, CallRecord, calls, newest_first_until
from santral.providers.kobikom.fields import ISTANBUL, PROVIDER, in_our_words, moment, outgoing, seconds, text, texts
from santral.providers.kobikom.live import ActiveChannel, AgentCall, live_calls
from santral.providers.kobikom.recordings import audio, is_reference
from santral.providers.ports import (
    Break,
    BreakTaken,
    DialOrder,
    HistoryBudget,
    LiveCall,
    Page,
    Queue,
    QueueAgent,
    RecordingStream,
)
from santral.sentences import say
from santral.telemetry import count, logger

DOWNLOAD_SECONDS = 240.0
HISTORY_SECONDS = 10.0
HISTORY_BYTES = 16 * 1024 * 1024
# Newest first, the newest rows are mostly enough; a whole day of a call center may need the last step.
HISTORY_STEPS = (1000, 8000, 32_000)

_OK = range(200, 300)
_REFUSED_CREDENTIALS = frozenset({401, 403})
_REFUSED_REQUEST = frozenset({400, 404, 422})
_NOT_FOUND = 404
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ALREADY_SO = re.compile(r"zaten|already")
_GONE = re.compile(r"bulunamad|bulunmamak|mevcut degil|yok\b|not found|no such|does not exist|zaten|already")
_NOTHING_FOUND = re.compile(
    r"(?:kayit|cagri|record|call|sonuc).*(?:bulunamad|yok\b|not found)|\bno (?:records?|calls?)\b"
)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_REFUSAL = say("Kobikom refused this. Check the numbers and names that were given.")
_REFUSALS = {
    "dial": say("Kobikom did not start this call. Check that the extension is registered and the number is complete."),
    "redirect": say("Kobikom did not transfer this call. Check that it still goes on and that the extension exists."),
    "hangup": say("Kobikom did not end this call. It may be over already."),
    "loginAgent": say("Kobikom did not log this agent in. Check the agent's number."),
    "logoutAgent": say("Kobikom did not log this agent out. Check the agent's number."),
    "breakStart": say("Kobikom did not start this break. The agent must be logged in and not on a break."),
    "breakEnd": say("Kobikom did not end this break. Check that the agent is on one."),
    "createQueue": say("Kobikom did not create this queue. Its number may be in use."),
    "queueAgents": say("Kobikom does not know this queue."),
    "agentsQueue": say("Kobikom did not change this queue. Check its number and the agents' numbers."),
    "createCampaign": say("Kobikom did not create this campaign. Check its queue, dates and times."),
    "campaignAddPhone": say("Kobikom did not add this contact. Check the campaign and the number."),
}


def _now() -> datetime:
    return datetime.now(UTC)


class Options(BaseModel):
    """What the document leaves open, and a tenant may have to set otherwise."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    recording_root: str = Field(default="/var/spool/asterisk/monitor", pattern=r"^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+/?$")
    array_style: Literal["brackets", "comma"] = "brackets"
    outside_prefix: str = Field(default="", pattern=r"^[0-9]{0,4}$")


class KobikomCredentials(BaseModel):
    """The secret `kobikom`. The document's address is plain http, which counts only where `allow_http` says so."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    base_url: MaybePlainUrl
    api_key: SecretKey
    allow_http: bool = False
    options: Options = Options()

    @field_validator("base_url")
    @classmethod
    def _is_of_this_api(cls, address: str) -> str:
        if not re.search(r"/api(?:/index\.php)?$", address):
            raise ValueError("must end in /api/")
        return address

    @model_validator(mode="after")
    def _is_allowed(self) -> Self:
        if not (self.allow_http or is_encrypted(self.base_url)):
            raise ValueError("base_url must begin with https://; plain http shows the key to the network: allow_http")
        return self


class RecordQuery(TypedDict):
    """What call records are asked for: of which days, how many, and of whom. Numbers are E.164 or extensions."""

    since: date
    until: date
    limit: int
    newest_first: NotRequired[bool]
    caller_name: NotRequired[str]
    from_number: NotRequired[str]
    to_number: NotRequired[str]


class Kobikom:
    """One company's PBX of Kobikom.

    Args:
        credentials: The tenant's secret.
        http: Replaces the connection in tests.
        clock: What the age of a live call is measured by.
    """

    Credentials = KobikomCredentials
    dial_options: frozenset[str] = frozenset()
    # The document names no limit of requests; one page is two requests, up to six for the busiest days.
    history_budget = HistoryBudget(rows=1000, requests=12)

    def __init__(
        self, credentials: KobikomCredentials, *, http: Http | None = None, clock: Callable[[], datetime] = _now
    ) -> None:
        self._key = credentials.api_key.get_secret_value()
        self._options = credentials.options
        self._prefix = credentials.options.outside_prefix
        # Web servers redirect a folder without its slash, and redirects are never followed.
        self._path = "" if urlsplit(credentials.base_url).path.endswith(".php") else "/"
        self._http = http or Http(PROVIDER, credentials.base_url)
        self.encrypted = is_encrypted(credentials.base_url)
        self._clock = clock

    def check(self) -> None:
        """Read the queues, the smallest list there is."""
        self.queues()

    # --- calls -------------------------------------------------------------------------------------------------------

    def dial(self, order: DialOrder) -> None:
        """Ring the extension and bridge it to the number; see the port. Document, "Çağrı Başlatmak".

        The PBX tells no id of the call (P13).
        """
        self._post("dial", {"extension": order.extension, "number": outgoing(order.to, self._prefix)}, safe=False)

    def transfer_extension(self, extension: str, to_extension: str) -> None:
        """Hand what an extension is on to another; see the port. Document, "Çağrı Transferi"."""
        self._post("redirect", {"from": extension, "extension": to_extension}, safe=False)

    def hang_up_extension(self, extension: str) -> None:
        """End what an extension is on; see the port. Document, "Çağrı Sonlandırmak"."""
        self._post("hangup", {"extension": extension}, safe=False)

    def live_calls(self) -> list[LiveCall]:
        """Return the calls that go on right now. Document, "Canlı Yönetimler" and "Aktif Call Center Çağrıları"."""
        channels = [ActiveChannel.read(row) for row in self._rows("activeCalls", {})]
        agent_calls = [AgentCall.read(row) for row in self._rows("activeCallsCallCenter", {})]
        return live_calls(
            [channel for channel in channels if channel],
            [call for call in agent_calls if call],
            outside_prefix=self._prefix,
            now=self._clock(),
        )

    def history(self, *, since: datetime, until: datetime, offset: int, limit: int) -> Page:
        """Return the calls of a period, oldest first; see the port.

        The PBX knows whole days and no offset, so the newest rows are read until they reach back behind the period, and
        joined to calls before pages are cut. Recordings stand in records of their own.
        """
        records = [
            record
            for module in ("callRecords", "soundRecords")
            for record in self._back_to(since - HANDED_ON_WITHIN, until, module)
        ]
        within = [call for call in calls(records) if since <= call.started_at <= until]
        page = within[offset : offset + limit]
        root = self._options.recording_root
        return Page([call.event(outside_prefix=self._prefix, recording_root=root) for call in page], len(page))

    def call_records(self, **asked: Unpack[RecordQuery]) -> tuple[list[CallRecord], int]:
        """Return call records that are understood, and how many rows there were. Document, "Arama Kayıtları"."""
        return self._records("callRecords", asked)

    def sound_records(self, **asked: Unpack[RecordQuery]) -> tuple[list[CallRecord], int]:
        """Return the records of recorded calls, as `call_records` does. Document, "SES Kayıtları"."""
        return self._records("soundRecords", asked)

    @contextmanager
    def recording(self, ref: str) -> Iterator[RecordingStream]:
        """Open a recording; see the port. Document, "Ses Kaydı İndirme"."""
        if not is_reference(ref):
            raise NoRecording("not a recording's reference")
        query = self._query("downloadRecording", {"listen": f"{self._options.recording_root.rstrip('/')}/{ref}"})
        with self._http.stream(self._path, query=query, deadline=DOWNLOAD_SECONDS) as answer:
            if answer.status == _NOT_FOUND:
                raise NoRecording("the provider has no such file, or not yet")
            self._refuse_failure(answer.status, "downloadRecording", safe=True)
            length = answer.headers.get("content-length", "")
            size = int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None
            yield RecordingStream(audio(answer.chunks), size)

    # --- agents ------------------------------------------------------------------------------------------------------

    def log_in(self, agent: str) -> None:
        """Log an agent in. Document, "Agent Girişi"."""
        self._post("loginAgent", {"agent": agent}, safe=True, forgiven=_ALREADY_SO)

    def log_out(self, agent: str) -> None:
        """Log an agent out. Document, "Agent Çıkışı"."""
        self._post("logoutAgent", {"agent": agent}, safe=True, forgiven=_ALREADY_SO)

    def breaks(self) -> list[Break]:
        """Return the kinds of break there are. Document, "Mola Listelemek"."""
        rows = (texts(row) for row in answers.rows(self._get("breakList", {"tip": "json"})))
        return [Break(row["id"], row.get("name", "")) for row in rows if row.get("id")]

    def start_break(self, agent: str, break_id: str) -> None:
        """Let an agent take a break. Document, "Mola Başlatmak"."""
        self._post("breakStart", {"agent": agent, "breakId": break_id}, safe=True, forgiven=_ALREADY_SO)

    def end_break(self, agent: str) -> BreakTaken:
        """End an agent's break. Document, "Mola Bitirmek", where XML tells how long it was and JSON need not."""
        told = self._post("breakEnd", {"agent": agent}, safe=True, forgiven=_ALREADY_SO)
        taken = texts(next(iter(answers.rows(told)), None))
        return BreakTaken(
            moment(taken.get("starttime", "")), moment(taken.get("endtime", "")), seconds(taken.get("duration", ""))
        )

    # --- queues ------------------------------------------------------------------------------------------------------

    def queues(self) -> list[Queue]:
        """Return all queues. Document, "Kuyrukları Listele"."""
        rows = (texts(row) for row in answers.rows(self._get("listQueue", {})))
        return [Queue(row["extension"], row.get("descr", "")) for row in rows if row.get("extension")]

    def create_queue(self, queue: Queue, *, password: SecretStr, agents: Sequence[str]) -> None:
        """Create a queue; see the port. Document, "Kuyruk Eklemek"."""
        form = {"account": queue.queue, "name": queue.name, "password": password.get_secret_value()}
        self._post("createQueue", form, members=agents, safe=False)

    def delete_queue(self, queue: str) -> None:
        """Delete a queue; one that is gone is no error. Document, "Kuyruk Silmek"."""
        self._post("deleteQueue", {"account": queue}, safe=True, forgiven=_GONE)

    def queue_agents(self, queue: str) -> list[QueueAgent]:
        """Return a queue's members, in their order. Document, "Kuyruktaki Agent Listesi"."""
        members = (text(row) for row in self._rows("queueAgents", {"account": queue}))
        return [QueueAgent(member) for member in members if member.isdecimal()]

    def add_queue_agents(self, queue: str, agents: Sequence[str]) -> None:
        """Add members to a queue. Document, "Kuyruğa Agent Eklemek Silmek"."""
        self._change_members(queue, agents, make="true", forgiven=_ALREADY_SO)

    def remove_queue_agents(self, queue: str, agents: Sequence[str]) -> None:
        """Take members out of a queue. Document, "Kuyruğa Agent Eklemek Silmek"."""
        self._change_members(queue, agents, make="false", forgiven=_ALREADY_SO)

    # --- campaigns ---------------------------------------------------------------------------------------------------

    def refuse_impossible(self, campaign: NewCampaign) -> None:
        """Refuse what the document has no parameter for; see the port."""
        campaigns.refuse_impossible(campaign)

    def create_campaign(self, campaign: NewCampaign, *, results_url: str | None) -> str:  # noqa: ARG002 (Kobikom tells no results by itself)
        """Create a campaign without contacts; see the port. Document, "Kampanya Eklemek"."""
        self.refuse_impossible(campaign)
        form = {
            "name": campaign.name,
            "start_date": str(campaign.start_date),
            "end_date": str(campaign.end_date),
            "start_time": f"{campaign.start_time:%H:%M:%S}",
            "end_time": f"{campaign.end_time:%H:%M:%S}",
            "retries": str(campaign.retries),
            "queue": campaign.queue or campaigns.QUEUE_IF_UNKNOWN,
        }
        told = self._post("createCampaign", form, safe=False)
        campaign_id = text(answers.member(told, "id_campaign"))
        if not _ID.fullmatch(campaign_id):
            raise OutcomeUnknown("answered without a usable campaign id", system=PROVIDER)
        return campaign_id

    def delete_campaign(self, campaign_id: str) -> None:
        """Delete a campaign; one that is gone is no error. Document, "Kampanya Silmek"."""
        self._post("deleteCampaign", {"id_campaign": campaign_id}, safe=True, forgiven=_GONE)

    def add_contact(self, campaign_id: str, contact: CampaignContact) -> None:
        """Add a contact to a campaign; see the port. Document, "Kampanyaya Telefon Eklemek"."""
        form = {
            "name": contact.name or "",
            "surname": contact.surname or "",
            "phone": outgoing(contact.phone, self._prefix),
            "id_campaign": campaign_id,
        }
        self._post("campaignAddPhone", form, safe=False)

    def remove_contact(self, campaign_id: str, phone: str) -> None:
        """Remove a contact; one that is gone is no error. Document, "Kampanyadan Telefon Silmek"."""
        form = {"id_campaign": campaign_id, "phone": outgoing(phone, self._prefix)}
        self._post("campaignDeletePhone", form, safe=True, forgiven=_GONE)

    def campaign_results(self, *, campaign_id: str | None, phone: str | None) -> list[CampaignResult]:
        """Return results; see the port. Document, "Çağrı Detayları": one filter at a time, so we apply the second."""
        form = {}
        if campaign_id:
            form["id_campaign"] = campaign_id
        elif phone:
            form["phone"] = outgoing(phone, self._prefix)
        ours = f"{PROVIDER}:{campaign_id}" if campaign_id else None
        rows = (row for row in self._rows("getCallDetail", form) if texts(row))
        results = [campaigns.result(row, campaign_id=ours, outside_prefix=self._prefix) for row in rows]
        return [one for one in results if phone is None or one.phone == in_our_words(phone, "")]

    # --- exchange ----------------------------------------------------------------------------------------------------

    def _change_members(self, queue: str, agents: Sequence[str], *, make: str, forgiven: re.Pattern[str]) -> None:
        self._post("agentsQueue", {"account": queue}, members=agents, make=make, safe=True, forgiven=forgiven)

    def _back_to(self, since: datetime, until: datetime, module: str) -> list[CallRecord]:
        """Return the records between two moments and some more, reading ever more rows until they reach back so far."""
        first, last = (bound.astimezone(ISTANBUL).date() for bound in (since, until))
        for limit in HISTORY_STEPS:
            # Whether the last day counts is not said.
            records, rows = self._records(module, {"since": first, "until": last + timedelta(days=1), "limit": limit})
            if rows < limit or newest_first_until(records, since):
                return records
        raise Unintelligible("has more call records of a day than can be read", system=PROVIDER)

    def _records(self, module: str, asked: RecordQuery) -> tuple[list[CallRecord], int]:
        from_number, to_number = asked.get("from_number"), asked.get("to_number")
        fields = {
            "orderby": "arama_tarihi",
            "sira": "desc" if asked.get("newest_first", True) else "asc",
            "limit": str(asked["limit"]),
            "baslangic_tarihi": asked["since"].isoformat(),
            "bitis_tarihi": asked["until"].isoformat(),
            "arayan_adi": asked.get("caller_name"),
            "arayan_numara": from_number and outgoing(from_number, ""),
            "aranan_numara": to_number and outgoing(to_number, ""),
        }
        form = {name: value for name, value in fields.items() if value}
        rows = self._rows(module, form, deadline=HISTORY_SECONDS, body_limit=HISTORY_BYTES)
        read, faults = [], []
        for row in rows:
            try:
                read.append(CallRecord.read(row))
            except NotUnderstood as error:
                faults.append(str(error))
        if faults:
            count("rows_not_understood", len(faults))
            logger.warning("rows not understood", rows=len(faults), faults=sorted(set(faults))[:10])
        return read, len(rows)

    def _rows(
        self, module: str, form: Mapping[str, str], *, deadline: float = DEADLINE_SECONDS, body_limit: int = BODY_LIMIT
    ) -> list[Any]:
        told = self._post(module, form, safe=True, deadline=deadline, body_limit=body_limit, forgiven=_NOTHING_FOUND)
        return answers.rows(told)

    def _get(self, module: str, parameters: Mapping[str, str]) -> Any:
        answer = self._http.call("GET", self._path, safe=True, query=self._query(module, parameters))
        return self._told(answer.status, answer.body, module, safe=True, forgiven=None)

    def _post(
        self,
        module: str,
        form: Mapping[str, str],
        *,
        safe: bool,
        members: Sequence[str] = (),
        make: str | None = None,
        deadline: float = DEADLINE_SECONDS,
        body_limit: int = BODY_LIMIT,
        forgiven: re.Pattern[str] | None = None,
    ) -> Any:
        fields = [*form.items(), *self._members(members), *([("make", make)] if make else [])]
        answer = self._http.call(
            "POST",
            self._path,
            safe=safe,
            query=self._query(module, {}),
            headers=_FORM,
            body=urlencode(fields).encode(),
            deadline=deadline,
            body_limit=body_limit,
        )
        return self._told(answer.status, answer.body, module, safe=safe, forgiven=forgiven)

    def _query(self, module: str, parameters: Mapping[str, str]) -> str:
        return urlencode({"apikey": self._key, "module": module, "type": "json", **parameters})

    def _members(self, members: Sequence[str]) -> list[tuple[str, str]]:
        if self._options.array_style == "comma":
            return [("dynmembers", ",".join(members))] if members else []
        return [("dynmembers[]", member) for member in members]

    def _told(self, status: int, body: bytes, module: str, *, safe: bool, forgiven: re.Pattern[str] | None) -> Any:
        self._refuse_failure(status, module, safe=safe)
        try:
            told = answers.read(body)
            complaint = answers.refusal(told)
        except ValueError as error:
            if answers.is_about_the_key(answers.plain_words(body)):
                raise CredentialsRefused("refused our key", system=PROVIDER) from None
            raise _lost(str(error), safe=safe) from None
        if complaint is None:
            return told
        if answers.is_about_the_key(complaint):
            raise CredentialsRefused("refused our key", system=PROVIDER)
        if forgiven and forgiven.search(answers.folded(complaint)):
            return {}
        # The PBX's own words are left out: they may quote the key or the customer's number.
        raise Rejected(f"refused {module}", system=PROVIDER, sentence=_REFUSALS.get(module, _REFUSAL))

    def _refuse_failure(self, status: int, module: str, *, safe: bool) -> None:
        if status in _OK:
            return
        if status in _REFUSED_CREDENTIALS:
            raise CredentialsRefused(f"answered {status}", system=PROVIDER)
        if status in _REFUSED_REQUEST:
            raise Rejected(f"answered {status}", system=PROVIDER, sentence=_REFUSALS.get(module, _REFUSAL))
        raise _lost(f"answered {status}", safe=safe)


def _lost(reason: str, *, safe: bool) -> OutsideFailure:
    """An answer that says nothing we can use. After a dial the phone may ring all the same."""
    return (Unintelligible if safe else OutcomeUnknown)(reason, system=PROVIDER)
