"""The simulator's answers against Zoho's own description (zoho/crm-oas, v8.0), which is not part of this repository."""

import pytest

from tests.zoho_description import hold, needed

pytestmark = needed


def test_what_is_written_is_answered_as_described(api, call):
    inserted = api.insert("Calls", call).json["data"][0]
    updated = api.post("/Calls/upsert", {"data": [call]}).json["data"][0]
    deleted = api.delete("/Calls", ids=inserted["details"]["id"]).json["data"][0]

    for item in (inserted, updated, deleted):
        hold(item, "record", "Success_Response")


def test_what_is_refused_is_answered_as_described(zoho, api, call, elif_):
    api.inserted("Calls", call)
    rows = [{"Call_Type": "Inbound"}, {**call, "Owner": {"id": "1"}}, {**call, "Who_Id": "1"}, call]
    refusals = [api.insert("Calls", row).json["data"][0] for row in rows]
    refusals += [
        api.insert("Leads", {"Last_Name": "x", "Phone": "unknown"}).json["data"][0],
        api.delete("/Calls", ids="1").json["data"][0],
        api.put("/Calls/548728000000999999", {"data": [{"Subject": "x"}]}).json["data"][0],
        api.get("/Nowhere", fields="id").json,
        api.get("/Contacts").json,
        api.get("/Contacts/1/2/3").json,
        api.http.patch("/crm/v8/Contacts", headers=api.headers).json,
        api.http.get("/crm/v8/org").json,
        api.http.get("/crm/v8/org", headers={"Authorization": "Zoho-oauthtoken x"}).json,
    ]
    zoho.layout.read_only_user = True
    refusals.append(api.insert("Calls", call).json)

    codes = {refusal["code"] for refusal in refusals}
    for refusal in refusals:
        # Two descriptions differ in how this message begins.
        message = refusal["message"].replace("the module name", "The module name")
        hold({**refusal, "message": message}, "record", "API_Exception")
    assert len(codes) >= 9


def test_a_value_too_long_names_the_length_as_a_number(api):
    item = api.insert("Notes", {"Note_Title": "x" * 121}).json["data"][0]

    hold(item, "notes", "Max_Length_API_Exception")


def test_a_missing_module_parameter_is_answered_as_described(api):
    hold(api.get("/settings/fields").json, "common", "MandatoryParamError")


def test_records_are_listed_as_described(api):
    hold(api.get("/Contacts", fields="Full_Name,Owner,Created_Time,Created_By").json, "record", "Response_Wrapper")


def test_a_search_is_answered_as_described(api):
    hold(api.get("/Contacts/search", word="a").json, "module_search", "Response_Wrapper")
    hold(api.get("/Contacts/search").json, "module_search", "Mandatory_Param_Missing")
    hold(api.get("/Nowhere/search", word="a").json, "module_search", "Invlaid_Value_URL")
    hold(api.get("/Contacts/search", word="a", page=11).json, "module_search", "Max_records")
    hold(api.get("/Contacts/search", criteria="(X:equals:1)").json, "module_search", "InvalidQuery")


def test_a_query_is_answered_as_described(api):
    hold(api.coql("select id, Owner from Contacts where id is not null").json, "coql", "Response_Wrapper")
    hold(api.coql("select id from Contacts").json, "coql", "Syntax_Exception")
    hold(api.coql("select id from Contacts where").json, "coql", "Syntax_Exception")
    hold(api.coql("select X from Contacts where id is not null").json, "coql", "Query_Exception")
    hold(api.coql("select id from Contacts where id is not null limit 3000").json, "coql", "Limit_Exceeded_Exception")


def test_a_composite_request_is_answered_as_described(api):
    def ask(*parts):
        return api.post("/__composite_requests", {"__composite_requests": list(parts)})

    good, lower = ({"method": "GET", "uri": uri} for uri in ("/crm/v8/org", "/crm/v7/org"))
    wrong = [{"uri": "/crm/v8/org"}, {**good, "headers": {"authorization": "x"}}, {**good, "method": "HEAD"}, "x"]

    for item in ask(good, {**good, "uri": "/crm/v8/Leads/search", "params": {"phone": "1"}}).json[
        "__composite_requests"
    ]:
        hold(item, "composite_requests", "success")
    hold(ask(lower, *wrong).json["__composite_requests"][0]["details"], "composite_requests", "VersionDetails")
    for item in ask(lower, *wrong).json["__composite_requests"]:
        assert item["code"] in ("INVALID_DATA", "MANDATORY_NOT_FOUND")
    hold(ask(*[good] * 6).json["details"], "composite_requests", "LengthDetails")


@pytest.mark.parametrize("module", ["Calls", "Contacts", "Leads", "Accounts", "Tasks", "Notes"])
def test_fields_are_described_with_the_types_zoho_gives_them(api, module):
    # The description calls dozens of keys required which Zoho's own samples leave out.
    hold(api.get("/settings/fields", module=module).json, "fields", "Response_Wrapper", complete=False)


def test_users_and_the_organisation_have_the_described_types(api):
    users = api.get("/users", type="ActiveUsers").json
    for user in users["users"]:
        # Patterns of the description are those of its test data.
        del user["email"], user["first_name"], user["last_name"]

    hold(users, "users", "Response_Wrapper", complete=False)
    hold(api.get("/org").json, "org", "Response_Wrapper", complete=False)


def test_a_note_has_the_described_types(zoho, api, elif_):
    parent = {"module": {"api_name": "Contacts"}, "id": elif_["id"]}
    item = api.insert("Notes", {"Note_Content": "Merhaba", "Parent_Id": parent}).json["data"][0]

    hold(item, "notes", "Success_Response")
    hold(zoho.notes()[0], "notes", "Note", complete=False)


def test_making_a_field_is_answered_as_described(zoho, api):
    def made(*fields):
        path = "/crm/v8/settings/fields?module=Calls"
        return api.http.post(path, json={"fields": list(fields)}, headers=api.headers).json

    asked = {"field_label": "Branch", "data_type": "text", "length": 20, "unique": {"casesensitive": "false"}}
    hold({"fields": [asked]}, "fields", "wrapper", complete=False)
    hold(made({"data_type": "text"}), "fields", "MandatoryErrorWrapper")
    hold(made({**asked, "unique": {}}), "fields", "InvalidValueErrorWrapper")
    hold(made(asked), "fields", "SuccessWrapper")
    zoho.customise("Calls", fields_left=0)
    hold(made({**asked, "field_label": "Other"}), "fields", "LimitErrorWrapper")
