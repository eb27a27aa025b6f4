import pytest


def fields_of(api, module):
    return {field["api_name"]: field for field in api.get("/settings/fields", module=module).json["fields"]}


def test_the_call_id_field_is_unique_by_default(api):
    field = fields_of(api, "Calls")["Santral_Call_ID"]

    assert field["unique"] == {"casesensitive": "false"}
    assert (field["data_type"], field["length"], field["custom_field"]) == ("text", 255, True)


def test_a_plain_call_id_field_takes_the_same_value_twice(zoho, api, call):
    zoho.layout.call_id_field = "plain"

    api.inserted("Calls", call)
    api.inserted("Calls", call)

    assert fields_of(api, "Calls")["Santral_Call_ID"]["unique"] == {}


def test_without_the_call_id_field_a_call_that_names_it_is_refused(zoho, api, call):
    zoho.layout.call_id_field = "absent"

    assert "Santral_Call_ID" not in fields_of(api, "Calls")
    assert api.refusal("Calls", call) == ("INVALID_DATA", "Santral_Call_ID")


def test_fields_tell_type_length_and_what_is_mandatory(api):
    fields = fields_of(api, "Calls")

    assert fields["Call_Type"]["system_mandatory"] is True
    options = [option["actual_value"] for option in fields["Call_Type"]["pick_list_values"]]
    assert options == ["Inbound", "Outbound", "Missed"]
    assert fields["Description"]["length"] == 32000
    assert fields["Who_Id"]["lookup"]["module"]["api_name"] == "Contacts"
    assert {name for name, field in fields_of(api, "Contacts").items() if field["data_type"] == "phone"} == {
        "Phone",
        "Mobile",
        "Home_Phone",
        "Other_Phone",
        "Asst_Phone",
    }


def test_fields_need_a_module_that_exists(api):
    assert api.get("/settings/fields").json["code"] == "REQUIRED_PARAM_MISSING"
    assert api.get("/settings/fields", module="Activities").json["code"] == "INVALID_MODULE"


def test_a_field_the_customer_made_mandatory_is_missed(zoho, api, call):
    zoho.layout.extra_mandatory.add(("Calls", "Region"))

    assert api.refusal("Calls", call) == ("MANDATORY_NOT_FOUND", "Region")
    api.inserted("Calls", {**call, "Region": "Ege"})


def test_a_field_the_customer_removed_is_unknown(zoho, api, call):
    zoho.layout.removed_fields.add(("Calls", "Description"))

    assert api.refusal("Calls", {**call, "Description": "x"}) == ("INVALID_DATA", "Description")


def test_a_hidden_module_is_no_module(zoho, api, call):
    zoho.layout.hidden_modules.add("Calls")

    assert api.insert("Calls", call).json["code"] == "INVALID_MODULE"
    assert api.get("/Calls/search", word="x").json["code"] == "INVALID_MODULE"
    assert api.coql("select id from Calls where Subject = 'x'").json["code"] == "INVALID_QUERY"


@pytest.mark.parametrize("write", ["insert", "update", "delete"])
def test_a_read_only_user_may_only_read(zoho, api, call, elif_, write):
    zoho.layout.read_only_user = True

    answer = {
        "insert": lambda: api.insert("Calls", call),
        "update": lambda: api.put(f"/Contacts/{elif_['id']}", {"data": [{"Phone": "1"}]}),
        "delete": lambda: api.delete("/Contacts", ids=elif_["id"]),
    }[write]()

    assert (answer.status_code, answer.json["code"]) == (403, "NO_PERMISSION")
    assert api.get(f"/Contacts/{elif_['id']}").json["data"] == [elif_]


def test_active_users_and_the_tokens_own_are_listed(api):
    active, current = api.get("/users", type="ActiveUsers").json, api.get("/users", type="CurrentUser").json

    emails = [user["email"] for user in active["users"]]
    assert emails == ["ayse@example.com", "mehmet@example.com", "leyla@example.com"]
    assert [user["email"] for user in current["users"]] == ["ayse@example.com"]
    assert active["info"] == {"per_page": 200, "count": 3, "page": 1, "more_records": False}
    assert api.get("/users", type="NotConfirmedUsers").status_code == 204
    assert api.get("/users", type="Active").json["code"] == "PATTERN_NOT_MATCHED"


def test_a_user_is_read_by_id(zoho, api):
    leyla = zoho.users.by_email("leyla@example.com")

    assert api.get(f"/users/{leyla.id}").json["users"][0]["full_name"] == "Leyla Əliyeva"
    assert api.get("/users/548728000000999999").status_code == 204


def test_the_organisation_tells_its_time_zone(api):
    assert api.get("/org").json["org"][0]["time_zone"] == "Europe/Istanbul"
