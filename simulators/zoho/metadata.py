"""GET /settings/fields and GET /org: how the organisation is set up."""

from simulators.zoho.layout import Field, Layout
from simulators.zoho.wire import Answer, Json, RefusedError, missing_parameter

JSON_TYPES = {"boolean": "boolean", "integer": "integer", "lookup": "jsonobject", "ownerlookup": "jsonobject"}
FIRST_FIELD_ID = 548_728_000_000_002_001


def fields_answer(layout: Layout, module: str | None) -> Answer:
    if not module:
        raise missing_parameter("module")
    if not layout.has_module(module):
        raise RefusedError("INVALID_MODULE", "the module name given seems to be invalid", {"api_name": "module"})
    fields = layout.fields(module).values()
    return Answer(200, {"fields": [_described(field, number) for number, field in enumerate(fields)]})


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
    writable = not field.read_only
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
        "visible": True,
        "available_in_user_layout": True,
        "searchable": True,
        "filterable": True,
        "unique": {"casesensitive": "false"} if field.unique else {},
        "operation_type": {
            "web_update": writable,
            "api_create": writable,
            "web_create": writable,
            "api_update": writable,
        },
        "pick_list_values": [_option(option, place, number) for place, option in enumerate(field.options, 1)],
        "lookup": {"module": {"api_name": field.looks_up}} if field.looks_up else {},
    }


def _option(value: str, place: int, number: int) -> Json:
    return {
        "id": str(FIRST_FIELD_ID + 100_000 + 1000 * number + place),
        "display_value": value,
        "actual_value": value,
        "reference_value": value,
        "type": "used",
        "sequence_number": place,
        "colour_code": None,
    }
