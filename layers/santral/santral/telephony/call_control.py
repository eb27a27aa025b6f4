"""Hanging up, transferring and muting a call that goes on.

Some providers do it by their id of the call. Others only know extensions: what happens to whatever that extension is on
at that moment, so the live calls are read first, and the request is made at most once.
"""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from santral.calls import CallId, CallState
from santral.errors import ExtensionOnOtherCall, FieldError, InvalidRequest
from santral.input import Input
from santral.phone import EXTENSION_PATTERN, to_e164
from santral.providers.ports import CallControl, ExtensionControl, LiveCall, LiveCalls, Mute, Transfer
from santral.providers.registry import Ability, can
from santral.sentences import say
from santral.store.calls import Entry
from santral.telephony.live_calls import is_same_call, known_or_live
from santral.tenant import Tenant

_OVER = say("This call is over, so there is nothing to transfer.")


class HangUpRequest(Input):
    """`extension` is whose line is cut, where the provider only knows extensions; the call's own when left out."""

    call_id: CallId
    extension: str | None = Field(default=None, pattern=EXTENSION_PATTERN)


class TransferRequest(Input):
    """`from_extension` is whose call is handed over, where the provider only knows extensions."""

    call_id: CallId
    to_extension: str = Field(pattern=EXTENSION_PATTERN)
    from_extension: str | None = Field(default=None, pattern=EXTENSION_PATTERN)


class MuteRequest(Input):
    call_id: CallId
    on: bool


class Ended(BaseModel):
    model_config = ConfigDict(frozen=True)

    call_id: str
    state: CallState = CallState.ENDED


class Transferred(BaseModel):
    model_config = ConfigDict(frozen=True)

    call_id: str
    to_extension: str


class Muted(BaseModel):
    model_config = ConfigDict(frozen=True)

    call_id: str
    on: bool


@dataclass(frozen=True)
class Line:
    """A call, and the extension it is reached by where the provider knows no call ids."""

    call: Entry
    extension: str | None = None

    @property
    def provider_id(self) -> str:
        return self.call.call_id.partition(":")[2]


def find_line(
    tenant: Tenant, call_id: str, *, extension: str | None, user: str | None, by_extension: Ability, by_id: Ability
) -> Line:
    """Find the call, and the extension to act on where its provider can act on nothing else.

    Raises:
        UnknownCall: There is no such call.
        InvalidRequest: The extension is needed and nothing tells it.
        NotSupported: The provider can do it in neither way.
        NotConfigured: The provider is not set up.
    """
    call = known_or_live(tenant, call_id)
    if not can(call.provider, by_extension):
        tenant.provider(call.provider, by_id)
        return Line(call)
    tenant.provider(call.provider, by_extension)
    line = extension or call.facts.text("extension") or _extension_of(tenant, user, call.provider)
    if line is None:
        raise InvalidRequest([FieldError("extension", say("is needed: nothing tells which extension is on this call"))])
    return Line(call, line)


def hang_up(tenant: Tenant, line: Line) -> Ended:
    """End a call. One that is over already is ended.

    Raises:
        ExtensionOnOtherCall: The extension is on another call by now.
        OutcomeUnknown: The request may have left and no answer came.
        OutsideFailure: The provider did not do it.
    """
    ended = Ended(call_id=line.call.call_id)
    if line.call.facts.state is CallState.ENDED:
        return ended
    provider = line.call.provider
    if line.extension is None:
        control: CallControl = tenant.provider(provider, Ability.HANG_UP)
        control.hang_up(line.provider_id)
    elif _is_on_this_call(tenant, line, line.extension):
        extensions: ExtensionControl = tenant.provider(provider, Ability.HANG_UP_EXTENSION)
        extensions.hang_up_extension(line.extension)
    return ended


def transfer(tenant: Tenant, line: Line, to_extension: str) -> Transferred:
    """Hand a call to a colleague. Call it at most once.

    Raises:
        ExtensionOnOtherCall: The call is over, or the extension is on another one by now.
        OutcomeUnknown: The request may have left and no answer came.
        OutsideFailure: The provider did not do it.
    """
    provider = line.call.provider
    if line.call.facts.state is CallState.ENDED:
        raise ExtensionOnOtherCall("call is over", sentence=_OVER)
    if line.extension is None:
        control: Transfer = tenant.provider(provider, Ability.TRANSFER)
        control.transfer(line.provider_id, to_extension)
    else:
        if not _is_on_this_call(tenant, line, line.extension):
            raise ExtensionOnOtherCall("no channel", sentence=_OVER)
        extensions: ExtensionControl = tenant.provider(provider, Ability.TRANSFER_EXTENSION)
        extensions.transfer_extension(line.extension, to_extension)
    return Transferred(call_id=line.call.call_id, to_extension=to_extension)


def mute(tenant: Tenant, request: MuteRequest) -> Muted:
    """Let the customer hear the agent, or not.

    Raises:
        UnknownCall: There is no such call.
        NotSupported: The provider cannot do that.
        OutsideFailure: The provider did not do it.
    """
    line = Line(tenant.calls.get(request.call_id))
    control: Mute = tenant.provider(line.call.provider, Ability.MUTE)
    control.mute(line.provider_id, on=request.on)
    return Muted(call_id=line.call.call_id, on=request.on)


def _is_on_this_call(tenant: Tenant, line: Line, extension: str) -> bool:
    """Tell whether the extension is on this call, False when it is on none; raise when it is on another."""
    source: LiveCalls = tenant.provider(line.call.provider, Ability.LIVE_CALLS)
    going_on = [call for call in source.live_calls() if call.extension == extension]
    if not going_on:
        return False
    if not any(
        is_same_call(tenant, line.call, call) or _same_counterpart(tenant, line.call, call) for call in going_on
    ):
        raise ExtensionOnOtherCall("another counterpart is on the line")
    return True


def _same_counterpart(tenant: Tenant, call: Entry, live: LiveCall) -> bool:
    country, known = tenant.settings.country, call.facts.counterpart
    if known is None or live.number is None:
        return False
    return (to_e164(known, country) or known) == (to_e164(live.number, country) or live.number)


def _extension_of(tenant: Tenant, user: str | None, provider: str) -> str | None:
    known = tenant.directory.user(user) if user else None
    return known.extension(provider) if known else None
