"""The records of the simulated organisation: what is committed, when and by which request."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Literal

from simulators.zoho.layout import Layout
from simulators.zoho.rows import WRONG_ID, RowCheck
from simulators.zoho.users import User, Users
from simulators.zoho.values import stored_time
from simulators.zoho.wire import Json, Place, RefusedError

FIRST_ID = 548_728_000_000_400_001


@dataclass(frozen=True)
class Version:
    at: datetime
    values: Json | None  # None once deleted


@dataclass
class Record:
    """A record with its past, since the search index shows the past."""

    id: str
    module: str
    versions: list[Version]
    converted: bool = False

    @property
    def values(self) -> Json | None:
        return self.versions[-1].values

    def as_of(self, moment: datetime) -> Json | None:
        past = [version.values for version in self.versions if version.at <= moment]
        return past[-1] if past else None


@dataclass(frozen=True)
class Commit:
    """One effect in the CRM, also where its answer was lost."""

    number: int
    at: str
    request: int  # its place in the request log, from 1
    action: Literal["insert", "update", "delete"]
    module: str
    id: str
    fields: Json

    def as_json(self) -> Json:
        return asdict(self)


@dataclass(frozen=True)
class Author:
    """Who writes, and with which request."""

    user: User
    request: int


@dataclass(frozen=True)
class Written:
    """What became of one row."""

    action: Literal["insert", "update"]
    values: Json
    duplicate_field: str | None = None


@dataclass
class Store:
    """Every write is checked and committed under one lock, as a database does."""

    layout: Layout
    users: Users
    clock: Callable[[], datetime]
    commits: list[Commit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._ids = count(FIRST_ID)
        self._lock = threading.RLock()
        self._rows = RowCheck(self.layout, self.users, self.find, self.clock)

    def records(self, module: str) -> list[Record]:
        with self._lock:
            return [each for each in self._records.values() if each.module == module]

    def current(self, module: str) -> list[Json]:
        """What the module holds now, oldest first, converted leads included."""
        return [dict(record.values) for record in self.records(module) if record.values is not None]

    def find(self, module: str, record_id: Any) -> Json | None:
        with self._lock:
            record = self._records.get(record_id) if isinstance(record_id, str) else None
            if record is None or record.module != module or record.values is None:
                return None
            return dict(record.values)

    def convert(self, lead_id: str) -> None:
        """Turn a lead into a converted one, which searches leave out."""
        self._records[lead_id].converted = True

    def insert(self, module: str, row: Json, place: Place, author: Author) -> Written:
        with self._lock:
            values = self._rows.insert(module, row, place)
            self._refuse_duplicates(module, values, None, place)
            record_id = self._put_new(module, values, author.user, self.clock())
            return self._committed("insert", self._records[record_id], row, author)

    def update(self, module: str, record_id: Any, row: Json, place: Place, author: Author) -> Written:
        with self._lock:
            before = self.find(module, record_id)
            if before is None:
                raise place.invalid("id", WRONG_ID, id=record_id)
            row = {name: value for name, value in row.items() if name != "id"}
            values = self._rows.update(module, row, before, place)
            self._refuse_duplicates(module, values, record_id, place)
            now = self.clock()
            values |= {"Modified_Time": stored_time(now), "Modified_By": author.user.as_owner()}
            self._records[record_id].versions.append(Version(now, values))
            return self._committed("update", self._records[record_id], row, author)

    def upsert(self, module: str, row: Json, check: list[str], place: Place, author: Author) -> Written:
        """Update the first record that equals the row in one of the checked fields, in their order; else insert."""
        with self._lock:
            for name in check:
                found = self._with_value(module, name, row.get(name))
                if found is not None:
                    written = self.update(module, found["id"], row, place, author)
                    return Written("update", written.values, duplicate_field=name)
            return self.insert(module, row, place, author)

    def delete(self, module: str, record_id: str, author: Author) -> None:
        with self._lock:
            if self.find(module, record_id) is None:
                raise RefusedError("INVALID_DATA", "record not deleted", {"id": record_id})
            record = self._records[record_id]
            record.versions.append(Version(self.clock(), None))
            self._commit("delete", record, {}, author)

    def put_old(self, module: str, row: Json, user: User, at: datetime) -> str:
        """Put a record in that was there before anyone asked: checked like any other, absent from the commit log."""
        with self._lock:
            return self._put_new(module, self._rows.insert(module, row, Place(0)), user, at)

    def _put_new(self, module: str, values: Json, user: User, at: datetime) -> str:
        record_id = str(next(self._ids))
        owner = user.as_owner()
        created = {"Created_Time": stored_time(at), "Created_By": owner}
        modified = {"Modified_Time": stored_time(at), "Modified_By": owner}
        # Without an owner the record falls to whoever holds the token.
        values = {"id": record_id, "Owner": owner, **values, **created, **modified}
        self._records[record_id] = Record(record_id, module, [Version(at, values)])
        return record_id

    def _committed(self, action: Literal["insert", "update"], record: Record, row: Json, author: Author) -> Written:
        self._commit(action, record, row, author)
        return Written(action, dict(record.values or {}))

    def _commit(self, action: Literal["insert", "update", "delete"], record: Record, row: Json, author: Author) -> None:
        at = self.clock().isoformat()
        number = len(self.commits) + 1
        self.commits.append(Commit(number, at, author.request, action, record.module, record.id, dict(row)))

    def _refuse_duplicates(self, module: str, values: Json, own_id: str | None, place: Place) -> None:
        for each in self.layout.fields(module).values():
            if not each.unique:
                continue
            found = self._with_value(module, each.api_name, values.get(each.api_name))
            if found is not None and found["id"] != own_id:
                record = {"id": found["id"], "Owner": found["Owner"], "module": {"api_name": module}}
                details = {**place.of(each.api_name), "id": found["id"], "duplicate_record": record}
                raise RefusedError("DUPLICATE_DATA", "duplicate data", details)

    def _with_value(self, module: str, name: str, value: Any) -> Json | None:
        if not isinstance(value, str) or not value:
            return None
        wanted = value.casefold()
        for record in self.records(module):
            if record.values is not None and str(record.values.get(name) or "").casefold() == wanted:
                return dict(record.values)
        return None
