"""Verimor's API and webhooks."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from santral.calls import CallEvent
from santral.campaigns import CampaignResultEvent, NewCampaign
from santral.errors import (
    FieldError,
    InvalidRequest,
    NoRecording,
    NotAuthentic,
    NotUnderstood,
    OutcomeUnknown,
    Rejected,
    Unintelligible,
    UnknownCall,
)
from santral.http import Http
from santral.phone import to_e164
from santral.providers import constant_time, lenient_json
from santral.providers.credentials import BaseUrl, SecretKey
from santral.providers.ports import (
    Acknowledgement,
    Announcement,
    Budget,
    DialOrder,
    Extension,
    HistoryBudget,
    Page,
    Queue,
    QueueAgent,
    RecordingStream,
    WaitingCall,
    Webhook,
    WebhookSettings,
)
from santral.providers.verimor import campaigns, recordings
from santral.providers.verimor.api import Api, Parameters
from santral.providers.verimor.calls import CallNotification, CallRecord, Leg
from santral.providers.verimor.notation import (
    HOME,
    ISTANBUL,
    PROVIDER,
    in_their_words,
    is_reference,
    understood,
)
from santral.providers.verimor.results import folded
from santral.providers.verimor.rows import (
    AgentStatusRow,
    AnnouncementRow,
    MemberRow,
    QueueRow,
    UserStatusRow,
    WaitingRow,
    extensions_of,
    understood_rows,
)
from santral.sentences import Sentence, say

RING_SECONDS = 30
HISTORY_ROWS = range(10, 101)
HISTORY_DAYS = 31
HISTORY_SECONDS = 15.0
# Verimor tries our webhook before it answers, and that may have to wake up first.
PROBING_SECONDS = 10.0

_CALLS_PER_MINUTE = 6
_RECORDINGS_PER_MINUTE = 5
_QUEUES_PER_MINUTE = 10
_STATUSES_PER_MINUTE = 2
_STATES_KEPT = timedelta(seconds=60)

_PROBE = re.compile(rb"\s*(?:\{\s*\}\s*)?")
_CALL_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
_CAMPAIGN_ID = re.compile(r"[0-9]{1,18}")
_MOST_FIELDS = 200
_NO_SUCH_CHANNEL = folded("No such channel")
_CANNOT_FIND = folded("cannot find")
_NOT_FOUND = folded("not found")

_DIAL_REFUSED = say("Verimor refused this call. Check the extension, the number and the caller ID.")
_NO_EXTENSION = say("Verimor does not know this extension. Check the user's extension in the user directory.")
_CALL_OVER = say("This call is over.")
_QUEUE_REFUSED = say("Verimor refused this. Check that the queue and all its extensions exist there.")
_CAMPAIGN_REFUSED = say(
    "Verimor refused the campaign. Check its name, dates, queue, caller ID, announcements and, for commercial calls, "
    "the brand code."
)
_NO_CAMPAIGN = say("Verimor has no such campaign (any more).")
_WEBHOOK_REFUSED = say(
    "Verimor did not take the webhook address. It tries it at once, so it must be reachable from there."
)
_READ_REFUSED = say("Verimor refused to tell this.")

_EVENT_SETTINGS = ("ringing", "answered", "hangup")


def _now() -> datetime:
    return datetime.now(UTC)


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Options(BaseModel):
    """What a tenant may have to set. `recording_hosts` may serve recordings beside the API's own address."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    recording_hosts: tuple[str, ...] = ()
    key_in_query: bool = False


class VerimorCredentials(BaseModel):
    """The secret `verimor`. With `domain_id`, the PBX's own number, webhooks of another PBX are refused."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    base_url: BaseUrl = "https://api.bulutsantralim.com"
    api_key: SecretKey
    webhook_tokens: tuple[SecretKey, ...] = Field(min_length=1)
    domain_id: Annotated[Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None, BeforeValidator(_as_text)] = None
    default_caller_id: Annotated[
        Annotated[str, Field(pattern=r"^[+0-9() -]{3,32}$")] | None, BeforeValidator(_as_text)
    ] = None
    options: Options = Options()


class Verimor:
    """One company's Bulutsantral.

    Args:
        credentials: The tenant's secret.
        budget: What is left of the limits per minute.
        http: Replaces the connection in tests.
        downloads: Opens the address (scheme, host and port) recordings come from; replaced in tests.
        clock: Tells how old the extensions' states are, and what day it is in Turkey.
    """

    Credentials = VerimorCredentials
    encrypted = True  # its address begins with https:// or is refused
    dial_options = frozenset({"caller_id"})
    # All requests of a run fall into the same minute or two: four of its six, the rest is for people.
    history_budget = HistoryBudget(rows=HISTORY_ROWS[-1], requests=4)

    def __init__(
        self,
        credentials: VerimorCredentials,
        *,
        budget: Budget,
        http: Http | None = None,
        downloads: Callable[[str], Http] | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._credentials = credentials
        self._budget = budget
        self._api = Api(
            http or Http(PROVIDER, credentials.base_url),
            credentials.api_key,
            key_in_query=credentials.options.key_in_query,
        )
        self._downloads = downloads or (lambda origin: Http(PROVIDER, origin))
        self._tokens = [token.get_secret_value() for token in credentials.webhook_tokens]
        self._clock = clock
        self._extensions: tuple[datetime, list[Extension]] | None = None

    def check(self) -> None:
        """Read the caller ids: small, and without a limit of its own."""
        self.caller_ids()

    def dial(self, order: DialOrder) -> str:
        """Ring the extension and bridge it to the number; see the port. "ÇAĞRI BAŞLATMA": dials on GET.

        Raises:
            InvalidRequest: The caller id is no number.
        """
        parameters = {"extension": order.extension, "destination": in_their_words(order.to)}
        caller_id = order.caller_id or self._credentials.default_caller_id
        if caller_id:
            parameters["caller_id"] = _shown(caller_id)
        # The documents disagree about the default (M8).
        parameters["timeout"] = str(RING_SECONDS)
        said = self._api.ask("GET", "/originate", parameters, safe=False)
        if said.refused and _NOT_FOUND in folded(said.text):
            raise Rejected("no such extension", system=PROVIDER, sentence=_NO_EXTENSION)
        call_uuid = said.unless_refused(_DIAL_REFUSED).value("call_uuid", "uuid", "id")
        if not _CALL_ID.fullmatch(call_uuid):
            raise OutcomeUnknown("answered without a usable call id", system=PROVIDER)
        return call_uuid

    def hang_up(self, provider_id: str) -> None:
        """End a call; see the port. "ÇAĞRIYI SONLANDIRMA": a call that is over has no channel."""
        said = self._api.ask("GET", f"/hangup/{_known_id(provider_id)}", safe=True)
        if _NO_SUCH_CHANNEL in folded(said.text):
            return
        said.unless_refused(say("Verimor could not end this call.")).confirmed()

    def transfer(self, provider_id: str, to_extension: str) -> None:
        """Hand a call to another extension; see the port. "ÇAĞRIYI AKTARMA"."""
        path = f"/transfer/{_known_id(provider_id)}"
        said = self._api.ask("GET", path, {"user_number": to_extension}, safe=False)
        if _NO_SUCH_CHANNEL in folded(said.text):
            raise Rejected("call is over", system=PROVIDER, sentence=_CALL_OVER)
        said.unless_refused(
            say("Verimor could not transfer this call. Check that the extension is connected.")
        ).confirmed()

    def mute(self, provider_id: str, *, on: bool) -> None:
        """Let the customer hear the agent, or not; see the port. "MUTE (sessize alma) MODU"."""
        path = f"/mute/{_known_id(provider_id)}"
        said = self._api.ask("GET", path, {"state": "on" if on else "off"}, safe=True)
        if _NO_SUCH_CHANNEL in folded(said.text):
            raise Rejected("call is over", system=PROVIDER, sentence=_CALL_OVER)
        said.unless_refused(say("Verimor could not mute this call.")).confirmed()

    def history(self, *, since: datetime, until: datetime, offset: int, limit: int) -> Page:
        """Return the finished calls of a period; see the port. "ARAMA KAYITLARINA ERİŞİM".

        Args:
            since: First moment of the period, with its offset.
            until: Last moment of the period, at most 31 days later.
            offset: How many calls to leave out, a multiple of `limit`.
            limit: 10 to 100.

        Raises:
            InvalidRequest: The period is too long.
        """
        if limit not in HISTORY_ROWS or offset % limit:
            raise ValueError("limit must be 10 to 100, offset a multiple of it")
        if until - since > timedelta(days=HISTORY_DAYS):
            raise InvalidRequest([FieldError("from", say("is more than {days} days before `to`", days=HISTORY_DAYS))])
        self._budget.take("cdrs", per_minute=_CALLS_PER_MINUTE)
        parameters = {
            "start_stamp_from": _in_utc(since),
            "start_stamp_to": _in_utc(until),
            "limit": str(limit),
            "page": str(offset // limit + 1),
        }
        said = self._api.ask("GET", "/cdrs", parameters, safe=True, deadline=HISTORY_SECONDS)
        told = said.unless_refused(_READ_REFUSED).json()
        rows = told.get("cdrs") if isinstance(told, dict) else None
        if not isinstance(rows, list):
            raise Unintelligible("answered without a list of calls", system=PROVIDER)
        records = understood_rows(CallRecord, rows)
        return Page([record.event() for record in records if not record.goes_on], len(rows))

    def call(self, provider_id: str) -> CallEvent:
        """Return one finished call with what its legs tell. "ARAMA KAYDININ DETAYINA ERİŞME".

        Raises:
            UnknownCall: Verimor has no record of it, or not yet.
        """
        path = f"/cdrs/{_known_id(provider_id)}"
        self._budget.take("cdrs", per_minute=_CALLS_PER_MINUTE)
        said = self._api.ask("GET", path, safe=True)
        if said.refused:
            raise UnknownCall("no record of it")
        told = said.json()
        legs = told.get("call_flow") if isinstance(told, dict) else None
        try:
            record = understood(CallRecord, told.get("cdr") if isinstance(told, dict) else None)
        except NotUnderstood as error:
            raise Unintelligible(str(error), system=PROVIDER) from None
        if record.goes_on:
            raise UnknownCall("the call goes on")
        return record.event(understood_rows(Leg, legs if isinstance(legs, list) else []))

    @contextmanager
    def recording(self, ref: str) -> Iterator[RecordingStream]:
        """Open a recording; see the port. "SES KAYDI ERİŞİMİ": an address is asked for, then opened without the key."""
        if not is_reference(ref):
            raise NoRecording("not a call's id")
        self._budget.take("recording_url", per_minute=_RECORDINGS_PER_MINUTE)
        said = self._api.ask("POST", "/recording_url/", {"call_uuid": ref}, safe=True, carried=Parameters.FORM)
        if said.refused:
            raise NoRecording("the provider has no recording of it, or not yet")
        address = recordings.trusted(
            said.value("url", "recording_url"),
            base_url=self._credentials.base_url,
            hosts=self._credentials.options.recording_hosts,
        )
        with recordings.opened(address, self._downloads) as stream:
            yield stream

    def caller_ids(self) -> list[str]:
        """Return the numbers a dial may show; see the port. "DIŞ NUMARALAR LİSTESİNE ERİŞİM"."""
        numbers = self._list("/caller_ids")
        return [str(number) for number in numbers if isinstance(number, str | int) and not isinstance(number, bool)]

    def announcements(self) -> list[Announcement]:
        """Return the announcements; see the port. "SES DOSYALARI LİSTESİNE ERİŞİM"."""
        return [row.announcement() for row in understood_rows(AnnouncementRow, self._list("/announcements"))]

    def extensions(self) -> list[Extension]:
        """Return all extensions and whether they can ring, at most a minute old; see the port.

        "Dahili Durumlarını Listeleme" and "MT (Müşteri Temsilcisi) Listesi" share two requests a minute, so a minute
        holds one reading of both.
        """
        now = self._clock()
        if self._extensions and self._extensions[0] > now - _STATES_KEPT:
            return self._extensions[1]
        # Both at once: with one left, the other list's answer would be of no use.
        for _ in range(_STATUSES_PER_MINUTE):
            self._budget.take("statuses", per_minute=_STATUSES_PER_MINUTE)
        users = understood_rows(UserStatusRow, self._list("/user_statuses"))
        agents = understood_rows(AgentStatusRow, self._list("/agent_statuses"))
        found = extensions_of(users, agents)
        self._extensions = (now, found)
        return found

    def queues(self) -> list[Queue]:
        """Return all queues; see the port."""
        self._take_queue_request()
        return [row.queue() for row in understood_rows(QueueRow, self._list("/queues"))]

    def queue_agents(self, queue: str) -> list[QueueAgent]:
        """Return a queue's members; see the port. "KUYRUKTAKİ DAHİLİ LİSTESİNE ERİŞİM"."""
        self._take_queue_request()
        rows = self._list("/queue/user_list", {"queue_number": queue}, refusal=_QUEUE_REFUSED)
        return [row.agent() for row in understood_rows(MemberRow, rows)]

    def replace_queue_agents(self, queue: str, agents: Sequence[str]) -> None:
        """Replace a queue's members; see the port. "KUYRUĞA DAHİLİ EKLEME, ÇIKARMA VEYA YER DEĞİŞTİRME".

        Raises:
            InvalidRequest: None would be left: Verimor refuses an empty list.
        """
        if not agents:
            raise InvalidRequest([FieldError("agents", say("at least one must stay: Verimor takes no empty queue"))])
        self._take_queue_request()
        parameters = {"queue_number": queue, "user_list": ",".join(agents)}
        said = self._api.ask("GET", "/queue/manage_users", parameters, safe=True)
        said.unless_refused(_QUEUE_REFUSED).confirmed()

    def waiting_calls(self) -> list[WaitingCall]:
        """Return who waits in any queue; see the port. "KUYRUKTA BEKLEYENLER LİSTESİNE ERİŞİM"."""
        self._take_queue_request()
        waiting = [row.call() for row in understood_rows(WaitingRow, self._list("/queues/pending"))]
        return sorted(waiting, key=lambda call: call.joined_at or datetime.max.replace(tzinfo=UTC))

    def refuse_impossible(self, campaign: NewCampaign) -> None:
        """Do nothing when Verimor can do all that a campaign asks; see the port."""
        errors = campaigns.faults(campaign, today=self._clock().astimezone(ISTANBUL).date())
        if errors:
            raise InvalidRequest(errors)

    def create_campaign(self, campaign: NewCampaign, *, results_url: str | None) -> str:
        """Create a campaign with its contacts; see the port. "OTOMATİK ARAMA KAMPANYASI OLUŞTURMA"."""
        self.refuse_impossible(campaign)
        caller_id = campaign.caller_id or self._credentials.default_caller_id
        body = campaigns.written(campaign, caller_id=caller_id, results_url=results_url)
        said = self._api.ask(
            "POST", "/ivr_campaigns.json", body, safe=False, carried=Parameters.JSON, deadline=PROBING_SECONDS
        )
        campaign_id = said.unless_refused(_CAMPAIGN_REFUSED).value("id", "ivr_campaign_id")
        if not _CAMPAIGN_ID.fullmatch(campaign_id):
            raise OutcomeUnknown("answered without a usable campaign id", system=PROVIDER)
        return campaign_id

    def delete_campaign(self, campaign_id: str) -> None:
        """Delete a campaign; see the port. "OTOMATİK ARAMA KAMPANYASI SİLME"."""
        said = self._api.ask("DELETE", _campaign_path(campaign_id), safe=True)
        if said.refused and _CANNOT_FIND in folded(said.text):
            return
        said.unless_refused(say("Verimor could not delete this campaign.")).confirmed()

    def switch_campaign(self, campaign_id: str, *, on: bool) -> None:
        """Let a campaign dial, or hold it; see the port. "OTOMATİK ARAMA KAMPANYASI DURDURMA"."""
        status = {"status": "on" if on else "off"}
        said = self._api.ask("PATCH", _campaign_path(campaign_id), status, safe=True, carried=Parameters.FORM)
        said.unless_refused(_NO_CAMPAIGN).confirmed()

    def webhook_settings(self) -> WebhookSettings:
        """Return where call events go; see the port. "CRM ENTEGRASYONU AYARLARINA ERİŞİM"."""
        told = self._api.ask("GET", "/crm_integrations", safe=True).unless_refused(_READ_REFUSED).json()
        if not isinstance(told, dict):
            raise Unintelligible("answered with something else than settings", system=PROVIDER)
        sends = frozenset(name for name in _EVENT_SETTINGS if str(told.get(name)).strip().lower() == "on")
        return WebhookSettings(str(told.get("notification_url") or ""), sends)

    def send_webhooks_to(self, url: str) -> None:
        """Let all call events be sent to an address; see the port. Verimor posts `{}` to it before it answers."""
        settings = {**dict.fromkeys(_EVENT_SETTINGS, "on"), "notification_url": url}
        said = self._api.ask(
            "POST", "/crm_integrations", settings, safe=True, carried=Parameters.FORM, deadline=PROBING_SECONDS
        )
        said.unless_refused(_WEBHOOK_REFUSED).confirmed()

    @property
    def newest_token(self) -> str:
        """The path token for addresses told to Verimor from now on; see the port."""
        return self._tokens[0]

    def authentic(self, token: str) -> bool:
        """Tell whether a path token is one of ours; see the port. Verimor signs nothing."""
        return constant_time.is_one_of(token, self._tokens)

    def events(self, webhook: Webhook) -> list[CallEvent | CampaignResultEvent]:
        """Return what a webhook tells; see the port. The body alone tells its form, whatever the header says (M10)."""
        return self.events_kept(webhook.body)

    def events_kept(self, body: bytes) -> list[CallEvent | CampaignResultEvent]:
        """Return what a body tells, whenever it came; see the port."""
        if _PROBE.fullmatch(body):
            return []
        told = _fields(body)
        domain_id = str(told.get("domain_id") or "").strip()
        if self._credentials.domain_id and domain_id and domain_id != self._credentials.domain_id:
            raise NotAuthentic("of another PBX")
        if campaigns.is_result(told):
            return [understood(campaigns.ResultNotification, told).event()]
        return [understood(CallNotification, told).event()]

    def acknowledgement(self) -> Acknowledgement:
        """Return the answer Verimor expects: only its status counts."""
        return Acknowledgement("OK", {"content-type": "text/plain"})

    def _list(
        self, path: str, parameters: Mapping[str, str] | None = None, *, refusal: Sentence = _READ_REFUSED
    ) -> list[Any]:
        rows = self._api.ask("GET", path, parameters, safe=True).unless_refused(refusal).json()
        if not isinstance(rows, list):
            raise Unintelligible("answered with something else than a list", system=PROVIDER)
        return rows

    def _take_queue_request(self) -> None:
        self._budget.take("queues", per_minute=_QUEUES_PER_MINUTE)


def _fields(body: bytes) -> Mapping[str, Any]:
    """Return a webhook's fields. Of those that come twice in a form the first counts (M10)."""
    try:
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            told = lenient_json.read(body)
        else:
            pairs = parse_qsl(body.decode().strip(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
            told = dict(reversed(pairs))
    except ValueError:
        raise NotUnderstood("neither a form nor JSON") from None
    if not isinstance(told, dict):
        raise NotUnderstood("not an object")
    return told


def _shown(caller_id: str) -> str:
    if not (to_e164(caller_id, HOME) or re.fullmatch(r"[0-9]{3,15}", caller_id)):
        raise InvalidRequest([FieldError("caller_id", say("is not a phone number"))])
    return in_their_words(caller_id)


def _known_id(provider_id: str) -> str:
    if not is_reference(provider_id):
        raise UnknownCall("not a call's id")
    return provider_id


def _campaign_path(campaign_id: str) -> str:
    """The document's own paths have no `.json` (M2)."""
    if not _CAMPAIGN_ID.fullmatch(campaign_id):
        raise Rejected("not a campaign's id", system=PROVIDER, sentence=_NO_CAMPAIGN)
    return f"/ivr_campaigns/{campaign_id}"


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
