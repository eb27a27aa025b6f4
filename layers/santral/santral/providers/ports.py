"""What a provider can do for us, in our words. A provider implements the protocols it can, and no others."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from santral.calls import CallEvent, CallState, Direction
from santral.campaigns import CampaignContact, CampaignResult, NewCampaign
from santral.events import Event


@dataclass(frozen=True)
class Extension:
    """A PBX extension and whether it can ring: available, busy, break, offline or unknown."""

    extension: str
    name: str
    state: str


@dataclass(frozen=True)
class DialOrder:
    """Whom to ring. `to` is an E.164 number or a colleague's extension.

    With `wait` the answer comes after the call was placed, at most 22 s later.
    """

    to: str
    extension: str
    fallback_extension: str | None = None
    caller_id: str | None = None
    wait: bool = False


@dataclass(frozen=True)
class LiveCall:
    """A call that goes on right now, its channels joined. `channel` names it among those that go on.

    `number` is the outside number as the PBX writes it, or the colleague's extension of an internal call; `seconds`
    how long it has been going on.
    """

    channel: str
    state: CallState
    direction: Direction | None = None
    extension: str | None = None
    number: str | None = None
    caller_name: str | None = None
    queue: str | None = None
    agent: str | None = None
    seconds: int | None = None


@dataclass(frozen=True)
class Break:
    """A kind of break an agent can take."""

    id: str
    name: str


@dataclass(frozen=True)
class BreakTaken:
    """A break that is over; what the PBX did not tell is None."""

    started_at: datetime | None
    ended_at: datetime | None
    seconds: int | None


@dataclass(frozen=True)
class Queue:
    queue: str
    name: str


@dataclass(frozen=True)
class QueueAgent:
    """A member of a queue: an agent's number or an extension, and the name where the PBX tells one."""

    agent: str
    name: str | None = None


@dataclass(frozen=True)
class WaitingCall:
    """A caller who waits in a queue for an agent."""

    queue: str
    number: str
    call_id: str | None
    joined_at: datetime | None


@dataclass(frozen=True)
class Announcement:
    id: str
    name: str


@dataclass(frozen=True)
class Channel:
    """A line messages are sent through: a WhatsApp number, an Instagram account.

    `kind` is whatsapp, instagram, facebook, telegram, voip, sms or unknown; `account` its own number or name.
    """

    channel_id: str
    name: str
    account: str
    kind: str


@dataclass(frozen=True)
class MessageUser:
    """Someone who can send messages. `login` is the name they sign in with, mostly an e-mail address."""

    user_id: str
    name: str
    login: str | None


@dataclass(frozen=True)
class PastMessage:
    """A message of a conversation, as the provider keeps it. `sent_at` is None when its form is unknown."""

    direction: Direction
    text: str
    sent_at: datetime | None
    channel_account: str | None
    phone: str | None


@dataclass(frozen=True)
class Outcome:
    """A result agents can give a call, with those below it."""

    id: int
    name: str
    children: tuple["Outcome", ...] = ()


@dataclass(frozen=True)
class CallOutcome:
    """What an agent says of a call. `provider_call_id` is the PBX's own id, `phone` the customer's (E.164)."""

    provider_call_id: str
    phone: str
    direction: Direction
    answered: bool
    result_id: int
    child_result_id: int | None = None
    note: str | None = None
    extension: str | None = None
    line: str | None = None
    started_at: datetime | None = None
    ring_seconds: int | None = None
    talk_seconds: int | None = None


@dataclass(frozen=True)
class WebhookSettings:
    """Where a PBX sends its call events now, and which of ringing, answered and hangup it sends."""

    url: str
    sends: frozenset[str]


@dataclass(frozen=True)
class RecordingStream:
    """A recording as the provider sends it. `size` in bytes where the provider states it."""

    chunks: Iterator[bytes]
    size: int | None


@dataclass(frozen=True)
class OutgoingMessage:
    """A message to one customer: a text, or a file by its address and name.

    `to` is an E.164 number; `account_id` the customer's id in a channel without numbers. `user` is the sender: an
    e-mail address or a provider's user id.
    """

    user: str | int
    channel_id: str | None = None
    to: str | None = None
    account_id: str | None = None
    text: str | None = None
    file_url: str | None = None
    file_name: str | None = None


@dataclass(frozen=True)
class Page:
    """A page of call records. `rows` counts all the provider sent, those that ring or cannot be read too."""

    events: Sequence[CallEvent]
    rows: int


@dataclass(frozen=True)
class HistoryBudget:
    """How much history may be read at a time: rows in one request, and requests within five minutes."""

    rows: int
    requests: int


@dataclass(frozen=True)
class Webhook:
    """A webhook request as it arrived: header names in lower case, the body's very bytes."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Acknowledgement:
    """What a provider expects to hear once its webhook is safe."""

    body: str
    headers: Mapping[str, str]


class Checked(Protocol):
    encrypted: bool
    """Whether what we send can be read by nobody on its way."""

    def check(self) -> None:
        """Read something small. Raises one of the OutsideFailure errors when the provider cannot be used."""


class Budget(Protocol):
    """What is left of a provider's rate limits, shared by all functions of the tenant."""

    def take(self, limit: str, *, per_minute: int) -> None:
        """Take one request from a limit of this minute. `limit` names it, e.g. "cdrs".

        Raises:
            Busy: Nothing is left; `retry_after` tells when there will be.
        """


class Dialler(Protocol):
    dial_options: frozenset[str]
    """Which of fallback_extension, caller_id and wait an order may carry."""

    def dial(self, order: DialOrder) -> str | None:
        """Ring the extension, then bridge it to the number; return the provider's call id where it tells one.

        At most once: raises OutcomeUnknown when the request may have left and no answer came.
        """


class CallControl(Protocol):
    """Hanging up a call by the provider's own id of it."""

    def hang_up(self, provider_id: str) -> None:
        """End a call. One that is over already is no error. Safe to repeat."""


class ExtensionControl(Protocol):
    """Hanging up and transferring what an extension is talking on, whatever call that is.

    At most once, and only after the live calls have shown that it is the call meant: the extension may be on the next
    one by now. Raises OutcomeUnknown when the request may have left and no answer came.
    """

    def hang_up_extension(self, extension: str) -> None:
        """End what an extension is on."""

    def transfer_extension(self, extension: str, to_extension: str) -> None:
        """Hand what an extension is on to another."""


class Transfer(Protocol):
    def transfer(self, provider_id: str, to_extension: str) -> None:
        """Hand a call to another extension, at most once."""


class Mute(Protocol):
    def mute(self, provider_id: str, *, on: bool) -> None:
        """Let the customer hear the agent, or not. Safe to repeat."""


class LiveCalls(Protocol):
    def live_calls(self) -> list[LiveCall]:
        """Return the calls that go on right now."""


class CallerIds(Protocol):
    def caller_ids(self) -> list[str]:
        """Return the numbers a dial may show, as the provider writes them."""


class AgentSessions(Protocol):
    """Agents of a call center, by their agent numbers. All of it is safe to repeat."""

    def log_in(self, agent: str) -> None: ...

    def log_out(self, agent: str) -> None: ...


class Breaks(Protocol):
    def breaks(self) -> list[Break]:
        """Return the kinds of break there are."""

    def start_break(self, agent: str, break_id: str) -> None: ...

    def end_break(self, agent: str) -> BreakTaken: ...


class QueueList(Protocol):
    def queues(self) -> list[Queue]: ...


class QueueEditing(Protocol):
    def create_queue(self, queue: Queue, *, password: SecretStr, agents: Sequence[str]) -> None:
        """Create a queue. At most once: the PBX may refuse or double a second one of that number."""

    def delete_queue(self, queue: str) -> None:
        """Delete a queue. Safe to repeat."""


class QueueMembers(Protocol):
    def queue_agents(self, queue: str) -> list[QueueAgent]:
        """Return a queue's members, in their order."""


class QueueMemberEditing(Protocol):
    """Members come and go one by one. Safe to repeat."""

    def add_queue_agents(self, queue: str, agents: Sequence[str]) -> None: ...

    def remove_queue_agents(self, queue: str, agents: Sequence[str]) -> None: ...


class QueueMemberReplacing(Protocol):
    """Members can only be replaced as a whole, so whoever changes them reads them first, one at a time."""

    def replace_queue_agents(self, queue: str, agents: Sequence[str]) -> None: ...


class WaitingCalls(Protocol):
    def waiting_calls(self) -> list[WaitingCall]:
        """Return who waits in any queue now, in the order of coming."""


class Campaigns(Protocol):
    def refuse_impossible(self, campaign: NewCampaign) -> None:
        """Do nothing when this provider can do all that a campaign asks.

        Raises:
            InvalidRequest: It cannot; names each field.
        """

    def create_campaign(self, campaign: NewCampaign, *, results_url: str | None) -> str:
        """Create a campaign, at most once, and return the provider's id of it.

        Contacts go with it where the provider has no way to add them later (see Ability.CAMPAIGN_CONTACTS).
        `results_url` is where results are told, for those who tell them.
        """

    def delete_campaign(self, campaign_id: str) -> None:
        """Delete a campaign by the provider's id. One that is gone already is no error. Safe to repeat."""


class CampaignSwitch(Protocol):
    def switch_campaign(self, campaign_id: str, *, on: bool) -> None:
        """Let a campaign dial, or hold it. Safe to repeat."""


class CampaignContacts(Protocol):
    def add_contact(self, campaign_id: str, contact: CampaignContact) -> None:
        """Add one contact, at most once."""

    def remove_contact(self, campaign_id: str, phone: str) -> None:
        """Remove a contact by its number (E.164). Safe to repeat."""


class CampaignResults(Protocol):
    def campaign_results(self, *, campaign_id: str | None, phone: str | None) -> list[CampaignResult]:
        """Return results of one campaign (the provider's id), of one number (E.164), of both or of all."""


class Announcements(Protocol):
    def announcements(self) -> list[Announcement]: ...


class WebhookRegistration(Protocol):
    """Telling a PBX where its call events go, so that nobody has to paste an address."""

    def webhook_settings(self) -> WebhookSettings: ...

    def send_webhooks_to(self, url: str) -> None:
        """Let ringing, answered and hangup be sent to an address, which the PBX tries at once. Safe to repeat."""


class CallHistory(Protocol):
    """Call records, read page by page. Who has them is reconciled and replayed: this one function is all it takes."""

    history_budget: HistoryBudget

    def history(self, *, since: datetime, until: datetime, offset: int, limit: int) -> Page:
        """Return the calls that started in a period, bounds included, in a steady order, with one request.

        Finished ones come as events that tell all the provider knows of them; others are rows without an event.
        A page with fewer rows than `limit` is the period's last one. `offset` is a multiple of `limit`, for those who
        count pages; from one who knows no offset `offset + limit` rows are asked for, from one who knows only days the
        whole days, and what is not wanted is left out, of the rows' number too.
        """


class ExtensionList(Protocol):
    def extensions(self) -> list[Extension]:
        """Return all extensions of the PBX."""


class RecordingSource(Protocol):
    def recording(self, ref: str) -> AbstractContextManager[RecordingStream]:
        """Open a recording by its reference.

        Raises:
            NoRecording: The provider does not have it, or not yet.
        """


class WebhookSource(Protocol):
    """Webhooks of calls, messages or campaign results: what a body is about, its provider tells by its content."""

    @property
    def newest_token(self) -> str:
        """The path token for addresses that are told to the provider from now on."""

    def authentic(self, token: str) -> bool:
        """Tell, in constant time, whether a path token is one of ours."""

    def events(self, webhook: Webhook) -> Sequence[Event]:
        """Return what a webhook tells; none for a probe.

        Raises:
            NotAuthentic: A key or signature is readable and wrong.
            NotUnderstood: Authentic, but not in a form we know.
        """

    def events_kept(self, body: bytes) -> Sequence[Event]:
        """Return what the body of an earlier webhook tells, which was kept because it was not understood then.

        Headers and the age of a signature were judged when it came; a key within the body is judged now, since a body
        that could not be read was kept without.

        Raises:
            NotAuthentic: The key in it is wrong.
            NotUnderstood: It is still not in a form we know.
        """

    def acknowledgement(self) -> Acknowledgement:
        """Return the answer that tells the provider its webhook is safe."""


class Messenger(Protocol):
    def send(self, message: OutgoingMessage) -> str | None:
        """Send a message, at most once, and return the provider's message id when it tells one.

        Raises OutcomeUnknown when the request may have left and no answer came.
        """


class MessageChannels(Protocol):
    def channels(self) -> list[Channel]: ...


class MessageUsers(Protocol):
    def users(self) -> list[MessageUser]: ...


class MessageHistory(Protocol):
    def messages(self, *, phone: str, channel_id: str | None) -> list[PastMessage]:
        """Return the messages exchanged with a number (E.164), oldest first."""


class CallOutcomes(Protocol):
    def outcomes(self) -> list[Outcome]:
        """Return the tree of results agents choose from."""

    def save_outcome(self, outcome: CallOutcome) -> None:
        """Save what an agent says of a call, at most once."""
