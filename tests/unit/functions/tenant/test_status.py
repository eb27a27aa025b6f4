from datetime import timedelta

import pytest

import santral.health
from functions.tenant.status import handler
from santral import __version__
from santral.calls import CallEvent, CallState
from santral.errors import CredentialsRefused
from santral.store.cursors import Cursor, Figures
from tests.fakes.doors import call, sample


@pytest.fixture
def depths(tenant, monkeypatch):
    tenant.settings = tenant.settings.model_copy(
        update={"events_dlq_url": "https://queue.example/ed", "recordings_dlq_url": "https://queue.example/rd"}
    )
    depths = {}
    monkeypatch.setattr(santral.health, "depth", lambda url: depths.get(url, 0))
    monkeypatch.setattr(santral.health, "check_crm", lambda tenant: "Zoho CRM answers.")
    return depths


def checks(heard):
    return {check["name"]: check for check in heard.json["checks"]}


def test_a_healthy_tenant_is_green_line_by_line(depths):
    heard = call(handler, sample("tenant/status"))

    assert heard.status == 200
    assert (heard.json["ok"], heard.json["version"]) == (True, __version__)
    assert {"virtualats", "wapcrm", "zoho", "events", "recordings"} <= set(checks(heard))


def test_a_provider_that_refuses_us_is_red_with_its_sentence(depths, pbx):
    pbx.failure = CredentialsRefused("401", system="virtualats")

    heard = call(handler, sample("tenant/status"))

    line = checks(heard)["virtualats"]
    assert (heard.json["ok"], line["ok"]) == (False, False)
    assert "credentials" in line["sentence"]
    assert "secret virtualats" in line["fix"]


def test_a_dead_letter_is_red(depths):
    depths["https://queue.example/ed"] = 2

    line = checks(call(handler, sample("tenant/status")))["events dead letters"]

    assert (line["ok"], line["sentence"]) == (False, "2 messages were given up.")


def test_the_last_event_is_told(depths, tenant):
    event = CallEvent(call_id="virtualats:1", provider="virtualats", state=CallState.ENDED, started_at=tenant.clock())
    tenant.calls.change(event.call_id, lambda entry: entry.told(event))

    assert "2026-01-15" in checks(call(handler, sample("tenant/status")))["last event"]["sentence"]


class TestReconciling:
    NAME = "reconcile virtualats"

    @pytest.fixture
    def keep(self, tenant):
        def keep(**cursor):
            found = {"read_at": tenant.clock(), "day": "2026-01-15", **cursor}
            tenant.cursors.keep(Cursor(provider="virtualats", **found), now=0)

        return keep

    def test_before_its_first_run_it_is_no_trouble(self, depths):
        line = checks(call(handler, sample("tenant/status")))[self.NAME]

        assert (line["ok"], line["sentence"]) == (True, "virtualats's call records have not been compared yet.")

    def test_todays_figures_are_told(self, depths, keep):
        keep(today=Figures(checked=120, missing=3, late=1, different=2))

        line = checks(call(handler, sample("tenant/status")))[self.NAME]

        assert line == {
            "name": self.NAME,
            "ok": True,
            "sentence": "Today 120 comparisons with virtualats's call records: 3 calls missing here (1 late), "
            "2 different, 0 doubled.",
            "fix": None,
        }

    def test_yesterdays_figures_are_not_todays(self, depths, keep):
        keep(day="2026-01-14", today=Figures(checked=120))

        assert "Today 0 comparisons" in checks(call(handler, sample("tenant/status")))[self.NAME]["sentence"]

    @pytest.mark.parametrize(("minutes", "ok"), [(20, True), (21, False)])
    def test_silence_is_red(self, depths, keep, tenant, minutes, ok):
        keep()
        tenant.clock.pass_seconds(60 * minutes)

        line = checks(call(handler, sample("tenant/status")))[self.NAME]

        assert (line["ok"], "last read at 2026-01-15T09:30:00" in line["sentence"], bool(line["fix"])) == (
            ok,
            not ok,
            not ok,
        )

    @pytest.mark.parametrize(("minutes", "ok"), [(30, True), (31, False)])
    def test_calls_missing_for_half_an_hour_are_red(self, depths, keep, tenant, minutes, ok):
        keep(missing_since=tenant.clock() - timedelta(minutes=minutes))

        line = checks(call(handler, sample("tenant/status")))[self.NAME]

        assert (line["ok"], "missing since" in line["sentence"], bool(line["fix"])) == (ok, not ok, not ok)
