"""The record routes: insert, update, upsert, delete, read. One refused row never refuses its neighbours."""

import re
from collections.abc import Callable
from typing import Any

from simulators.zoho.search import chosen_fields, listed, page_of, shown
from simulators.zoho.store import Author, Store, Written
from simulators.zoho.wire import Answer, ApiRequest, Json, Place, RefusedError, missing_parameter, no_permission

MOST_ROWS = 100
MOST_FIELDS = 50
UPSERTABLE = ("Contacts", "Leads", "Accounts")
BODY_KEYS = {
    "data",
    "trigger",
    "process",
    "duplicate_check_fields",
    "wf_trigger",
    "lar_id",
    "apply_feature_execution",
    "skip_feature_execution",
}

WriteRow = Callable[[Json, Place, Author], Written]


class Records:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._refusals: list[tuple[str, str, str]] = []

    def refuse_rows(self, module: str, code: str, message: str, times: int) -> None:
        """Refuse the next rows written to a module, one by one, whatever they hold."""
        self._refusals += [(module, code, message)] * times

    def insert(self, request: ApiRequest, module: str) -> Answer:
        def write(row: Json, place: Place, author: Author) -> Written:
            return self._store.insert(module, row, place, author)

        return self._write(request, module, "Create", write)

    def update(self, request: ApiRequest, module: str) -> Answer:
        def write(row: Json, place: Place, author: Author) -> Written:
            if "id" not in row:
                raise place.missing("id")
            return self._store.update(module, row["id"], row, place, author)

        return self._write(request, module, "Edit", write)

    def update_one(self, request: ApiRequest, module: str, record_id: str) -> Answer:
        if len(_rows(request.body)) != 1:
            raise RefusedError("INVALID_DATA", "invalid data", {"api_name": "data", "maximum_length": 1})

        def write(row: Json, place: Place, author: Author) -> Written:
            return self._store.update(module, record_id, row, place, author)

        return self._write(request, module, "Edit", write)

    def upsert(self, request: ApiRequest, module: str) -> Answer:
        allowed = (*UPSERTABLE, "Calls") if self._store.layout.calls_can_be_upserted else UPSERTABLE
        if module not in allowed:
            raise RefusedError("NOT_SUPPORTED", "upsert is not supported for the module", {"module": module})
        _rows(request.body)
        check = self._check_fields(module, request.body.get("duplicate_check_fields"))

        def write(row: Json, place: Place, author: Author) -> Written:
            return self._store.upsert(module, row, check, place, author)

        return self._write(request, module, "Create", write, upsert=True)

    def delete(self, request: ApiRequest, module: str, record_id: str | None = None) -> Answer:
        ids = [record_id] if record_id else [each for each in request.query.get("ids", "").split(",") if each]
        if not ids:
            raise missing_parameter("ids")
        if len(ids) > MOST_ROWS:
            raise RefusedError("INVALID_DATA", "invalid data", {"api_name": "ids", "maximum_length": MOST_ROWS})
        self._permit("Delete", module)
        items = []
        for each in ids:
            try:
                self._store.delete(module, each, self._author(request))
                items.append(_success("record deleted", {"id": each}))
            except RefusedError as refusal:
                items.append(refusal.body)
        return Answer(_status(items, 200, module), {"data": items})

    def get(self, request: ApiRequest, module: str, record_id: str) -> Answer:
        if not re.fullmatch(r"\d{15,20}", record_id):
            raise RefusedError("INVALID_DATA", "the id given seems to be invalid", {"resource_path_index": 1})
        names = chosen_fields(self._store.layout.fields(module), request.query.get("fields"))
        found = self._store.find(module, record_id)
        return Answer(200, {"data": [shown(found, names)]}) if found else Answer(204)

    def list_records(self, request: ApiRequest, module: str) -> Answer:
        names = chosen_fields(self._store.layout.fields(module), request.query.get("fields"))
        if not names:
            raise missing_parameter("fields")
        if len(names) > MOST_FIELDS:
            raise RefusedError("LIMIT_EXCEEDED", "Max field limit exceeded", {"limit": MOST_FIELDS})
        wanted = request.query.get("converted", "false")
        ids = request.query.get("ids")
        chosen = [
            record.values
            for record in self._store.records(module)
            if record.values is not None
            and (wanted == "both" or record.converted == (wanted == "true"))
            and (ids is None or record.id in ids.split(","))
        ]
        # Newest first, as Zoho lists them when nobody says otherwise.
        page, per_page = page_of(request.query)
        return listed(chosen[::-1], page, per_page, names)

    def _write(
        self, request: ApiRequest, module: str, permission: str, write: WriteRow, *, upsert: bool = False
    ) -> Answer:
        rows = _rows(request.body)
        self._permit(permission, module)
        author = self._author(request)
        items, actions = [], set()
        for number, row in enumerate(rows):
            try:
                self._refuse_if_told(module)
                written = write(_row(row, number), Place(number), author)
                actions.add(written.action)
                items.append(_written(written, upsert=upsert))
            except RefusedError as refusal:
                items.append(refusal.body)
        return Answer(_status(items, 201 if actions == {"insert"} else 200, module), {"data": items})

    def _check_fields(self, module: str, asked: Any) -> list[str]:
        fields = self._store.layout.fields(module)
        allowed = [name for name, field in fields.items() if field.duplicate_check]
        allowed += [name for name, field in fields.items() if field.unique]
        if asked is None:
            return allowed
        details = {"api_name": "duplicate_check_fields", "json_path": "$.duplicate_check_fields"}
        if not isinstance(asked, list):
            raise RefusedError("INVALID_DATA", "invalid data", {"expected_data_type": "jsonarray", **details})
        for number, name in enumerate(asked):
            if name not in allowed:
                details["json_path"] += f"[{number}]"
                raise RefusedError("INVALID_DATA", "invalid data", details)
        return asked

    def _refuse_if_told(self, module: str) -> None:
        for refusal in self._refusals:
            if refusal[0] == module:
                self._refusals.remove(refusal)
                raise RefusedError(refusal[1], refusal[2])

    def _permit(self, permission: str, module: str) -> None:
        if self._store.layout.read_only_user:
            raise no_permission(f"Crm_Implied_{permission}_{module}")

    def _author(self, request: ApiRequest) -> Author:
        return Author(self._store.users.current, request.number)


def _rows(body: Any) -> list[Any]:
    if not isinstance(body, dict):
        raise RefusedError("INVALID_DATA", "body", {"expected_data_type": "jsonobject"})
    if "data" not in body:
        raise RefusedError("MANDATORY_NOT_FOUND", "required field not found", {"api_name": "data"})
    unknown = sorted(set(body) - BODY_KEYS)
    if unknown:
        raise RefusedError("INVALID_DATA", "invalid data", {"api_name": unknown[0], "json_path": f"$.{unknown[0]}"})
    rows = body["data"]
    if not isinstance(rows, list) or not rows:
        raise RefusedError("INVALID_DATA", "invalid data", {"api_name": "data", "expected_data_type": "jsonarray"})
    if len(rows) > MOST_ROWS:
        raise RefusedError("INVALID_DATA", "invalid data", {"api_name": "data", "maximum_length": MOST_ROWS})
    if not isinstance(body.get("trigger", []), list):
        raise RefusedError("INVALID_DATA", "invalid data", {"api_name": "trigger", "expected_data_type": "jsonarray"})
    return rows


def _row(row: Any, number: int) -> Json:
    if not isinstance(row, dict):
        details = {"expected_data_type": "jsonobject", "json_path": f"$.data[{number}]"}
        raise RefusedError("INVALID_DATA", "invalid data", details)
    return row


def _written(written: Written, *, upsert: bool) -> Json:
    names = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
    details = {name: written.values[name] for name in names}
    item = _success("record added" if written.action == "insert" else "record updated", details)
    if upsert:
        item |= {"action": written.action, "duplicate_field": written.duplicate_field}
    return item


def _success(message: str, details: Json) -> Json:
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


def _status(items: list[Json], success: int, module: str) -> int:
    """Every status seen for a write: whoever goes by it instead of by the rows is wrong."""
    refused = [item for item in items if item["status"] == "error"]
    if not refused:
        return success
    if len(refused) < len(items):
        return 207
    return 400 if len(items) == 1 and module != "Notes" else 202
