"""The tenant's providers: whether they let us in, and whether their call records and ours agree."""

from datetime import timedelta

from santral.calls import iso
from santral.health.findings import Finding, failed, warning
from santral.providers.ports import Checked
from santral.providers.registry import PROVIDERS, Ability
from santral.sentences import say
from santral.store.cursors import Figures
from santral.telephony.reconcile import local_day
from santral.tenant import Tenant

_LONGEST_SILENCE = timedelta(minutes=20)
_LONGEST_MISSING = timedelta(minutes=30)


def connection(tenant: Tenant, name: str) -> Finding:
    """Read the smallest thing a provider has, with our credentials."""
    ability = next(iter(PROVIDERS[name].abilities), Ability.DIAL)
    provider: Checked = tenant.provider(name, ability)
    provider.check()
    if not provider.encrypted:
        return warning(
            say("{provider} answers and accepts our credentials, over plain http: any network between reads them.",
                provider=name),
            fix=say("Have the PBX serve https, or reach it through a tunnel, and take allow_http out of its secret."),
        )  # fmt: skip
    return Finding(say("{provider} answers and accepts our credentials.", provider=name))


def reconciling(tenant: Tenant, name: str) -> Finding:
    """Tell what comparing a provider's call records with ours has found today."""
    cursor, now = tenant.cursors.get(name), tenant.clock()
    if cursor.read_at is None:
        return Finding(say("{provider}'s call records have not been compared yet.", provider=name))
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
    if now - cursor.read_at > _LONGEST_SILENCE:
        return failed(
            say(
                "{provider}'s call records were last read at {moment}. {figures}",
                provider=name,
                moment=iso(cursor.read_at),
                figures=sentence,
            ),
            fix=say(
                "See whether {provider} answers, and the log of reconcile_calls for why it stopped.", provider=name
            ),
        )
    if cursor.missing_since and now - cursor.missing_since > _LONGEST_MISSING:
        return failed(
            say(
                "Calls have been missing since {moment}. {figures}", moment=iso(cursor.missing_since), figures=sentence
            ),
            fix=say(
                "Check that {provider} posts its webhooks to this API, "
                "and the log of record_event for what it refuses.",
                provider=name,
            ),
        )
    return Finding(sentence)
