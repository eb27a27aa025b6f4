"""Queues of a call center: which there are, who answers in them, who waits."""

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from santral.errors import Busy, FieldError, InvalidRequest
from santral.input import Input
from santral.providers.ports import (
    Queue,
    QueueAgent,
    QueueEditing,
    QueueList,
    QueueMemberEditing,
    QueueMemberReplacing,
    QueueMembers,
    WaitingCall,
    WaitingCalls,
)
from santral.providers.registry import Ability, can
from santral.sentences import say
from santral.tenant import Tenant

_NUMBER = r"^[0-9]{1,10}$"
_LOCK_SECONDS = 15


class QueueRequest(Input):
    """A queue by its number; the tenant's default provider for this when none is named."""

    queue: str = Field(pattern=_NUMBER)
    provider: str | None = None


class NewQueueRequest(QueueRequest):
    """A queue to be created. The password goes to the PBX and is kept nowhere."""

    name: str = Field(min_length=1, max_length=64)
    password: SecretStr = Field(min_length=1, max_length=64)
    agents: tuple[str, ...] = Field(default=(), max_length=200)


class QueueAgentsRequest(QueueRequest):
    agents: tuple[str, ...] = Field(min_length=1, max_length=200)


class QueueAgentRequest(QueueRequest):
    agent: str = Field(pattern=_NUMBER)


class Queues(BaseModel):
    model_config = ConfigDict(frozen=True)

    queues: list[Queue]


class NewQueue(BaseModel):
    model_config = ConfigDict(frozen=True)

    queue: str
    name: str


class QueueAgents(BaseModel):
    model_config = ConfigDict(frozen=True)

    agents: list[QueueAgent]


class WaitingList(BaseModel):
    model_config = ConfigDict(frozen=True)

    waiting: list[WaitingCall]


def list_queues(tenant: Tenant, provider: str | None) -> Queues:
    """Return all queues."""
    source: QueueList = tenant.provider(provider or tenant.default_for(Ability.QUEUES), Ability.QUEUES)
    return Queues(queues=source.queues())


def create_queue(tenant: Tenant, request: NewQueueRequest) -> NewQueue:
    """Create a queue. Call it at most once."""
    _refuse_wrong_numbers(request.agents)
    queue = Queue(request.queue, request.name)
    _editing(tenant, request).create_queue(queue, password=request.password, agents=request.agents)
    return NewQueue(queue=request.queue, name=request.name)


def delete_queue(tenant: Tenant, request: QueueRequest) -> None:
    """Delete a queue."""
    _editing(tenant, request).delete_queue(request.queue)


def list_agents(tenant: Tenant, request: QueueRequest) -> QueueAgents:
    """Return who answers in a queue, in their order."""
    return QueueAgents(agents=_members(tenant, _provider_of_members(tenant, request)).queue_agents(request.queue))


def add_agents(tenant: Tenant, request: QueueAgentsRequest) -> QueueAgents:
    """Let more agents answer in a queue; who does already stays where they are.

    Raises:
        InvalidRequest: One of them is no number.
        Busy: The queue's members are just being changed by somebody else.
        OutsideFailure: The provider did not do it.
    """
    _refuse_wrong_numbers(request.agents)
    name = _provider_of_members(tenant, request)
    if can(name, Ability.QUEUE_MEMBER_EDITING):
        editing: QueueMemberEditing = tenant.provider(name, Ability.QUEUE_MEMBER_EDITING)
        editing.add_queue_agents(request.queue, request.agents)
        return QueueAgents(agents=_members(tenant, name).queue_agents(request.queue))
    return _replaced(
        tenant, name, request.queue, lambda known: [*known, *(new for new in request.agents if new not in known)]
    )


def remove_agent(tenant: Tenant, request: QueueAgentRequest) -> None:
    """Let an agent no longer answer in a queue; one who did not is no error. Raises as `add_agents` does."""
    name = _provider_of_members(tenant, request)
    if can(name, Ability.QUEUE_MEMBER_EDITING):
        editing: QueueMemberEditing = tenant.provider(name, Ability.QUEUE_MEMBER_EDITING)
        editing.remove_queue_agents(request.queue, [request.agent])
        return
    _replaced(tenant, name, request.queue, lambda known: [agent for agent in known if agent != request.agent])


def list_waiting(tenant: Tenant, request: QueueRequest) -> WaitingList:
    """Return who waits in a queue now, in the order of coming."""
    name = request.provider or tenant.default_for(Ability.WAITING_CALLS)
    source: WaitingCalls = tenant.provider(name, Ability.WAITING_CALLS)
    return WaitingList(waiting=[call for call in source.waiting_calls() if call.queue == request.queue])


def _replaced(
    tenant: Tenant, provider: str, queue: str, change: Callable[[Sequence[str]], Sequence[str]]
) -> QueueAgents:
    """Write a queue's whole member list anew. Two who do so at once would undo each other, hence the lock."""
    replacing: QueueMemberReplacing = tenant.provider(provider, Ability.QUEUE_MEMBER_REPLACING)
    lock = f"queue {provider} {queue}"
    if not tenant.leases.take(lock, _LOCK_SECONDS):
        raise Busy(
            "members are being changed",
            system=provider,
            sentence=say("Somebody is changing this queue right now. Please try again in a moment."),
            retry_after=2,
        )
    try:
        known = _members(tenant, provider).queue_agents(queue)
        wanted = change([member.agent for member in known])
        if wanted != [member.agent for member in known]:
            replacing.replace_queue_agents(queue, wanted)
    finally:
        tenant.leases.give_back(lock)
    names = {member.agent: member.name for member in known}
    return QueueAgents(agents=[QueueAgent(agent, names.get(agent)) for agent in wanted])


def _refuse_wrong_numbers(agents: Sequence[str]) -> None:
    wrong = [place for place, agent in enumerate(agents) if not (agent.isdecimal() and agent.isascii())]
    if wrong:
        raise InvalidRequest(
            [FieldError(f"agents.{place}", say("has to be a number of digits only")) for place in wrong]
        )


def _editing(tenant: Tenant, request: QueueRequest) -> QueueEditing:
    name = request.provider or tenant.default_for(Ability.QUEUE_EDITING)
    editing: QueueEditing = tenant.provider(name, Ability.QUEUE_EDITING)
    return editing


def _provider_of_members(tenant: Tenant, request: QueueRequest) -> str:
    return request.provider or tenant.default_for(Ability.QUEUE_MEMBERS)


def _members(tenant: Tenant, provider: str) -> QueueMembers:
    members: QueueMembers = tenant.provider(provider, Ability.QUEUE_MEMBERS)
    return members
