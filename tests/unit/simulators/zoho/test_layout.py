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


def new_field(**changes):
    return {"field_label": "Branch code", "data_type": "text", "length": 20, **changes}


def made(api, *fields, module="Calls"):
    return api.http.post(f"/crm/v8/settings/fields?module={module}", json={"fields": list(fields)}, headers=api.headers)


def test_a_field_that_is_made_is_there_and_written(api, call):
    answer = made(api, new_field(unique={"casesensitive": "false"}))

    assert (answer.status_code, answer.json["fields"][0]["code"]) == (201, "SUCCESS")
    field = fields_of(api, "Calls")["Branch_code"]
    assert (field["id"], field["length"]) == (answer.json["fields"][0]["details"]["id"], 20)
    api.inserted("Calls", {**call, "Branch_code": "IST-1"})
    assert api.refusal("Calls", {**call, "Santral_Call_ID": "x:2", "Branch_code": "IST-1"})[0] == "DUPLICATE_DATA"


@pytest.mark.parametrize(
    ("field", "code", "where"),
    [
        ({"data_type": "text"}, "MANDATORY_NOT_FOUND", "field_label"),
        ({"field_label": "Branch"}, "MANDATORY_NOT_FOUND", "data_type"),
        (new_field(length=256), "INVALID_DATA", "length"),
        (new_field(unique={"case_sensitive": False}), "INVALID_DATA", "unique"),
        (new_field(api_name="Branch"), "INVALID_DATA", "api_name"),
        (new_field(field_label="Subject"), "INVALID_DATA", "field_label"),
    ],
)
def test_a_field_that_is_not_as_it_should_be_is_not_made(api, field, code, where):
    answer = made(api, field)

    [refusal] = answer.json["fields"]
    assert answer.status_code == 400
    assert (refusal["code"], refusal["details"]["api_name"]) == (code, where)


def test_an_edition_may_have_no_fields_left_or_no_unique_ones_on_calls(zoho, api):
    zoho.customise("Calls", fields_left=0)
    assert made(api, new_field()).json["fields"][0]["code"] == "LIMIT_EXCEEDED"

    zoho.customise("Calls", unique_fields=False)
    assert made(api, new_field(unique={"casesensitive": "false"})).json["fields"][0]["details"]["api_name"] == "unique"
    assert made(api, new_field()).status_code == 201


def test_a_user_without_the_right_makes_no_fields(zoho, api):
    zoho.layout.read_only_user = True

    assert made(api, new_field()).json["code"] == "NO_PERMISSION"


def test_what_the_layout_requires_is_not_told_by_the_fields_but_by_refusals(zoho, api, call):
    region = {"api_name": "Region", "data_type": "picklist", "options": ["Ege", "Marmara"], "default": "Ege"}
    zoho.customise("Calls", mandatory=[region, {"api_name": "Call_Purpose"}])

    described = fields_of(api, "Calls")["Region"]
    assert (described["system_mandatory"], described["default_value"]) == (False, "Ege")
    assert api.refusal("Calls", {**call, "Region": "Ege"}) == ("MANDATORY_NOT_FOUND", "Call_Purpose")

    zoho.customise("Calls")
    api.inserted("Calls", call)


def test_a_hidden_field_is_described_and_refused(zoho, api, call):
    zoho.customise("Calls", hidden=["Description"])

    described = fields_of(api, "Calls")["Description"]
    assert (described["visible"], described["operation_type"]["api_create"]) == (False, False)
    assert api.refusal("Calls", {**call, "Description": "x"}) == ("INVALID_DATA", "Description")


def test_a_renamed_option_keeps_the_name_it_was_given_first_as_its_reference(zoho, api, call):
    zoho.customise("Calls", renamed={"Call_Type": {"Missed": "Cevapsız"}})

    option = fields_of(api, "Calls")["Call_Type"]["pick_list_values"][2]
    assert (option["actual_value"], option["reference_value"]) == ("Cevapsız", "Missed")
    assert api.refusal("Calls", {**call, "Call_Type": "Missed"}) == ("INVALID_DATA", "Call_Type")
    api.inserted("Calls", {**call, "Call_Type": "Cevapsız"})


def test_a_relabelled_option_is_written_as_before(zoho, api, call):
    zoho.customise("Calls", relabelled={"Call_Type": {"Inbound": "Gelen"}})

    assert fields_of(api, "Calls")["Call_Type"]["pick_list_values"][0]["display_value"] == "Gelen"
    api.inserted("Calls", call)
