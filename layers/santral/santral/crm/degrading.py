"""Rather a record with fewer fields than none: what to leave out when Zoho refuses a record because of one field."""

from collections.abc import Callable, Mapping

from santral.errors import SantralError
from santral.telemetry import count, logger
from santral.zoho.client import Json, RecordRefused, Zoho
from santral.zoho.records import Outcome, insert, insert_all

Write = Callable[[Json], str]
Build = Callable[[frozenset[str]], Json]

# These say together which record a call is about; one without the others is refused as well.
LINK = frozenset({"Who_Id", "What_Id", "$se_module"})


def write_what_is_accepted(write: Write, build: Build, *, minimal: frozenset[str], mandatory: frozenset[str]) -> str:
    """Write a record, first whole, then without the field Zoho names, at last with its minimal fields alone.

    Args:
        write: Writes a record and returns its id.
        build: Returns the record without the fields it is given; what they would have said may go elsewhere.
        minimal: The fields of the last try, less those refused by name.
        mandatory: The fields that are never left out: when one of these is refused, so is the record.

    Raises:
        RecordRefused: The minimal record is refused as well, or what Zoho asks for is not ours to give.
    """
    left_out: frozenset[str] = frozenset()
    for nothing_else_helped in (False, True):
        record = build(left_out)
        try:
            return write(record)
        except RecordRefused as refusal:
            droppable = record.keys() - mandatory
            refused = _refused(refusal) & droppable
            if refusal.field and not refused:
                raise
            if nothing_else_helped or not refusal.field:
                refused |= droppable - minimal
            if not refused:
                raise
            left_out |= refused
            logger.warning("fields left out of a CRM record", fields=sorted(refused), code=refusal.zoho_code)
            count("crm_fields_dropped", len(refused))
    return write(build(left_out))


def insert_what_is_accepted(
    zoho: Zoho,
    module: str,
    rows: Mapping[str, Json],
    *,
    minimal: frozenset[str],
    mandatory: frozenset[str],
    unique: str | None = None,
) -> dict[str, str | SantralError]:
    """Insert up to a hundred records, by names of ours; return, by name, the id of each or why it has none.

    They are inserted together; what is refused among others is inserted again alone, with what is refused left out.

    Args:
        zoho: The tenant's Zoho.
        module: Api name of the module.
        rows: The records' values.
        minimal: See `write_what_is_accepted`.
        mandatory: See `write_what_is_accepted`.
        unique: See `santral.zoho.records.insert_all`.

    Raises:
        OutcomeUnknown: Any of them may have been inserted.
        OutsideFailure: None of them was inserted, or it may be done again.
    """
    if not rows:
        return {}
    # One alone needs no second request to learn what is refused of it.
    outcomes: list[Outcome | None] = [None]
    if len(rows) > 1:
        try:
            outcomes = [*insert_all(zoho, module, list(rows.values()), unique=unique)]
        except RecordRefused as refusal:
            outcomes = [refusal] * len(rows)

    def alone(row: Json) -> str | SantralError:
        try:
            return write_what_is_accepted(
                lambda record: insert(zoho, module, record, unique=unique),
                lambda left_out: {field: value for field, value in row.items() if field not in left_out},
                minimal=minimal,
                mandatory=mandatory,
            )
        except SantralError as error:
            return error

    inserted: dict[str, str | SantralError] = {}
    for (name, row), outcome in zip(rows.items(), outcomes, strict=True):
        inserted[name] = outcome if outcome and not isinstance(outcome, RecordRefused) else alone(row)
    return inserted


def _refused(refusal: RecordRefused) -> frozenset[str]:
    if refusal.field is None:
        return frozenset()
    return LINK if refusal.field in LINK else frozenset({refusal.field})
