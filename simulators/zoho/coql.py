"""POST /coql: a select over one module, read from the records themselves and not from the search index."""

import re
from dataclasses import dataclass
from typing import Any

from simulators.zoho.conditions import Condition, Expression, Group, comparable, conditions_in
from simulators.zoho.layout import Field
from simulators.zoho.store import Store
from simulators.zoho.wire import Answer, Json, RefusedError

DEFAULT_LIMIT = 200
MOST_ROWS = 2000
MOST_VALUES = 100
TEXTUAL = ("text", "phone", "email", "textarea", "picklist", "website")
TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_$][\w$.]*)|(?P<sign><=|>=|!=|<>|[=<>(),]))"""
)
RESERVED = {
    "select",
    "from",
    "where",
    "and",
    "or",
    "not",
    "in",
    "like",
    "between",
    "is",
    "null",
    "order",
    "by",
    "limit",
}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    column: int

    @property
    def word(self) -> str:
        return self.text.casefold() if self.kind == "word" else self.text if self.kind == "sign" else ""


@dataclass(frozen=True)
class Select:
    columns: tuple[str, ...]
    module: str
    where: Expression
    order: tuple[str, bool] | None
    limit: int
    offset: int


def query(store: Store, body: Any) -> Answer:
    text = body.get("select_query") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise RefusedError("MANDATORY_NOT_FOUND", "required field not found", {"api_name": "select_query"})
    select = parsed(text)
    if not store.layout.has_module(select.module):
        raise _invalid("invalid query formed", module=select.module, reason="module not supported")
    _check(select, store.layout.fields(select.module))
    # Converted leads stay out here as they do in searches; whether Zoho agrees is not documented.
    rows = [
        record.values
        for record in store.records(select.module)
        if record.values is not None and not record.converted and select.where.holds(record.values)
    ]
    if select.order:
        name, descending = select.order
        rows.sort(key=lambda row: str(row.get(name) or ""), reverse=descending)
    chosen = rows[select.offset : select.offset + select.limit]
    if not chosen:
        return Answer(204)
    info = {"count": len(chosen), "more_records": len(rows) > select.offset + len(chosen)}
    return Answer(200, {"data": [_row(each, select.columns) for each in chosen], "info": info})


def cost(body: Any) -> int:
    """Credits, by the limit asked for; a query that is refused costs the least."""
    try:
        limit = parsed(str(body.get("select_query", ""))).limit if isinstance(body, dict) else 0
    except RefusedError:
        return 1
    return 1 if limit <= 200 else 2 if limit <= 1000 else 3


def parsed(text: str) -> Select:
    return _Parser(text).select()


def _row(values: Json, columns: tuple[str, ...]) -> Json:
    row: Json = {"id": values["id"]}
    for name in columns:
        value = values.get(name)
        # Links come back bare: name and e-mail have to be asked for by other means.
        row[name] = {"id": value["id"]} if isinstance(value, dict) and "id" in value else value
    return row


def _check(select: Select, fields: dict[str, Field]) -> None:
    named = [*select.columns, *(each.field for each in conditions_in(select.where))]
    for name in [*named, *([select.order[0]] if select.order else [])]:
        if name not in fields:
            raise _invalid("column given seems to be invalid", column_name=name)
    if len(set(select.columns)) != len(select.columns):
        raise RefusedError("DUPLICATE_DATA", "duplicate data")
    for condition in conditions_in(select.where):
        kind = fields[condition.field].data_type
        if condition.operator in ("like", "not like") and kind not in TEXTUAL:
            details = {"operator": "like", "column_name": condition.field, "data_type": kind}
            raise _invalid("data type not supported", **details)
        _check_value(condition, fields[condition.field])


def _check_value(condition: Condition, field: Field) -> None:
    if condition.value is None:
        return
    values = condition.value if isinstance(condition.value, list) else [condition.value]
    if condition.operator in ("in", "not in") and len(values) > MOST_VALUES:
        raise _invalid("value given seems to be invalid for the column", column_name=field.api_name, limit=MOST_VALUES)
    expected: type | tuple[type, ...] = (int, float) if field.data_type == "integer" else object
    if field.data_type in TEXTUAL:
        expected = str
    if not all(isinstance(value, expected) for value in values):
        details = {"column_name": field.api_name, "expected_data_type": field.data_type}
        raise _invalid("value given seems to be invalid for the column", **details)


def _invalid(message: str, **details: Any) -> RefusedError:
    return RefusedError("INVALID_QUERY", message, details)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[Token] = []
        self._at = 0
        position = 0
        text = text.rstrip()
        while position < len(text):
            found = TOKEN.match(text, position)
            if found is None:
                near = text[position:].split()[0]
                raise RefusedError(
                    "SYNTAX_ERROR", "error occured while parsing the query", _parse_details(position, near)
                )
            kind = str(found.lastgroup)
            self._tokens.append(Token(kind, found[kind], found.start(kind)))
            position = found.end()
        self._end = Token("end", "", len(text))

    def select(self) -> Select:
        self._expect("select")
        columns = [self._column()]
        while self._accept(","):
            columns.append(self._column())
        self._expect("from")
        module = self._column()
        if not self._accept("where"):
            raise RefusedError("SYNTAX_ERROR", "missing clause", {"clause": "where"})
        where = self._pair()
        order = self._order()
        limit, offset = self._limit()
        if self._token.kind != "end":
            raise self._error()
        return Select(tuple(columns), module, where, order, limit, offset)

    def _pair(self) -> Expression:
        """One condition or two: whoever has three puts two of them in parentheses."""
        first = self._member()
        for connective in ("and", "or"):
            if self._accept(connective):
                return Group(connective, (first, self._member()))
        return first

    def _member(self) -> Expression:
        if self._accept("("):
            inner = self._pair()
            self._expect(")")
            return inner
        return self._condition()

    def _condition(self) -> Condition:
        name = self._column()
        if self._accept("is"):
            negated = self._accept("not")
            self._expect("null")
            return Condition(name, "is not null" if negated else "is null", None)
        negated = self._accept("not")
        if self._accept("in"):
            return Condition(name, "not in" if negated else "in", self._list())
        if self._accept("like"):
            return Condition(name, "not like" if negated else "like", self._value())
        if self._accept("between") and not negated:
            low = self._value()
            self._expect("and")
            return Condition(name, "between", [low, self._value()])
        for sign in ("=", "!=", "<>", "<=", ">=", "<", ">"):
            if not negated and self._accept(sign):
                return Condition(name, "!=" if sign == "<>" else sign, self._value())
        raise self._error()

    def _list(self) -> list[Any]:
        self._expect("(")
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        self._expect(")")
        return values

    def _value(self) -> Any:
        token = self._next("text", "number", "word")
        if token.kind == "text":
            return comparable(token.text[1:-1].replace("''", "'"))
        if token.kind == "word":
            if token.word not in ("true", "false"):
                raise self._error(token)
            return token.word == "true"
        # An id is a number to the eye and text on the wire.
        return token.text if len(token.text) > 15 else float(token.text) if "." in token.text else int(token.text)

    def _order(self) -> tuple[str, bool] | None:
        if not self._accept("order"):
            return None
        self._expect("by")
        name = self._column()
        descending = self._accept("desc")
        if not descending:
            self._accept("asc")
        return name, descending

    def _limit(self) -> tuple[int, int]:
        """`limit n`, `limit n offset m` or `limit m, n`."""
        limit, offset = DEFAULT_LIMIT, 0
        if self._accept("limit"):
            limit = self._number()
            if self._accept(","):
                limit, offset = self._number(), limit
            elif self._accept("offset"):
                offset = self._number()
        if limit > MOST_ROWS:
            raise RefusedError("LIMIT_EXCEEDED", "limit exceeded", {"limit": MOST_ROWS})
        return limit, offset

    def _number(self) -> int:
        token = self._next("number")
        if not token.text.isdigit():
            raise self._error(token)
        return int(token.text)

    def _column(self) -> str:
        token = self._next("word", "text")
        if token.kind == "word" and token.word in RESERVED:
            raise self._error(token)
        return token.text.strip("'")

    @property
    def _token(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else self._end

    def _next(self, *kinds: str) -> Token:
        token = self._token
        if token.kind not in kinds:
            raise self._error()
        self._at += 1
        return token

    def _accept(self, word: str) -> bool:
        if self._token.word != word:
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._error()

    def _error(self, token: Token | None = None) -> RefusedError:
        token = token or self._token
        return RefusedError(
            "SYNTAX_ERROR", "error occured while parsing the query", _parse_details(token.column, token.text)
        )


def _parse_details(column: int, near: str) -> Json:
    return {"line": 1, "column": column + 1, "near": near}
