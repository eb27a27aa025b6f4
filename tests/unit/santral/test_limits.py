from datetime import time

import pytest

from santral.campaigns import CampaignKind, CommercialConsent, NewCampaign
from santral.errors import DestinationNotAllowed, OutsideCallingHours
from santral.limits import dial_quotas, message_quotas, refuse_destination, refuse_hours
from tests.fakes import make_tenant

ADVERTISING = CommercialConsent(recipient_type="individual", brand_code="1")


def settings(**changes):
    return make_tenant(**changes).settings


def campaign(begin=None, end=None, commercial=ADVERTISING):
    return NewCampaign(name="x", kind=CampaignKind.IVR, start_time=begin, end_time=end, commercial=commercial)


@pytest.mark.parametrize("number", ["+905321234567", "+994501234567", "+908505320000", "101", "900900"])
def test_ordinary_numbers_and_extensions_are_reached(number):
    refuse_destination(settings(), number)


def test_a_denied_prefix_is_refused_without_naming_the_number():
    with pytest.raises(DestinationNotAllowed) as refused:
        refuse_destination(settings(), "+909001234567")

    assert "1234567" not in f"{refused.value} {refused.value.sentence}"


def test_where_some_are_allowed_no_others_are_but_extensions():
    some = settings(allowed_destinations=("+90", "+994"), denied_destinations=("+90900",))

    for number in ("+905321234567", "+994501234567", "101"):
        refuse_destination(some, number)
    for number in ("+442071838750", "+909001234567"):
        with pytest.raises(DestinationNotAllowed):
            refuse_destination(some, number)


def test_where_nothing_is_denied_premium_numbers_are_reached():
    refuse_destination(settings(denied_destinations=()), "+909001234567")


@pytest.mark.parametrize(("begin", "end"), [(time(9), time(20)), (time(12), time(12, 30))])
def test_advertising_may_call_within_the_companys_hours(begin, end):
    refuse_hours(settings(), campaign(begin, end))


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (time(8, 59), time(12)),
        (time(9), time(20, 1)),
        (time(19), time(10)),
        (None, time(12)),
        (time(9), None),
        (None, None),
        (time.fromisoformat("23:00+03:00"), time(12)),
    ],
)
def test_advertising_at_other_hours_or_at_none_in_particular_is_refused_with_the_hours(begin, end):
    with pytest.raises(OutsideCallingHours) as refused:
        refuse_hours(settings(), campaign(begin, end))

    assert "from 09:00 to 20:00" in refused.value.sentence


def test_who_does_not_advertise_may_call_at_any_hour():
    refuse_hours(settings(), campaign(commercial=None))


def test_a_quota_is_a_row_of_its_own_in_each_stretch_and_for_each_user():
    noon = 1_768_478_400
    keys = [
        quota.counter(now).pk
        for now in (noon, noon + 3599, noon + 3600, noon + 12 * 3600)
        for quota in (*dial_quotas(settings(), "a"), *dial_quotas(settings(), "b"), *message_quotas(settings(), "a"))
    ]

    of_users, of_days = 3 * 3, 2 * 2
    assert len(set(keys)) == of_users + of_days
