"""However a customer has set Zoho CRM up: no call is lost, GET /status says what to mend, and mending it is enough."""

import pytest

from santral.calls import Disposition
from santral.health import layouts
from santral.health.findings import Level
from simulators.faults import CommitThen, Status
from simulators.zoho.layout import Field

URL = "https://phone.example"


@pytest.fixture
def told(company):
    """What GET /status says of records: the level, and sentence and fix in one text."""

    def look():
        company.zoho.layout("Calls", fresh=True)
        finding = layouts.accepted(company)
        return finding.level, f"{finding.sentence} | {finding.fix}"

    return look


def logged(org):
    return sorted(call["Santral_Call_ID"] for call in org.calls())


CONTRACT = {"api_name": "Contract_No"}
REGION = {"api_name": "Region", "data_type": "picklist", "options": ["Ege", "Marmara"]}
BOUGHT_ON = {"api_name": "Bought_On", "data_type": "date"}
AGREED = {"api_name": "Agreed", "data_type": "boolean"}


@pytest.mark.parametrize(
    ("asked_for", "value"),
    [
        (CONTRACT, "-"),
        ({**REGION, "default": "Marmara"}, "Marmara"),
        (AGREED, False),
        ({"api_name": "Call_Agenda"}, "-"),
    ],
)
@pytest.mark.parametrize("numbers", [(1,), (1, 2, 3)], ids=["one", "together"])
def test_what_the_layout_asks_for_is_filled_in_where_a_value_says_nothing(org, ends, told, asked_for, value, numbers):
    org.customise("Calls", mandatory=[asked_for])

    ends(*numbers)

    assert len(org.calls()) == len(numbers)
    assert {call[asked_for["api_name"]] for call in org.calls()} == {value}
    label = asked_for["api_name"].replace("_", " ")
    assert all(f"Filled in only because Zoho CRM asks for it: {label}" in call["Description"] for call in org.calls())
    level, text = told()
    assert level is Level.WARNING
    assert label in text
    assert "optional" in text


@pytest.mark.parametrize("numbers", [(2,), (2, 3, 4)], ids=["one", "together"])
def test_a_field_that_was_filled_in_and_is_taken_out_of_the_layout_holds_nothing_up(org, ends, numbers):
    org.customise("Calls", mandatory=[CONTRACT])
    ends(1)

    org.customise("Calls")
    ends(*numbers)

    assert len(org.calls()) == 1 + len(numbers)


def test_a_field_added_a_moment_after_the_layout_was_read_is_filled_in_at_once(org, ends, company):
    ends(1)
    company.zoho.layout("Calls", fresh=True)
    company.clock.pass_seconds(10)

    org.customise("Calls", mandatory=[CONTRACT])
    ends(2)

    assert len(org.calls()) == 2


def test_what_was_filled_in_is_still_told_when_more_became_known_of_the_call(org, ends):
    org.customise("Calls", mandatory=[CONTRACT])
    ends(1)

    ends(1, queue="Sales")

    [call] = org.calls()
    assert "Queue: Sales" in call["Description"]
    assert call["Description"].endswith("\n\nFilled in only because Zoho CRM asks for it: Contract No")


def test_what_was_asked_for_once_is_given_at_once_for_an_hour_and_then_it_is_seen_whether_it_still_is(
    org, company, ends, told
):
    org.customise("Calls", mandatory=[CONTRACT])
    ends(1)
    org.requests.clear()

    ends(2)
    assert org.counts["upsert"] == 1

    org.customise("Calls")
    company.clock.pass_seconds(3601)
    ends(3)
    assert len(org.calls()) == 3
    assert told()[0] is Level.OK


@pytest.mark.parametrize("asked_for", [REGION, BOUGHT_ON, {"api_name": "What_Id"}])
@pytest.mark.parametrize("numbers", [(1,), (1, 2, 3)], ids=["one", "together"])
def test_where_nothing_harmless_is_known_calls_wait_until_the_field_is_optional(
    org, ends, wait, told, asked_for, numbers
):
    org.customise("Calls", mandatory=[asked_for])
    ends(*numbers)
    wait(90)
    assert org.calls() == []
    level, text = told()
    assert level is Level.FAILED
    assert asked_for["api_name"] in text
    assert "optional" in text

    org.customise("Calls")
    wait(90)

    assert logged(org) == [f"virtualats:{number}" for number in numbers]
    assert told()[0] is Level.OK


def test_calls_that_wait_do_not_hold_up_those_that_lack_nothing(org, company, ends, told):
    org.customise("Calls", mandatory=[{"api_name": "Who_Id"}])

    ends(1, from_="+905559998877")
    ends(2)

    assert logged(org) == ["virtualats:2"]
    assert told()[0] is Level.FAILED


@pytest.mark.parametrize("names", ["renamed", "relabelled"])
def test_a_renamed_type_is_written_by_its_new_name(org, ends, told, names):
    org.customise("Calls", **{names: {"Call_Type": {"Missed": "Cevapsız"}}})

    ends(1)

    assert [call["Call_Type"] for call in org.calls()] == ["Cevapsız" if names == "renamed" else "Missed"]
    assert told()[0] is Level.OK


def test_a_type_that_is_gone_is_not_replaced_by_another_but_waited_for(org, ends, wait, told):
    options = ("Inbound", "Outbound", "Other")
    without = Field("Call_Type", "picklist", 120, mandatory=True, options=options, options_open=False)
    org.layout.extra_fields["Calls", "Call_Type"] = without
    ends(1)
    ends(2, disposition=Disposition.ANSWERED, talk_seconds=5)
    assert logged(org) == ["virtualats:2"]
    level, text = told()
    assert level is Level.FAILED
    assert "has no option Missed" in text

    org.customise("Calls")
    wait(90)

    assert logged(org) == ["virtualats:1", "virtualats:2"]
    assert told()[0] is Level.OK


@pytest.mark.parametrize("hidden", ["Description", "Call_Duration", "Owner", "Who_Id", "Voice_Recording__s"])
@pytest.mark.parametrize("known", [True, False], ids=["before", "meanwhile"])
def test_a_hidden_field_costs_only_what_it_held(org, ends, wait, told, hidden, known):
    if not known:
        ends("warm", disposition=Disposition.ANSWERED, talk_seconds=5)
        wait(2)
    # A missed call, since Zoho insists on the length of all others, whoever may see it.
    org.customise("Calls", hidden=[hidden])

    ends(1, recording_ref="rec-1")

    assert "virtualats:1" in logged(org)
    level, text = told()
    if hidden != "Voice_Recording__s":
        assert level is Level.WARNING
        assert hidden.replace("_", " ") in text

    org.customise("Calls")
    assert told()[0] is Level.OK


@pytest.mark.parametrize("field", ["plain", "absent"])
def test_without_a_unique_field_or_any_a_lost_answer_still_leaves_one_call(org, company, ends, wait, field):
    org.arrange(call_id_field=field)
    org.customise("Calls", hidden=["Description"] if field == "absent" else [])
    org.faults.add("/Calls$", CommitThen(fault=Status(code=502, body=b"")), method="POST")

    ends(1)
    wait(10)

    assert len(org.calls()) == 1


def test_a_user_who_may_only_read_is_named_and_everything_waits_for_the_right(org, company, ends, wait, told):
    org.arrange(read_only_user=True)
    ends(1, 2, 3)
    requests = len(org.requests.all())
    wait(60)
    assert org.calls() == []
    level, text = told()
    assert level is Level.FAILED
    assert "permission to create and edit Calls" in text
    # Three calls that all wait for one right do not each ask for it.
    assert len(org.requests.all()) - requests < 60

    org.arrange(read_only_user=False)
    wait(90)

    assert logged(org) == ["virtualats:1", "virtualats:2", "virtualats:3"]
    assert told()[0] is Level.OK


def test_a_recording_whose_field_takes_no_address_stands_in_the_description_and_is_not_tried_with_each_call(
    org, company, ends, told
):
    org.layout.extra_fields["Calls", "Voice_Recording__s"] = Field("Voice_Recording__s", "email")
    ends(1, recording_ref="rec-1")
    org.requests.clear()
    ends(2, recording_ref="rec-2")

    assert org.counts["upsert"] == 1
    assert all(f"Recording: {URL}/recordings/" in call["Description"] for call in org.calls())
    level, text = told()
    assert level is Level.WARNING
    assert "Voice Recording" in text

    org.customise("Calls")
    company.clock.pass_seconds(3601)
    ends(3, recording_ref="rec-3")
    assert org.calls()[-1]["Voice_Recording__s"].startswith(URL)
    assert told()[0] is Level.OK


def test_leads_and_tasks_are_filled_in_as_well(org, company, ends, told):
    company.settings = company.settings.model_copy(update={"unknown_caller": "lead"})
    org.customise("Leads", mandatory=[{"api_name": "Branch"}])
    org.customise("Tasks", mandatory=[{"api_name": "Branch"}])

    ends(1, from_="+905559998877")

    assert len(org.calls()) == len(org.tasks()) == 1
    assert org.calls()[0]["$se_module"] == "Leads"
    assert told()[0] is Level.WARNING


@pytest.mark.parametrize("language", ["tr", "az"])
def test_it_is_told_in_the_language_of_who_asks(org, company, ends, language):
    org.customise("Calls", mandatory=[REGION])
    ends(1)

    finding = layouts.accepted(company)

    for sentence in (finding.sentence, finding.fix):
        assert sentence.in_language(language) != str(sentence)
        assert "Region" in sentence.in_language(language)
