"""Writing and reading records. A 2xx proves nothing: every record's own result is looked at."""

import re
from collections.abc import Sequence
from typing import Any

from santral.errors import OutsideFailure
from santral.zoho.client import Json, RecordRefused, Zoho, failure, lost, record_id

MOST_RECORDS = 100
_PLACE = re.compile(r"\$\.data\[(\d+)\]")

Outcome = str | OutsideFailure
"""What became of one record among others: the id under which it stands in the CRM, or why it does not."""


def insert(zoho: Zoho, module: str, record: Json, *, unique: str | None = None) -> str:
    """Insert a record and return its id. See `insert_all`."""
    return _only(insert_all(zoho, module, [record], unique=unique))


def upsert(zoho: Zoho, module: str, record: Json, *, unique: str) -> str:
    """Insert a record, or update the one that has its value in the field `unique`, and return its id."""
    return _only(upsert_all(zoho, module, [record], unique=unique))


def insert_all(zoho: Zoho, module: str, records: Sequence[Json], *, unique: str | None = None) -> list[Outcome]:
    """Insert up to a hundred records with one request and return what became of each.

    Args:
        zoho: The tenant's Zoho.
        module: Api name of the module.
        records: Values by api name.
        unique: A field of the records that refuses duplicates. With it inserting is safe to repeat: the record that has
            the value already is the one meant, and its id is returned.

    Raises:
        OutcomeUnknown: Without `unique`, and any of them may have been inserted.
        RecordRefused: Zoho refuses the request as a whole.
        OutsideFailure: None of them was inserted, or it may be done again.
    """
    safe = unique is not None
    answer = zoho.request("POST", f"/{module}", safe=safe, body={"data": list(records)})
    return _outcomes(answer, len(records), safe=safe, unique=unique)


def upsert_all(zoho: Zoho, module: str, records: Sequence[Json], *, unique: str) -> list[Outcome]:
    """Insert or update up to a hundred records, told apart by the field `unique`; return what became of each."""
    body = {"data": list(records), "duplicate_check_fields": [unique]}
    answer = zoho.request("POST", f"/{module}/upsert", safe=True, body=body)
    # Two at the same moment both found none; the slower one is told of the faster one's record.
    return _outcomes(answer, len(records), safe=True, unique=unique)


def update(zoho: Zoho, module: str, wanted_id: str, values: Json) -> str:
    """Set some values of a record; doing it twice changes nothing."""
    body = {"data": [values]}
    return _only(
        _outcomes(zoho.request("PUT", f"/{module}/{wanted_id}", safe=True, body=body), 1, safe=True, unique=None)
    )


def read(zoho: Zoho, module: str, wanted_id: str, fields: Sequence[str]) -> Json | None:
    """Return some values of a record, or None when it is gone."""
    try:
        answer = zoho.request("GET", f"/{module}/{wanted_id}", safe=True, query={"fields": ",".join(fields)})
    except RecordRefused as refusal:
        if refusal.field in (None, "id") and refusal.zoho_code in ("INVALID_DATA", "NOT_FOUND", "NO_RECORDS_FOUND"):
            return None
        raise
    if answer is None:
        return None
    return _first(answer, safe=True)


def first_page(zoho: Zoho, module: str, *, rows: int) -> None:
    """Read the first records of a module, to see whether we may. What they hold is not looked at.

    Raises:
        ScopeMissing: The authorisation does not reach the module.
        RecordRefused: The user behind it may not see the module, or there is none.
    """
    zoho.request("GET", f"/{module}", safe=True, query={"fields": "id", "per_page": str(rows)})


def _only(outcomes: Sequence[Outcome]) -> str:
    [outcome] = outcomes
    if isinstance(outcome, OutsideFailure):
        raise outcome
    return outcome


def _outcomes(answer: Any, number: int, *, safe: bool, unique: str | None) -> list[Outcome]:
    results = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != number or not all(isinstance(each, dict) for each in results):
        raise lost("not one result for each record", safe=safe)
    if any(_place(result) not in (None, place) for place, result in enumerate(results)):
        # Nothing but their order says which result is whose.
        raise lost("results in another order than the records", safe=safe)
    return [_outcome(result, safe=safe, unique=unique) for result in results]


def _outcome(result: Json, *, safe: bool, unique: str | None) -> Outcome:
    if result.get("status") != "success":
        error = failure(result, 200, safe=safe)
        return _existing(error, unique) or error
    details = result.get("details")
    written_id = record_id(details) if isinstance(details, dict) else None
    return written_id or lost("success without an id", safe=safe)


def _existing(error: OutsideFailure, unique: str | None) -> str | None:
    """Return the record that is in the way, if it is in the way of our own unique field and of no other."""
    if not unique or not isinstance(error, RecordRefused) or error.zoho_code != "DUPLICATE_DATA":
        return None
    return error.existing_id if error.field in (None, unique) else None


def _place(result: Json) -> int | None:
    """Return the number of the record a refusal is about, where Zoho tells it."""
    details = result.get("details")
    told = details.get("json_path") if isinstance(details, dict) else None
    found = _PLACE.match(told) if isinstance(told, str) else None
    return int(found[1]) if found else None


def _first(answer: Any, *, safe: bool) -> Json:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict):
        raise lost("not one result for one record", safe=safe)
    return data[0]
