import pytest


@pytest.fixture
def upsert(api):
    def send(module, row, *check):
        body = {"data": [row], **({"duplicate_check_fields": list(check)} if check else {})}
        return api.post(f"/{module}/upsert", body)

    return send


def test_an_upsert_inserts_once_and_updates_after(zoho, call, upsert):
    first = upsert("Calls", call, "Santral_Call_ID")
    second = upsert("Calls", {**call, "Description": "later"}, "Santral_Call_ID")

    assert first.status_code == 201
    assert second.status_code == 200
    inserted, updated = first.json["data"][0], second.json["data"][0]
    assert (inserted["action"], inserted["duplicate_field"]) == ("insert", None)
    assert (updated["action"], updated["duplicate_field"]) == ("update", "Santral_Call_ID")
    assert inserted["details"]["id"] == updated["details"]["id"]
    assert [one["Description"] for one in zoho.calls()] == ["later"]


@pytest.mark.parametrize("call_id_field", ["plain", "absent"])
def test_a_field_that_is_not_unique_cannot_be_checked(zoho, call, upsert, call_id_field):
    zoho.layout.call_id_field = call_id_field

    answer = upsert("Calls", call, "Santral_Call_ID")

    assert answer.status_code == 400
    assert answer.json["details"]["api_name"] == "duplicate_check_fields"
    assert zoho.calls() == []


def test_without_a_field_to_check_every_upsert_inserts(zoho, call, upsert):
    zoho.layout.call_id_field = "plain"

    upsert("Calls", call)
    upsert("Calls", call)

    assert len(zoho.calls()) == 2


def test_an_upsert_changes_no_more_than_an_update_may(zoho, call, upsert):
    upsert("Calls", call, "Santral_Call_ID")

    answer = upsert("Calls", {**call, "Call_Type": "Missed"}, "Santral_Call_ID")

    assert answer.json["data"][0]["details"]["api_name"] == "Call_Type"
    assert zoho.calls()[0]["Call_Type"] == "Inbound"


def test_a_contact_is_checked_by_its_email(zoho, elif_, upsert):
    answer = upsert(
        "Contacts", {"Last_Name": "Yılmaz", "Email": "ELIF@example.org", "Phone": "0532 123 45 67"}, "Email"
    )

    assert answer.json["data"][0]["details"]["id"] == elif_["id"]


def test_phone_is_no_field_to_check(upsert):
    answer = upsert("Contacts", {"Last_Name": "Yılmaz", "Phone": "0532 123 45 67"}, "Phone")

    assert answer.json["code"] == "INVALID_DATA"


def test_calls_can_be_refused_for_upsert_altogether(zoho, call, upsert):
    zoho.layout.calls_can_be_upserted = False

    answer = upsert("Calls", call, "Santral_Call_ID")

    assert (answer.status_code, answer.json["code"]) == (400, "NOT_SUPPORTED")


def test_tasks_cannot_be_upserted(upsert):
    assert upsert("Tasks", {"Subject": "Call back"}).json["code"] == "NOT_SUPPORTED"


def test_the_fields_to_check_are_a_list(api, call):
    answer = api.post("/Calls/upsert", {"data": [call], "duplicate_check_fields": "Santral_Call_ID"})

    assert answer.json["details"]["expected_data_type"] == "jsonarray"
