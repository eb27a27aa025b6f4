import json

import pytest

from santral.errors import Busy, OutcomeUnknown, Unintelligible
from santral.zoho.client import RecordLocked, RecordRefused
from santral.zoho.layout import Layout
from santral.zoho.records import insert, insert_all, read, update, upsert, upsert_all
from santral.zoho.search import Search, any_of, quoted, search, select

ADDED = {"code": "SUCCESS", "status": "success", "details": {"id": "5487280000004001"}}


def refused(code, **details):
    return {"code": code, "status": "error", "message": "no", "details": details}


def sent(accounts):
    return json.loads(accounts.api_requests[-1].body)


def test_a_written_record_is_known_by_its_id_as_text(accounts, zoho):
    accounts.api_answers = [(201, {"data": [{**ADDED, "details": {"id": 5487280000004001}}]})]

    assert insert(zoho, "Calls", {"Subject": "x"}) == "5487280000004001"
    assert sent(accounts) == {"data": [{"Subject": "x"}]}


@pytest.mark.parametrize("status", [200, 201, 202, 207, 400])
def test_the_status_of_the_answer_never_stands_for_that_of_the_record(accounts, zoho, status):
    accounts.api_answers = [(status, {"data": [refused("MANDATORY_NOT_FOUND", api_name="Subject")]})]

    with pytest.raises(RecordRefused) as caught:
        insert(zoho, "Calls", {})

    assert caught.value.field == "Subject"


@pytest.mark.parametrize("data", [[], [ADDED, ADDED], ["x"], [{"status": "success", "details": {}}], None])
def test_a_write_without_a_readable_result_may_have_happened(accounts, zoho, data):
    accounts.api_answers = [(201, {"data": data})]

    with pytest.raises(OutcomeUnknown):
        insert(zoho, "Calls", {})


def test_a_locked_record_passes_by_itself(accounts, zoho):
    accounts.api_answers = [(200, {"data": [refused("RECORD_LOCKED")]})]

    with pytest.raises(Busy):
        update(zoho, "Calls", "5487280000004001", {"Description": "x"})


def test_upsert_names_the_field_to_look_at(accounts, zoho):
    accounts.api_answers = [(200, {"data": [{**ADDED, "action": "update"}]})]

    assert upsert(zoho, "Calls", {"Santral_Call_ID": "a:1"}, unique="Santral_Call_ID") == "5487280000004001"
    assert sent(accounts)["duplicate_check_fields"] == ["Santral_Call_ID"]


@pytest.mark.parametrize("write", [insert, upsert])
def test_a_duplicate_in_our_unique_field_is_the_record_itself(accounts, zoho, write):
    accounts.api_answers = [
        (400, {"data": [refused("DUPLICATE_DATA", api_name="Santral_Call_ID", id="5487280000004009")]})
    ]

    assert write(zoho, "Calls", {"Santral_Call_ID": "a:1"}, unique="Santral_Call_ID") == "5487280000004009"


def test_a_duplicate_in_another_field_is_another_record(accounts, zoho):
    accounts.api_answers = [(400, {"data": [refused("DUPLICATE_DATA", api_name="Subject", id="5487280000004009")]})]

    with pytest.raises(RecordRefused):
        insert(zoho, "Calls", {"Santral_Call_ID": "a:1"}, unique="Santral_Call_ID")


@pytest.mark.parametrize("answer", [(204, b""), (400, refused("INVALID_DATA", resource_path_index=1))])
def test_a_record_that_is_gone_reads_as_none(accounts, zoho, answer):
    accounts.api_answers = [answer]

    assert read(zoho, "Calls", "5487280000004001", ["Description"]) is None


def part(status, body):
    return {"code": "SUCCESS", "status": "success", "details": {"response": {"status_code": status, "body": body}}}


def test_searches_go_out_in_one_request_and_each_has_its_own_result(accounts, zoho):
    parts = [
        part(200, {"data": [{"id": "1"}]}),
        part(204, None),
        part(400, refused("INVALID_MODULE")),
        part(403, refused("NO_PERMISSION")),
    ]
    accounts.api_answers = [(207, {"__composite_requests": parts})]

    found, none, hidden, forbidden = search(zoho, [Search(module, {"phone": "5321234567"}) for module in "ABCD"])

    assert (found, none) == ([{"id": "1"}], [])
    assert (hidden.zoho_code, forbidden.zoho_code) == ("INVALID_MODULE", "NO_PERMISSION")
    assert len(accounts.api_requests) == 1
    request = sent(accounts)["__composite_requests"][0]
    assert request == {
        "sub_request_id": "1",
        "method": "GET",
        "uri": "/crm/v8/A/search",
        "params": {"phone": "5321234567"},
        "headers": {},
        "body": {},
    }


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (part(429, refused("TOO_MANY_REQUESTS")), Busy),
        (part(500, refused("INTERNAL_ERROR")), Unintelligible),
        (refused("REQUEST_TIMEOUT"), Unintelligible),
        (part(200, None), Unintelligible),
        ("garbage", Unintelligible),
    ],
)
def test_a_search_that_may_work_later_fails_them_all(accounts, zoho, result, error):
    accounts.api_answers = [(200, {"__composite_requests": [part(204, None), result]})]

    with pytest.raises(error):
        search(zoho, [Search("Contacts", {}), Search("Leads", {})])


def test_an_answer_with_fewer_results_than_searches_is_not_guessed_at(accounts, zoho):
    accounts.api_answers = [(200, {"__composite_requests": [part(204, None)]})]

    with pytest.raises(Unintelligible):
        search(zoho, [Search("Contacts", {}), Search("Leads", {})])


def test_criteria_escape_what_has_a_meaning_in_them():
    assert any_of(["Phone"], [["(0212) 1", "a,b"]]) == r"(Phone:in:\(0212\) 1,a\,b)"
    assert any_of(["Phone", "Mobile"], [["+9"]]) == "((Phone:in:+9)or(Mobile:in:+9))"
    assert any_of(["Phone"], [["1"], ["2"]]) == "((Phone:in:1)or(Phone:in:2))"


def test_a_quote_in_a_coql_text_is_doubled(accounts, zoho):
    accounts.api_answers = [(204, b"")]

    assert select(zoho, "Calls", "id", where="Subject = " + quoted("O'Hara"), limit=1) == []
    assert sent(accounts) == {"select_query": "select id from Calls where Subject = 'O''Hara' limit 1"}


FIELDS = {
    "fields": [
        {"api_name": "Subject", "operation_type": {"api_create": True}, "unique": {}},
        {"api_name": "CTI_Entry", "operation_type": {"api_create": False}},
        {"api_name": "Santral_Call_ID", "unique": {"casesensitive": "false"}},
        {"api_name": "Lead_Source", "pick_list_values": [{"actual_value": "Phone"}]},
    ]
}


def test_a_layout_knows_what_may_be_written_and_what_is_unique(accounts, zoho):
    accounts.api_answers = [(200, FIELDS)]

    layout = zoho.layout("Calls")

    assert layout.fields == {"Subject", "Santral_Call_ID", "Lead_Source"}
    assert layout.unique == {"Santral_Call_ID"}
    assert layout.options == {"Lead_Source": ("Phone",)}
    assert "Santral_Call_ID" not in layout.without("Santral_Call_ID").unique


def test_a_layout_is_read_once_a_day_for_all_containers(party, accounts):
    accounts.api_answers = [(200, FIELDS), (200, FIELDS)]
    for _ in range(3):
        party.container().layout("Calls")
    assert len(accounts.api_requests) == 1

    party.clock.pass_seconds(86_401)
    party.container().layout("Calls")

    assert len(accounts.api_requests) == 2


def test_a_layout_read_anew_reaches_warm_containers_within_minutes(party, accounts, zoho):
    accounts.api_answers = [(200, FIELDS), (200, {"fields": FIELDS["fields"][:1]})]
    zoho.layout("Calls")
    party.container().layout("Calls", fresh=True)
    assert "Santral_Call_ID" in zoho.layout("Calls").fields

    party.clock.pass_seconds(301)

    assert zoho.layout("Calls").fields == {"Subject"}


def field(name="F", **described):
    return {"fields": [{"api_name": name, "data_type": "text", **described}]}


def test_a_field_the_user_is_not_shown_may_not_be_written():
    assert Layout.described(field(visible=False)).fields == frozenset()


@pytest.mark.parametrize(
    ("described", "value"),
    [
        ({}, "-"),
        ({"data_type": "textarea"}, "-"),
        ({"default_value": "none yet"}, "none yet"),
        ({"data_type": "boolean"}, False),
        ({"data_type": "picklist", "default_value": "B"}, "B"),
        ({"data_type": "picklist", "default_value": "b as shown"}, "B"),
        ({"data_type": "picklist", "default_value": "-None-"}, None),
        ({"data_type": "picklist", "default_value": "gone"}, None),
        ({"data_type": "picklist"}, None),
        ({"unique": {"casesensitive": "false"}}, None),
        ({"data_type": "integer"}, None),
        ({"data_type": "date"}, None),
        ({"data_type": "lookup"}, None),
        ({"data_type": "email"}, None),
    ],
)
def test_only_what_says_nothing_is_harmless_to_fill_in(described, value):
    options = [{"actual_value": "A"}, {"actual_value": "B", "display_value": "B as shown"}]

    assert Layout.described(field(pick_list_values=options, **described)).harmless.get("F") == value


@pytest.mark.parametrize("name", ["Cevapsız", "cevapsız", "Kaçan", "Missed"])
def test_an_option_is_found_by_its_value_by_its_label_and_by_its_first_name(name):
    renamed = {"actual_value": "Cevapsız", "display_value": "Kaçan", "reference_value": "Missed"}
    unused = {"actual_value": "Old", "type": "unused"}
    layout = Layout.described(field("Call_Type", pick_list_values=[renamed, unused]))

    assert layout.option("Call_Type", name) == "Cevapsız"
    assert layout.option("Call_Type", "Old") is None
    assert layout.option("Other", name) is None
    assert Layout.model_validate(layout.as_row()).option("Call_Type", name) == "Cevapsız"


def test_metadata_without_fields_is_no_empty_layout():
    with pytest.raises(Unintelligible):
        Layout.described({"fields": None})


def test_of_many_records_each_has_its_own_result_whatever_the_status(accounts, zoho):
    results = [
        ADDED,
        refused("INVALID_DATA", api_name="Owner", json_path="$.data[1].Owner"),
        refused("DUPLICATE_DATA", api_name="Santral_Call_ID", id="5487280000004009", json_path="$.data[2].x"),
        refused("INTERNAL_ERROR"),
        refused("RECORD_LOCKED"),
    ]
    for status in (200, 201, 202, 207, 400):
        accounts.api_answers = [(status, {"data": results})]
        added, owner, duplicate, failed, locked = upsert_all(zoho, "Calls", [{}] * 5, unique="Santral_Call_ID")

        assert (added, duplicate) == ("5487280000004001", "5487280000004009")
        assert isinstance(owner, RecordRefused)
        assert isinstance(failed, Unintelligible)
        assert isinstance(locked, RecordLocked)


def test_a_row_that_failed_inside_zoho_may_have_been_inserted(accounts, zoho):
    accounts.api_answers = [(207, {"data": [ADDED, refused("INTERNAL_ERROR")]})]

    assert isinstance(insert_all(zoho, "Calls", [{}, {}])[1], OutcomeUnknown)


@pytest.mark.parametrize(
    "results",
    [
        [ADDED],
        [ADDED, ADDED, ADDED],
        [ADDED, None],
        [refused("INVALID_DATA", json_path="$.data[1].Owner"), ADDED],
    ],
)
def test_results_that_are_not_one_for_each_record_in_their_order_say_nothing(accounts, zoho, results):
    accounts.api_answers = [(201, {"data": results})] * 2

    with pytest.raises(OutcomeUnknown):
        insert_all(zoho, "Calls", [{}, {}])
    with pytest.raises(Unintelligible):
        upsert_all(zoho, "Calls", [{}, {}], unique="Santral_Call_ID")
