"""A message, sent or received, as a note on the CRM record it belongs to."""

from collections.abc import Mapping, Sequence

from santral.calls import Direction
from santral.crm.degrading import insert_what_is_accepted
from santral.errors import SantralError
from santral.messages import Message
from santral.telemetry import count
from santral.tenant import Tenant
from santral.zoho.client import Json
from santral.zoho.search import quoted, select

_MODULE = "Notes"
_MOST_ROWS = 2000
_CONTENT_LENGTH = 32_000


def create_notes(tenant: Tenant, messages: Sequence[Message], *, tried_before: bool) -> dict[str, str | SantralError]:
    """Write a note for each of up to a hundred messages; return, by message id, its id or why there is none.

    Args:
        tenant: The tenant.
        messages: Messages that belong to a record.
        tried_before: An earlier try may have written them already, so they are looked for.

    Raises:
        OutcomeUnknown: Any of them may have been written; try again later with `tried_before`.
        OutsideFailure: None was written.
    """
    notes = {message.message_id: _note(tenant, message) for message in messages}
    written: dict[str, str | SantralError] = {}
    if tried_before:
        written |= _already_there(tenant, notes)
    new = {message_id: note for message_id, note in notes.items() if message_id not in written}
    written |= insert_what_is_accepted(
        tenant.zoho,
        _MODULE,
        new,
        minimal=frozenset({"Note_Content", "Parent_Id"}),
        mandatory=frozenset({"Note_Content", "Parent_Id"}),
    )
    return written


def _already_there(tenant: Tenant, notes: Mapping[str, Json]) -> dict[str, str]:
    """Find notes by their titles, which name the second, and among those by our line in them."""
    titles = ", ".join(sorted({quoted(note["Note_Title"]) for note in notes.values()}))
    rows = select(tenant.zoho, _MODULE, "id, Note_Content", where=f"Note_Title in ({titles})", limit=_MOST_ROWS)
    ours = {line: str(row["id"]) for row in rows for line in str(row.get("Note_Content") or "").splitlines()[-1:]}
    found = {message_id: ours[_marker(message_id)] for message_id in notes if _marker(message_id) in ours}
    if found:
        count("crm_notes_found_again", len(found))
    return found


def _note(tenant: Tenant, message: Message) -> Json:
    if message.record is None:
        raise ValueError("a message that belongs to no record gets no note")
    sent_at = message.sent_at.astimezone(tenant.settings.time_zone)
    done = "received" if message.direction is Direction.INBOUND else "sent"
    # Neither the customer's number nor a file's address: the record has the one, and the other is a key.
    told = message.text or f"File: {message.file_name}"
    last = f"\n\n{_marker(message.message_id)}"
    return {
        "Note_Title": f"WhatsApp message {done} at {sent_at:%Y-%m-%d %H:%M:%S}",
        "Note_Content": told[: _CONTENT_LENGTH - len(last)] + last,
        "Parent_Id": {"module": {"api_name": message.record.module}, "id": message.record.id},
    }


def _marker(message_id: str) -> str:
    return f"Santral message {message_id}"
