"""Auto-dial campaigns: what is asked of us in the document's words, and what became of it in ours.

Verimor's document "Otomatik arama kampanyası" (ivr_campaigns.md), its chapters named here by their headings.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from santral.calls import Disposition
from santral.campaigns import CampaignContact, CampaignKind, CampaignResultEvent, NewCampaign
from santral.errors import FieldError
from santral.phone import to_e164
from santral.providers.verimor.notation import (
    HOME,
    PROVIDER,
    Id,
    Moment,
    Text,
    in_national_words,
    in_our_words,
    in_their_words,
    is_e164,
    is_reference,
)
from santral.providers.verimor.results import outcome_of
from santral.sentences import say

RING_SECONDS = range(25, 61)
DIGIT_SECONDS = range(1, 11)
DAYS = range(1, 8)
LANGUAGES = ("tr-TR", "en-US", "ar-XA")
TARGET_FIELDS = {
    **{str(digit): f"digit_target_{digit}" for digit in range(10)},
    "star": "digit_target_star",
    "square": "digit_target_square",
    "timeout": "timeout_target",
    "invalid": "invalid_target",
}
_ONLY_IVR: tuple[str, ...] = ("announcement_id", "targets", "digit_retries", "digit_seconds")
_ONLY_QUEUE: tuple[str, ...] = ("queue", "agents_multiplier")
_RECIPIENTS = {"individual": "BIREYSEL", "merchant": "TACIR"}
_NUMBER = re.compile(r"[0-9]{1,10}")
# "HEDEF (TARGET) SEÇENEKLERİ"; external numbers are checked and written apart.
_TARGET = re.compile(
    r"""restart | fax | hangup/(?:hangup|busy) | (?:user|group|queue|ivr|voicemail|announcement)/[0-9]{1,10}
    | fax/[^\s/@]+@[^\s/@]+\.[^\s/@]+ | tts/(?:tr-TR|en-US|ar-XA)/\S.*""",
    re.VERBOSE,
)
_EXTERNAL = "external/"
_TARGET_FORMS = (
    "restart, user/1000, group/700, queue/200, ivr/10, external/05321234567, voicemail/1000, "
    "announcement/456, fax, fax/name@example.com, hangup/hangup, hangup/busy, tts/tr-TR/text"
)
# "CÜMLE (PHRASE) FORMATI": an announcement, a date or an amount.
_PHRASE_WORD = re.compile(r"#[0-9]{1,10}|(?P<date>[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})|[0-9]{1,12}(?:\.[0-9]{1,2})?")
_DIGIT = re.compile(r"(?P<invalid>!?)(?P<key>[0-9]|\*|\#|star|square)|-|")
_KEYS = {"*": "star", "#": "square"}


def written(campaign: NewCampaign, *, caller_id: str | None, results_url: str | None) -> dict[str, Any]:
    """Return a campaign as "PARAMETRELER" names its parts; what is not asked for is left to Verimor's defaults."""
    commercial = campaign.commercial
    fields: dict[str, Any] = {
        "call_type": campaign.kind.value,
        "name": campaign.name,
        "date_range_begin": campaign.start_date and campaign.start_date.isoformat(),
        "date_range_end": campaign.end_date and campaign.end_date.isoformat(),
        "time_range_begin": _minutes(campaign.start_time),
        "time_range_end": _minutes(campaign.end_time),
        "active_days": list(campaign.days) or None,
        "max_thread_count": campaign.concurrency,
        "thread_multiplier": _plain(campaign.agents_multiplier),
        "queue_number": campaign.queue and int(campaign.queue),
        "ring_timeout": campaign.ring_seconds,
        "cli": in_their_words(caller_id) if caller_id else None,
        "welcome_announcement_id": campaign.announcement_id and int(campaign.announcement_id),
        "call_retries": campaign.retries,
        "webhook_url": results_url,
        **{TARGET_FIELDS[key]: _target(target) for key, target in campaign.targets.items() if target},
        "digit_retries": campaign.digit_retries,
        "digit_timeout": campaign.digit_seconds,
        "is_commercial": True if commercial else None,
        "iys_recipient_type": _RECIPIENTS[commercial.recipient_type] if commercial else None,
        "iys_brand_code": commercial.brand_code if commercial else None,
        # A text, as the document insists.
        "recording_enabled": "true" if campaign.record else None,
        "phone_list": [_contact(contact) for contact in campaign.contacts],
    }
    return {name: value for name, value in fields.items() if value is not None}


def faults(campaign: NewCampaign, *, today: date) -> list[FieldError]:
    """Return all that Verimor cannot do or take of a campaign."""
    return [*_faults_of_schedule(campaign, today), *_faults_of_kind(campaign), *_faults_of_contacts(campaign)]


def _faults_of_schedule(campaign: NewCampaign, today: date) -> Iterator[FieldError]:
    begin = campaign.start_date or today
    rules = [
        (campaign.name.strip(), "name", say("is needed")),
        (campaign.end_date is None or campaign.end_date >= begin, "end_date", say("must not be before the start")),
        (_whole_minutes(campaign.start_time), "start_time", say("must be whole minutes")),
        (_whole_minutes(campaign.end_time), "end_time", say("must be whole minutes")),
        (_within(campaign.days, DAYS), "days", say("must be different numbers from 1 (Monday) to 7 (Sunday)")),
        (campaign.retries is None or campaign.retries >= 0, "retries", say("must not be negative")),
        (campaign.ring_seconds in {None, *RING_SECONDS}, "ring_seconds", say("must be 25 to 60")),
        (campaign.concurrency is None or campaign.concurrency > 0, "concurrency", say("must be at least {ge}", ge=1)),
        (campaign.caller_id is None or to_e164(campaign.caller_id, HOME), "caller_id", say("is not a phone number")),
    ]
    yield from (FieldError(field, problem) for holds, field, problem in rules if not holds)


def _faults_of_kind(campaign: NewCampaign) -> Iterator[FieldError]:
    if campaign.kind is CampaignKind.QUEUE:
        needed = [
            (
                _NUMBER.fullmatch(campaign.queue or ""),
                "queue",
                say("is needed for a queue campaign: the queue's number"),
            ),
            (
                campaign.agents_multiplier is not None and campaign.agents_multiplier > 0,
                "agents_multiplier",
                say("is needed for a queue campaign, and more than 0"),
            ),
        ]
        others, kind = _ONLY_IVR, CampaignKind.IVR
    else:
        needed = [(any(campaign.targets.values()), "targets", say("at least one is needed for an ivr campaign"))]
        others, kind = _ONLY_QUEUE, CampaignKind.QUEUE
    yield from (FieldError(field, problem) for holds, field, problem in needed if not holds)
    yield from (
        FieldError(field, say("is only for {kind} campaigns", kind=kind.value))
        for field in others
        if getattr(campaign, field) not in (None, {})
    )
    if campaign.kind is CampaignKind.IVR:
        yield from _faults_of_menu(campaign)


def _faults_of_menu(campaign: NewCampaign) -> Iterator[FieldError]:
    announcement = campaign.announcement_id
    rules = [
        (announcement is None or _NUMBER.fullmatch(announcement), "announcement_id", say("must be a number")),
        (campaign.digit_retries is None or campaign.digit_retries >= 0, "digit_retries", say("must not be negative")),
        (campaign.digit_seconds in {None, *DIGIT_SECONDS}, "digit_seconds", say("must be 1 to 10")),
    ]
    yield from (FieldError(field, problem) for holds, field, problem in rules if not holds)
    for key, target in campaign.targets.items():
        if key not in TARGET_FIELDS:
            yield FieldError(f"targets.{key}", say("must be 0 to 9, star, square, timeout or invalid"))
        elif target and not _is_target(target):
            yield FieldError(f"targets.{key}", say("must be one of {choices}", choices=_TARGET_FORMS))


def _faults_of_contacts(campaign: NewCampaign) -> Iterator[FieldError]:
    if not campaign.contacts:
        yield FieldError("contacts", say("at least one is needed: Verimor takes none later"))
    if any(contact.name or contact.surname for contact in campaign.contacts):
        # Once for all of them: a thousand leads would be two thousand sentences.
        yield FieldError("contacts", say("Verimor keeps no names of contacts: leave out name and surname"))
    for place, contact in enumerate(campaign.contacts):
        phrase = contact.phrase
        rules = [
            (is_e164(contact.phone), "phone", say("is not a phone number")),
            (
                not phrase or campaign.kind is CampaignKind.IVR,
                "phrase",
                say("is only for {kind} campaigns", kind=CampaignKind.IVR.value),
            ),
            (not phrase or _is_phrase(phrase), "phrase", say("must be words like #456, 15/11/2017 or 73.56")),
            (contact.lang in {None, *LANGUAGES}, "lang", say("must be one of {choices}", choices=", ".join(LANGUAGES))),
        ]
        yield from (FieldError(f"contacts.{place}.{field}", problem) for holds, field, problem in rules if not holds)


def _is_target(target: str) -> bool:
    if target.startswith(_EXTERNAL):
        return to_e164(target.removeprefix(_EXTERNAL), HOME) is not None
    return _TARGET.fullmatch(target) is not None


def _is_phrase(phrase: str) -> bool:
    return all(_is_phrase_word(word) for word in phrase.split(" ") if word)


def _is_phrase_word(word: str) -> bool:
    found = _PHRASE_WORD.fullmatch(word)
    if found is None or not found["date"]:
        return found is not None
    day, month, year = map(int, word.split("/"))
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _target(target: str) -> str:
    if target.startswith(_EXTERNAL):
        return _EXTERNAL + in_national_words(target.removeprefix(_EXTERNAL))
    return target


def _contact(contact: CampaignContact) -> dict[str, str]:
    optional = {"phrase": contact.phrase, "lang": contact.lang}
    return {"phone": in_their_words(contact.phone), **{name: value for name, value in optional.items() if value}}


def _within(values: tuple[int, ...], allowed: range) -> bool:
    return all(value in allowed for value in values) and len(set(values)) == len(values)


def _whole_minutes(moment: time | None) -> bool:
    return moment is None or not (moment.second or moment.microsecond)


def _minutes(moment: time | None) -> str | None:
    return moment.strftime("%H:%M") if moment else None


def _plain(number: float | None) -> float | None:
    return int(number) if number is not None and number == int(number) else number


def _known_digit(text: str) -> str:
    if not _DIGIT.fullmatch(text):
        raise ValueError("not a digit, - or ! and a digit")
    return text


class ResultNotification(BaseModel):
    """What became of one contact, "BİLDİRİM SAHALARI"; the field names are the document's."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore", coerce_numbers_to_str=True)

    notification_id: Id
    notification_date: Moment = None
    ivr_campaign_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    ivr_campaign_name: Text = ""
    ivr_lead_id: Id
    phone: Text = ""
    digit: Annotated[Text, AfterValidator(_known_digit)] = ""
    status: Text = ""
    call_uuid: Text = ""

    def event(self) -> CampaignResultEvent:
        """Return what became of the contact. Who pressed a key was on the phone, whatever the status says."""
        found = _DIGIT.fullmatch(self.digit)
        key = found["key"] if found else None
        disposition, reason = outcome_of([self.status], answered=True if key else None)
        if disposition in {None, Disposition.ANSWERED} and self.digit == "-":
            disposition, reason = Disposition.ANSWERED, "no_digit"
        if found and found["invalid"]:
            reason = "invalid_digit"
        return CampaignResultEvent(
            provider=PROVIDER,
            campaign_id=f"{PROVIDER}:{self.ivr_campaign_id}",
            notification_id=self.notification_id,
            lead_id=self.ivr_lead_id,
            phone=in_our_words(self.phone),
            name=self.ivr_campaign_name or None,
            status=self.status or None,
            disposition=disposition or Disposition.UNKNOWN,
            digit=_KEYS.get(key, key) if key else None,
            reason=reason,
            call_id=f"{PROVIDER}:{self.call_uuid}" if is_reference(self.call_uuid) else None,
            told_at=self.notification_date,
        )


def is_result(told: Mapping[str, Any]) -> bool:
    """Tell whether a notification is about a campaign."""
    return "ivr_campaign_id" in told or "notification_id" in told
