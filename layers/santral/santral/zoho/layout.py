"""Which fields a customer's module has. Read from Zoho once a day for the whole tenant, and kept in the table."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from santral.errors import Unintelligible
from santral.store.table import SINGLE, Table, rewrite

_DAY_SECONDS = 86_400
# Shorter, so that all workers soon follow when the status page has read the layout anew.
_MEMORY_SECONDS = 300
_JUST_READ_SECONDS = 60
# Of a field that was not there a moment ago; a hundred refusals in a row are still one reading.
_SURELY_NOT_THERE_SECONDS = 2
# Other pick lists are as long as the customer likes and none of our business.
_CHOSEN_FROM = frozenset({"Lead_Source", "Call_Type", "Call_Result"})
_NOTHING_CHOSEN = "-None-"
_NO_TEXT = "-"

# What every org has unless someone hid it, and our own field, for an authorisation that may not read the settings.
_USUAL = {
    "Calls": (
        "Subject Call_Type Call_Start_Time Call_Duration Who_Id What_Id Owner Description Voice_Recording__s "
        "Santral_Call_ID"
    ),
    "Leads": "Last_Name Company Phone Owner Description",
    "Tasks": "Subject Due_Date Who_Id What_Id Owner Description",
}
_USUALLY_UNIQUE = frozenset({"Santral_Call_ID"})


class Layout(BaseModel):
    """The fields of a module we may write, those that refuse duplicates, and the options of those we choose from.

    Attributes:
        fields: Api names of the fields we may write.
        unique: Those of them that refuse duplicates.
        options: By field, the values of its options.
        names: By field, the value of an option by each name it has or had, case-folded.
        labels: What people call each field; known only of a layout just read.
        harmless: What each field can be filled with that says nothing; known only of a layout just read.
        assumed: It was not read: Zoho does not let us.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    fields: frozenset[str]
    unique: frozenset[str]
    options: Mapping[str, tuple[str, ...]] = {}
    names: Mapping[str, Mapping[str, str]] = {}
    labels: Mapping[str, str] = {}
    harmless: Mapping[str, str | bool] = {}
    assumed: bool = False

    @classmethod
    def usual(cls, module: str) -> "Layout":
        """Return what to assume of a module that cannot be read. What is wrong about it, Zoho will name on writing."""
        fields = frozenset(_USUAL.get(module, "").split())
        return cls(fields=fields, unique=fields & _USUALLY_UNIQUE, assumed=True)

    def without(self, field: str) -> "Layout":
        """Return the layout as if it did not have a field."""
        return self.model_copy(update={"fields": self.fields - {field}, "unique": self.unique - {field}})

    def option(self, field: str, name: str) -> str | None:
        """Return the value of a field's option by its value, by what the screen calls it or by its first name."""
        return self.names.get(field, {}).get(name.casefold())

    def as_row(self) -> dict[str, Any]:
        """Return it as table values."""
        return {
            "fields": sorted(self.fields),
            "unique": sorted(self.unique),
            "options": {name: list(options) for name, options in self.options.items()},
            "names": {name: dict(values) for name, values in self.names.items()},
        }

    @classmethod
    def described(cls, answer: Any) -> "Layout":
        """Read Zoho's description of a module's fields."""
        told = answer.get("fields") if isinstance(answer, dict) else None
        if not isinstance(told, list):
            raise Unintelligible("field metadata without fields", system="zoho")
        fields = {each["api_name"]: each for each in told if isinstance(each, dict) and "api_name" in each}
        writable = {name: field for name, field in fields.items() if _may_be_written(field)}
        chosen_from = {name: _options(fields[name]) for name in _CHOSEN_FROM & fields.keys()}
        return cls(
            fields=frozenset(writable),
            unique=frozenset(name for name, field in writable.items() if field.get("unique")),
            options={
                name: tuple(option["actual_value"] for option in options) for name, options in chosen_from.items()
            },
            names={name: _by_any_name(options) for name, options in chosen_from.items()},
            labels={
                name: str(field.get("display_label") or field.get("field_label") or name)
                for name, field in fields.items()
            },
            harmless={name: value for name, field in writable.items() if (value := _harmless(field)) is not None},
        )


class Layouts:
    """The layouts of a tenant's modules.

    Args:
        table: Where they are kept.
        clock: Returns the present moment.
        fetch: Returns Zoho's description of a module's fields, or None when it may not be read.
    """

    def __init__(self, table: Table, *, clock: Callable[[], datetime], fetch: Callable[[str], Any]) -> None:
        self._table = table
        self._clock = clock
        self._fetch = fetch
        self._kept: dict[str, tuple[int, Layout]] = {}

    def of(self, module: str, *, fresh: bool) -> Layout:
        """Return a module's layout, at most a day old."""
        now = int(self._clock().timestamp())
        if not fresh:
            kept = self._kept.get(module)
            if kept and kept[0] + _MEMORY_SECONDS > now:
                return kept[1]
            row = self._table.get(_key(module))
            if row and row["read_at"] + _DAY_SECONDS > now:
                return self._keep(module, Layout.model_validate(row), now)
        described = self._fetch(module)
        if described is None:
            return self._keep(module, Layout.usual(module), now)
        layout = Layout.described(described)
        row = {"pk": _key(module), "sk": SINGLE, "v": 1, "read_at": now, **layout.as_row()}
        rewrite(self._table, _key(module), lambda _: (row, None), now=now)
        return self._keep(module, layout, now)

    def described(self, module: str, field: str | None) -> Layout:
        """Return a module's layout with labels and harmless values, which are not kept: read a minute ago at most.

        A `field` that was not in it may have been added since: then it is read anew.
        """
        kept = self._kept.get(module)
        if kept and kept[1].labels:
            known = field is None or field in kept[1].labels
            recent = _JUST_READ_SECONDS if known else _SURELY_NOT_THERE_SECONDS
            if kept[0] + recent > int(self._clock().timestamp()):
                return kept[1]
        return self.of(module, fresh=True)

    def _keep(self, module: str, layout: Layout, now: int) -> Layout:
        self._kept[module] = (now, layout)
        return layout


def _key(module: str) -> str:
    return f"LAYOUT#{module}"


def _may_be_written(field: Mapping[str, Any]) -> bool:
    operations = field.get("operation_type")
    allowed = operations.get("api_create") if isinstance(operations, dict) else None
    # What the user who connected us is not shown is described all the same.
    return allowed is not False and not field.get("field_read_only") and field.get("visible") is not False


def _options(field: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    options = field.get("pick_list_values") or ()
    return [option for option in options if option.get("type") != "unused" and "actual_value" in option]


def _by_any_name(options: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return options by their names. A value is worth more than a label, and a label more than a name of old."""
    named: dict[str, str] = {}
    for kind in ("actual_value", "display_value", "reference_value"):
        for option in options:
            if isinstance(name := option.get(kind), str) and name:
                named.setdefault(name.casefold(), option["actual_value"])
    return named


def _harmless(field: Mapping[str, Any]) -> str | bool | None:
    """Return a value that says nothing, where there is one: what the customer would get without touching the field."""
    if field.get("unique"):
        return None
    default = field.get("default_value")
    match field.get("data_type"):
        case "text" | "textarea":
            return str(default or _NO_TEXT)
        case "boolean":
            return False
        case "picklist":
            named = _by_any_name(_options(field))
            return named.get(str(default).casefold()) if default and default != _NOTHING_CHOSEN else None
    return None
