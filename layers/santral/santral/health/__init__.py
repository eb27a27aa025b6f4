"""The tenant's health: one sentence and one fix per part, each from a real read.

GET /status looks at what the status function may see; `python -m operations doctor` looks at the same, and at more.
"""

from collections.abc import Iterator
from functools import partial

from pydantic import BaseModel, ConfigDict

from santral import __version__
from santral.crm.call_log import check as check_crm
from santral.health import crm, layouts, pipeline, providers
from santral.health.findings import Check, Finding, Look, checks
from santral.providers.registry import PROVIDERS, Ability
from santral.sentences import Language
from santral.tenant import Tenant


class Status(BaseModel):
    """How the tenant is, part by part. `version` is that of the code which looked."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    ok: bool
    version: str
    checks: list[Check]


def status(tenant: Tenant, language: Language) -> Status:
    """Look at every configured system once, and tell about it in a language."""
    return summed_up(list(checks(looks(tenant), language)))


def summed_up(found: list[Check]) -> Status:
    """Return what all checks together say."""
    return Status(ok=all(check.ok for check in found), version=__version__, checks=found)


def looks(tenant: Tenant) -> list[Look]:
    """Return what there is to look at, in the order in which one rests on another."""
    return list(_looks(tenant))


def _looks(tenant: Tenant) -> Iterator[Look]:
    known = tenant.settings
    for name in known.providers:
        yield Look(name, partial(providers.connection, tenant, name), system=name)
    for name in known.providers:
        if Ability.HISTORY in PROVIDERS[name].abilities:
            yield Look(f"reconcile {name}", partial(providers.reconciling, tenant, name))
    yield Look("zoho", lambda: Finding(check_crm(tenant)), system="zoho")
    yield Look("zoho scopes", partial(crm.scopes, tenant), needs="zoho", system="zoho")
    yield Look("zoho field", partial(crm.call_id_field, tenant), needs="zoho", system="zoho")
    yield Look("zoho records", partial(layouts.accepted, tenant), needs="zoho", system="zoho")
    yield Look("zoho search", partial(crm.search_lag, tenant), needs="zoho scopes", system="zoho")
    # Zoho has told its time by then.
    yield Look("clock", partial(pipeline.clock, tenant), system="zoho")
    yield Look("events", partial(pipeline.queue, known.events_queue_url))
    yield Look("recordings", partial(pipeline.queue, known.recordings_queue_url))
    yield Look("events dead letters", partial(pipeline.dead_letters, known.events_dlq_url))
    yield Look("recordings dead letters", partial(pipeline.dead_letters, known.recordings_dlq_url))
    yield Look("backlog", partial(pipeline.backlog, tenant))
    yield Look("logging", partial(pipeline.logging, tenant))
    yield Look("last event", partial(pipeline.last_event, tenant))
