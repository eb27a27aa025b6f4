"""What an agent says of a call: in Call_Result where the customer has an option for it, in the description always."""

import pytest

from santral.calls import CallEvent, CallState, Disposition
from santral.telephony.outbox import record

ANSWERED = {"disposition": Disposition.ANSWERED, "talk_seconds": 5}


@pytest.fixture
def says(company):
    """Let the agent say how call 1 turned out, each time a second later."""

    def tell(outcome, note=""):
        company.clock.pass_seconds(1)
        said = {"outcome": outcome, "note": note, "said_at": company.clock()}
        event = {"call_id": "virtualats:1", "provider": "virtualats", "state": CallState.REQUESTED, **said}
        record(company, CallEvent.model_validate(event))

    return tell


@pytest.fixture
def call(org):
    return lambda: org.calls()[0]


@pytest.fixture
def type_by_hand(company, call):
    """Let somebody change the record in the CRM."""
    return lambda **values: company.zoho.request("PUT", f"/Calls/{call()['id']}", safe=True, body={"data": [values]})


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        ("Interested", "Interested"),
        ("interested: call back in May", "Interested"),
        ("Reached: Not interested", "Not interested"),
        ("Not interested: Interested", "Not interested"),
        ("Wants an offer", None),
        ("Wants an offer: today", None),
    ],
)
def test_an_outcome_becomes_the_option_the_customer_has_for_it_and_adds_none(org, ends, says, call, outcome, result):
    options = org.layout.fields("Calls")["Call_Result"].options
    ends(1, **ANSWERED)
    says(outcome, "Wants it\n\nin blue")

    assert call().get("Call_Result") == result
    assert f"Outcome: {outcome}" in call()["Description"].splitlines()
    assert "Note: Wants it in blue" in call()["Description"].splitlines()
    assert org.layout.fields("Calls")["Call_Result"].options == options


@pytest.mark.parametrize("names", ["renamed", "relabelled"])
def test_an_option_is_found_by_what_the_screen_calls_it(org, ends, says, call, names):
    org.customise("Calls", **{names: {"Call_Result": {"Interested": "İlgileniyor"}}})
    ends(1, **ANSWERED)

    says("İlgileniyor")

    assert call()["Call_Result"] == ("İlgileniyor" if names == "renamed" else "Interested")


def test_an_outcome_said_before_the_call_was_logged_comes_with_it(org, ends, says, call):
    ends(1, state=CallState.ANSWERED, disposition=None)
    says("Interested")
    ends(1, **ANSWERED)

    assert call()["Call_Result"] == "Interested"


def test_the_last_word_counts(ends, says, call):
    ends(1, **ANSWERED)
    says("Interested")
    says("Not interested")

    assert call()["Call_Result"] == "Not interested"
    assert call()["Description"].count("Outcome: ") == 1


def test_what_somebody_chose_in_the_crm_stays(company, ends, says, call, type_by_hand):
    ends(1, **ANSWERED)
    says("Interested")
    type_by_hand(Call_Result="Not interested")

    says("Interested: call back")

    assert call()["Call_Result"] == "Not interested"
    assert "Outcome: Interested: call back" in call()["Description"]


def test_what_we_wrote_in_another_language_is_still_ours(company, ends, says, call):
    ends(1, **ANSWERED)
    says("Interested")
    company.settings = company.settings.model_copy(update={"language": "tr"})

    says("Not interested")

    assert call()["Call_Result"] == "Not interested"


def test_a_layout_that_may_not_be_read_gets_no_result_since_it_might_be_added(org, company, ends, says, call):
    org.layout.removed_fields.add(("Calls", "Call_Result"))
    ends(1, **ANSWERED)

    says("Interested")

    assert "Call_Result" not in call()
    assert "Outcome: Interested" in call()["Description"]
