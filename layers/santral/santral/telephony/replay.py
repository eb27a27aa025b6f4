"""Replaying a period: everything a provider's own records tell of it is told again, whatever we know already."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from santral.calls import CallEvent
from santral.errors import UnknownCall
from santral.providers.ports import CallHistory, HistoryBudget
from santral.providers.registry import PROVIDERS, Ability
from santral.telephony.erasure import erased
from santral.tenant import Tenant

# Offsets into a long period cost a provider's database more with every page.
_WINDOW = timedelta(days=1)
_BUDGET_SECONDS = 300


class Pace:
    """Keeps to a provider's budget of requests in five minutes, by waiting when it is spent."""

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._asked: deque[float] = deque()

    def keep(self, budget: HistoryBudget) -> None:
        """Return when one more request is within the budget, and count it."""
        if len(self._asked) >= budget.requests:
            self._sleep(max(0.0, self._asked.popleft() + _BUDGET_SECONDS - self._monotonic()))
        self._asked.append(self._monotonic())


def replayable(tenant: Tenant) -> list[str]:
    """Return the tenant's providers that have call records."""
    return [
        name for name in tenant.settings.providers if name in PROVIDERS and Ability.HISTORY in PROVIDERS[name].abilities
    ]


def windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut a period into pieces of a day, oldest first. A call on a border is in both, which does no harm."""
    while since < until:
        end = min(since + _WINDOW, until)
        yield since, end
        since = end


def recorded(tenant: Tenant, provider: str, since: datetime, until: datetime, pace: Pace) -> Iterator[CallEvent]:
    """Yield what a provider's records tell of the calls that started in a period, ready to be told again.

    Raises:
        NotConfigured: The provider is not set up.
        OutsideFailure: It did not answer.
    """
    source: CallHistory = tenant.provider(provider, Ability.HISTORY)
    rows = source.history_budget.rows
    offset = 0
    while True:
        pace.keep(source.history_budget)
        page = source.history(since=since, until=until, offset=offset, limit=rows)
        for event in page.events:
            yield event.model_copy(update={"replayed": True})
        if page.rows < rows:
            return
        offset += rows


def standing(tenant: Tenant, event: CallEvent) -> str:
    """Return where a call stands before it is replayed, in words for the integrator."""
    if erased(tenant, event):
        return "erased"
    try:
        entry = tenant.calls.get(event.call_id)
    except UnknownCall:
        return "unknown to us"
    if entry.erased_at:
        return "erased"
    return "in the CRM" if entry.crm_call_id else "known, not in the CRM"
