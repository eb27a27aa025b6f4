"""Rather a record with fewer fields than none, and one with a field filled in that says nothing than none.

What to leave out when Zoho refuses a record because of one field, and what to fill in when it asks for one that we know
nothing of. What a record could not be written without knowing is remembered for the next ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from santral.errors import SantralError
from santral.telemetry import count, logger
from santral.zoho.client import Json, PermissionMissing, RecordRefused, Zoho
from santral.zoho.objections import WHOLE, Allowance, Objection
from santral.zoho.records import Outcome, insert, insert_all

Write = Callable[[Json], str]
Build = Callable[[Allowance], Json]

# These say together which record a call is about; one without the others is refused as well.
LINK = frozenset({"Who_Id", "What_Id", "$se_module"})
# Refused because of the record or the user they name, which says nothing about the layout.
_ABOUT_OTHERS = LINK | {"Owner"}
_MANDATORY_NOT_FOUND = "MANDATORY_NOT_FOUND"
_MOST_LEFT_OUT = 2
_MOST_FILLED = 5


@dataclass(frozen=True)
class Tolerance:
    """What records of a module can do without.

    Attributes:
        minimal: The fields of the last try, less those refused by name.
        mandatory: The fields that are never left out: when one of these is refused, so is the record.
        alike: Fields whose values are alike in all records: where one is refused, so are all.
        handled: Fields whose refusal whoever writes handles by themselves.
    """

    minimal: frozenset[str]
    mandatory: frozenset[str]
    alike: frozenset[str] = frozenset()
    handled: frozenset[str] = frozenset()


def write_what_is_accepted(
    zoho: Zoho, module: str, write: Write, build: Build, tolerance: Tolerance, *, new: bool = True
) -> str:
    """Write a record, first whole, then without the field Zoho names, at last with its minimal fields alone.

    A field Zoho asks for is filled in where there is a value that says nothing (ADR 22).

    Args:
        zoho: The tenant's Zoho.
        module: Api name of the module.
        write: Writes a record and returns its id.
        build: Returns the record; what it has to do without may be said in other fields.
        tolerance: What it can do without.
        new: It is a new record, not some values of one that is there.

    Raises:
        RecordRefused: The minimal record is refused as well, or what Zoho asks for is not ours to give.
    """
    allowance = zoho.objections.allowance(module)
    if not new:
        allowance = Allowance(allowance.left_out)
    reductions = 0
    taken_back: set[str] = set()
    while True:
        record = build(allowance)
        try:
            written_id = write(record)
        except RecordRefused as refusal:
            name = refusal.field
            if name and name in allowance.filled:
                # It was asked for once, and is not there any more or wants another value by now.
                taken_back.add(name)
                zoho.objections.withdraw(module, [name])
                allowance = allowance.unfilled(name)
                continue
            fillable = new and name not in taken_back
            if fillable and (filled := _filling(zoho, module, refusal, record, allowance)):
                allowance = filled
                continue
            given = record.keys() - allowance.filled.keys()
            refused = _to_leave_out(refusal, given, tolerance, last=reductions > 0)
            if not refused or reductions == _MOST_LEFT_OUT:
                if new and refusal.field not in tolerance.handled:
                    _hold_back(zoho, module, refusal, record)
                raise
            _learn(zoho, module, refusal, tolerance)
            reductions += 1
            allowance = allowance.without(refused)
            logger.warning("fields left out of a CRM record", fields=sorted(refused), code=refusal.zoho_code)
            count("crm_fields_dropped", len(refused))
        else:
            zoho.objections.accepted(module, record, whole=new)
            return written_id


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
        minimal: See `Tolerance`.
        mandatory: See `Tolerance`.
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
        allowance = zoho.objections.allowance(module)
        allowed = [allowance.applied(row) for row in rows.values()]
        try:
            outcomes = [*insert_all(zoho, module, allowed, unique=unique)]
        except RecordRefused as refusal:
            outcomes = [refusal] * len(rows)
        for row, outcome in zip(allowed, outcomes, strict=True):
            if isinstance(outcome, str):
                zoho.objections.accepted(module, row, whole=True)

    def alone(row: Json) -> str | SantralError:
        try:
            return write_what_is_accepted(
                zoho,
                module,
                lambda record: insert(zoho, module, record, unique=unique),
                lambda allowance: allowance.applied(row),
                Tolerance(minimal=minimal, mandatory=mandatory),
            )
        except SantralError as error:
            return error

    inserted: dict[str, str | SantralError] = {}
    without_permission: SantralError | None = None
    for (name, row), outcome in zip(rows.items(), outcomes, strict=True):
        refused = outcome is None or isinstance(outcome, RecordRefused)
        inserted[name] = outcome if outcome and not refused else without_permission or alone(row)
        if isinstance(failure := inserted[name], PermissionMissing):
            # No other record would fare better.
            without_permission = failure
    return inserted


def _filling(zoho: Zoho, module: str, refusal: RecordRefused, record: Json, allowance: Allowance) -> Allowance | None:
    """Return what is allowed with one field more filled in: the one Zoho asks for, if anything harmless is known."""
    name = refusal.field
    if name is None or not _wanted(refusal, record) or len(allowance.filled) >= _MOST_FILLED:
        return None
    layout = zoho.described(module, name)
    value = layout.harmless.get(name)
    if value is None:
        return None
    label = layout.labels.get(name)
    zoho.objections.remember(module, name, Objection(code=refusal.zoho_code, wanted=True, label=label, value=value))
    logger.warning("a field was filled in because it is asked for", of=module, field=name)
    count("crm_fields_filled")
    return allowance.filling(name, value)


def _to_leave_out(
    refusal: RecordRefused, given: frozenset[str] | set[str], tolerance: Tolerance, *, last: bool
) -> frozenset[str]:
    droppable = given - tolerance.mandatory
    refused = _refused(refusal) & droppable
    if isinstance(refusal, PermissionMissing) or (refusal.field and not refused):
        return frozenset()
    return refused | (droppable - tolerance.minimal) if last or not refusal.field else refused


def _learn(zoho: Zoho, module: str, refusal: RecordRefused, tolerance: Tolerance) -> None:
    if refusal.field is None or refusal.field in _ABOUT_OTHERS:
        return
    # Perhaps the field is not there any more, or not for us: then the next records do without it from the start.
    layout = zoho.described(module, refusal.field)
    if refusal.field in tolerance.alike and refusal.field in layout.fields:
        label = layout.labels.get(refusal.field)
        zoho.objections.remember(module, refusal.field, Objection(code=refusal.zoho_code, label=label))


def _hold_back(zoho: Zoho, module: str, refusal: RecordRefused, record: Json) -> None:
    """Remember why a record has to wait, so that the status page can say it."""
    label = zoho.described(module, refusal.field).labels.get(refusal.field) if refusal.field else None
    objection = Objection(code=refusal.zoho_code, wanted=_wanted(refusal, record), label=label, waits=True)
    zoho.objections.remember(module, refusal.field or WHOLE, objection)


def _wanted(refusal: RecordRefused, record: Json) -> bool:
    return refusal.zoho_code == _MANDATORY_NOT_FOUND and refusal.field not in record


def _refused(refusal: RecordRefused) -> frozenset[str]:
    if refusal.field is None:
        return frozenset()
    return LINK if refusal.field in LINK else frozenset({refusal.field})
