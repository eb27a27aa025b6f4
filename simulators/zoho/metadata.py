"""GET and POST /settings/fields, GET /org: how the organisation is set up, and adding a field to it.

What may be posted follows Zoho's page on creating custom fields; where that and the published description differ (a
unique field's `case_sensitive` there, `casesensitive` here), the description holds. Only single-line fields are made.
"""

import re
from typing import Any

from simulators.zoho.layout import CALL_ID_FIELD, Field, Layout
from simulators.zoho.wire import Answer, Json, RefusedError, missing_parameter, no_permission

JSON_TYPES = {"boolean": "boolean", "integer": "integer", "lookup": "jsonobject", "ownerlookup": "jsonobject"}
FIRST_FIELD_ID = 548_728_000_000_002_001
MOST_NEW_FIELDS = 5
LONGEST_TEXT = 255
LONGEST_LABEL = 50
KEYS_OF_A_FIELD = {
    "field_label",
    "data_type",
    "length",
    "unique",
    "tooltip",
    "profiles",
    "external",
    "crypt",
    "private",
}


def fields_answer(layout: Layout, module: str | None) -> Answer:
    fields = layout.fields(_module(layout, module)).values()
    return Answer(200, {"fields": [_described(field, number) for number, field in enumerate(fields)]})


def create_fields(layout: Layout, module: str | None, body: Any) -> Answer:
    """POST /settings/fields: up to five fields, of which one refused refuses all."""
    module = _module(layout, module)
    if layout.read_only_user:
        raise no_permission("Crm_Implied_Customize_Zoho_CRM")
    asked = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(asked, list) or not asked:
        raise _refused("MANDATORY_NOT_FOUND", "required field not found", _at("fields", "$.fields"))
    try:
        if len(asked) > MOST_NEW_FIELDS:
            raise _refused("INVALID_DATA", "invalid data", {**_at("fields", "$.fields"), "maximum_length": 5})
        if len(asked) > layout.fields_left:
            due_to = [_at("fields", f"$.fields[{number}]") for number in range(len(asked))]
            raise _refused("LIMIT_EXCEEDED", "limit exceeded", {"limit": 0, "limit_due_to": due_to})
        made = [_new_field(layout, module, each, f"$.fields[{number}]") for number, each in enumerate(asked)]
    except RefusedError as refusal:
        return Answer(400, {"fields": [refusal.body]})
    for field in made:
        _add(layout, module, field)
    names = list(layout.fields(module))
    ids = [str(FIRST_FIELD_ID + 2 * names.index(field.api_name)) for field in made]
    created = [{"code": "SUCCESS", "details": {"id": each}, "message": "field created"} for each in ids]
    return Answer(201, {"fields": [{**each, "status": "success"} for each in created]})


def _module(layout: Layout, module: str | None) -> str:
    if not module:
        raise missing_parameter("module")
    if not layout.has_module(module):
        raise RefusedError("INVALID_MODULE", "the module name given seems to be invalid", {"api_name": "module"})
    return module


def _new_field(layout: Layout, module: str, asked: Any, path: str) -> Field:
    if not isinstance(asked, dict):
        raise _refused("INVALID_DATA", "invalid data", {**_at("fields", path), "expected_data_type": "jsonobject"})
    for name in ("field_label", "data_type"):
        if not asked.get(name):
            raise _refused("MANDATORY_NOT_FOUND", "required field not found", _at(name, f"{path}.{name}"))
    unknown = sorted(set(asked) - KEYS_OF_A_FIELD)
    if unknown:
        raise _invalid(unknown[0], path)
    label, length, unique = asked["field_label"], asked.get("length", LONGEST_TEXT), asked.get("unique")
    if asked["data_type"] != "text":
        raise _invalid("data_type", path)
    if not isinstance(label, str) or len(label) > LONGEST_LABEL:
        raise _invalid("field_label", path)
    if not isinstance(length, int) or not 1 <= length <= LONGEST_TEXT:
        raise _invalid("length", path, maximum_length=LONGEST_TEXT)
    spelled = isinstance(unique, dict) and set(unique) == {"casesensitive"} and isinstance(unique["casesensitive"], str)
    if unique is not None and not (spelled and (layout.takes_unique_fields(module))):
        raise _invalid("unique", path)
    api_name = re.sub(r"\W+", "_", label, flags=re.ASCII).strip("_")
    if api_name in layout.fields(module):
        raise _invalid("field_label", path)
    return Field(api_name, length=length, unique=unique is not None, custom=True)


def _add(layout: Layout, module: str, field: Field) -> None:
    layout.fields_left -= 1
    if (module, field.api_name) == ("Calls", CALL_ID_FIELD):
        layout.call_id_field = "unique" if field.unique else "plain"
    else:
        layout.extra_fields[module, field.api_name] = field


def _at(name: str, path: str) -> Json:
    return {"api_name": name, "json_path": path}


def _invalid(name: str, path: str, **details: Any) -> RefusedError:
    return _refused("INVALID_DATA", "invalid data", {**_at(name, f"{path}.{name}"), **details})


def _refused(code: str, message: str, details: Json) -> RefusedError:
    return RefusedError(code, message, details)


def org_answer() -> Answer:
    organisation = {
        "id": "548728000000000087",
        "zgid": "700000000",
        "primary_zuid": "700000001",
        "company_name": "Santral Demo",
        "primary_email": "ayse@example.com",
        "country": "Turkey",
        "country_code": "TR",
        "time_zone": "Europe/Istanbul",
        "currency": "Turkish Lira - TRY",
        "iso_code": "TRY",
        "type": "Production",
        "license_details": {"paid_type": "enterprise", "users_license_purchased": 3, "paid": True},
    }
    return Answer(200, {"org": [organisation]})


def _described(field: Field, number: int) -> Json:
    writable = not field.read_only and not field.hidden
    label = field.api_name.removesuffix("__s").replace("_", " ")
    return {
        "id": str(FIRST_FIELD_ID + 2 * number),
        "api_name": field.api_name,
        "field_label": label,
        "display_label": label,
        "data_type": "text" if field.data_type in ("ALARM", "parent") else field.data_type,
        "json_type": JSON_TYPES.get(field.data_type, "string"),
        "length": field.length,
        "system_mandatory": field.mandatory and not field.custom,
        "custom_field": field.custom,
        "read_only": field.read_only,
        "field_read_only": field.read_only,
        "visible": not field.hidden,
        "available_in_user_layout": not field.hidden,
        "default_value": field.default,
        "searchable": True,
        "filterable": True,
        "unique": {"casesensitive": "false"} if field.unique else {},
        "operation_type": {
            "web_update": writable,
            "api_create": writable,
            "web_create": writable,
            "api_update": writable,
        },
        "pick_list_values": [_option(field, place, number) for place in range(len(field.options))],
        "lookup": {"module": {"api_name": field.looks_up}} if field.looks_up else {},
    }


def _option(field: Field, place: int, number: int) -> Json:
    value = field.options[place]
    return {
        "id": str(FIRST_FIELD_ID + 100_000 + 1000 * number + place + 1),
        "display_value": field.labels.get(value, value),
        "actual_value": value,
        # The name it was given first: renaming an option leaves it as it was.
        "reference_value": field.references.get(value, value),
        "type": "used",
        "sequence_number": place + 1,
        "colour_code": None,
    }
