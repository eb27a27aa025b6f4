"""What agents say of a call once it is over: the tree they choose from, and saving their choice once."""

from pydantic import BaseModel, ConfigDict, Field

from santral.calls import CallEvent, CallId, CallState, Direction, Disposition
from santral.errors import FieldError, InvalidRequest
from santral.input import Input
from santral.phone import to_e164
from santral.providers.ports import CallOutcome, CallOutcomes, Outcome
from santral.providers.registry import Ability
from santral.sentences import say
from santral.store.calls import Entry
from santral.tenant import Tenant


class OutcomeRequest(Input):
    """`result_id` and `child_result_id` are ids of the tree; `note` is free text."""

    call_id: CallId
    result_id: int = Field(ge=0, le=2**31 - 1)
    child_result_id: int | None = Field(default=None, ge=0, le=2**31 - 1)
    note: str | None = Field(default=None, max_length=2000)


class Outcomes(BaseModel):
    model_config = ConfigDict(frozen=True)

    outcomes: list[Outcome]


class Saved(BaseModel):
    model_config = ConfigDict(frozen=True)

    call_id: str
    outcome: str
    note: str | None


def list_outcomes(tenant: Tenant) -> Outcomes:
    """Return the tree of results agents choose from."""
    return Outcomes(outcomes=_source(tenant).outcomes())


def plan_outcome(tenant: Tenant, request: OutcomeRequest) -> Entry:
    """Return the call an outcome is for. Saves nothing yet.

    Raises:
        UnknownCall: There is no such call.
        InvalidRequest: The call is internal or without an outside number, so there is no customer to say it of.
    """
    call = tenant.calls.get(request.call_id)
    if call.facts.direction not in (Direction.INBOUND, Direction.OUTBOUND) or _customer(tenant, call) is None:
        raise InvalidRequest(
            [FieldError("call_id", say("is a call without a customer's number, so it gets no outcome"))]
        )
    return call


def save_outcome(tenant: Tenant, call: Entry, request: OutcomeRequest) -> Saved:
    """Save an outcome where the provider keeps them, and with the call. Call it at most once.

    Raises:
        InvalidRequest: The result is not in the tree.
        OutcomeUnknown: The request may have left and no answer came.
        OutsideFailure: The provider did not save it.
    """
    source = _source(tenant)
    name = _named(source.outcomes(), request)
    facts = call.facts
    provider_id = call.call_id.partition(":")[2]
    # From now on what the provider tells of this id is told of this call, and never becomes one of its own.
    tenant.calls.remember_alias(f"{tenant.default_for(Ability.OUTCOMES)}:{provider_id}", call.call_id)
    source.save_outcome(
        CallOutcome(
            provider_call_id=provider_id,
            phone=_customer(tenant, call) or "",
            direction=facts.direction or Direction.OUTBOUND,
            answered=facts.disposition is Disposition.ANSWERED,
            result_id=request.result_id,
            child_result_id=request.child_result_id,
            note=request.note,
            extension=facts.text("extension"),
            line=facts.text("line"),
            started_at=facts.started_at,
            ring_seconds=facts.seconds.get("ring_seconds"),
            talk_seconds=facts.seconds.get("talk_seconds"),
        )
    )
    said = CallEvent(
        call_id=call.call_id,
        provider=call.provider,
        state=CallState.REQUESTED,
        outcome=name,
        note=request.note or "",
        said_at=tenant.clock(),
    )
    tenant.event_queue.send(said)
    return Saved(call_id=call.call_id, outcome=name, note=request.note)


def _named(tree: list[Outcome], request: OutcomeRequest) -> str:
    chosen = next((outcome for outcome in tree if outcome.id == request.result_id), None)
    if chosen is None:
        raise InvalidRequest([FieldError("result_id", say("is not one of the results of GET /call-outcomes"))])
    if request.child_result_id is None:
        return chosen.name
    child = next((below for below in _all_below(chosen) if below.id == request.child_result_id), None)
    if child is None:
        raise InvalidRequest(
            [FieldError("child_result_id", say("is not one of the results below {result}", result=chosen.name))]
        )
    return f"{chosen.name}: {child.name}"


def _all_below(outcome: Outcome) -> list[Outcome]:
    return [each for child in outcome.children for each in (child, *_all_below(child))]


def _customer(tenant: Tenant, call: Entry) -> str | None:
    return to_e164(call.facts.counterpart or "", tenant.settings.country)


def _source(tenant: Tenant) -> CallOutcomes:
    source: CallOutcomes = tenant.provider(tenant.default_for(Ability.OUTCOMES), Ability.OUTCOMES)
    return source
