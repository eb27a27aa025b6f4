"""Whose number is it? One request for one number, six for ten, and never a false match.

How Zoho's `phone=` search treats punctuation and prefixes is not documented, so the ways people write a number are
searched as well, and every hit is read again here: only a record that holds this very number counts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from santral.calls import RecordLink
from santral.crm.spellings import spellings
from santral.errors import CredentialsRefused
from santral.phone import national, to_e164
from santral.telemetry import count, logger
from santral.tenant import Tenant
from santral.zoho.client import Json, RecordRefused, Zoho
from santral.zoho.search import MOST_SEARCHES, Refusal, Search, any_of, search

_MODULES = ("Contacts", "Leads", "Accounts")
"""In the order of preference."""
_FIELDS = {"Contacts": ("Phone", "Mobile"), "Leads": ("Phone", "Mobile"), "Accounts": ("Phone",)}
MATCHED_TOGETHER = 10
"""Numbers that are matched in one go: 30 searches, which are six full requests."""
# Zoho takes ten conditions, but the sub-request's address must not become too long either.
_CONDITIONS = 6
# A note that quotes a number is not a phone field; customers' own phone fields may have any name.
_NUMBER_ALONE = re.compile(r"[+\d][\d\s()./-]{6,29}|\([\d\s()./+-]{6,29}")
_MOST_HITS = 200
_TOO_MUCH_AT_ONCE = frozenset({"INVALID_QUERY", "CRITERIA_LIMIT_EXCEEDED", "LIMIT_REACHED"})

Records = tuple[RecordLink, ...]

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Asked:
    """A search, and the numbers (E.164) whose records it finds."""

    search: Search
    numbers: tuple[str, ...]


def match(tenant: Tenant, number: str) -> RecordLink | None:
    """Return the record a number belongs to, or None. See `match_all`."""
    e164 = to_e164(number, tenant.settings.country)
    return match_all(tenant, [e164])[e164] if e164 else None


def match_all(tenant: Tenant, numbers: Iterable[str]) -> dict[str, RecordLink | None]:
    """Return the record each number (E.164) belongs to, or None where there is no such record. See `records_with`."""
    return {number: next(iter(records), None) for number, records in records_with(tenant, numbers).items()}


def records_with(tenant: Tenant, numbers: Iterable[str]) -> dict[str, Records]:
    """Return the records that hold each number (E.164), the one it belongs to first.

    A contact comes before a lead that is not converted, a lead before an account. Of several records of one module the
    one modified last is taken, then the one with the lowest id.

    Raises:
        CredentialsRefused: The authorisation allows none of the searches.
        OutsideFailure: Zoho cannot be asked right now.
    """
    distinct = tuple(dict.fromkeys(numbers))
    found: dict[str, Records] = {}
    for some in _in_parts(distinct, MATCHED_TOGETHER):
        found |= _matched(tenant, some)
    return found


def _matched(tenant: Tenant, numbers: tuple[str, ...]) -> dict[str, Records]:
    """Match some numbers; those that were too much for one search are matched again, each alone."""
    country = tenant.settings.country
    hits: dict[tuple[str, str], list[Json]] = {}
    unsure: set[str] = set()
    asked = list(_searches(numbers, country))
    for each, answer in zip(asked, _answers(tenant.zoho, [one.search for one in asked]), strict=True):
        if len(each.numbers) > 1 and _incomplete(answer):
            unsure.update(each.numbers)
        elif isinstance(answer, list):
            for hit in filter(_is_open, answer):
                for number in _numbers_in(hit, country):
                    hits.setdefault((each.search.module, number), []).append(hit)
        else:
            logger.warning("search refused", searched=each.search.module, reason=str(answer))
            count("crm_searches_refused")
    found = {number: _in_order(hits, number) for number in numbers}
    for number in sorted(unsure):
        found |= _matched(tenant, (number,))
    return found


def _incomplete(answer: list[Json] | Refusal) -> bool:
    """Tell whether an answer about several numbers says too little about each."""
    if isinstance(answer, RecordRefused):
        return answer.zoho_code in _TOO_MUCH_AT_ONCE
    return isinstance(answer, list) and len(answer) >= _MOST_HITS


def _searches(numbers: tuple[str, ...], country: str) -> Iterator[_Asked]:
    common = {"converted": "false", "per_page": str(_MOST_HITS)}
    for module, fields in _FIELDS.items():
        for some in _in_parts(numbers, _CONDITIONS // len(fields)):
            criteria = any_of(fields, [spellings(number, country) for number in some])
            yield _Asked(Search(module, {"criteria": criteria, **common}), some)
    # Here also a customer's own phone fields are looked at.
    for module in ("Contacts", "Leads"):
        for number in numbers:
            yield _Asked(Search(module, {"phone": national(number), **common}), (number,))


def _answers(zoho: Zoho, searches: Sequence[Search]) -> Sequence[list[Json] | Refusal]:
    try:
        answers = [answer for some in _in_parts(tuple(searches), MOST_SEARCHES) for answer in search(zoho, some)]
    except RecordRefused as refusal:
        # A call without its contact is worth more than no call.
        return [refusal] * len(searches)
    refusals = [answer for answer in answers if isinstance(answer, CredentialsRefused)]
    if len(refusals) == len(searches):
        raise refusals[0]
    return answers


def _is_open(hit: Json) -> bool:
    return not hit.get("$converted") and not hit.get("Converted__s")


def _numbers_in(hit: Json, country: str) -> set[str]:
    texts = (value.strip() for field, value in hit.items() if field != "id" and isinstance(value, str))
    found = (to_e164(text, country) for text in texts if _NUMBER_ALONE.fullmatch(text))
    return {number for number in found if number}


def _in_order(hits: Mapping[tuple[str, str], Sequence[Json]], number: str) -> Records:
    # Two searches of a module may both find a record.
    found = {
        (module, hit["id"]): _link(module, hit)
        for module in _MODULES
        for hit in sorted(hits.get((module, number), ()), key=_preference, reverse=True)
    }
    return tuple(found.values())


def _preference(hit: Json) -> tuple[datetime, int]:
    try:
        modified = datetime.fromisoformat(hit["Modified_Time"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        modified = datetime.min.replace(tzinfo=UTC)
    return modified, -int(hit["id"])


def _link(module: str, hit: Json) -> RecordLink:
    name = hit.get("Account_Name") if module == "Accounts" else hit.get("Full_Name")
    return RecordLink(module=module, id=str(hit["id"]), name=name if isinstance(name, str) else None)


def _in_parts(items: tuple[_Item, ...], size: int) -> Iterator[tuple[_Item, ...]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
