"""What a call looks like in Zoho's module Calls."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from santral.calls import Direction, Disposition, Facts, RecordLink, iso
from santral.crm.owners import owner_of
from santral.phone import to_e164
from santral.sentences import Language, Sentence, in_every_language, noted, say, told
from santral.store.calls import Entry
from santral.tenant import Tenant
from santral.zoho.client import Json
from santral.zoho.layout import Layout

CALL_ID_FIELD = "Santral_Call_ID"
RECORDING_FIELD = "Voice_Recording__s"
_TYPE_FIELD = "Call_Type"
_RESULT_FIELD = "Call_Result"
_SUBJECT_LENGTH = 255
_NUMBER_FIELD_LENGTH = 30
_DESCRIPTION_LENGTH = 32_000
_SUBJECTS = {
    "Inbound": noted("Inbound call from {number}"),
    "Outbound": noted("Outbound call to {number}"),
    "Missed": noted("Missed call from {number}"),
}
_PARTIES = (
    ("from", noted("From: {text}")),
    ("to", noted("To: {text}")),
    ("caller_name", noted("Caller: {text}")),
    ("line", noted("Line: {text}")),
    ("queue", noted("Queue: {text}")),
    ("extension", noted("Extension: {text}")),
    ("transferred_to", noted("Transferred to: {text}")),
)
_RESULTS = {
    Disposition.ANSWERED: noted("answered"),
    Disposition.NO_ANSWER: noted("no answer"),
    Disposition.BUSY: noted("busy"),
    Disposition.REJECTED: noted("rejected"),
    Disposition.FAILED: noted("failed"),
    Disposition.UNKNOWN: noted("unknown"),
}


def result_option(layout: Layout, outcome: str) -> str | None:
    """Return the option of Call_Result for an outcome such as "Interested: Call back", or None."""
    whole, _, below = outcome.partition(": ")
    options = (layout.option(_RESULT_FIELD, name) for name in (outcome, whole, below) if name)
    return next(filter(None, options), None)


def outcome_told(description: str | None, call_id: str) -> str | None:
    """Return the outcome that our paragraph in a description tells, in whatever language it was written."""
    ours = [text for text in _paragraphs(description) if _begins_with(text, marker(call_id))]
    lines = [line for text in ours for line in text.splitlines()]
    starts = in_every_language(_outcome(""))
    return next((line.removeprefix(start) for line in lines for start in starts if line.startswith(start)), None)


def _outcome(text: str) -> Sentence:
    return say("Outcome: {text}", text=text)


def marker(call_id: str) -> str:
    """Return the line by which a call is recognised in a description."""
    return f"Santral call {call_id}"


def rewritten(description: str | None, ours: str) -> str:
    """Put our paragraph into a description in the place of its older version; all that others wrote stays.

    A paragraph ends at an empty line; ours is the one that begins with our marker.
    """
    first_line = ours.partition("\n")[0]
    paragraphs = _paragraphs(description)
    if not any(_begins_with(paragraph, first_line) for paragraph in paragraphs):
        return "\n\n".join([*filter(None, [description]), ours])
    return "\n\n".join(ours if _begins_with(paragraph, first_line) else paragraph for paragraph in paragraphs)


def _paragraphs(description: str | None) -> list[str]:
    return (description or "").replace("\r\n", "\n").split("\n\n")


def _begins_with(paragraph: str, line: str) -> bool:
    return paragraph.strip().partition("\n")[0] == line


@dataclass(frozen=True)
class CallRecord:
    """A finished call, ready to be written for a layout."""

    call_id: str
    facts: Facts
    number: str
    start: datetime
    start_told: datetime
    zone: ZoneInfo
    language: Language
    record: RecordLink | None
    others: tuple[RecordLink, ...]
    owner_id: str | None
    recording_url: str | None

    @classmethod
    def of(cls, tenant: Tenant, entry: Entry, record: RecordLink | None, recording_url: str | None) -> "CallRecord":
        """Gather what the CRM is to know of a call."""
        facts = entry.facts
        told = facts.started_at or facts.times.get("answered_at") or facts.times.get("ended_at") or entry.first_seen_at
        now = tenant.clock()
        counterpart = facts.counterpart or ""
        return cls(
            call_id=entry.call_id,
            facts=facts,
            number=to_e164(counterpart, tenant.settings.country) or counterpart or say("an unknown number"),
            # Zoho refuses a finished call that begins in the future; a PBX clock may well be ahead of ours.
            start=told if told <= now else min(entry.first_seen_at, now),
            start_told=told,
            zone=tenant.settings.time_zone,
            language=tenant.settings.language,
            record=record,
            others=tuple(match for match in entry.matches if match != (record or entry.record)),
            owner_id=owner_of(tenant, entry),
            recording_url=recording_url,
        )

    @property
    def answered(self) -> bool:
        return self.facts.disposition is Disposition.ANSWERED

    @property
    def call_type(self) -> str:
        if self.facts.direction is Direction.OUTBOUND:
            return "Outbound"
        return "Inbound" if self.answered else "Missed"

    @property
    def duration(self) -> str:
        """Minutes and seconds of talk; there is no hour, however long it was."""
        seconds = self._talk_seconds() if self.answered else 0
        return f"{seconds // 60:02}:{seconds % 60:02}"

    def type_in(self, layout: Layout) -> str:
        """Return the type as this customer's option for it is called."""
        return layout.option(_TYPE_FIELD, self.call_type) or self.call_type

    def result_in(self, layout: Layout) -> str | None:
        """Return the option the customer has for the call's outcome: its own, else the one it stands below, else None.

        One that is not in the customer's list would be added to it.
        """
        return result_option(layout, self.facts.text("outcome") or "")

    def fields(
        self, layout: Layout, *, left_out: frozenset[str], filled: Collection[str] = (), contradicts: bool = False
    ) -> Json:
        """Return the record's values by api name.

        Args:
            layout: Only its fields are given.
            left_out: Fields not to give. A recording that may not stand in its own field goes into the description.
            filled: Fields that are filled in because Zoho asks for them, to be told.
            contradicts: The CRM holds another type for this call, and cannot change it.
        """
        facts = self.facts
        in_own_field = RECORDING_FIELD in layout.fields and RECORDING_FIELD not in left_out
        values: Json = {
            "Subject": self._subject().in_language(self.language)[:_SUBJECT_LENGTH],
            _TYPE_FIELD: self.type_in(layout),
            _RESULT_FIELD: self.result_in(layout),
            "Call_Start_Time": self.start.astimezone(self.zone).isoformat(timespec="seconds"),
            "Call_Duration": self.duration,
            **linked_to(self.record),
            "Owner": {"id": self.owner_id} if self.owner_id else None,
            RECORDING_FIELD: self.recording_url,
            CALL_ID_FIELD: self.call_id,
            "Caller_ID": _short(facts.text("from")),
            "Dialled_Number": _short(facts.text("to")),
            "Description": self._description(recording=not in_own_field, filled=filled, contradicts=contradicts),
        }
        # `$se_module` says what kind What_Id is; it is no field of the layout.
        known = layout.fields | {"$se_module", "Subject", "Call_Type", "Call_Start_Time"}
        return {name: value for name, value in values.items() if value is not None and name in known - left_out}

    def _talk_seconds(self) -> int:
        told = self.facts.seconds.get("talk_seconds")
        if told is not None:
            return told
        answered_at, ended_at = (self.facts.times.get(name) for name in ("answered_at", "ended_at"))
        return max(0, int((ended_at - answered_at).total_seconds())) if answered_at and ended_at else 0

    @property
    def subjects(self) -> frozenset[str]:
        """What its subject may be: the tenant's language may have been changed since it was written."""
        return frozenset(subject[:_SUBJECT_LENGTH] for subject in in_every_language(self._subject()))

    def _subject(self) -> Sentence:
        return Sentence(_SUBJECTS[self.call_type], {"number": self.number})

    def _description(self, *, recording: bool, filled: Collection[str], contradicts: bool) -> str:
        facts = self.facts
        ring_seconds = facts.seconds.get("ring_seconds")
        lines = [Sentence(msgid, {"text": one_line(text)}) for name, msgid in _PARTIES if (text := facts.text(name))]
        if ring_seconds is not None:
            lines.append(say("Rang for {seconds} s", seconds=ring_seconds))
        lines.append(say("Result: {result}", result=Sentence(_RESULTS[facts.disposition], {})))
        if reason := facts.text("reason"):
            lines.append(say("Reason: {text}", text=one_line(reason)))
        if outcome := facts.text("outcome"):
            lines.append(_outcome(one_line(outcome)))
        if note := facts.text("note"):
            lines.append(say("Note: {text}", text=one_line(note)))
        if self.start_told > self.start:
            lines.append(say("The telephone system told a start in the future: {moment}", moment=iso(self.start_told)))
        if self.others:
            lines.append(say("Other records with this number: {names}", names="; ".join(map(_named, self.others))))
        if contradicts:
            lines.append(
                say(
                    "Later reports say: {type}, {duration}. Zoho keeps the type it was logged with.",
                    type=self.call_type,
                    duration=self.duration,
                )
            )
        if recording and self.recording_url:
            lines.append(say("Recording: {address}", address=self.recording_url))
        # Our own line is the same in every language: it is what the call is found by.
        paragraphs = ["\n".join([marker(self.call_id), *told(lines, self.language)])]
        if filled:
            names = ", ".join(sorted(name.replace("_", " ") for name in filled))
            asked_for = say("Filled in only because Zoho CRM asks for it: {fields}", fields=names)
            # A paragraph of its own stays when ours is written anew.
            paragraphs.append(asked_for.in_language(self.language))
        return "\n\n".join(paragraphs)[:_DESCRIPTION_LENGTH]


def _named(record: RecordLink) -> str:
    return one_line(f"{record.name or record.id} ({record.module} {record.id})")


def one_line(text: str) -> str:
    """Return a provider's text on one line: it could end our paragraph otherwise, or forge another call's marker."""
    return " ".join(text.split())


def linked_to(record: RecordLink | None) -> Json:
    """Return the fields by which a call or a task belongs to a record."""
    if record is None:
        return {}
    if record.module == "Contacts":
        return {"Who_Id": {"id": record.id}}
    return {"What_Id": {"id": record.id}, "$se_module": record.module}


def _short(number: str | None) -> str | None:
    return number if number and len(number) <= _NUMBER_FIELD_LENGTH else None
