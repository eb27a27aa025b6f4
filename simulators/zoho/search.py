"""GET /{module}/search: criteria, else email, else phone, else word, read from an index that lags behind."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulators.zoho.conditions import Condition, Expression, Group, comparable, conditions_in
from simulators.zoho.layout import Field
from simulators.zoho.store import Store
from simulators.zoho.wire import Answer, Json, RefusedError

# Zoho's posts say 10, its published description speaks of 15: who keeps to 10 is right either way.
MOST_CONDITIONS = 10
MOST_VALUES = 100
MOST_RECORDS = 2000
SEARCHABLE = ("text", "phone", "email", "textarea", "picklist", "website")
OPERATORS = {"equals": "=", "starts_with": "starts_with", "in": "in"}

Matches = Callable[[Json], bool]


def search(store: Store, module: str, query: dict[str, str], lag: timedelta) -> Answer:
    matches = _matcher(store.layout.fields(module), query)
    moment = store.clock() - lag
    wanted = query.get("converted", "false")
    found = []
    for record in store.records(module):
        values = record.as_of(moment)
        fits = wanted == "both" or record.converted == (wanted == "true")
        if values is not None and fits and matches(values):
            found.append(values)
    page, per_page = page_of(query)
    if page * per_page > MOST_RECORDS:
        raise RefusedError("LIMIT_REACHED", "maximum response iteration limit reached", {"limit": str(MOST_RECORDS)})
    return listed(found, page, per_page, chosen_fields(store.layout.fields(module), query.get("fields")))


def page_of(query: dict[str, str]) -> tuple[int, int]:
    numbers = []
    for name, default, most in (("page", "1", 2000), ("per_page", "200", 200)):
        text = query.get(name, default)
        if not re.fullmatch(r"\d{1,4}", text) or not 1 <= int(text) <= most:
            details = {"param_name": name, "param": name, "supported_values": [f"1-{most}"]}
            raise RefusedError("INVALID_DATA", "Please check whether the input values are correct", details)
        numbers.append(int(text))
    return numbers[0], numbers[1]


def chosen_fields(fields: dict[str, Field], asked: str | None) -> list[str] | None:
    """The field names of a `fields` parameter; None without one."""
    if asked is None:
        return None
    names = [name.strip() for name in asked.split(",") if name.strip()]
    unknown = [name for name in names if name not in fields]
    if unknown:
        details = {"param_name": "fields", "param": unknown[0]}
        raise RefusedError("INVALID_DATA", "No field found", details)
    return names


def shown(values: Json, names: list[str] | None) -> Json:
    return dict(values) if names is None else {"id": values["id"], **{name: values.get(name) for name in names}}


def listed(found: list[Json], page: int, per_page: int, names: list[str] | None) -> Answer:
    """One page of records, or 204 with an empty body."""
    rows = found[(page - 1) * per_page : page * per_page]
    if not rows:
        return Answer(204)
    info = {"per_page": per_page, "count": len(rows), "page": page, "more_records": len(found) > page * per_page}
    return Answer(200, {"data": [shown(row, names) for row in rows], "info": info})


def _matcher(fields: dict[str, Field], query: dict[str, str]) -> Matches:
    if query.get("criteria"):
        return parsed_criteria(query["criteria"], fields).holds
    if query.get("email"):
        return _any_field_equals(fields, "email", query["email"].casefold(), str.casefold)
    if query.get("phone"):
        # How much more than the digits Zoho compares is not documented, so nothing more is offered here.
        return _any_field_equals(fields, "phone", digits_of(query["phone"]), digits_of)
    if query.get("word"):
        return _any_field_contains(fields, query["word"].casefold())
    names = ["criteria", "email", "phone", "word"]
    raise RefusedError("EXPECTED_PARAM_MISSING", "One of the expected parameter is missing", {"param_names": names})


def digits_of(number: str) -> str:
    return re.sub(r"\D", "", number)


def _any_field_equals(fields: dict[str, Field], kind: str, wanted: str, form: Callable[[str], str]) -> Matches:
    names = [name for name, field in fields.items() if field.data_type == kind]
    return lambda record: bool(wanted) and any(form(record.get(name) or "") == wanted for name in names)


def _any_field_contains(fields: dict[str, Field], wanted: str) -> Matches:
    names = [name for name, field in fields.items() if field.data_type in SEARCHABLE and name != "Tag"]
    return lambda record: any(wanted in (record.get(name) or "").casefold() for name in names)


def parsed_criteria(text: str, fields: dict[str, Field]) -> Expression:
    """`(Field:operator:value)`, joined by `and` or `or` inside one more pair of parentheses."""
    expression = _Criteria(text, fields).whole()
    if len(list(conditions_in(expression))) > MOST_CONDITIONS:
        message = f"no of criterium that can be given exceed the limit {MOST_CONDITIONS}"
        raise RefusedError("CRITERIA_LIMIT_EXCEEDED", message)
    return expression


def _invalid(reason: str, **details: Any) -> RefusedError:
    return RefusedError("INVALID_QUERY", "Invalid query formed", {"reason": reason, **details})


class _Criteria:
    def __init__(self, text: str, fields: dict[str, Field]) -> None:
        # A backslash makes the next sign an ordinary one, of the value; ordinary signs stay together.
        self._signs = re.findall(r"\\.|[^\\()]+|.", text, re.DOTALL)
        self._at = 0
        self._fields = fields

    def whole(self) -> Expression:
        expression = self._group()
        if self._at != len(self._signs):
            raise _invalid("unexpected text after the criteria", api_name="criteria")
        return expression

    def _group(self) -> Expression:
        self._take("(")
        if self._next() != "(":
            return self._condition()
        members, connectives = [self._group()], set()
        while self._next() != ")":
            connectives.add(self._connective())
            members.append(self._group())
        self._take(")")
        if len(connectives) > 1:
            raise _invalid("and and or need parentheses between them", api_name="criteria")
        return Group(connectives.pop(), tuple(members)) if connectives else members[0]

    def _condition(self) -> Condition:
        signs = []
        while self._next() not in (")", "(", ""):
            signs.append(self._signs[self._at])
            self._at += 1
        self._take(")")
        parts = "".join(signs).split(":", 2)
        if len(parts) != 3 or not parts[2]:  # name, operator, value
            raise _invalid("a condition is field:operator:value", api_name=parts[0])
        name, operator, value = parts
        if name not in self._fields:
            raise _invalid("the field is not available in the module", api_name=name)
        if operator not in OPERATORS or (operator == "starts_with" and self._fields[name].data_type not in SEARCHABLE):
            raise _invalid("operator not supported", api_name=name, operator=operator)
        return Condition(name, OPERATORS[operator], _wanted(self._fields[name], operator, value))

    def _connective(self) -> str:
        if (word := self._next()) in ("and", "or"):
            self._at += 1
            return word
        raise _invalid("conditions are joined by and or or", api_name="criteria")

    def _next(self) -> str:
        return self._signs[self._at] if self._at < len(self._signs) else ""

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            raise _invalid(f"{sign} expected", api_name="criteria")
        self._at += 1


def _wanted(field: Field, operator: str, value: str) -> Any:
    name = field.api_name
    parts = re.split(r"(?<!\\),", value)
    if len(parts) > 1 and operator != "in":
        raise _invalid("a comma in a value is escaped", api_name=name, value=value)
    if len(parts) > MOST_VALUES:
        message = 'Only 100 values are allowed in "IN" criteria'
        raise RefusedError("INVALID_QUERY", message, {"api_name": name})
    plain = [_typed(field, re.sub(r"\\(.)", r"\1", part)) for part in parts]
    return plain if operator == "in" else plain[0]


def _typed(field: Field, value: str) -> Any:
    if field.data_type != "integer":
        return comparable(value)
    if not value.isdigit():
        raise _invalid("invalid type", api_name=field.api_name, expected_data_type="integer")
    return int(value)
