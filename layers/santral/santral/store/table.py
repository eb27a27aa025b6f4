"""The one table. All concurrency rests on two conditional writes: add what is not there, replace what one has seen.

What is limited is added and counted in one transaction, so that nothing is counted twice and nothing uncounted happens.
"""

import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from santral.errors import Conflict
from santral.store.aws import client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef, TransactWriteItemTypeDef

Row = dict[str, Any]
Result = TypeVar("Result")
Index = Literal["due", "by_phone", "by_day", "live"]
_INDEX_KEYS: Mapping[Index, tuple[str, str]] = {
    "due": ("due", "next_attempt_at"),
    "by_phone": ("phone", "started_at"),
    "by_day": ("day", "started_at"),
    "live": ("live", "started_at"),
}
SINGLE = "-"
"""The sort key of rows that stand alone under their partition key."""
_WRITE_TRIES = 8
# Why DynamoDB cancels a transaction, in its words.
_REFUSED = "ConditionalCheckFailed"
_CANCELLED_FOR_NOW = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_CANCELLED_SECONDS = 0.05
_NOT_THERE = "attribute_not_exists(pk) OR expires_at < :now"


@dataclass(frozen=True)
class Page:
    """Rows of one query and where to go on, or None at the end."""

    rows: list[Row]
    next_key: Row | None


@dataclass(frozen=True)
class Counter:
    """A row that counts, never further than `most`, and may go after `expires_at` (epoch seconds)."""

    pk: str
    most: int
    expires_at: int


class Table(Protocol):
    """What the stores need of a table. Every row carries `pk`, `sk`, `v` and a `version` that each write raises."""

    def get(self, pk: str, sk: str = SINGLE) -> Row | None:
        """Return a row as last written (strongly consistent), or None."""

    def under(self, pk: str, *, prefix: str, limit: int, start: Row | None = None) -> Page:
        """Return rows of one partition key whose sort keys begin with `prefix`, in their order."""

    def add(self, row: Row, *, now: int) -> bool:
        """Write a row that is not there, or whose `expires_at` (epoch seconds) has passed; tell whether it was."""

    def add_counted(self, row: Row, counters: Sequence[Counter], *, now: int) -> str | None:
        """Add a row and raise each counter by one, all of it or nothing.

        Return None once written, else the `pk` in the way: the row's own, being there already, or a full counter's.
        """

    def replace(self, row: Row) -> bool:
        """Write a row over the version it was read at; tell whether nobody else was faster."""

    def query(
        self,
        index: Index,
        value: str,
        *,
        between: tuple[Any, Any],
        newest_first: bool,
        limit: int,
        start: Row | None = None,
    ) -> Page:
        """Return rows of an index whose hash key is `value` and whose range key lies between two values, inclusive."""


class WholeTable(Table, Protocol):
    """What only an integrator may: read and remove any row. No function has the right to."""

    def every_row(self) -> Iterator[Row]:
        """Yield every row, one after the other."""

    def remove(self, pk: str, sk: str = SINGLE) -> None:
        """Remove a row; one that is not there is gone already."""


class DynamoTable:
    """The table in DynamoDB."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, pk: str, sk: str = SINGLE) -> Row | None:
        item = client("dynamodb").get_item(
            TableName=self._name, Key=_to_item({"pk": pk, "sk": sk}), ConsistentRead=True
        )
        return _to_row(item["Item"]) if "Item" in item else None

    def under(self, pk: str, *, prefix: str, limit: int, start: Row | None = None) -> Page:
        return self._page(
            {
                "TableName": self._name,
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
                "ExpressionAttributeValues": _to_item({":pk": pk, ":prefix": prefix}),
                "ConsistentRead": True,
                "Limit": limit,
            },
            start,
        )

    def add(self, row: Row, *, now: int) -> bool:
        return self._put({**row, "version": 1}, _NOT_THERE, {":now": {"N": str(now)}})

    def add_counted(self, row: Row, counters: Sequence[Counter], *, now: int) -> str | None:
        if not counters:
            return None if self.add(row, now=now) else str(row["pk"])
        adding: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self._name,
                "Item": _to_item({**row, "version": 1}),
                "ConditionExpression": _NOT_THERE,
                "ExpressionAttributeValues": {":now": {"N": str(now)}},
            }
        }
        refused = self._transact([adding, *map(self._raising, counters)])
        return None if refused is None else [str(row["pk"]), *(counter.pk for counter in counters)][refused]

    def replace(self, row: Row) -> bool:
        seen = row["version"]
        return self._put({**row, "version": seen + 1}, "version = :seen", {":seen": {"N": str(seen)}})

    def query(
        self,
        index: Index,
        value: str,
        *,
        between: tuple[Any, Any],
        newest_first: bool,
        limit: int,
        start: Row | None = None,
    ) -> Page:
        hash_key, range_key = _INDEX_KEYS[index]
        return self._page(
            {
                "TableName": self._name,
                "IndexName": index,
                "KeyConditionExpression": "#hash = :hash AND #range BETWEEN :low AND :high",
                "ExpressionAttributeNames": {"#hash": hash_key, "#range": range_key},
                "ExpressionAttributeValues": _to_item({":hash": value, ":low": between[0], ":high": between[1]}),
                "ScanIndexForward": not newest_first,
                "Limit": limit,
            },
            start,
        )

    def every_row(self) -> Iterator[Row]:
        for page in client("dynamodb").get_paginator("scan").paginate(TableName=self._name, ConsistentRead=True):
            yield from map(_to_row, page["Items"])

    def remove(self, pk: str, sk: str = SINGLE) -> None:
        client("dynamodb").delete_item(TableName=self._name, Key=_to_item({"pk": pk, "sk": sk}))

    def _transact(self, items: "list[TransactWriteItemTypeDef]") -> int | None:
        """Write all items or none; return the place of the first whose condition fails, or None once written."""
        dynamodb = client("dynamodb")
        for _ in range(_WRITE_TRIES):
            try:
                dynamodb.transact_write_items(TransactItems=items)
            except dynamodb.exceptions.TransactionCanceledException as error:
                codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
                # Of two who raise one counter at the same moment one is cancelled, and AWS's client does not try again.
                if not _CANCELLED_FOR_NOW.isdisjoint(codes):
                    time.sleep(random.uniform(0, _CANCELLED_SECONDS))  # noqa: S311 (spreads them, keeps no secret)
                elif _REFUSED in codes:
                    return codes.index(_REFUSED)
                else:
                    raise
            else:
                return None
        raise Conflict(f"{_WRITE_TRIES} transactions cancelled")

    def _raising(self, counter: Counter) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self._name,
                "Key": _to_item({"pk": counter.pk, "sk": SINGLE}),
                "UpdateExpression": "SET v = :one, expires_at = :until ADD counted :one, version :one",
                "ConditionExpression": "attribute_not_exists(pk) OR counted < :most",
                "ExpressionAttributeValues": _to_item({":one": 1, ":until": counter.expires_at, ":most": counter.most}),
            }
        }

    def _page(self, query: "QueryInputTypeDef", start: Row | None) -> Page:
        if start:
            query["ExclusiveStartKey"] = _to_item(start)
        answer = client("dynamodb").query(**query)
        last = answer.get("LastEvaluatedKey")
        return Page([_to_row(item) for item in answer["Items"]], _to_row(last) if last else None)

    def _put(self, row: Row, condition: str, values: dict[str, Any]) -> bool:
        dynamodb = client("dynamodb")
        try:
            dynamodb.put_item(
                TableName=self._name,
                Item=_to_item(row),
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True


def rewrite(
    table: Table,
    pk: str,
    change: Callable[[Row | None], tuple[Row | None, Result]],
    *,
    now: int,
    sk: str = SINGLE,
    knows: Collection[str] | None = None,
) -> Result:
    """Apply `change` to a row until no other writer comes between, and return what `change` returned beside the row.

    Args:
        table: Where the row lives.
        pk: The row's key.
        change: Takes the row (None when absent) and returns the new row (None to leave it) and a result.
        now: Epoch seconds.
        sk: The row's sort key, where it does not stand alone.
        knows: The attributes this version writes. Others were written by a newer one, with which we share the table
            during a deploy, and stay as they are; without it nothing of the old row stays.

    Raises:
        Conflict: Others kept writing the same row.
    """
    for _ in range(_WRITE_TRIES):
        row = table.get(pk, sk)
        changed, result = change(row)
        if changed is None:
            return result
        if row and knows is not None:
            changed = {**{name: part for name, part in row.items() if name not in knows}, **changed}
        written = table.replace({**changed, "version": row["version"]}) if row else table.add(changed, now=now)
        if written:
            return result
    raise Conflict(f"{_WRITE_TRIES} writers before us on {pk.partition('#')[0]}")


def index_start(index: Index, row: Row) -> Row:
    """Return the key of an index's row, from which the next page starts."""
    return {name: row[name] for name in ("pk", "sk", *_INDEX_KEYS[index])}


def _to_item(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _to_attribute(value) for name, value in row.items() if value is not None}


def _to_attribute(value: Any) -> dict[str, Any]:
    """Turn a value into DynamoDB's form of it. boto3's serializer knows more types, of which our rows have none.

    It asks each value whether it is one of those before all others, which made it the dearest part of a dial.
    """
    match value:
        case str():
            return {"S": str(value)}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case dict():
            return {"M": {name: _to_attribute(part) for name, part in value.items()}}
        case list() | tuple():
            return {"L": [_to_attribute(part) for part in value]}
        case None:
            return {"NULL": True}
    raise TypeError(f"a row cannot hold a {type(value).__name__}")


def _to_row(item: Mapping[str, Any]) -> Row:
    return {name: _to_value(attribute) for name, attribute in item.items()}


def _to_value(attribute: Mapping[str, Any]) -> Any:
    """Turn DynamoDB's form of a value back; its numbers are the whole ones we stored."""
    match attribute:
        case {"S": text}:
            return text
        case {"BOOL": truth}:
            return truth
        case {"N": digits}:
            return int(digits)
        case {"M": parts}:
            return _to_row(parts)
        case {"L": parts}:
            return [_to_value(part) for part in parts]
        case {"NULL": _}:
            return None
    raise TypeError(f"a row cannot hold a {'/'.join(attribute)}")
