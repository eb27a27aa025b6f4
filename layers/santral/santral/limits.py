"""What a company allows itself: how often its users dial and write, whom they reach, when campaigns may advertise."""

from santral.campaigns import NewCampaign
from santral.errors import DestinationNotAllowed, OutsideCallingHours
from santral.phone import is_extension
from santral.sentences import Sentence, noted, say
from santral.settings import Settings
from santral.store.quotas import Quota

_HOUR = 3600
_DAY = 86_400
_USER_IS_OVER = noted(
    "You have reached your limit of {most} an hour. Go on in the next hour, or ask your administrator to raise it."
)
_COMPANY_IS_OVER = noted(
    "Your company has reached its limit of {most} a day. Go on tomorrow, or ask your administrator to raise it."
)


def dial_quotas(settings: Settings, who: str) -> tuple[Quota, ...]:
    """Return the quotas a dial counts against; `who` is the acting user, or the extension when nobody is named."""
    return _quotas("dial", who, settings.dials_per_user_hour, settings.dials_per_day)


def message_quotas(settings: Settings, who: str) -> tuple[Quota, ...]:
    """Return the quotas a message counts against; `who` is the acting user, or the sender when nobody is named."""
    return _quotas("message", who, settings.messages_per_user_hour, settings.messages_per_day)


def refuse_destination(settings: Settings, number: str) -> None:
    """Refuse a number (E.164) that this company does not call or write to. Colleagues' extensions always pass.

    Raises:
        DestinationNotAllowed: It begins with a denied prefix, or with none of the allowed ones.
    """
    if is_extension(number):
        return
    allowed = settings.allowed_destinations
    if number.startswith(settings.denied_destinations) or (allowed and not number.startswith(allowed)):
        raise DestinationNotAllowed("denied by its prefix")


def refuse_hours(settings: Settings, campaign: NewCampaign) -> None:
    """Refuse a campaign that advertises and might call at an hour at which people are not to be disturbed.

    One that names no hours is refused, too: providers then call around the clock.

    Raises:
        OutsideCallingHours: With the hours that are allowed.
    """
    if campaign.commercial is None:
        return
    begin, end = settings.commercial_hours
    first, last = campaign.start_time, campaign.end_time
    if first and last and begin <= first.replace(tzinfo=None) <= last.replace(tzinfo=None) <= end:
        return
    sentence = say(
        "Campaigns that advertise may call from {begin} to {end}. Set start_time and end_time within these hours.",
        begin=f"{begin:%H:%M}",
        end=f"{end:%H:%M}",
    )
    raise OutsideCallingHours(f"from {first} to {last}", sentence=sentence)


def _quotas(action: str, who: str, per_user_hour: int, per_day: int) -> tuple[Quota, ...]:
    return (
        Quota(action, who, per_user_hour, _HOUR, Sentence(_USER_IS_OVER, {"most": per_user_hour})),
        Quota(action, "", per_day, _DAY, Sentence(_COMPANY_IS_OVER, {"most": per_day})),
    )
