"""The tenant's health: one sentence and one fix per part, each from a real read."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from pydantic import BaseModel, ConfigDict

from santral import __version__
from santral.calls import iso
from santral.crm.call_log import check as check_crm
from santral.errors import CredentialsRefused, NotConfigured, SantralError, Unanswered, Unreachable
from santral.providers.registry import PROVIDERS, Ability
from santral.store.cursors import Figures
from santral.store.queue import depth
from santral.telephony.reconcile import local_day
from santral.tenant import Tenant

_LONGEST_SILENCE = timedelta(minutes=20)
_LONGEST_MISSING = timedelta(minutes=30)


class Check(BaseModel):
    """One part: whether it works, in a sentence, and what to do when it does not."""

    model_config = ConfigDict(frozen=True)

    name: str
    ok: bool
    sentence: str
    fix: str | None = None


class Status(BaseModel):
    model_config = ConfigDict(frozen=True)

    ok: bool
    version: str
    checks: list[Check]


def status(tenant: Tenant) -> Status:
    """Look at every configured system once."""
    checks = list(_checks(tenant))
    return Status(ok=all(check.ok for check in checks), version=__version__, checks=checks)


def _checks(tenant: Tenant) -> Iterator[Check]:
    for name in tenant.settings.providers:
        yield _checked(name, partial(_provider, tenant, name))
    for name in tenant.settings.providers:
        if Ability.HISTORY in PROVIDERS[name].abilities:
            yield _reconciling(tenant, name)
    yield _checked("zoho", partial(check_crm, tenant))
    known = tenant.settings
    yield _queue("events", known.events_queue_url)
    yield _queue("recordings", known.recordings_queue_url)
    yield _dead_letters("events dead letters", known.events_dlq_url)
    yield _dead_letters("recordings dead letters", known.recordings_dlq_url)
    yield _last_event(tenant)


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, sentence=look())
    except SantralError as error:
        return Check(name=name, ok=False, sentence=error.sentence, fix=_fix(name, error))


def _fix(name: str, error: SantralError) -> str:
    if isinstance(error, NotConfigured | CredentialsRefused):
        return f"Check the keys in the secret {name}; docs/secrets.md lists them. A change counts within five minutes."
    if isinstance(error, Unreachable | Unanswered):
        return f"Check the address in the secret {name} and whether {name} has trouble of its own; then look again."
    return f"Look for {error.code} in the log of this function at the time of this request."


def _provider(tenant: Tenant, name: str) -> str:
    ability = next(iter(PROVIDERS[name].abilities), Ability.DIAL)
    tenant.provider(name, ability).check()
    return f"{name} answers and accepts our credentials."


def _reconciling(tenant: Tenant, name: str) -> Check:
    cursor, now = tenant.cursors.get(name), tenant.clock()
    if cursor.read_at is None:
        return Check(name=f"reconcile {name}", ok=True, sentence=f"{name}'s call records have not been compared yet.")
    today = cursor.today if cursor.day == local_day(tenant) else Figures()
    sentence = (
        f"Today {today.checked} comparisons with {name}'s call records: {today.missing} calls missing here "
        f"({today.late} late), {today.different} different, {today.doubled} doubled."
    )
    fix = None
    if now - cursor.read_at > _LONGEST_SILENCE:
        sentence = f"{name}'s call records were last read at {iso(cursor.read_at)}. {sentence}"
        fix = f"See whether {name} answers, and the log of reconcile_calls for why it stopped."
    elif cursor.missing_since and now - cursor.missing_since > _LONGEST_MISSING:
        sentence = f"Calls have been missing since {iso(cursor.missing_since)}. {sentence}"
        fix = f"Check that {name} posts its webhooks to this API, and the log of record_event for what it refuses."
    return Check(name=f"reconcile {name}", ok=fix is None, sentence=sentence, fix=fix)


def _queue(name: str, url: str) -> Check:
    return Check(name=name, ok=True, sentence=f"{depth(url)} messages are waiting.")


def _dead_letters(name: str, url: str) -> Check:
    waiting = depth(url)
    fix = "Find their reason in the log, mend it, then run `python -m operations redrive`." if waiting else None
    return Check(name=name, ok=waiting == 0, sentence=f"{waiting} messages were given up.", fix=fix)


def _last_event(tenant: Tenant) -> Check:
    now = tenant.clock()
    for days_ago in (0, 1):
        since = now - timedelta(days=days_ago + 1)
        day = iso(now - timedelta(days=days_ago))[:10]
        page = tenant.calls.on_day(day, since=iso(since), until=iso(now), newest_first=True, limit=1, start=None)
        if page.entries and page.entries[0].facts.started_at:
            return Check(
                name="last event",
                ok=True,
                sentence=f"The latest call started at {iso(page.entries[0].facts.started_at)}.",
            )
    return Check(name="last event", ok=True, sentence="No call has started within the last day.")
