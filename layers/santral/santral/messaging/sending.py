"""Sending one WhatsApp message, at most once."""

import hashlib
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from santral.calls import RecordLink
from santral.errors import FieldError, InvalidRequest, UnknownUser
from santral.input import Input
from santral.limits import message_quotas, refuse_destination
from santral.messages import Message, MessageState, message_id
from santral.phone import to_e164
from santral.providers.ports import Messenger, OutgoingMessage
from santral.providers.registry import Ability
from santral.sentences import say
from santral.store.quotas import Quota
from santral.tenant import Tenant

PROVIDER = "wapcrm"


class MessageRequest(Input):
    """What is asked of a message: a receiver and a content.

    The receiver is `to`, a phone number as a person writes it, or `account_id`, the customer's id in a channel without
    numbers. The content is `text`, or `file_url` (fetched by the provider, without authentication) with `file_name`.
    `channel_id` is the tenant's default when left out, `user` (an e-mail or the provider's user id) the acting user.
    """

    to: str | None = Field(default=None, max_length=64)
    account_id: str | None = Field(default=None, max_length=128)
    text: str | None = Field(default=None, max_length=1000)
    file_url: str | None = Field(default=None, max_length=2048, pattern=r"^https?://\S+$")
    file_name: str | None = Field(default=None, max_length=255)
    channel_id: str | None = Field(default=None, max_length=64)
    user: str | int | None = None
    record: RecordLink | None = None

    @model_validator(mode="after")
    def _one_receiver_and_one_content(self) -> Self:
        if bool(self.to) == bool(self.account_id):
            raise ValueError(say("give either `to` or `account_id`"))
        if bool(self.text) == bool(self.file_url):
            raise ValueError(say("give either `text` or `file_url` with `file_name`"))
        if bool(self.file_url) != bool(self.file_name):
            raise ValueError(say("`file_url` and `file_name` belong together"))
        return self


class Accepted(BaseModel):
    """A message the provider has taken, and how far it has come."""

    model_config = ConfigDict(frozen=True)

    message_id: str
    state: MessageState


@dataclass(frozen=True)
class Sending:
    """A message that has been thought through: nothing about it can be refused by us any more."""

    messenger: Messenger
    message: OutgoingMessage
    record: RecordLink | None
    quotas: tuple[Quota, ...]

    @property
    def click(self) -> tuple[str, ...]:
        """What makes two clicks the same: one user sending one content to one customer."""
        message = self.message
        content = "\0".join(part or "" for part in (message.text, message.file_url, message.file_name))
        digest = hashlib.sha256(content.encode()).hexdigest()
        return (str(message.user), message.channel_id or "", message.to or message.account_id or "", digest)


def plan_message(tenant: Tenant, request: MessageRequest, *, user: str | None) -> Sending:
    """Decide what is sent to whom on behalf of `user`, the acting CRM user's e-mail. Sends nothing yet.

    Raises:
        InvalidRequest: `to` is no phone number.
        DestinationNotAllowed: This company does not write to such numbers.
        UnknownUser: The sender would have to come from a user who is not in the directory.
        NotConfigured: WapCRM is not set up.
    """
    messenger: Messenger = tenant.provider(PROVIDER, Ability.SEND)
    number = to_e164(request.to, tenant.settings.country) if request.to else None
    if request.to and number is None:
        raise InvalidRequest([FieldError("to", say("is not a phone number. Write it with its area or country code."))])
    if number:
        refuse_destination(tenant.settings, number)
    message = OutgoingMessage(
        user=request.user if request.user is not None else _sender(tenant, user),
        channel_id=request.channel_id,
        to=number,
        account_id=request.account_id,
        text=request.text,
        file_url=request.file_url,
        file_name=request.file_name,
    )
    return Sending(messenger, message, request.record, message_quotas(tenant.settings, user or str(message.user)))


def send(tenant: Tenant, sending: Sending) -> Message:
    """Send the message and keep it. Call it at most once.

    Raises:
        OutcomeUnknown: The request may have left and no answer came.
        OutsideFailure: The provider did not send it.
    """
    provider_id = sending.messenger.send(sending.message)
    outgoing = sending.message
    message = Message(
        message_id=message_id(PROVIDER, provider_id),
        provider=PROVIDER,
        state=MessageState.ACCEPTED,
        to=outgoing.to,
        account_id=outgoing.account_id,
        channel_id=outgoing.channel_id,
        user=str(outgoing.user),
        text=outgoing.text,
        file_name=outgoing.file_name,
        record=sending.record,
        sent_at=tenant.clock(),
    )
    tenant.messages.add(message)
    return message


def _sender(tenant: Tenant, user: str | None) -> str:
    if user is None:
        raise InvalidRequest([FieldError("user", say("is needed when no X-Crm-User header names the acting user"))])
    known = tenant.directory.user(user)
    if known is None:
        raise UnknownUser("acting user is not in the directory")
    return known.wapcrm_user or known.email
