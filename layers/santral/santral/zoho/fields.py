"""Making a custom field: POST /settings/fields, as on Zoho's page "Create Custom Fields" (API v8)."""

from collections.abc import Mapping
from typing import Any

from santral.zoho.client import RecordRefused, Zoho, failure, lost

LONGEST_TEXT = 255
UNIQUE = "unique"
# Zoho's published description and its clients know the first, the samples on its page the second.
SPELLINGS_OF_UNIQUE: tuple[Mapping[str, Any], ...] = ({"casesensitive": "false"}, {"case_sensitive": False})
_NONE_LEFT = "LIMIT_EXCEEDED"


def create_text_field(zoho: Zoho, module: str, label: str, *, unique: Mapping[str, Any] | None) -> None:
    """Make a single-line field; Zoho gives it the api name that its label has with underscores.

    Args:
        zoho: The tenant's Zoho.
        module: Api name of the module.
        label: What people call the field.
        unique: How Zoho is told to refuse duplicates in it, see `SPELLINGS_OF_UNIQUE`; None where it need not.

    Raises:
        ScopeMissing: Our authorisation does not make fields.
        RecordRefused: Zoho refuses the field; `field` names the property at fault, e.g. `UNIQUE`.
        OutsideFailure: See `Zoho.request`.
    """
    field: dict[str, Any] = {"field_label": label, "data_type": "text", "length": LONGEST_TEXT}
    if unique is not None:
        field[UNIQUE] = dict(unique)
    answer = zoho.request("POST", "/settings/fields", safe=False, query={"module": module}, body={"fields": [field]})
    results = answer.get("fields") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != 1 or not isinstance(results[0], dict):
        raise lost("not one result for one field", safe=False)
    if results[0].get("status") == "success":
        return
    if results[0].get("code") == _NONE_LEFT:
        # Elsewhere a limit passes by itself.
        raise RecordRefused(_NONE_LEFT)
    raise failure(results[0], 400, safe=False)
