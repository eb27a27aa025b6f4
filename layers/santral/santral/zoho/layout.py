"""Which fields a customer's module has. Read from Zoho once a day for the whole tenant, and kept in the table."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from santral.errors import Unintelligible
from santral.store.table import SINGLE, Table, rewrite

_DAY_SECONDS = 86_400
# Shorter, so that all workers soon follow when the status page has read the layout anew.
_MEMORY_SECONDS = 300
# Other pick lists are as long as the customer likes and none of our business.
_CHOSEN_FROM = frozenset({"Lead_Source"})


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

    An `assumed` layout was not read: Zoho does not let us.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    fields: frozenset[str]
    unique: frozenset[str]
    options: Mapping[str, tuple[str, ...]] = {}
    assumed: bool = False

    @classmethod
    def usual(cls, module: str) -> "Layout":
        """Return what to assume of a module that cannot be read. What is wrong about it, Zoho will name on writing."""
        fields = frozenset(_USUAL.get(module, "").split())
        return cls(fields=fields, unique=fields & _USUALLY_UNIQUE, assumed=True)

    def without(self, field: str) -> "Layout":
        """Return the layout as if it did not have a field."""
        return self.model_copy(update={"fields": self.fields - {field}, "unique": self.unique - {field}})

    def as_row(self) -> dict[str, Any]:
        """Return it as table values."""
        return {
            "fields": sorted(self.fields),
            "unique": sorted(self.unique),
            "options": {name: list(options) for name, options in self.options.items()},
        }

    @classmethod
    def described(cls, answer: Any) -> "Layout":
        """Read Zoho's description of a module's fields."""
        told = answer.get("fields") if isinstance(answer, dict) else None
        if not isinstance(told, list):
            raise Unintelligible("field metadata without fields", system="zoho")
        fields = {each["api_name"]: each for each in told if isinstance(each, dict) and "api_name" in each}
        return cls(
            fields=frozenset(name for name, field in fields.items() if _may_be_written(field)),
            unique=frozenset(name for name, field in fields.items() if field.get("unique")),
            options={
                name: tuple(option["actual_value"] for option in fields[name].get("pick_list_values") or ())
                for name in _CHOSEN_FROM & fields.keys()
            },
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

    def _keep(self, module: str, layout: Layout, now: int) -> Layout:
        self._kept[module] = (now, layout)
        return layout


def _key(module: str) -> str:
    return f"LAYOUT#{module}"


def _may_be_written(field: Mapping[str, Any]) -> bool:
    operations = field.get("operation_type")
    allowed = operations.get("api_create") if isinstance(operations, dict) else None
    return allowed is not False and not field.get("field_read_only")
