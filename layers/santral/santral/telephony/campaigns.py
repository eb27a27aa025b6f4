"""Campaigns: many numbers called by a machine. Creating one and adding contacts happen at most once."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from santral.campaigns import (
    CampaignContact,
    CampaignId,
    CampaignKind,
    CampaignResult,
    CommercialConsent,
    NewCampaign,
)
from santral.errors import FieldError, InvalidRequest, OutcomeUnknown, OutsideFailure
from santral.input import Input
from santral.limits import refuse_destination, refuse_hours
from santral.phone import to_e164
from santral.providers.ports import (
    Announcement,
    Announcements,
    CampaignContacts,
    CampaignResults,
    Campaigns,
    CampaignSwitch,
    WebhookSource,
)
from santral.providers.registry import Ability, can
from santral.sentences import say
from santral.store.campaigns import CampaignEntry
from santral.telemetry import logger
from santral.tenant import Tenant

MOST_AT_A_TIME = 50
_MOST_CONTACTS = 5000
_MOST_RESULTS = 1000
# One contact may take five seconds; the answer has to leave before the gateway gives up.
_ADDING_SECONDS = 18
_TARGETS = re.compile(r"[0-9]|star|square|timeout|invalid")

Text = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Contact(BaseModel):
    """Whom to call. `phone` as a person writes it, `phrase` what is read out to this one, in `lang`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    phone: str = Field(min_length=2, max_length=64)
    name: Text | None = None
    surname: Text | None = None
    phrase: str | None = Field(default=None, max_length=500)
    lang: str | None = Field(default=None, pattern=r"^[a-z]{2}-[A-Z]{2}$")


class CampaignRequest(Input):
    """A campaign to be created; see `NewCampaign`. What the provider cannot do is refused, never left out."""

    name: Text
    provider: str | None = None
    kind: CampaignKind
    queue: str | None = Field(default=None, pattern=r"^[0-9]{1,10}$")
    start_date: date | None = None
    end_date: date | None = None
    start_time: time_of_day | None = None
    end_time: time_of_day | None = None
    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(default=(), max_length=7)
    retries: int | None = Field(default=None, ge=0, le=100)
    ring_seconds: int | None = Field(default=None, ge=1, le=300)
    concurrency: int | None = Field(default=None, ge=1, le=10_000)
    agents_multiplier: float | None = Field(default=None, gt=0, le=100)
    caller_id: str | None = Field(default=None, max_length=32)
    announcement_id: str | None = Field(default=None, pattern=r"^[0-9]{1,16}$")
    targets: dict[str, Annotated[str, StringConstraints(max_length=500)]] = Field(default={}, max_length=14)
    digit_retries: int | None = Field(default=None, ge=0, le=100)
    digit_seconds: int | None = Field(default=None, ge=1, le=60)
    commercial: CommercialConsent | None = None
    record: bool | None = None
    contacts: tuple[Contact, ...] = Field(min_length=1, max_length=_MOST_CONTACTS)


class CampaignIdRequest(Input):
    campaign_id: CampaignId


class SwitchRequest(CampaignIdRequest):
    status: Literal["on", "off"]


class ContactsRequest(CampaignIdRequest):
    contacts: tuple[Contact, ...] = Field(min_length=1, max_length=MOST_AT_A_TIME)


class ContactRequest(CampaignIdRequest):
    phone: str = Field(min_length=2, max_length=64)


class ResultsRequest(Input):
    """Results of one campaign, of one number, or both; of all where the provider tells them all."""

    campaign_id: CampaignId | None = None
    phone: str | None = Field(default=None, min_length=2, max_length=64)
    provider: str | None = None


class AddedContact(BaseModel):
    """A contact and what became of adding it: unknown when the provider's answer was lost."""

    model_config = ConfigDict(frozen=True)

    phone: str
    state: Literal["added", "failed", "unknown"]


class Created(BaseModel):
    model_config = ConfigDict(frozen=True)

    campaign_id: str
    contacts: list[AddedContact]


class Added(BaseModel):
    model_config = ConfigDict(frozen=True)

    contacts: list[AddedContact]


class Switched(BaseModel):
    model_config = ConfigDict(frozen=True)

    campaign_id: str
    status: str


class ListedCampaign(BaseModel):
    """A campaign created here. `state` is on, off or deleted, as far as it was switched from here."""

    model_config = ConfigDict(frozen=True)

    campaign_id: str
    provider: str
    name: str
    kind: CampaignKind
    state: str
    created_at: datetime
    created_by: str | None


class CampaignList(BaseModel):
    model_config = ConfigDict(frozen=True)

    campaigns: list[ListedCampaign]


class ResultList(BaseModel):
    model_config = ConfigDict(frozen=True)

    results: list[CampaignResult]


class AnnouncementList(BaseModel):
    model_config = ConfigDict(frozen=True)

    announcements: list[Announcement]


@dataclass(frozen=True)
class Plan:
    """A campaign that has been thought through: nothing about it can be refused by us any more."""

    provider: str
    client: Campaigns
    campaign: NewCampaign
    user: str | None

    @property
    def click(self) -> tuple[str, ...]:
        """What makes two clicks the same: one user creating one campaign for the same numbers."""
        return (self.provider, self.user or "", self.campaign.model_dump_json())


def plan_campaign(tenant: Tenant, request: CampaignRequest, *, user: str | None) -> Plan:
    """Decide who runs a campaign and whether they can. Creates nothing yet.

    Raises:
        DestinationNotAllowed: This company does not call numbers such as one of these.
        OutsideCallingHours: It advertises, and might call at night.
        InvalidRequest: A number is none, or the provider cannot do what a field asks; names each.
        NotSupported: The provider runs no campaigns.
        NotConfigured: The provider is not set up.
    """
    name = request.provider or tenant.default_for(Ability.CAMPAIGNS)
    client: Campaigns = tenant.provider(name, Ability.CAMPAIGNS)
    wrong = [target for target in request.targets if not _TARGETS.fullmatch(target)]
    if wrong:
        raise InvalidRequest(
            [FieldError(f"targets.{it}", say("must be 0 to 9, star, square, timeout or invalid")) for it in wrong]
        )
    if can(name, Ability.CAMPAIGN_CONTACTS) and len(request.contacts) > MOST_AT_A_TIME:
        told = say(
            "are more than {most}, which {provider} takes one by one; add the others to the campaign later",
            most=MOST_AT_A_TIME,
            provider=name,
        )
        raise InvalidRequest([FieldError("contacts", told)])
    told_fields = request.model_dump(exclude={"provider", "contacts"})
    campaign = NewCampaign(**told_fields, contacts=_in_e164(tenant, request.contacts))
    client.refuse_impossible(campaign)
    refuse_hours(tenant.settings, campaign)
    return Plan(name, client, campaign, user)


def create_campaign(tenant: Tenant, plan: Plan, *, base_url: str) -> Created:
    """Create a campaign with its contacts, and remember it. Call it at most once.

    Args:
        tenant: The tenant.
        plan: What `plan_campaign` decided.
        base_url: Where this API is reached from outside, which results are told to.

    Raises:
        OutcomeUnknown: The request may have left and no answer came.
        OutsideFailure: The provider did not create it.
    """
    provider_id = plan.client.create_campaign(plan.campaign, results_url=_results_url(tenant, plan.provider, base_url))
    campaign_id = f"{plan.provider}:{provider_id}"
    tenant.campaigns.add(
        CampaignEntry(
            campaign_id=campaign_id,
            name=plan.campaign.name,
            kind=plan.campaign.kind,
            created_at=tenant.clock(),
            created_by=plan.user,
        )
    )
    if can(plan.provider, Ability.CAMPAIGN_CONTACTS):
        adding: CampaignContacts = tenant.provider(plan.provider, Ability.CAMPAIGN_CONTACTS)
        return Created(campaign_id=campaign_id, contacts=list(_added(adding, provider_id, plan.campaign.contacts)))
    contacts = [AddedContact(phone=contact.phone, state="added") for contact in plan.campaign.contacts]
    return Created(campaign_id=campaign_id, contacts=contacts)


def plan_contacts(tenant: Tenant, request: ContactsRequest) -> tuple[CampaignContact, ...]:
    """Return the contacts that are to be added. Adds none yet.

    Raises:
        DestinationNotAllowed: This company does not call numbers such as one of these.
        InvalidRequest: A number is none.
        NotSupported: The campaign's provider takes no contacts later.
    """
    provider, _ = _parted(request.campaign_id)
    tenant.provider(provider, Ability.CAMPAIGN_CONTACTS)
    return _in_e164(tenant, request.contacts)


def add_contacts(tenant: Tenant, campaign_id: str, contacts: Sequence[CampaignContact]) -> Added:
    """Add contacts to a campaign one by one, and return what became of each. Call it at most once."""
    provider, provider_id = _parted(campaign_id)
    adding: CampaignContacts = tenant.provider(provider, Ability.CAMPAIGN_CONTACTS)
    return Added(contacts=list(_added(adding, provider_id, contacts)))


def remove_contact(tenant: Tenant, request: ContactRequest) -> None:
    """Remove a contact from a campaign.

    Raises:
        InvalidRequest: `phone` is no phone number.
        NotSupported: The campaign's provider cannot do that.
        OutsideFailure: The provider did not do it.
    """
    provider, provider_id = _parted(request.campaign_id)
    removing: CampaignContacts = tenant.provider(provider, Ability.CAMPAIGN_CONTACTS)
    removing.remove_contact(provider_id, _number(tenant, "phone", request.phone))


def switch_campaign(tenant: Tenant, request: SwitchRequest) -> Switched:
    """Let a campaign dial, or hold it."""
    provider, provider_id = _parted(request.campaign_id)
    switch: CampaignSwitch = tenant.provider(provider, Ability.CAMPAIGN_SWITCH)
    switch.switch_campaign(provider_id, on=request.status == "on")
    tenant.campaigns.note_state(request.campaign_id, request.status)
    return Switched(campaign_id=request.campaign_id, status=request.status)


def delete_campaign(tenant: Tenant, request: CampaignIdRequest) -> None:
    """Delete a campaign; one that is gone already is no error. Its results stay."""
    provider, provider_id = _parted(request.campaign_id)
    client: Campaigns = tenant.provider(provider, Ability.CAMPAIGNS)
    client.delete_campaign(provider_id)
    tenant.campaigns.note_state(request.campaign_id, "deleted")


def list_campaigns(tenant: Tenant) -> CampaignList:
    """Return the campaigns created here, newest first, at most a hundred."""
    return CampaignList(
        campaigns=[
            ListedCampaign(provider=campaign.provider, **campaign.model_dump())
            for campaign in tenant.campaigns.newest()
        ]
    )


def list_results(tenant: Tenant, request: ResultsRequest) -> ResultList:
    """Return what became of contacts, at most a thousand: as the provider tells it, or as its webhooks told us.

    Raises:
        InvalidRequest: `phone` is no phone number, or neither filter is given where results come by webhook.
        OutsideFailure: The provider cannot be read.
    """
    phone = _number(tenant, "phone", request.phone) if request.phone else None
    provider = _provider_of(tenant, request)
    if can(provider, Ability.CAMPAIGN_RESULTS):
        source: CampaignResults = tenant.provider(provider, Ability.CAMPAIGN_RESULTS)
        provider_id = _parted(request.campaign_id)[1] if request.campaign_id else None
        results: Iterable[CampaignResult] = source.campaign_results(campaign_id=provider_id, phone=phone)
    else:
        tenant.provider(provider, Ability.CAMPAIGN_WEBHOOK)
        results = _results_told(tenant, request.campaign_id, phone)
    return ResultList(results=[result for result, _ in zip(results, range(_MOST_RESULTS), strict=False)])


def list_announcements(tenant: Tenant, provider: str | None) -> AnnouncementList:
    """Return the announcements a campaign can play."""
    name = provider or tenant.default_for(Ability.ANNOUNCEMENTS)
    source: Announcements = tenant.provider(name, Ability.ANNOUNCEMENTS)
    return AnnouncementList(announcements=source.announcements())


def _added(adding: CampaignContacts, campaign_id: str, contacts: Sequence[CampaignContact]) -> Iterator[AddedContact]:
    give_up_at = time.monotonic() + _ADDING_SECONDS
    for contact in contacts:
        if time.monotonic() >= give_up_at:
            yield AddedContact(phone=contact.phone, state="failed")
            continue
        try:
            adding.add_contact(campaign_id, contact)
        except OutcomeUnknown as error:
            logger.warning("contact may have been added", reason=str(error))
            yield AddedContact(phone=contact.phone, state="unknown")
        except OutsideFailure as error:
            logger.warning("contact not added", code=error.code, reason=str(error))
            yield AddedContact(phone=contact.phone, state="failed")
        else:
            yield AddedContact(phone=contact.phone, state="added")


def _results_told(tenant: Tenant, campaign_id: str | None, phone: str | None) -> Iterator[CampaignResult]:
    if campaign_id is None and phone is None:
        raise InvalidRequest([FieldError("campaign_id", say("or `phone` is needed"))])
    if campaign_id is None:
        return tenant.campaigns.results_for(phone or "")
    results = tenant.campaigns.results_of(campaign_id)
    return (result for result in results if phone in (None, result.phone))


def _provider_of(tenant: Tenant, request: ResultsRequest) -> str:
    if request.campaign_id:
        return _parted(request.campaign_id)[0]
    return request.provider or tenant.default_for(Ability.CAMPAIGNS)


def _results_url(tenant: Tenant, provider: str, base_url: str) -> str | None:
    if not can(provider, Ability.CAMPAIGN_WEBHOOK):
        return None
    source: WebhookSource = tenant.provider(provider, Ability.CAMPAIGN_WEBHOOK)
    return f"{base_url}/webhooks/{provider}/campaigns/{source.newest_token}"


def _in_e164(tenant: Tenant, contacts: Sequence[Contact]) -> tuple[CampaignContact, ...]:
    numbers = [to_e164(contact.phone, tenant.settings.country) for contact in contacts]
    wrong = [place for place, number in enumerate(numbers) if number is None]
    if wrong:
        raise InvalidRequest([FieldError(f"contacts.{place}.phone", say("is not a phone number")) for place in wrong])
    for number in filter(None, numbers):
        refuse_destination(tenant.settings, number)
    return tuple(
        CampaignContact(**{**contact.model_dump(), "phone": number})
        for contact, number in zip(contacts, numbers, strict=True)
    )


def _number(tenant: Tenant, field: str, text: str) -> str:
    number = to_e164(text, tenant.settings.country)
    if number is None:
        raise InvalidRequest([FieldError(field, say("is not a phone number. Write it with its area or country code."))])
    return number


def _parted(campaign_id: str) -> tuple[str, str]:
    provider, _, provider_id = campaign_id.partition(":")
    return provider, provider_id
