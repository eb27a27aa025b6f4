from datetime import timedelta

import pytest

from santral.errors import CredentialsRefused, Unreachable
from santral.store.cursors import Cursor, Figures


def test_a_provider_that_refuses_our_key_is_red_and_names_its_secret(look, provider):
    provider.failure = CredentialsRefused("401", system="virtualats")

    level, _, fix = look()["virtualats"]

    assert level == "failed"
    assert "secret virtualats" in fix


def test_one_that_cannot_be_reached_is_red_and_names_its_address(look, provider):
    provider.failure = Unreachable("down", system="virtualats")

    level, _, fix = look()["virtualats"]

    assert level == "failed"
    assert "address" in fix


def test_plain_http_is_amber(look, provider):
    provider.encrypted = False

    level, sentence, fix = look()["virtualats"]

    assert (level, "plain http" in sentence, "allow_http" in fix) == ("warning", True, True)


class TestReconciling:
    NAME = "reconcile virtualats"

    @pytest.fixture
    def keep(self, tenant):
        def keep(**cursor):
            found = {"read_at": tenant.clock(), "day": "2026-01-15", **cursor}
            tenant.cursors.keep(Cursor(provider="virtualats", **found), now=0)

        return keep

    def test_before_its_first_run_it_is_no_trouble(self, look):
        assert look()[self.NAME] == ("ok", "virtualats's call records have not been compared yet.", "")

    def test_todays_figures_are_told(self, look, keep):
        keep(today=Figures(checked=120, missing=3, late=1, different=2))

        figures = "3 calls missing here (1 late), 2 different, 0 doubled."
        assert look()[self.NAME] == ("ok", f"Today 120 comparisons with virtualats's call records: {figures}", "")

    def test_yesterdays_figures_are_not_todays(self, look, keep):
        keep(day="2026-01-14", today=Figures(checked=120))

        assert "Today 0 comparisons" in look()[self.NAME][1]

    @pytest.mark.parametrize(("minutes", "level"), [(20, "ok"), (21, "failed")])
    def test_silence_is_red(self, look, keep, tenant, minutes, level):
        keep()
        tenant.clock.pass_seconds(60 * minutes)

        said = look()[self.NAME]

        red = level == "failed"
        assert (said[0], "last read at 2026-01-15T09:30:00" in said[1], bool(said[2])) == (level, red, red)

    @pytest.mark.parametrize(("minutes", "level"), [(30, "ok"), (31, "failed")])
    def test_calls_missing_for_half_an_hour_are_red(self, look, keep, tenant, minutes, level):
        keep(missing_since=tenant.clock() - timedelta(minutes=minutes))

        said = look()[self.NAME]

        red = level == "failed"
        assert (said[0], "missing since" in said[1], "webhooks" in said[2]) == (level, red, red)
