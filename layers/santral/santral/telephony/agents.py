"""Call-center agents: logging in and out, breaks, and who can be reached at which extension."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from santral.errors import FieldError, InvalidRequest, NotAllowed
from santral.input import Input
from santral.providers.ports import AgentSessions, Break, Breaks, Extension, ExtensionList
from santral.providers.registry import Ability
from santral.sentences import say
from santral.tenant import Tenant

AGENT_PATTERN = r"^[0-9]{1,10}$"
_STATES_KEPT_SECONDS = 60
_EXTENSIONS = TypeAdapter(list[Extension])


class AgentRequest(Input):
    """An agent by number, or `me` for the acting user's own."""

    agent: str = Field(pattern=r"^(me|[0-9]{1,10})$")
    provider: str | None = None


class BreakRequest(AgentRequest):
    break_id: str = Field(min_length=1, max_length=16, pattern=r"^[0-9]+$")


class ProviderRequest(Input):
    """The provider to ask; the tenant's default one for this when left out."""

    provider: str | None = None


class AgentState(BaseModel):
    """What an agent has become: available, break or offline."""

    model_config = ConfigDict(frozen=True)

    agent: str
    state: str


class BreakList(BaseModel):
    model_config = ConfigDict(frozen=True)

    breaks: list[Break]


class BreakOver(BaseModel):
    model_config = ConfigDict(frozen=True)

    started_at: datetime | None
    ended_at: datetime | None
    seconds: int | None


class Extensions(BaseModel):
    model_config = ConfigDict(frozen=True)

    extensions: list[Extension]


def log_in(tenant: Tenant, request: AgentRequest, *, user: str | None, role: str) -> AgentState:
    """Let an agent take calls. Raises what `agent_number` and the provider raise."""
    agent = agent_number(tenant, request.agent, user=user, role=role)
    _sessions(tenant, request).log_in(agent)
    return AgentState(agent=agent, state="available")


def log_out(tenant: Tenant, request: AgentRequest, *, user: str | None, role: str) -> AgentState:
    """Let an agent take no more calls. Raises what `agent_number` and the provider raise."""
    agent = agent_number(tenant, request.agent, user=user, role=role)
    _sessions(tenant, request).log_out(agent)
    return AgentState(agent=agent, state="offline")


def list_breaks(tenant: Tenant, request: ProviderRequest) -> BreakList:
    """Return the kinds of break there are."""
    return BreakList(breaks=_breaks(tenant, request.provider).breaks())


def start_break(tenant: Tenant, request: BreakRequest, *, user: str | None, role: str) -> AgentState:
    """Send an agent on a break. Raises what `agent_number` and the provider raise."""
    agent = agent_number(tenant, request.agent, user=user, role=role)
    _breaks(tenant, request.provider).start_break(agent, request.break_id)
    return AgentState(agent=agent, state="break")


def end_break(tenant: Tenant, request: AgentRequest, *, user: str | None, role: str) -> BreakOver:
    """Bring an agent back. Raises what `agent_number` and the provider raise."""
    agent = agent_number(tenant, request.agent, user=user, role=role)
    over = _breaks(tenant, request.provider).end_break(agent)
    return BreakOver(started_at=over.started_at, ended_at=over.ended_at, seconds=over.seconds)


def list_extensions(tenant: Tenant, request: ProviderRequest) -> Extensions:
    """Return all extensions with their states, at most a minute old: providers allow few such requests."""
    name = request.provider or tenant.default_for(Ability.EXTENSIONS)
    source: ExtensionList = tenant.provider(name, Ability.EXTENSIONS)

    def read() -> Any:
        return _EXTENSIONS.dump_python(source.extensions(), mode="json")

    kept = tenant.snapshots.get(f"extensions {name}", max_age_seconds=_STATES_KEPT_SECONDS, read=read)
    return Extensions(extensions=_EXTENSIONS.validate_python(kept))


def agent_number(tenant: Tenant, agent: str, *, user: str | None, role: str) -> str:
    """Return the agent's number. An agent may only name themselves, an administrator everybody.

    Raises:
        InvalidRequest: `me` without an acting user who has an agent number.
        NotAllowed: An agent named somebody else.
    """
    known = tenant.directory.user(user) if user else None
    own = known.agent_number if known else None
    if agent == "me":
        if own is None:
            raise InvalidRequest([FieldError("agent", say("no agent number is known for the acting user; name it"))])
        return own
    if role != "admin" and agent != own:
        raise NotAllowed("an agent named another", sentence=say("Only an administrator may do this for another agent."))
    return agent


def _sessions(tenant: Tenant, request: AgentRequest) -> AgentSessions:
    name = request.provider or tenant.default_for(Ability.AGENT_SESSIONS)
    sessions: AgentSessions = tenant.provider(name, Ability.AGENT_SESSIONS)
    return sessions


def _breaks(tenant: Tenant, provider: str | None) -> Breaks:
    breaks: Breaks = tenant.provider(provider or tenant.default_for(Ability.BREAKS), Ability.BREAKS)
    return breaks
