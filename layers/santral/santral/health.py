"""The tenant's health: one sentence and one fix per part, each from a real read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from pydantic import BaseModel, ConfigDict

from santral import __version__
from santral.calls import iso
from santral.crm.call_log import check as check_crm
from santral.errors import CredentialsRefused, NotConfigured, SantralError, Unanswered, Unreachable
from santral.providers.registry import PROVIDERS, Ability
from santral.sentences import Language, Sentence, say, told
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


@dataclass(frozen=True)
class Finding:
    """A check before it is told in somebody's language."""

    name: str
    ok: bool
    sentence: Sentence
    fix: Sentence | None = None

    def in_language(self, language: Language) -> Check:
        """Return it as it is told."""
        return Check(name=self.name, ok=self.ok, sentence=told(self.sentence, language), fix=told(self.fix, language))


def status(tenant: Tenant, language: Language) -> Status:
    """Look at every configured system once, and tell about it in a language."""
    checks = [finding.in_language(language) for finding in _findings(tenant)]
    return Status(ok=all(check.ok for check in checks), version=__version__, checks=checks)


def _findings(tenant: Tenant) -> Iterator[Finding]:
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


def _checked(name: str, look: Callable[[], Sentence]) -> Finding:
    try:
        return Finding(name, ok=True, sentence=look())
    except SantralError as error:
        return Finding(name, ok=False, sentence=error.sentence, fix=_fix(name, error))


def _fix(name: str, error: SantralError) -> Sentence:
    if isinstance(error, NotConfigured | CredentialsRefused):
        return say(
            "Check the keys in the secret {name}; docs/secrets.md lists them. A change counts within five minutes.",
            name=name,
        )
    if isinstance(error, Unreachable | Unanswered):
        return say(
            "Check the address in the secret {name} and whether {name} has trouble of its own; then look again.",
            name=name,
        )
    return say("Look for {code} in the log of this function at the time of this request.", code=error.code)


def _provider(tenant: Tenant, name: str) -> Sentence:
    ability = next(iter(PROVIDERS[name].abilities), Ability.DIAL)
    tenant.provider(name, ability).check()
    return say("{provider} answers and accepts our credentials.", provider=name)


def _reconciling(tenant: Tenant, name: str) -> Finding:
    cursor, now = tenant.cursors.get(name), tenant.clock()
    if cursor.read_at is None:
        never = say("{provider}'s call records have not been compared yet.", provider=name)
        return Finding(f"reconcile {name}", ok=True, sentence=never)
    today = cursor.today if cursor.day == local_day(tenant) else Figures()
    sentence = say(
        "Today {checked} comparisons with {provider}'s call records: {missing} calls missing here "
        "({late} late), {different} different, {doubled} doubled.",
        provider=name,
        checked=today.checked,
        missing=today.missing,
        late=today.late,
        different=today.different,
        doubled=today.doubled,
    )
    fix = None
    if now - cursor.read_at > _LONGEST_SILENCE:
        sentence = say(
            "{provider}'s call records were last read at {moment}. {figures}",
            provider=name,
            moment=iso(cursor.read_at),
            figures=sentence,
        )
        fix = say("See whether {provider} answers, and the log of reconcile_calls for why it stopped.", provider=name)
    elif cursor.missing_since and now - cursor.missing_since > _LONGEST_MISSING:
        sentence = say(
            "Calls have been missing since {moment}. {figures}", moment=iso(cursor.missing_since), figures=sentence
        )
        fix = say(
            "Check that {provider} posts its webhooks to this API, and the log of record_event for what it refuses.",
            provider=name,
        )
    return Finding(f"reconcile {name}", ok=fix is None, sentence=sentence, fix=fix)


def _queue(name: str, url: str) -> Finding:
    return Finding(name, ok=True, sentence=say("{count} messages are waiting.", count=depth(url)))


def _dead_letters(name: str, url: str) -> Finding:
    waiting = depth(url)
    fix = say("Find their reason in the log, mend it, then run `python -m operations redrive`.") if waiting else None
    return Finding(name, ok=waiting == 0, sentence=say("{count} messages were given up.", count=waiting), fix=fix)


def _last_event(tenant: Tenant) -> Finding:
    now = tenant.clock()
    for days_ago in (0, 1):
        since = now - timedelta(days=days_ago + 1)
        day = iso(now - timedelta(days=days_ago))[:10]
        page = tenant.calls.on_day(day, since=iso(since), until=iso(now), newest_first=True, limit=1, start=None)
        if page.entries and page.entries[0].facts.started_at:
            latest = say("The latest call started at {moment}.", moment=iso(page.entries[0].facts.started_at))
            return Finding("last event", ok=True, sentence=latest)
    return Finding("last event", ok=True, sentence=say("No call has started within the last day."))
