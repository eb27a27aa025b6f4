"""Click to dial: who rings whom through which provider, at most once."""

import uuid
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from santral.calls import CallEvent, CallId, CallState, Direction, RecordLink
from santral.errors import FieldError, InvalidRequest, NotSupported, UnknownUser
from santral.input import Input
from santral.limits import dial_quotas, refuse_destination
from santral.phone import EXTENSION_PATTERN, is_extension, to_e164
from santral.providers.ports import CallerIds, Dialler, DialOrder
from santral.providers.registry import Ability
from santral.sentences import say
from santral.store.calls import Entry
from santral.store.quotas import Quota
from santral.telephony.joining import dial_id
from santral.tenant import Tenant

_OPTIONS = ("fallback_extension", "caller_id", "wait")


class DialRequest(Input):
    """What is asked of a dial.

    `to` is a phone number as a person writes it, or a colleague's extension. `extension` rings first; the acting
    user's when left out. `fallback_extension` rings when that does not exist. `provider` is the tenant's default when
    left out. With `wait` the answer comes once the call was placed, up to 22 s later. `record` is the CRM record
    clicked on.
    """

    to: str = Field(min_length=2, max_length=64)
    extension: str | None = Field(default=None, pattern=EXTENSION_PATTERN)
    fallback_extension: str | None = Field(default=None, pattern=EXTENSION_PATTERN)
    provider: str | None = None
    caller_id: str | None = None
    wait: bool = False
    record: RecordLink | None = None


class Dialled(BaseModel):
    """A dial that was asked for, and how far it has come."""

    model_config = ConfigDict(frozen=True)

    call_id: CallId
    provider: str
    state: CallState


class NumberList(BaseModel):
    model_config = ConfigDict(frozen=True)

    caller_ids: list[str]


@dataclass(frozen=True)
class Dial:
    """A dial that has been thought through: nothing about it can be refused by us any more."""

    provider: str
    dialler: Dialler
    order: DialOrder
    user: str | None
    record: RecordLink | None
    quotas: tuple[Quota, ...]

    @property
    def click(self) -> tuple[str, ...]:
        """What makes two clicks the same: one extension ringing one number."""
        return (self.provider, self.order.extension, self.order.to)


def plan_dial(tenant: Tenant, request: DialRequest, *, user: str | None) -> Dial:
    """Decide who rings whom on behalf of `user`, the acting CRM user's e-mail. Does nothing yet.

    Raises:
        InvalidRequest: `to` is neither a phone number nor an extension.
        DestinationNotAllowed: This company does not call such numbers.
        UnknownUser: The extension would have to come from a user who is not in the directory or has none.
        NotSupported: The provider cannot dial, or not in this way.
        NotConfigured: The provider is not set up.
    """
    name = request.provider or tenant.settings.telephony_provider
    dialler: Dialler = tenant.provider(name, Ability.DIAL)
    number = to_e164(request.to, tenant.settings.country) or (request.to if is_extension(request.to) else None)
    if number is None:
        raise InvalidRequest([FieldError("to", say("is not a phone number. Write it with its area or country code."))])
    refuse_destination(tenant.settings, number)
    asked = {option for option in _OPTIONS if getattr(request, option)}
    for option in sorted(asked - dialler.dial_options):
        told = say("{provider} cannot dial with {option}. Leave it out.", provider=name, option=option)
        raise NotSupported(f"{name} with {option}", sentence=told)
    order = DialOrder(
        to=number,
        extension=request.extension or _extension_of(tenant, user, name),
        fallback_extension=request.fallback_extension,
        caller_id=request.caller_id,
        wait=request.wait,
    )
    quotas = dial_quotas(tenant.settings, user or order.extension)
    return Dial(provider=name, dialler=dialler, order=order, user=user, record=request.record, quotas=quotas)


def dial(tenant: Tenant, plan: Dial) -> Entry:
    """Ring the extension, then bridge it to the number, and remember who asked. Call it at most once.

    Raises:
        OutcomeUnknown: The request may have left and no answer came.
        OutsideFailure: The provider did not do it.
    """
    order = plan.order
    provider_id = plan.dialler.dial(order)
    call_id = f"{plan.provider}:{provider_id}" if provider_id else dial_id(plan.provider, uuid.uuid4().hex)
    requested = CallEvent(
        call_id=call_id,
        provider=plan.provider,
        state=CallState.REQUESTED,
        direction=Direction.INTERNAL if is_extension(order.to) else Direction.OUTBOUND,
        from_=order.extension,
        to=order.to,
        extension=order.extension,
        started_at=tenant.clock(),
    )

    def asked(entry: Entry) -> Entry:
        return entry.told(requested).having(acting_user=plan.user, record=plan.record or entry.record)

    entry = asked(Entry(call_id=call_id, first_seen_at=tenant.clock()))
    if tenant.calls.add(entry):
        return entry
    # The provider's first event was faster than we are.
    return tenant.calls.change(call_id, asked)


def list_caller_ids(tenant: Tenant, provider: str | None) -> NumberList:
    """Return the numbers a dial may show."""
    source: CallerIds = tenant.provider(provider or tenant.default_for(Ability.CALLER_IDS), Ability.CALLER_IDS)
    return NumberList(caller_ids=source.caller_ids())


def _extension_of(tenant: Tenant, user: str | None, provider: str) -> str:
    if user is None:
        raise InvalidRequest(
            [FieldError("extension", say("is needed when no X-Crm-User header names the acting user"))]
        )
    known = tenant.directory.user(user)
    extension = known.extension(provider) if known else None
    if extension is None:
        raise UnknownUser(
            "no extension in the directory",
            sentence=say(
                "No {provider} extension is known for this CRM user. Ask your administrator to add it.",
                provider=provider,
            ),
        )
    return extension
