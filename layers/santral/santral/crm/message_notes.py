"""A message, sent or received, as a note on the CRM record it belongs to."""

from collections.abc import Sequence

from santral.calls import Direction
from santral.crm.degrading import insert_what_is_accepted
from santral.errors import SantralError
from santral.messages import Message
from santral.sentences import Sentence, in_every_language, say
from santral.telemetry import count
from santral.tenant import Tenant
from santral.zoho.client import Json
from santral.zoho.search import select_any

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
        written |= _already_there(tenant, messages)
    new = {message_id: note for message_id, note in notes.items() if message_id not in written}
    written |= insert_what_is_accepted(
        tenant.zoho,
        _MODULE,
        new,
        minimal=frozenset({"Note_Content", "Parent_Id"}),
        mandatory=frozenset({"Note_Content", "Parent_Id"}),
    )
    return written


def _already_there(tenant: Tenant, messages: Sequence[Message]) -> dict[str, str]:
    """Find notes by their titles, which name the second, and among those by our line in them.

    The tenant's language may have been changed since the try.
    """
    titles = {title for message in messages for title in in_every_language(_title(tenant, message))}
    rows = select_any(tenant.zoho, _MODULE, "id, Note_Content", field="Note_Title", values=titles, limit=_MOST_ROWS)
    ours = {line: str(row["id"]) for row in rows for line in str(row.get("Note_Content") or "").splitlines()[-1:]}
    markers = {message.message_id: _marker(message.message_id) for message in messages}
    found = {message_id: ours[line] for message_id, line in markers.items() if line in ours}
    if found:
        count("crm_notes_found_again", len(found))
    return found


def _note(tenant: Tenant, message: Message) -> Json:
    if message.record is None:
        raise ValueError("a message that belongs to no record gets no note")
    language = tenant.settings.language
    # Neither the customer's number nor a file's address: the record has the one, and the other is a key.
    told = message.text or say("File: {name}", name=message.file_name).in_language(language)
    last = f"\n\n{_marker(message.message_id)}"
    return {
        "Note_Title": _title(tenant, message).in_language(language),
        "Note_Content": told[: _CONTENT_LENGTH - len(last)] + last,
        "Parent_Id": {"module": {"api_name": message.record.module}, "id": message.record.id},
    }


def _title(tenant: Tenant, message: Message) -> Sentence:
    moment = f"{message.sent_at.astimezone(tenant.settings.time_zone):%Y-%m-%d %H:%M:%S}"
    if message.direction is Direction.INBOUND:
        return say("WhatsApp message received at {moment}", moment=moment)
    return say("WhatsApp message sent at {moment}", moment=moment)


def _marker(message_id: str) -> str:
    return f"Santral message {message_id}"
