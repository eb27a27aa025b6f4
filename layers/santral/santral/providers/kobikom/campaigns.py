"""Campaigns of Kobikom's dialler: what it can be asked for, and what it tells of each contact.

Document, "Kampanya Eklemek" and "Çağrı Detayları". The words of `status` are those of the dialler's own table of calls.
"""

from collections.abc import Iterator
from typing import Any

from santral.calls import Disposition
from santral.campaigns import CampaignKind, CampaignResult, NewCampaign
from santral.errors import FieldError, InvalidRequest
from santral.providers.kobikom.fields import in_our_words, moment, seconds, texts, word
from santral.sentences import say

QUEUE_IF_UNKNOWN = "191"
"""The document's own note: "kuyruğu eğer bilmiyorsanız 191 olarak gönderiniz"."""

_NEEDED = ("name", "start_date", "end_date", "start_time", "end_time", "retries")
_IMPOSSIBLE = (
    "days", "ring_seconds", "concurrency", "agents_multiplier", "caller_id", "announcement_id", "targets",
    "digit_retries", "digit_seconds", "commercial", "record",
)  # fmt: skip
_IMPOSSIBLE_FOR_ONE = ("phrase", "lang")

_STATUSES = {
    "SUCCESS": Disposition.ANSWERED,
    "SHORTCALL": Disposition.ANSWERED,
    "ONHOLD": Disposition.ANSWERED,
    "NOANSWER": Disposition.NO_ANSWER,
    "ABANDONED": Disposition.NO_ANSWER,
    "FAILURE": Disposition.FAILED,
    "PLACING": Disposition.UNKNOWN,
    "RINGING": Disposition.UNKNOWN,
    "ONQUEUE": Disposition.UNKNOWN,
}
_REASONS = {"SHORTCALL": "short", "ABANDONED": "abandoned"}
# Causes of ITU-T Q.850.
_CAUSES = {"17": Disposition.BUSY, "21": Disposition.REJECTED}


def refuse_impossible(campaign: NewCampaign) -> None:
    """Do nothing when the document has a parameter for all that a campaign asks, and the campaign all it needs.

    Raises:
        InvalidRequest: Names each field at fault.
    """
    faults = list(_faults(campaign))
    if faults:
        raise InvalidRequest(faults)


def _faults(campaign: NewCampaign) -> Iterator[FieldError]:
    if campaign.kind is not CampaignKind.QUEUE:
        yield FieldError("kind", say("must be queue: Kobikom's campaigns connect to agents and play no announcement"))
    for name in _NEEDED:
        if getattr(campaign, name) in {None, ""}:
            yield FieldError(name, say("is needed by Kobikom"))
    for name in _IMPOSSIBLE:
        if getattr(campaign, name) not in (None, (), {}):
            yield FieldError(name, say("cannot be set at Kobikom. Leave it out."))
    for position, contact in enumerate(campaign.contacts):
        for name in _IMPOSSIBLE_FOR_ONE:
            if getattr(contact, name) is not None:
                yield FieldError(f"contacts.{position}.{name}", say("cannot be set at Kobikom. Leave it out."))


def result(row: Any, *, campaign_id: str | None, outside_prefix: str) -> CampaignResult:
    """Return what a row of getCallDetail tells."""
    said = texts(row)
    status = word(said.get("status", ""))
    return CampaignResult(
        phone=in_our_words(said.get("phone", ""), outside_prefix),
        campaign_id=campaign_id,
        name=said.get("name") or None,
        status=said.get("status") or None,
        disposition=_disposition(status, said),
        started_at=moment(said.get("start_time", "")),
        ended_at=moment(said.get("end_time", "")),
        seconds=seconds(said.get("duration", "")),
        agent=said.get("agent_number") or None,
        reason=_REASONS.get(status) or said.get("failure_cause_txt") or None,
    )


def _disposition(status: str, said: dict[str, str]) -> Disposition:
    if status == "FAILURE":
        return _CAUSES.get(said.get("failure_cause", ""), Disposition.FAILED)
    if status == "HANGUP":
        # Who hung up is not said; only a call that was connected has an end.
        return Disposition.ANSWERED if moment(said.get("end_time", "")) else Disposition.UNKNOWN
    if status in _STATUSES:
        return _STATUSES[status]
    return Disposition.ANSWERED if seconds(said.get("duration", "")) else Disposition.UNKNOWN
