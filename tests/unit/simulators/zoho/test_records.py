import json

import pytest


def test_rows_are_answered_in_order_and_one_bad_row_spoils_no_other(zoho, api, call):
    rows = [{**call, "Santral_Call_ID": f"virtualats:{number}"} for number in range(4)]
    rows[1]["Call_Type"] = "Internal"
    rows[3]["Santral_Call_ID"] = "virtualats:0"

    answer = api.insert("Calls", *rows)

    assert answer.status_code == 207
    assert [item["code"] for item in answer.json["data"]] == ["SUCCESS", "INVALID_DATA", "SUCCESS", "DUPLICATE_DATA"]
    assert answer.json["data"][1]["details"]["json_path"] == "$.data[1].Call_Type"
    assert [one["Santral_Call_ID"] for one in zoho.calls()] == ["virtualats:0", "virtualats:2"]


def test_several_rows_all_refused_are_still_a_2xx(api, call):
    answer = api.insert("Calls", {**call, "Subject": None}, {**call, "Subject": None})

    assert answer.status_code == 202
    assert {item["status"] for item in answer.json["data"]} == {"error"}


def test_a_hundred_rows_are_the_most(zoho, api):
    assert api.insert("Tasks", *[{"Subject": "Call back"}] * 100).status_code == 201

    answer = api.insert("Tasks", *[{"Subject": "Call back"}] * 101)

    assert (answer.status_code, answer.json["code"]) == (400, "INVALID_DATA")
    assert answer.json["details"] == {"api_name": "data", "maximum_length": 100}
    assert len(zoho.tasks()) == 100


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MANDATORY_NOT_FOUND"),
        ([], "INVALID_DATA"),
        ({"data": []}, "INVALID_DATA"),
        ({"data": {"Subject": "x"}}, "INVALID_DATA"),
        ({"data": [{"Subject": "x"}], "trigger": "workflow"}, "INVALID_DATA"),
        ({"data": [{"Subject": "x"}], "triggers": []}, "INVALID_DATA"),
    ],
)
def test_a_wrong_envelope_is_refused_as_a_whole(zoho, api, body, code):
    answer = api.post("/Tasks", body)

    assert (answer.status_code, answer.json["code"], answer.json["status"]) == (400, code, "error")
    assert zoho.tasks() == []


def test_a_body_that_is_not_json_is_refused(api):
    answer = api.http.post("/crm/v8/Tasks", data=b"{", headers=api.headers)

    assert (answer.status_code, answer.json["message"]) == (400, "body")


def test_a_row_that_is_no_object_is_refused_alone(api):
    answer = api.insert("Tasks", {"Subject": "x"}, "y")

    assert [item["status"] for item in answer.json["data"]] == ["success", "error"]


@pytest.mark.parametrize("phone", ["anonymous", "0532 123 45 67 ext 5", "+", "5" * 31, "0532*1", 5321234567])
def test_a_phone_that_is_none_is_refused(api, phone):
    item = api.insert("Leads", {"Last_Name": "x", "Phone": phone}).json["data"][0]

    assert (item["code"], item["details"]["api_name"]) == ("INVALID_DATA", "Phone")


@pytest.mark.parametrize("phone", ["+90 (532) 123-45-67", "0532.123.45.67", "5321234567"])
def test_a_phone_in_any_notation_is_kept_as_typed(zoho, api, phone):
    api.inserted("Leads", {"Last_Name": "x", "Phone": phone})

    assert zoho.leads()[-1]["Phone"] == phone


def test_a_refused_phone_names_the_expected_type(api):
    item = api.insert("Leads", {"Last_Name": "x", "Mobile": "unknown"}).json["data"][0]

    assert item["details"] == {"expected_data_type": "phone", "api_name": "Mobile", "json_path": "$.data[0].Mobile"}


@pytest.mark.parametrize("field", ["Subject", "Due_Date", "Send_Notification_Email", "Remind_At"])
def test_a_value_of_the_wrong_type_is_refused(api, field):
    assert api.refusal("Tasks", {"Subject": "x", field: 20261122}) == ("INVALID_DATA", field)


def test_a_task_goes_in_with_its_date_owner_and_reminder(zoho, api, rashad):
    api.inserted(
        "Tasks",
        {
            "Subject": "Call back +994 55 796 74 73",
            "Due_Date": "2026-11-22",
            "Status": "Not Started",
            "Priority": "High",
            "What_Id": rashad["id"],
            "$se_module": "Leads",
            "Owner": {"id": zoho.users.by_email("leyla@example.com").id},
            "Remind_At": {"ALARM": "FREQ=NONE;ACTION=EMAIL;TRIGGER=DATE-TIME:2026-11-22T09:00:00+03:00"},
        },
    )

    assert zoho.tasks()[0]["What_Id"]["name"] == "Rəşad Məmmədov"


def test_a_note_belongs_to_an_existing_parent(zoho, api, elif_):
    parent = {"module": {"api_name": "Contacts"}, "id": elif_["id"]}
    api.inserted("Notes", {"Note_Title": "WhatsApp", "Note_Content": "Merhaba", "Parent_Id": parent})

    answer = api.insert("Notes", {"Note_Content": "Merhaba", "Parent_Id": {**parent, "id": "548728000000999999"}})

    assert zoho.notes()[0]["Parent_Id"]["name"] == "Elif Yılmaz"
    assert answer.status_code == 202
    assert answer.json["data"][0]["details"]["api_name"] == "Parent_Id"


def test_a_note_without_content_or_parent_is_refused(api, elif_):
    parent = {"module": {"api_name": "Contacts"}, "id": elif_["id"]}

    assert api.refusal("Notes", {"Parent_Id": parent}) == ("MANDATORY_NOT_FOUND", "Note_Content")
    assert api.refusal("Notes", {"Note_Content": "x"}) == ("MANDATORY_NOT_FOUND", "Parent_Id")


def test_a_record_is_read_by_id_whole_or_in_part(api, elif_):
    whole = api.get(f"/Contacts/{elif_['id']}").json["data"][0]
    part = api.get(f"/Contacts/{elif_['id']}", fields="Phone,Owner").json["data"][0]

    assert whole == elif_
    assert part == {"id": elif_["id"], "Phone": "+90 532 123 45 67", "Owner": elif_["Owner"]}


def test_an_id_without_a_record_is_204_and_no_id_at_all_is_refused(api):
    missing, wrong = api.get("/Contacts/548728000000999999"), api.get("/Contacts/me")

    assert (missing.status_code, missing.data) == (204, b"")
    assert (wrong.status_code, wrong.json["message"]) == (400, "the id given seems to be invalid")


def test_an_update_of_an_unknown_id_is_refused(api):
    answer = api.put("/Calls/548728000000999999", {"data": [{"Subject": "x"}]})

    assert (answer.status_code, answer.json["data"][0]["details"]["id"]) == (400, "548728000000999999")


def test_a_list_needs_its_fields(api):
    answer = api.get("/Contacts")

    assert answer.json["code"] == "REQUIRED_PARAM_MISSING"
    assert answer.json["details"]["param_name"] == "fields"


def test_a_list_comes_in_pages_newest_first(api):
    first = api.get("/Leads", fields="Last_Name", per_page=4, page=1).json
    second = api.get("/Leads", fields="Last_Name", per_page=4, page=2).json

    assert [len(first["data"]), len(second["data"])] == [4, 2]
    assert [first["info"]["more_records"], second["info"]["more_records"]] == [True, False]
    ids = [row["id"] for row in first["data"] + second["data"]]
    assert ids == sorted(ids, reverse=True)
    assert api.get("/Leads", fields="Last_Name", per_page=4, page=3).status_code == 204


@pytest.mark.parametrize("query", [{"per_page": "201"}, {"page": "0"}, {"page": "x"}])
def test_a_page_out_of_bounds_is_refused(api, query):
    assert api.get("/Leads", fields="Last_Name", **query).status_code == 400


def test_an_unknown_field_cannot_be_asked_for(api):
    assert api.get("/Leads", fields="Last_Name,Surname").json["details"]["param"] == "Surname"


def test_a_deleted_record_is_gone(zoho, api, elif_):
    answer = api.delete("/Contacts", ids=f"{elif_['id']},548728000000999999")

    assert answer.status_code == 207
    assert [item["message"] for item in answer.json["data"]] == ["record deleted", "record not deleted"]
    assert api.get(f"/Contacts/{elif_['id']}").status_code == 204
    assert elif_["id"] not in [contact["id"] for contact in zoho.contacts()]
    assert zoho.commits[-1].action == "delete"


def test_an_unknown_module_url_or_method_is_refused(api):
    module, url = api.get("/Activities", fields="id"), api.get("/Contacts/1/2/3")
    method = api.http.patch("/crm/v8/Contacts", headers=api.headers)

    assert (module.status_code, module.json["code"]) == (400, "INVALID_MODULE")
    assert (url.status_code, url.json["code"]) == (404, "INVALID_URL_PATTERN")
    assert (method.status_code, method.json["code"]) == (400, "INVALID_REQUEST_METHOD")


def test_rows_can_be_refused_on_purpose(zoho, api, call):
    zoho.refuse_rows("Calls", "RECORD_LOCKED", times=2)
    rows = [{**call, "Santral_Call_ID": f"virtualats:{number}"} for number in range(3)]

    answer = api.insert("Calls", *rows)

    assert [item["code"] for item in answer.json["data"]] == ["RECORD_LOCKED", "RECORD_LOCKED", "SUCCESS"]


def test_local_letters_come_back_as_they_went_in(zoho, api):
    api.inserted("Leads", {"First_Name": "Gülşən", "Last_Name": "Çığırğan-İbrahimov"})

    assert zoho.leads()[-1]["Full_Name"] == "Gülşən Çığırğan-İbrahimov"
    assert "Çığırğan" in json.dumps(api.get("/Leads", fields="Full_Name").json, ensure_ascii=False)


def test_an_update_says_which_record_it_is_for(api):
    several = api.put("/Calls", {"data": [{"Subject": "x"}]})
    one = api.put("/Calls/548728000000999999", {"data": [{"Subject": "x"}, {"Subject": "y"}]})
    none = api.delete("/Calls")

    assert several.json["data"][0]["code"] == "MANDATORY_NOT_FOUND"
    assert one.json["details"] == {"api_name": "data", "maximum_length": 1}
    assert none.json["details"]["param_name"] == "ids"


def test_an_insert_names_no_id(api):
    assert api.refusal("Tasks", {"id": "548728000000999999", "Subject": "x"}) == ("INVALID_DATA", "id")


def test_a_doubled_slash_is_another_url(api):
    assert api.http.get("//crm/v8/org", headers=api.headers).json["code"] == "INVALID_URL_PATTERN"


def test_more_than_fifty_fields_cannot_be_asked_for(api):
    assert api.get("/Leads", fields=",".join(["Phone"] * 51)).json["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("date", ["22.11.2026", "2026-02-30"])
def test_a_date_is_a_day_of_the_calendar(api, date):
    assert api.refusal("Tasks", {"Subject": "x", "Due_Date": date}) == ("INVALID_DATA", "Due_Date")


@pytest.mark.parametrize(
    "parent", ["548728000000400003", {"id": "548728000000400003"}, {"module": {"api_name": "Deals"}}]
)
def test_a_note_names_its_parents_module(api, parent):
    assert api.refusal("Notes", {"Note_Content": "x", "Parent_Id": parent}) == ("INVALID_DATA", "Parent_Id")
