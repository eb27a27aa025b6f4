"""Campaigns: many numbers called by a machine, and what became of each."""

import hashlib
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from santral.calls import Disposition, Moment

CampaignId = Annotated[str, Field(pattern=r"^[a-z]+:[A-Za-z0-9._-]{1,64}$")]
"""`<provider>:<provider's id>`."""


class CampaignKind(StrEnum):
    """`ivr` plays an announcement and takes digits, `queue` connects whoever answers to an agent of a queue."""

    IVR = "ivr"
    QUEUE = "queue"


class CampaignContact(BaseModel):
    """Whom to call. `phone` is E.164; `phrase` what is read out to this one, in `lang`."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    phone: str
    name: str | None = None
    surname: str | None = None
    phrase: str | None = None
    lang: str | None = None


class CommercialConsent(BaseModel):
    """What the Turkish registry of commercial messages asks of an advertising call."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    recipient_type: Literal["individual", "merchant"]
    brand_code: str = Field(min_length=1, max_length=64)


class NewCampaign(BaseModel):
    """A campaign that is to be created. Times are the tenant's local ones; days are 1 (Monday) to 7."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    kind: CampaignKind
    queue: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    days: tuple[int, ...] = ()
    retries: int | None = None
    ring_seconds: int | None = None
    concurrency: int | None = None
    agents_multiplier: float | None = None
    caller_id: str | None = None
    announcement_id: str | None = None
    targets: dict[str, str] = Field(default_factory=dict)
    digit_retries: int | None = None
    digit_seconds: int | None = None
    commercial: CommercialConsent | None = None
    record: bool | None = None
    contacts: tuple[CampaignContact, ...] = ()


class CampaignResult(BaseModel):
    """What became of one contact, as the HTTP API shows it.

    `status` is the provider's own word. `digit` is what the contact pressed: 0 to 9, star or square; `reason` is
    no_digit when nothing was, invalid_digit when the menu does not know it.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    phone: str | None = None
    campaign_id: str | None = None
    name: str | None = None
    status: str | None = None
    disposition: Disposition = Disposition.UNKNOWN
    digit: str | None = None
    attempts: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int | None = None
    agent: str | None = None
    reason: str | None = None


class CampaignResultEvent(BaseModel):
    """One result told by a webhook: of one attempt, or of a contact; `lead_id` is the provider's id of the contact."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    v: Literal[1] = 1
    kind: Literal["campaign_result"] = "campaign_result"
    provider: str
    campaign_id: CampaignId
    notification_id: str
    lead_id: str
    phone: str | None = None
    name: str | None = None
    status: str | None = None
    disposition: Disposition = Disposition.UNKNOWN
    digit: str | None = None
    reason: str | None = None
    call_id: str | None = None
    told_at: Moment | None = None

    @property
    def group(self) -> str:
        """What it is told about: events of one group are taken in their order."""
        return self.campaign_id

    def written(self) -> str:
        """Return the event as canonical JSON: equal events give equal text."""
        return self.model_dump_json(exclude_none=True)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the event's content, in hex."""
        return hashlib.sha256(self.written().encode()).hexdigest()
