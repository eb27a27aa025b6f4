"""The field of Calls that lets Zoho itself refuse a second record of a call."""

from santral.crm.call_log import OnceRule
from santral.crm.call_record import CALL_ID_FIELD
from santral.telemetry import logger
from santral.tenant import Tenant
from santral.zoho.client import RecordRefused
from santral.zoho.fields import SPELLINGS_OF_UNIQUE, UNIQUE, create_text_field

_MODULE = "Calls"
_LABEL = CALL_ID_FIELD.replace("_", " ")


def make_call_id_field(tenant: Tenant) -> OnceRule:
    """Make the field, refusing duplicates where the customer's edition lets it; return what keeps calls single then.

    It counts from now on.

    Raises:
        ScopeMissing: Our authorisation does not make fields.
        RecordRefused: Zoho refuses the field.
        OutsideFailure: Zoho cannot be asked, or whether it made the field is not known.
    """
    for unique in (*SPELLINGS_OF_UNIQUE, None):
        try:
            create_text_field(tenant.zoho, _MODULE, _LABEL, unique=unique)
            break
        except RecordRefused as refusal:
            if unique is None or refusal.field != UNIQUE:
                raise
            logger.info("this way no unique field is made", code=refusal.zoho_code)
    return OnceRule.of(tenant.zoho.layout(_MODULE, fresh=True))
