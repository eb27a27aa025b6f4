"""What a provider can do for us, in our words. A provider implements the protocols it can, and no others."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from santral.calls import CallEvent


@dataclass(frozen=True)
class Extension:
    """A PBX extension and whether it can ring: available, busy, break, offline or unknown."""

    extension: str
    name: str
    state: str


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
    def check(self) -> None:
        """Read something small. Raises one of the OutsideFailure errors when the provider cannot be used."""


class Dialler(Protocol):
    def dial(self, *, to: str, extension: str, fallback_extension: str | None, wait: bool) -> str:
        """Ring `extension`, then bridge it to `to` (E.164); return the provider's call id.

        At most once: raises OutcomeUnknown when the request may have left and no answer came. With `wait` the answer
        comes after the call was placed, at most 22 s later.
        """


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


class CallWebhook(Protocol):
    def authentic(self, token: str) -> bool:
        """Tell, in constant time, whether a path token is one of ours."""

    def events(self, webhook: Webhook) -> list[CallEvent]:
        """Return what a webhook tells; none for a probe.

        Raises:
            NotAuthentic: A key or signature is readable and wrong.
            NotUnderstood: Authentic, but not in a form we know.
        """

    def events_kept(self, body: bytes) -> list[CallEvent]:
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
