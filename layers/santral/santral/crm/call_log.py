"""One CRM record per call: whether, what and how it is written, and what is said when it cannot be corrected later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from santral.calls import CallState, Direction, RecordLink
from santral.crm.call_record import (
    CALL_ID_FIELD,
    RECORDING_FIELD,
    CallRecord,
    marker,
    outcome_told,
    result_option,
    rewritten,
)
from santral.crm.degrading import LINK, Tolerance, write_what_is_accepted
from santral.errors import Busy, CredentialsRefused, SantralError, Unreachable
from santral.sentences import Sentence, say
from santral.store.calls import Entry
from santral.telemetry import count, logger
from santral.tenant import Tenant
from santral.zoho import records
from santral.zoho.client import Json, PermissionMissing, RecordRefused, Zoho
from santral.zoho.layout import Layout
from santral.zoho.objections import Allowance
from santral.zoho.search import quoted, select
from santral.zoho.users import current_user

_MODULE = "Calls"
_MANDATORY = frozenset({"Subject", "Call_Type", "Call_Start_Time", CALL_ID_FIELD})
_CHECKED_FIELDS = "duplicate_check_fields"
_TOLERANCE = Tolerance(
    minimal=_MANDATORY | {"Call_Duration", "Description"},
    mandatory=_MANDATORY,
    alike=frozenset({RECORDING_FIELD}),
    handled=frozenset({CALL_ID_FIELD, _CHECKED_FIELDS}),
)
_TOLERANCE_OF_UPDATES = Tolerance(
    minimal=frozenset({"Description"}), mandatory=frozenset(), alike=frozenset({RECORDING_FIELD})
)
_UPDATED = ("Call_Type", "Description", "Call_Duration", "Call_Result", RECORDING_FIELD)
# What Zoho lets nobody change on a finished call.
_IMMUTABLE = frozenset({"Call_Type", "Call_Start_Time", "Owner"})
# A start told in the future is written as the moment we first heard of the call, until the future has come.
_SEARCHED_AROUND_START = timedelta(hours=1)
_MOST_ROWS = 1000


class RecordGone(SantralError):
    """The CRM refuses the record a call was to belong to: deleted, merged or converted since it was found."""

    code = "record_gone"

    def __init__(self, record: RecordLink) -> None:
        super().__init__(f"{record.module} record refused")
        self.record = record


class OnceRule(Enum):
    """What keeps a call from being logged twice, best first. The value is the sentence for the status page."""

    UNIQUE_FIELD = say(
        "Each call is logged once: {field} refuses duplicates, and calls are written by upsert on it.",
        field=CALL_ID_FIELD,
    )
    FIELD_LOOKED_UP = say(
        "Each call is logged once by looking for its {field} before a second try. "
        "It is safer to let the field refuse duplicates.",
        field=CALL_ID_FIELD,
    )
    MARKER_LOOKED_UP = say(
        "Each call is logged once by looking for its line in the description before a second try. "
        "It is safer to add a unique text field {field} to Calls.",
        field=CALL_ID_FIELD,
    )

    @classmethod
    def of(cls, layout: Layout) -> "OnceRule":
        """Return the best rule a layout allows."""
        if CALL_ID_FIELD not in layout.fields:
            return cls.MARKER_LOOKED_UP
        return cls.UNIQUE_FIELD if CALL_ID_FIELD in layout.unique else cls.FIELD_LOOKED_UP


def wanted(tenant: Tenant, entry: Entry) -> bool:
    """Tell whether a call belongs into the CRM: ended, with somebody outside, and not before the tenant's first day.

    A call that an integrator replayed belongs there whenever it was, one of a campaign only if the tenant wants those.
    """
    facts = entry.facts
    if facts.state is not CallState.ENDED or facts.direction in (None, Direction.INTERNAL):
        return False
    if facts.text("campaign_id") and not tenant.settings.campaign_calls_logged:
        return False
    first = tenant.settings.log_calls_from
    if first is None or facts.started_at is None or entry.replayed:
        return True
    if first.tzinfo is None:
        first = first.replace(tzinfo=tenant.settings.time_zone)
    return facts.started_at >= first


def log_call(
    tenant: Tenant,
    entry: Entry,
    record: RecordLink | None,
    *,
    recording_url: str | None,
    tried_before: bool,
    with_record: bool = False,
) -> str:
    """Write a call into the CRM once and return the id of its record there.

    Args:
        tenant: The tenant.
        entry: A call that is `wanted`.
        record: Whose call it was, if known.
        recording_url: Permalink of its recording, if it has one.
        tried_before: An earlier try may have written it already.
        with_record: Rather not at all than without its record.

    Raises:
        RecordGone: Its record is refused, and it was to be written `with_record`.
        OutcomeUnknown: It may have been written; try again later with `tried_before`.
        RecordRefused: Zoho refuses even the minimal record.
        OutsideFailure: It was not written; try again later.
    """
    call = CallRecord.of(tenant, entry, record, recording_url)
    layout = tenant.zoho.layout(_MODULE)
    try:
        return _logged(tenant.zoho, call, layout, tried_before=tried_before, with_record=with_record)
    except RecordRefused as refusal:
        if refusal.field not in (CALL_ID_FIELD, _CHECKED_FIELDS):
            raise
        logger.warning("the layout has changed", code=refusal.zoho_code, field=refusal.field)
        layout = tenant.zoho.layout(_MODULE, fresh=True)
        if refusal.field == CALL_ID_FIELD or layout.assumed:
            layout = layout.without(CALL_ID_FIELD)
    return _logged(tenant.zoho, call, layout, tried_before=True, with_record=with_record)


@dataclass(frozen=True)
class Unlogged:
    """A call to be logged. See `log_call`."""

    entry: Entry
    record: RecordLink | None
    recording_url: str | None
    tried_before: bool
    with_record: bool = False


def log_calls(tenant: Tenant, calls: Sequence[Unlogged]) -> list[str | SantralError]:
    """Write up to a hundred calls into the CRM, each once, with one request where Zoho accepts them all.

    Returns, per call, the id of its record or why it has none. What Zoho refuses among others is written again alone,
    with what is refused left out.
    """
    if len(calls) <= 1:
        return _logged_alone(tenant, calls)
    found: dict[str, str | SantralError] = {}
    try:
        layout = tenant.zoho.layout(_MODULE)
        found = _found_again(tenant, layout, [call for call in calls if call.tried_before])
        new = [call for call in calls if call.entry.call_id not in found]
        written = _written_together(tenant, layout, new) if new else []
    except SantralError as error:
        return [found.get(call.entry.call_id, error) for call in calls]
    refused = [call for call, outcome in zip(new, written, strict=True) if isinstance(outcome, RecordRefused)]
    for some, outcomes in ((new, written), (refused, _logged_alone(tenant, refused))):
        found.update(zip((call.entry.call_id for call in some), outcomes, strict=True))
    return [found[call.entry.call_id] for call in calls]


def update_call(tenant: Tenant, entry: Entry, *, recording_url: str | None) -> None:
    """Add to a logged call what became known since. Its type, owner and start cannot change any more.

    What people wrote into the description stays; only the paragraph that is ours is written anew. A record that is no
    longer there needs no update.
    """
    if entry.crm_call_id is None:
        raise ValueError("a call that is not logged cannot be updated")
    zoho = tenant.zoho
    layout = zoho.layout(_MODULE)
    call = CallRecord.of(tenant, entry, None, recording_url)
    asked = [name for name in _UPDATED if name in layout.fields]
    logged = records.read(zoho, _MODULE, entry.crm_call_id, asked)
    if logged is None:
        logger.warning("the logged call is gone from the CRM", call_id=entry.call_id)
        count("crm_records_gone")
        return
    logged_type = logged.get("Call_Type")
    contradicts = logged_type is not None and (
        (layout.option("Call_Type", str(logged_type)) or logged_type) != call.type_in(layout)
    )
    if contradicts:
        logger.warning("facts contradict the logged call", call_id=entry.call_id)
        count("crm_contradictions")

    def build(allowance: Allowance) -> Json:
        left_out = allowance.left_out | {CALL_ID_FIELD}
        full = call.fields(layout, left_out=left_out, contradicts=contradicts)
        kept: Json = {name: full[name] for name in asked if name in full and name != "Call_Type"}
        if contradicts:
            kept.pop("Call_Duration", None)
        if not _result_is_ours(layout, logged, entry.call_id):
            kept.pop("Call_Result", None)
        if "Description" in kept:
            kept["Description"] = rewritten(logged.get("Description"), kept["Description"])
        return kept

    if all(logged.get(name) == value for name, value in build(zoho.objections.allowance(_MODULE)).items()):
        return
    crm_call_id = entry.crm_call_id
    write_what_is_accepted(
        zoho,
        _MODULE,
        lambda values: records.update(zoho, _MODULE, crm_call_id, values),
        build,
        _TOLERANCE_OF_UPDATES,
        new=False,
    )


def _result_is_ours(layout: Layout, logged: Json, call_id: str) -> bool:
    """Tell whether Call_Result may be written: it is empty, or still what we made of the outcome told before."""
    result = logged.get("Call_Result")
    if result in (None, "", "-None-"):
        return True
    before = outcome_told(logged.get("Description"), call_id)
    return before is not None and result_option(layout, before) == (layout.option("Call_Result", str(result)) or result)


def check(tenant: Tenant) -> Sentence:
    """Return a sentence about the CRM: it answers, as whom, and what keeps calls from being logged twice.

    The layout is read anew, so that a field added a moment ago counts from now on.
    """
    user = current_user(tenant.zoho)
    layout = tenant.zoho.layout(_MODULE, fresh=True)
    acting = user.get("full_name") or say("an unnamed user")
    if layout.assumed:
        return say(
            "Zoho CRM answers; we act as {user}. Its layouts may not be read, so they are taken for the usual ones.",
            user=acting,
        )
    return say("Zoho CRM answers; we act as {user}. {rule}", user=acting, rule=OnceRule.of(layout).value)


def _logged_alone(tenant: Tenant, calls: Sequence[Unlogged]) -> list[str | SantralError]:
    outcomes: list[str | SantralError] = []
    away: SantralError | None = None
    for call in calls:
        try:
            outcomes.append(
                away
                or log_call(
                    tenant,
                    call.entry,
                    call.record,
                    recording_url=call.recording_url,
                    tried_before=call.tried_before,
                    with_record=call.with_record,
                )
            )
        except SantralError as error:
            outcomes.append(error)
            if isinstance(error, Busy | CredentialsRefused | Unreachable | PermissionMissing):
                away = error
    return outcomes


def _found_again(tenant: Tenant, layout: Layout, calls: Sequence[Unlogged]) -> dict[str, str | SantralError]:
    """Return those that an earlier try has written; none where writing them again is harmless."""
    rule = OnceRule.of(layout)
    if rule is OnceRule.UNIQUE_FIELD or not calls:
        return {}
    found: dict[str, str | SantralError] = {}
    if rule is OnceRule.FIELD_LOOKED_UP:
        listed = ", ".join(quoted(call.entry.call_id) for call in calls)
        where = f"{CALL_ID_FIELD} in ({listed})"
        rows = select(tenant.zoho, _MODULE, f"id, {CALL_ID_FIELD}", where=where, limit=_MOST_ROWS)
        found = {str(row.get(CALL_ID_FIELD)): str(row["id"]) for row in rows}
    else:
        for call in calls:
            record = CallRecord.of(tenant, call.entry, call.record, call.recording_url)
            if crm_call_id := _already_there(tenant.zoho, record, layout, rule):
                found[call.entry.call_id] = crm_call_id
    if found:
        count("crm_calls_found_again", len(found))
    return found


def _written_together(tenant: Tenant, layout: Layout, calls: Sequence[Unlogged]) -> list[records.Outcome]:
    allowance = tenant.zoho.objections.allowance(_MODULE)
    made = [CallRecord.of(tenant, call.entry, call.record, call.recording_url) for call in calls]
    rows = [_row(call, layout, allowance) for call in made]
    outcomes = _outcomes_of(tenant.zoho, layout, rows)
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, str):
            tenant.zoho.objections.accepted(_MODULE, row, whole=True)
    return outcomes


def _outcomes_of(zoho: Zoho, layout: Layout, rows: list[Json]) -> list[records.Outcome]:
    try:
        if OnceRule.of(layout) is not OnceRule.UNIQUE_FIELD:
            return records.insert_all(zoho, _MODULE, rows)
        try:
            return records.upsert_all(zoho, _MODULE, rows, unique=CALL_ID_FIELD)
        except RecordRefused as refusal:
            if refusal.field is not None or isinstance(refusal, PermissionMissing):
                raise
            return records.insert_all(zoho, _MODULE, rows, unique=CALL_ID_FIELD)
    except RecordRefused as refusal:
        # The request as a whole: nothing was written.
        return [refusal] * len(rows)


def _row(call: CallRecord, layout: Layout, allowance: Allowance) -> Json:
    written = call.fields(layout, left_out=allowance.left_out, filled=allowance.filled.keys())
    return {**allowance.filled, **written}


def _logged(zoho: Zoho, call: CallRecord, layout: Layout, *, tried_before: bool, with_record: bool) -> str:
    rule = OnceRule.of(layout)
    if tried_before and rule is not OnceRule.UNIQUE_FIELD:
        found = _already_there(zoho, call, layout, rule)
        if found:
            count("crm_calls_found_again")
            return found
    return write_what_is_accepted(
        zoho,
        _MODULE,
        _writer(zoho, call, layout, rule, with_record=with_record),
        lambda allowance: _row(call, layout, allowance),
        _TOLERANCE,
    )


def _writer(
    zoho: Zoho, call: CallRecord, layout: Layout, rule: OnceRule, *, with_record: bool
) -> Callable[[Json], str]:
    def write(record: Json) -> str:
        try:
            if rule is OnceRule.UNIQUE_FIELD:
                return _upsert(zoho, record)
            return records.insert(zoho, _MODULE, record)
        except RecordRefused as refusal:
            if with_record and call.record and refusal.field in LINK & record.keys():
                raise RecordGone(call.record) from None
            # Either says that the record exists: the field refuses a second one, or an earlier try wrote a value that
            # may not change any more and that we see differently now.
            in_the_way = refusal.field == CALL_ID_FIELD and refusal.zoho_code == "DUPLICATE_DATA"
            unchangeable = rule is OnceRule.UNIQUE_FIELD and refusal.field in _IMMUTABLE
            if not (in_the_way or unchangeable):
                raise
            found = refusal.existing_id if in_the_way else None
            found = found or _already_there(zoho, call, layout, OnceRule.FIELD_LOOKED_UP)
            if found is None:
                raise
            return found

    return write


def _upsert(zoho: Zoho, record: Json) -> str:
    try:
        return records.upsert(zoho, _MODULE, record, unique=CALL_ID_FIELD)
    except RecordRefused as refusal:
        if refusal.field is not None or isinstance(refusal, PermissionMissing):
            raise
        # Zoho does not list Calls among the modules for upsert. The unique field itself refuses a second record.
        return records.insert(zoho, _MODULE, record, unique=CALL_ID_FIELD)


def _already_there(zoho: Zoho, call: CallRecord, layout: Layout, rule: OnceRule) -> str | None:
    if rule is not OnceRule.MARKER_LOOKED_UP:
        where = f"{CALL_ID_FIELD} = {quoted(call.call_id)}"
        rows = select(zoho, _MODULE, "id", where=where, limit=1)
        return str(rows[0]["id"]) if rows else None
    if "Description" not in layout.fields:
        return _alike(zoho, call)
    since, until = (_coql_time(call.start + lag) for lag in (-_SEARCHED_AROUND_START, timedelta(minutes=1)))
    where = f"Call_Start_Time between {quoted(since)} and {quoted(until)}"
    rows = select(zoho, _MODULE, "id, Description", where=where, limit=_MOST_ROWS)
    line = marker(call.call_id)
    return next((str(row["id"]) for row in rows if line in str(row.get("Description") or "").splitlines()), None)


def _alike(zoho: Zoho, call: CallRecord) -> str | None:
    """Return a call with this number that began in this very second: all there is to go by without a description."""
    rows = select(
        zoho, _MODULE, "id, Subject", where=f"Call_Start_Time = {quoted(_coql_time(call.start))}", limit=_MOST_ROWS
    )
    return next((str(row["id"]) for row in rows if row.get("Subject") in call.subjects), None)


def _coql_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
