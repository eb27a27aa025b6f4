from datetime import timedelta

import pytest

from santral.zoho import records
from santral.zoho.client import RecordRefused, ScopeMissing

CALL = {"Subject": "Call", "Call_Type": "Inbound", "Call_Start_Time": "2026-01-15T09:00:00+00:00"}


@pytest.fixture
def refuse(tenant, monkeypatch):
    """Have Zoho refuse whatever begins with a path."""

    def refusing(path, error):
        ask = tenant.zoho.request
        monkeypatch.setattr(
            tenant.zoho,
            "request",
            lambda method, asked, **how: _raise(error) if asked.startswith(path) else ask(method, asked, **how),
        )

    return refusing


def _raise(error):
    raise error


@pytest.fixture
def logged(tenant, zoho):
    """Let the CRM have logged a call so many seconds ago, which its search finds or not."""

    def log(seconds_ago, *, found):
        records.insert(tenant.zoho, "Calls", {**CALL, "Call_Duration": "00:10", "Santral_Call_ID": "virtualats:1"})
        zoho.index_lag = timedelta(0) if found else timedelta(days=1)
        tenant.clock.pass_seconds(seconds_ago)

    return log


def test_a_refusal_of_everything_is_one_red_line_that_says_what_to_do(look, zoho, tenant):
    zoho.revoke_refresh_token()

    said = look()

    assert said["zoho"][0] == "failed"
    assert "secret zoho" in said["zoho"][2]
    assert not {"zoho scopes", "zoho field", "zoho search"} & said.keys()


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/Leads", "ZohoCRM.modules.leads.ALL"),
        ("/Tasks", "ZohoCRM.modules.tasks.ALL"),
        ("/Notes", "ZohoCRM.modules.notes.ALL"),
        ("/coql", "ZohoCRM.coql.READ"),
        ("/Contacts/search", "ZohoSearch.securesearch.READ"),
    ],
)
@pytest.mark.parametrize("error", [ScopeMissing("OAUTH_SCOPE_MISMATCH", system="zoho"), RecordRefused("NO_PERMISSION")])
def test_a_scope_that_is_missing_is_red_by_its_name(look, refuse, path, scope, error):
    refuse(path, error)

    level, sentence, fix = look()["zoho scopes"]

    assert (level, sentence) == ("failed", f"Our authorisation in Zoho CRM does not reach: {scope}.")
    assert "all scopes of docs/secrets.md" in fix


def test_a_company_without_messages_and_tasks_needs_no_scopes_for_them(look, refuse, tenant):
    tenant.settings = tenant.settings.model_copy(update={"providers": ("virtualats",), "missed_call_task": False})
    refuse("/Tasks", ScopeMissing("", system="zoho"))
    refuse("/Notes", ScopeMissing("", system="zoho"))

    assert look()["zoho scopes"][0] == "ok"


@pytest.mark.parametrize(
    ("field", "level", "fix"),
    [
        ("unique", "ok", ""),
        ("plain", "warning", "Let Santral_Call_ID in the module Calls refuse duplicate values."),
        (
            "absent",
            "warning",
            (
                "Run `python -m operations zoho setup`, or add a single-line field Santral_Call_ID without duplicate "
                "values to the module Calls by hand."
            ),
        ),
    ],
)
def test_a_field_that_does_not_refuse_duplicates_is_amber(look, zoho, field, level, fix):
    zoho.arrange(call_id_field=field)

    said = look()["zoho field"]

    assert (said[0], said[2]) == (level, fix)


def test_fields_that_may_not_be_read_are_amber(look, refuse):
    refuse("/settings/fields", ScopeMissing("OAUTH_SCOPE_MISMATCH", system="zoho"))

    level, _, fix = look()["zoho field"]

    assert level == "warning"
    assert "ZohoCRM.settings.fields.READ" in fix


def test_before_the_first_call_the_search_lag_is_said_to_be_assumed(look):
    level, sentence, _ = look()["zoho search"]

    assert level == "ok"
    assert "60 s are assumed" in sentence


@pytest.mark.parametrize(
    ("seconds_ago", "found", "level", "words"),
    [
        (5, True, "ok", "finds the newest call, which was logged 5 s ago"),
        (30, False, "ok", "does not find the call yet that was logged 30 s ago; 60 s are assumed"),
        (600, False, "warning", "does not find the newest call, though it was logged 600 s ago"),
    ],
)
def test_the_search_lag_is_measured_by_the_newest_call(look, logged, seconds_ago, found, level, words):
    logged(seconds_ago, found=found)

    said = look()["zoho search"]

    assert (said[0], words in said[1], "Zoho's index is behind" in said[2]) == (level, True, level == "warning")
