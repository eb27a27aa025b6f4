import json

import pytest

import operations.zoho
from santral.zoho.objections import Objection
from simulators.faults import Status
from simulators.zoho import ZohoCrm
from tests.fakes import MemorySecrets
from tests.fakes.in_process import connect, zoho_secret

SCOPE_MISSING = json.dumps({"code": "OAUTH_SCOPE_MISMATCH", "details": {}, "message": "invalid", "status": "error"})
FIELD = "Santral_Call_ID"


@pytest.fixture
def org(clock, company, monkeypatch):
    org = ZohoCrm(clock=clock)
    company.tenant.secrets._source = MemorySecrets(zoho=zoho_secret(org))
    connect(company.tenant, org)
    monkeypatch.setattr(operations.zoho, "company", lambda name: company)
    return org


@pytest.fixture
def lines(run, monkeypatch):
    """What the command says, by part: the state and the rest."""
    monkeypatch.setenv("COLUMNS", "400")

    def told(command, code=0):
        rows = [line.split(maxsplit=2) for line in run(command, code=code).splitlines()[1:]]
        return {part: (state, rest.strip()) for state, part, rest in rows}

    return told


def field(org):
    return org.layout.fields("Calls").get(FIELD)


def test_the_field_is_made_once_and_refuses_duplicates(org, lines):
    org.arrange(call_id_field="absent")

    assert lines("zoho setup")[FIELD][0] == "made"
    assert field(org).unique
    assert field(org).length == 255
    assert lines("zoho setup")[FIELD] == ("there", "It refuses duplicates, so Zoho itself keeps calls single.")
    assert org.counts["create_fields"] == 1


def test_only_looking_makes_nothing_and_says_how(org, lines):
    org.arrange(call_id_field="absent")

    state, told = lines("zoho setup --check", code=1)[FIELD]

    assert (state, field(org)) == ("missing", None)
    assert "without --check" in told
    assert "Setup > Modules and Fields > Calls" in told


def test_where_no_field_of_calls_may_be_unique_a_plain_one_is_made(org, lines):
    org.arrange(call_id_field="absent")
    org.customise("Calls", unique_fields=False)

    state, told = lines("zoho setup")[FIELD]

    assert (state, field(org).unique) == ("made", False)
    assert "It takes duplicates" in told


@pytest.mark.parametrize(
    ("obstacle", "hint"),
    [
        ({"fields_left": 0}, "LIMIT_EXCEEDED"),
        ({"scope": True}, "ZohoCRM.settings.fields.CREATE"),
        ({"read_only_user": True}, "administrator"),
    ],
)
def test_what_keeps_the_field_from_being_made_is_told_with_the_way_by_hand(org, lines, obstacle, hint):
    org.arrange(call_id_field="absent", read_only_user=obstacle.get("read_only_user", False))
    org.customise("Calls", fields_left=obstacle.get("fields_left", 10))
    if "scope" in obstacle:
        org.faults.add("/settings/fields", Status(code=401, body=SCOPE_MISSING), method="POST", times=None)

    state, told = lines("zoho setup", code=1)[FIELD]

    assert state == "missing"
    assert hint in told
    assert "Single Line field called Santral Call ID" in told


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/coql", "ZohoCRM.coql.READ"),
        ("/Leads$", "ZohoCRM.modules.leads.ALL"),
        ("/search", "ZohoSearch.securesearch.READ"),
    ],
)
def test_each_scope_is_tried_and_named_where_it_is_missing(org, lines, path, scope):
    org.faults.add(path, Status(code=401, body=SCOPE_MISSING), times=None)

    told = lines("zoho setup --check", code=1)

    assert {part for part, (state, _) in told.items() if state == "missing"} == {scope}
    assert told["connection"] == ("there", "Zoho answers; we act as Ayşe Demir.")


def test_what_zoho_has_against_our_records_is_told_and_then_tried_anew(org, company, lines):
    known = company.tenant.zoho.objections
    known.remember("Calls", "Contract_No", Objection(code="MANDATORY_NOT_FOUND", wanted=True, waits=True))

    assert lines("zoho setup --check", code=1)["records"][0] == "missing"
    assert known.to("Calls", fresh=True)

    lines("zoho setup", code=1)
    assert lines("zoho setup")["records"][0] == "there"
