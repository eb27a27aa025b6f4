"""Who can write through which channel, and what has been written with a number."""

from pydantic import BaseModel, ConfigDict, Field

from santral.errors import FieldError, InvalidRequest
from santral.input import Input
from santral.phone import to_e164
from santral.providers.ports import Channel, MessageChannels, MessageHistory, MessageUser, MessageUsers, PastMessage
from santral.providers.registry import Ability
from santral.sentences import say
from santral.tenant import Tenant


class ConversationRequest(Input):
    """`phone` as a person writes it; `channel_id` narrows to one channel."""

    phone: str = Field(min_length=2, max_length=64)
    channel_id: str | None = Field(default=None, max_length=64)


class Conversation(BaseModel):
    model_config = ConfigDict(frozen=True)

    messages: list[PastMessage]


class Channels(BaseModel):
    model_config = ConfigDict(frozen=True)

    channels: list[Channel]


class Users(BaseModel):
    model_config = ConfigDict(frozen=True)

    users: list[MessageUser]


def conversation(tenant: Tenant, request: ConversationRequest) -> Conversation:
    """Return the messages exchanged with a number, oldest first.

    Raises:
        InvalidRequest: `phone` is no phone number.
        OutsideFailure: The provider cannot be read.
    """
    number = to_e164(request.phone, tenant.settings.country)
    if number is None:
        raise InvalidRequest(
            [FieldError("phone", say("is not a phone number. Write it with its area or country code."))]
        )
    source: MessageHistory = tenant.provider(tenant.default_for(Ability.MESSAGE_HISTORY), Ability.MESSAGE_HISTORY)
    return Conversation(messages=source.messages(phone=number, channel_id=request.channel_id))


def list_channels(tenant: Tenant) -> Channels:
    """Return the channels messages can be sent through."""
    source: MessageChannels = tenant.provider(tenant.default_for(Ability.MESSAGE_CHANNELS), Ability.MESSAGE_CHANNELS)
    return Channels(channels=source.channels())


def list_users(tenant: Tenant) -> Users:
    """Return who can send messages."""
    source: MessageUsers = tenant.provider(tenant.default_for(Ability.MESSAGE_USERS), Ability.MESSAGE_USERS)
    return Users(users=source.users())
