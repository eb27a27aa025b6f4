"""Zoho CRM: what our authorisation reaches, what keeps calls from being logged twice, how far its search is behind."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from santral.crm.call_log import OnceRule
from santral.crm.call_record import CALL_ID_FIELD
from santral.crm.waiting import INDEX_LAG_SECONDS
from santral.health.findings import Finding, failed, warning
from santral.providers.registry import Ability, can
from santral.sentences import say
from santral.tenant import Tenant
from santral.zoho.client import RecordRefused, ScopeMissing
from santral.zoho.records import first_page
from santral.zoho.search import any_of, select, within

_CALLS = "Calls"
_MODULES = {
    "Calls": "ZohoCRM.modules.calls.ALL",
    "Contacts": "ZohoCRM.modules.contacts.READ",
    "Leads": "ZohoCRM.modules.leads.ALL",
    "Accounts": "ZohoCRM.modules.accounts.READ",
}
_TASKS = {"Tasks": "ZohoCRM.modules.tasks.ALL"}
_NOTES = {"Notes": "ZohoCRM.modules.notes.ALL"}
_COQL = "ZohoCRM.coql.READ"
_SEARCH = "ZohoSearch.securesearch.READ"


def scopes(tenant: Tenant) -> Finding:
    """Read a record of each module and in each way we need, and name the scopes for which Zoho refuses it.

    Reading cannot tell whether writing is allowed as well.
    """
    missing = [scope for scope, reached in reach(tenant).items() if not reached]
    if not missing:
        return Finding(say("Our authorisation in Zoho CRM reads all that we need; what it may write shows on writing."))
    return failed(
        say("Our authorisation in Zoho CRM does not reach: {scopes}.", scopes=", ".join(missing)),
        fix=say("Connect Zoho again with all scopes of docs/secrets.md, by a user whose profile sees these modules."),
    )


def reach(tenant: Tenant) -> dict[str, bool]:
    """Return, by scope, whether Zoho lets us read what we need it for."""
    return {scope: not _refused(ask) for scope, ask in _questions(tenant).items()}


def call_id_field(tenant: Tenant) -> Finding:
    """Tell whether the field stands in Calls that lets Zoho itself refuse a second record of a call."""
    layout = tenant.zoho.layout(_CALLS)
    if layout.assumed:
        return warning(
            say("The fields of Calls may not be read, so they are taken for the usual ones."),
            fix=say("Connect Zoho again with the scope ZohoCRM.settings.fields.READ."),
        )
    rule = OnceRule.of(layout)
    if rule is OnceRule.UNIQUE_FIELD:
        return Finding(say("Zoho CRM itself refuses a second record of a call, by {field}.", field=CALL_ID_FIELD))
    fix = say("Let {field} in the module Calls refuse duplicate values.", field=CALL_ID_FIELD)
    if rule is OnceRule.MARKER_LOOKED_UP:
        fix = say(
            "Run `python -m operations zoho setup`, or add a single-line field {field} without duplicate values to the "
            "module Calls by hand.",
            field=CALL_ID_FIELD,
        )
    return warning(rule.value, fix=fix)


def search_lag(tenant: Tenant) -> Finding:
    """Tell whether Zoho's search finds the newest call that Zoho itself knows; nothing is written to try it."""
    newest = _newest_call(tenant)
    if newest is None:
        return Finding(
            say(
                "How far Zoho's search is behind cannot be measured before the first call; {seconds} s are assumed.",
                seconds=INDEX_LAG_SECONDS,
            )
        )
    age = max(0, int((tenant.clock() - datetime.fromisoformat(newest["Created_Time"])).total_seconds()))
    if within(tenant.zoho, _CALLS, any_of([CALL_ID_FIELD], [[newest[CALL_ID_FIELD]]])):
        return Finding(say("Zoho's search finds the newest call, which was logged {seconds} s ago.", seconds=age))
    if age <= INDEX_LAG_SECONDS:
        return Finding(
            say(
                "Zoho's search does not find the call yet that was logged {seconds} s ago; {assumed} s are assumed.",
                seconds=age,
                assumed=INDEX_LAG_SECONDS,
            )
        )
    return warning(
        say("Zoho's search does not find the newest call, though it was logged {seconds} s ago.", seconds=age),
        fix=say(
            "Zoho's index is behind. Callers added to the CRM since then are not matched yet: look again in an hour, "
            "and ask Zoho's support if it stays so."
        ),
    )


def _questions(tenant: Tenant) -> dict[str, Callable[[], object]]:
    modules = dict(_MODULES)
    if tenant.settings.missed_call_task:
        modules |= _TASKS
    if any(can(name, Ability.SEND) for name in tenant.settings.providers):
        modules |= _NOTES
    zoho = tenant.zoho
    asked: dict[str, Callable[[], object]] = {
        scope: partial(first_page, zoho, module, rows=1) for module, scope in modules.items()
    }
    asked[_COQL] = partial(select, zoho, _CALLS, "id", where="id is not null", limit=1)
    asked[_SEARCH] = partial(within, zoho, "Contacts", "(Last_Name:equals:-)")
    return asked


def _refused(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (ScopeMissing, RecordRefused):
        return True
    return False


def _newest_call(tenant: Tenant) -> dict[str, Any] | None:
    if CALL_ID_FIELD not in tenant.zoho.layout(_CALLS).fields:
        return None
    where = f"{CALL_ID_FIELD} is not null order by Created_Time desc"
    rows = select(tenant.zoho, _CALLS, f"{CALL_ID_FIELD}, Created_Time", where=where, limit=1)
    complete = [row for row in rows if isinstance(row.get("Created_Time"), str) and row.get(CALL_ID_FIELD)]
    return complete[0] if complete else None
