"""Writing and reading single records. A 2xx proves nothing: every result is looked at."""

from collections.abc import Sequence
from typing import Any

from santral.zoho.client import Json, RecordRefused, Zoho, failure, lost, record_id


def insert(zoho: Zoho, module: str, record: Json, *, unique: str | None = None) -> str:
    """Insert a record and return its id.

    Args:
        zoho: The tenant's Zoho.
        module: Api name of the module.
        record: Values by api name.
        unique: A field of the record that refuses duplicates. With it inserting is safe to repeat: the record that has
            the value already is the one meant, and its id is returned.

    Raises:
        OutcomeUnknown: Without `unique`, and it may have been inserted.
        RecordRefused: Zoho refuses the record.
    """
    safe = unique is not None
    try:
        return _result(zoho.request("POST", f"/{module}", safe=safe, body={"data": [record]}), safe=safe)
    except RecordRefused as refusal:
        return _existing(refusal, unique)


def upsert(zoho: Zoho, module: str, record: Json, *, unique: str) -> str:
    """Insert a record, or update the one that has its value in the field `unique`, and return its id."""
    body = {"data": [record], "duplicate_check_fields": [unique]}
    try:
        return _result(zoho.request("POST", f"/{module}/upsert", safe=True, body=body), safe=True)
    except RecordRefused as refusal:
        # Two at the same moment both found none; the slower one is told of the faster one's record.
        return _existing(refusal, unique)


def update(zoho: Zoho, module: str, wanted_id: str, values: Json) -> str:
    """Set some values of a record; doing it twice changes nothing."""
    body = {"data": [values]}
    return _result(zoho.request("PUT", f"/{module}/{wanted_id}", safe=True, body=body), safe=True)


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


def _existing(refusal: RecordRefused, unique: str | None) -> str:
    """Return the record that is in the way, if it is in the way of our own unique field and of no other."""
    if unique and refusal.zoho_code == "DUPLICATE_DATA" and refusal.field in (None, unique) and refusal.existing_id:
        return refusal.existing_id
    raise refusal


def _result(answer: Any, *, safe: bool) -> str:
    result = _first(answer, safe=safe)
    if result.get("status") != "success":
        raise failure(result, 200, safe=safe)
    details = result.get("details")
    written_id = record_id(details) if isinstance(details, dict) else None
    if written_id is None:
        raise lost("success without an id", safe=safe)
    return written_id


def _first(answer: Any, *, safe: bool) -> Json:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict):
        raise lost("not one result for one record", safe=safe)
    return data[0]
