"""A row of a write against the layout: all the record would hold after it, or the one reason it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulators.zoho.calls import check_call, check_call_update, seconds_of
from simulators.zoho.layout import RELATED_MODULES, Field, Layout
from simulators.zoho.users import Users
from simulators.zoho.values import stored_value
from simulators.zoho.wire import Json, Place, RefusedError

WRONG_ID = "the id given seems to be invalid"
NAMES = {"Contacts": "Full_Name", "Leads": "Full_Name", "Accounts": "Account_Name"}
EVENTS = ("Calls", "Tasks")


@dataclass(frozen=True)
class RowCheck:
    layout: Layout
    users: Users
    find: Callable[[str, Any], Json | None]
    clock: Callable[[], datetime]

    def insert(self, module: str, row: Json, place: Place) -> Json:
        if "id" in row:
            raise place.invalid("id")
        return self._checked(module, row, {}, place)

    def update(self, module: str, row: Json, before: Json, place: Place) -> Json:
        after = self._checked(module, row, before, place)
        if module == "Calls":
            check_call_update(before, after, place)
        return after

    def _checked(self, module: str, row: Json, before: Json, place: Place) -> Json:
        fields = self.layout.fields(module)
        after = dict(before)
        if module in EVENTS and "$se_module" in row:
            after["$se_module"] = self._event_module(row["$se_module"], place)
        for name, value in row.items():
            if name == "$se_module" and module in EVENTS:
                continue
            if name not in fields or fields[name].read_only or fields[name].hidden:
                raise place.invalid(name)
            after[name] = None if value in (None, "") else self._value(module, fields[name], value, after, place)
        for field in fields.values():
            if (field.mandatory or field.required) and after.get(field.api_name) in (None, ""):
                raise place.missing(field.api_name)
        return self._with_derived(module, after, place)

    def _with_derived(self, module: str, after: Json, place: Place) -> Json:
        if module in NAMES and NAMES[module] == "Full_Name":
            after["Full_Name"] = " ".join(filter(None, (after.get("First_Name"), after["Last_Name"])))
        if module in EVENTS and after.get("What_Id") and after.get("$se_module") == "Leads" and after.get("Who_Id"):
            # A lead takes the place of the contact; both at once contradict each other.
            raise place.invalid("Who_Id")
        if module == "Calls":
            check_call(after, place, self.clock())
            after["Call_Duration_in_seconds"] = seconds_of(after.get("Call_Duration"))
        return after

    def _value(self, module: str, field: Field, value: Any, after: Json, place: Place) -> Any:
        match field.data_type:
            case "ownerlookup":
                return self._owner(field.api_name, value, place)
            case "parent":
                return self._parent(value, place)
            case "lookup" if field.api_name == "What_Id":
                return self._related(value, after, place)
            case "lookup":
                return self._link(field.looks_up, field.api_name, value, place)
        stored = stored_value(field, value, place)
        if field.data_type == "picklist" and stored not in field.options:
            self.layout.added_options.setdefault((module, field.api_name), []).append(stored)
        return stored

    def _owner(self, name: str, value: Any, place: Place) -> Json:
        user = self.users.active(_id_in(value))
        if user is None:
            raise place.invalid(name)
        return user.as_owner()

    def _event_module(self, named: Any, place: Place) -> str:
        if named not in (*RELATED_MODULES, "Contacts"):
            raise place.invalid("$se_module")
        return str(named)

    def _related(self, value: Any, after: Json, place: Place) -> Json:
        module = after.get("$se_module")
        if module is None:
            message, dependee = "Dependent Fields missing", place.of("$se_module")
            raise RefusedError("DEPENDENT_FIELD_MISSING", message, {**place.of("What_Id"), "dependee": dependee})
        if module not in RELATED_MODULES:
            raise place.invalid("What_Id", WRONG_ID)
        return self._link(module, "What_Id", value, place)

    def _link(self, module: str, name: str, value: Any, place: Place) -> Json:
        found = self.find(module, _id_in(value))
        if found is None:
            raise place.invalid(name, WRONG_ID)
        return {"name": found.get(NAMES[module]), "id": found["id"]}

    def _parent(self, value: Any, place: Place) -> Json:
        if not isinstance(value, dict) or not isinstance(value.get("module"), dict):
            raise place.invalid("Parent_Id", expected_data_type="jsonobject")
        module = value["module"].get("api_name")
        if module not in NAMES and module not in EVENTS:
            raise place.invalid("Parent_Id")
        found = self.find(module, value.get("id"))
        if found is None:
            raise place.invalid("Parent_Id", WRONG_ID)
        name = found.get(NAMES.get(module, "Subject"))
        return {"module": {"api_name": module}, "name": name, "id": found["id"]}


def _id_in(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value
