"""Finding records: several searches in one round trip, and COQL, which reads past the search index."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from santral.errors import CredentialsRefused, Unintelligible
from santral.zoho.client import API, Json, RecordRefused, Zoho, failure
from santral.zoho.oauth import SYSTEM

MOST_VALUES = 100
MOST_SEARCHES = 5


@dataclass(frozen=True)
class Search:
    """One search of one module, by parameters as Zoho names them."""

    module: str
    by: Mapping[str, str]


Refusal = RecordRefused | CredentialsRefused


def search(zoho: Zoho, searches: Sequence[Search]) -> list[list[Json] | Refusal]:
    """Run up to five searches in one request and return, per search, its records or why it is refused for good.

    Raises:
        OutsideFailure: One of them failed in a way that passes by itself.
    """
    body = {
        "rollback_on_fail": False,
        "concurrent_execution": False,
        "__composite_requests": [
            {
                "sub_request_id": str(number),
                "method": "GET",
                "uri": f"{API}/{each.module}/search",
                "params": dict(each.by),
                "headers": {},
                "body": {},
            }
            for number, each in enumerate(searches, start=1)
        ],
    }
    answer = zoho.request("POST", "/__composite_requests", safe=True, body=body)
    results = answer.get("__composite_requests") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != len(searches):
        raise Unintelligible("not one result per search", system=SYSTEM)
    return [_records(result) for result in results]


def within(zoho: Zoho, module: str, criteria: str) -> list[Json]:
    """Return the first records that Zoho's search finds by criteria, e.g. those of `any_of`. It reads an index."""
    answer = zoho.request("GET", f"/{module}/search", safe=True, query={"criteria": criteria, "per_page": "1"})
    return [] if answer is None else _rows(answer)


def any_of(fields: Sequence[str], values: Sequence[Sequence[str]]) -> str:
    """Return search criteria: one of the fields is one of the values, of which each group has a condition of its own.

    Zoho takes ten conditions and in each a hundred values.
    """
    conditions = [
        f"({field}:in:{','.join(_escaped(value) for value in group[:MOST_VALUES])})"
        for field in fields
        for group in values
    ]
    return conditions[0] if len(conditions) == 1 else "(" + "or".join(conditions) + ")"


def select(zoho: Zoho, module: str, columns: str, *, where: str, limit: int) -> list[Json]:
    """Return rows by COQL, which sees what was written a moment ago. Texts in `where` go through `quoted`."""
    query = f"select {columns} from {module} where {where} limit {limit}"  # noqa: S608 (COQL, of our own constants)
    answer = zoho.request("POST", "/coql", safe=True, body={"select_query": query})
    return [] if answer is None else _rows(answer)


def select_any(zoho: Zoho, module: str, columns: str, *, field: str, values: Collection[str], limit: int) -> list[Json]:
    """Return rows by COQL whose field is one of the values, a hundred of them with each request."""
    ordered = sorted(set(values))
    rows = []
    for start in range(0, len(ordered), MOST_VALUES):
        listed = ", ".join(map(quoted, ordered[start : start + MOST_VALUES]))
        rows += select(zoho, module, columns, where=f"{field} in ({listed})", limit=limit)
    return rows


def quoted(text: str) -> str:
    """Return a text as a COQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _escaped(value: str) -> str:
    return re.sub(r"([\\(),])", r"\\\1", value)


def _records(result: Any) -> list[Json] | Refusal:
    result = result if isinstance(result, dict) else {}
    details = result.get("details")
    response = details.get("response") if isinstance(details, dict) else None
    if isinstance(response, dict) and isinstance(response.get("status_code"), int):
        status, told = response["status_code"], response.get("body")
    else:
        status, told = 400, result
    if status == 204:  # noqa: PLR2004 (no content: nothing found)
        return []
    if status == 200 and isinstance(told, dict) and "data" in told:  # noqa: PLR2004 (found)
        return _rows(told)
    error = failure(told, status, safe=True)
    if isinstance(error, RecordRefused | CredentialsRefused):
        return error
    raise error


def _rows(answer: Any) -> list[Json]:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise Unintelligible("a list of records without records", system=SYSTEM)
    return data
