"""The rows of Verimor's lists: announcements, queues and their members, who waits, who can be rung."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from santral.providers.ports import Announcement, Extension, Queue, QueueAgent, WaitingCall
from santral.providers.rows import understood_of
from santral.providers.verimor.notation import PROVIDER, M, Text, in_our_words, is_reference, understood

_USER_STATES = {"AVAILABLE": "available", "TALKING": "busy", "UNREGISTERED": "offline", "SS_DND": "break"}
_AGENT_STATES = {"AVAILABLE": "available", "TALKING": "busy", "LOGGED_OUT": "offline", "ON_BREAK": "break"}

_Number = Annotated[str, Field(min_length=1, max_length=32)]


class _Row(BaseModel):
    # Numbers come as numbers and as texts, even within one list (M5).
    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore", coerce_numbers_to_str=True)


class AnnouncementRow(_Row):
    """A row of "SES DOSYALARI LİSTESİNE ERİŞİM"."""

    id: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
    name: Text = ""

    def announcement(self) -> Announcement:
        return Announcement(self.id, self.name)


class QueueRow(_Row):
    """A row of "KUYRUKLAR LİSTESİNE ERİŞİM"."""

    number: _Number
    name: Text = ""

    def queue(self) -> Queue:
        return Queue(self.number, self.name)


class MemberRow(_Row):
    """A row of "KUYRUKDAKİ DAHİLİ LİSTESİNE ERİŞİM"."""

    user: _Number
    name: Text = ""

    def agent(self) -> QueueAgent:
        return QueueAgent(self.user, self.name or None)


class WaitingRow(_Row):
    """A row of "KUYRUKTA BEKLEYENLER LİSTESİNE ERİŞİM": the call's id is `uuid` in older answers."""

    queue_number: _Number
    call_uuid: Text = ""
    uuid: Text = ""
    caller_id: Text = ""
    joined_at: Text = ""

    def call(self) -> WaitingCall:
        call_uuid = self.call_uuid or self.uuid
        # Seconds since 1970; ten digits reach to the year 2286.
        joined = re.fullmatch(r"[0-9]{1,10}", self.joined_at)
        return WaitingCall(
            queue=self.queue_number,
            number=in_our_words(self.caller_id) or "",
            call_id=f"{PROVIDER}:{call_uuid}" if is_reference(call_uuid) else None,
            joined_at=datetime.fromtimestamp(int(self.joined_at), UTC) if joined else None,
        )


class UserStatusRow(_Row):
    """A row of "Dahili Durumlarını Listeleme": the phone."""

    user: _Number
    status: Text = ""


class AgentStatusRow(_Row):
    """A row of "MT (Müşteri Temsilcisi) Listesi": the person at it."""

    agent: _Number
    status: Text = ""


def understood_rows(model: type[M], rows: Iterable[Any]) -> list[M]:
    """Return the rows that are understood; the others are left out, counted, and logged by the fields at fault."""
    return understood_of(rows, lambda row: understood(model, row))


def extensions_of(users: Iterable[UserStatusRow], agents: Iterable[AgentStatusRow]) -> list[Extension]:
    """Return whether each extension can ring. Neither list tells names.

    A phone that is not registered is offline whatever its agent does; an agent who is logged out may still be rung.
    """
    phones = {row.user: _USER_STATES.get(row.status.upper(), "unknown") for row in users}
    people = {row.agent: _AGENT_STATES.get(row.status.upper(), "unknown") for row in agents}
    return [
        Extension(number, "", _state(phones.get(number), people.get(number)))
        for number in dict.fromkeys([*phones, *people])
    ]


def _state(phone: str | None, person: str | None) -> str:
    if phone is None or person is None:
        return phone or person or "unknown"
    if phone == "offline":
        return phone
    if "busy" in {phone, person}:
        return "busy"
    return "break" if "break" in {phone, person} else phone
