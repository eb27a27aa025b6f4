"""The way of an event into the CRM: the queues, what is owed, the last call, and the clock all of it goes by."""

from datetime import timedelta

from santral.calls import iso
from santral.health.findings import Finding, failed, warning
from santral.sentences import say
from santral.store.queue import depth, time_told
from santral.tenant import Tenant

# What a stack does within minutes even on its busiest morning; more than this grows.
_DEEP_QUEUE = 1000
_LONGEST_WAIT = timedelta(minutes=15)
_SILENT_DAYS = 3
_DAYS_LOOKED_AT = 8
# AWS refuses what is signed five minutes off; before that, seconds decide which of two events came first.
_CLOCK_DIFFERS = timedelta(seconds=30)
_CLOCK_WRONG = timedelta(minutes=4)


def queue(url: str) -> Finding:
    """Tell how many messages wait in a queue."""
    waiting = depth(url)
    sentence = say("{count} messages are waiting.", count=waiting)
    if waiting < _DEEP_QUEUE:
        return Finding(sentence)
    return warning(
        sentence,
        fix=say("The function behind it falls behind: look at its errors, and at the account's concurrency limit."),
    )


def dead_letters(url: str) -> Finding:
    """Tell how many messages were given up."""
    waiting = depth(url)
    sentence = say("{count} messages were given up.", count=waiting)
    if not waiting:
        return Finding(sentence)
    return failed(sentence, fix=say("Find their reason in the log, mend it, then run `python -m operations redrive`."))


def backlog(tenant: Tenant) -> Finding:
    """Tell for how many calls something is owed, and how long the CRM has waited for the oldest."""
    owed = tenant.calls.backlog()
    if owed.waiting_since is None:
        return Finding(say("Nothing is owed to the CRM; {count} calls wait for their recording.", count=owed.calls))
    waited = tenant.clock() - tenant.clock().fromtimestamp(owed.waiting_since, tenant.clock().tzinfo)
    sentence = say(
        "The CRM is owed something for {count} calls; the oldest has waited for {minutes} minutes.",
        count=owed.calls,
        minutes=max(0, int(waited.total_seconds() // 60)),
    )
    if waited <= _LONGEST_WAIT:
        return Finding(sentence)
    return failed(
        sentence,
        fix=say("See what is said here of zoho, and the log of retry_pending. What is owed is done by itself then."),
    )


def logging(tenant: Tenant) -> Finding:
    """Tell since when calls are logged in the CRM; a company that was never connected logs none."""
    first = tenant.settings.log_calls_from
    if first is None:
        return Finding(say("Calls are logged in the CRM, whenever they were."))
    if first.tzinfo is None:
        first = first.replace(tzinfo=tenant.settings.time_zone)
    if first <= tenant.clock():
        return Finding(say("Calls are logged in the CRM that started since {moment}.", moment=iso(first)))
    return failed(
        say("No call is logged in the CRM yet: only those that start after {moment}.", moment=iso(first)),
        fix=say("When all else is well: python -m operations connect {tenant}", tenant=tenant.settings.tenant),
    )


def last_event(tenant: Tenant) -> Finding:
    """Tell when the latest call started. Calls that came all the week and then no more are suspicious."""
    now = tenant.clock()
    for days_ago in range(_DAYS_LOOKED_AT):
        since = now - timedelta(days=days_ago + 1)
        day = iso(now - timedelta(days=days_ago))[:10]
        page = tenant.calls.on_day(day, since=iso(since), until=iso(now), newest_first=True, limit=1, start=None)
        if page.entries:
            return _latest(tenant, days_ago, iso(page.entries[0].listed_at))
    return Finding(say("No call has started within the last week."))


def _latest(tenant: Tenant, days_ago: int, moment: str) -> Finding:
    sentence = say("The latest call started at {moment}.", moment=moment)
    if days_ago < _SILENT_DAYS:
        return Finding(sentence)
    return warning(
        sentence,
        fix=say(
            "If there were calls since then, check that the webhooks of {providers} lead to this API.",
            providers=", ".join(tenant.settings.providers),
        ),
    )


def clock(tenant: Tenant) -> Finding:
    """Tell how far our clock is from AWS's, and from Zoho's where Zoho has been asked."""
    aws = time_told(tenant.settings.events_queue_url)
    off = {"AWS": tenant.clock() - aws} if aws else {}
    if tenant.zoho.clock_ahead is not None:
        off["Zoho"] = tenant.zoho.clock_ahead
    if not off:
        return warning(say("Neither AWS nor Zoho tells what time it is."))
    whose, worst = max(off.items(), key=lambda each: abs(each[1]))
    seconds = round(worst.total_seconds())
    if abs(worst) < _CLOCK_DIFFERS:
        return Finding(say("Our clock agrees with that of {systems}.", systems=", ".join(off)))
    sentence = say("Our clock is {seconds} seconds ahead of {system}'s.", seconds=seconds, system=whose)
    if seconds < 0:
        sentence = say("Our clock is {seconds} seconds behind {system}'s.", seconds=-seconds, system=whose)
    fix = say("Let the machine this runs on keep its time by NTP; requests signed five minutes off are refused.")
    return (failed if abs(worst) > _CLOCK_WRONG else warning)(sentence, fix=fix)
