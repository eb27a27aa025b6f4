import pytest


def test_a_call_goes_in_with_its_seconds_derived_and_its_owner_the_tokens_user(zoho, api, call):
    call_id = api.inserted("Calls", call)

    (stored,) = zoho.calls()
    assert stored["id"] == call_id
    assert stored["Call_Duration_in_seconds"] == 62
    assert stored["Owner"]["email"] == "ayse@example.com"
    assert len(call_id) in (18, 19)


@pytest.mark.parametrize("missing", ["Subject", "Call_Type", "Call_Start_Time", "Call_Duration"])
def test_a_call_without_a_mandatory_field_is_refused(api, call, missing):
    del call[missing]

    answer = api.insert("Calls", call)

    assert answer.status_code == 400
    assert answer.json["data"][0] == {
        "code": "MANDATORY_NOT_FOUND",
        "details": {"api_name": missing, "json_path": f"$.data[0].{missing}"},
        "message": "required field not found",
        "status": "error",
    }


def test_a_missed_call_needs_no_duration_and_takes_a_zero_one(api, call):
    call["Call_Type"] = "Missed"
    api.inserted("Calls", {**call, "Call_Duration": "00:00"})
    del call["Call_Duration"]

    api.inserted("Calls", {**call, "Santral_Call_ID": "virtualats:abc-2"})


def test_a_planned_call_needs_no_duration_and_may_lie_in_the_future(api, call):
    planned = {**call, "Call_Type": "Outbound", "Outgoing_Call_Status": "Scheduled"}
    del planned["Call_Duration"]

    api.inserted("Calls", {**planned, "Call_Start_Time": "2026-12-24T10:00:00+03:00"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Call_Type", "Internal"),
        ("Call_Start_Time", "2026-11-21T08:30:00Z"),
        ("Call_Start_Time", "2026-11-21T11:30:00.000+03:00"),
        ("Call_Start_Time", "2026-11-21T11:30:00"),
        ("Call_Start_Time", "2026-11-21 11:30:00+03:00"),
        ("Call_Start_Time", "2026-13-21T11:30:00+03:00"),
        ("Call_Start_Time", 1763714000),
        ("Call_Start_Time", "2026-11-21T12:00:01+03:00"),
        ("Call_Duration", "62"),
        ("Call_Duration", "1:02"),
        ("Call_Duration", "01:60"),
        ("Call_Duration", "00:01:02"),
        ("Call_Duration", 62),
        ("Call_Duration_in_seconds", 62),
        ("Outgoing_Call_Status", "Completed"),
        ("Subject", "x" * 256),
        ("Description", "x" * 32001),
        ("Voice_Recording__s", "recordings/abc"),
        ("Voice_Recording__s", "ftp://example.com/abc"),
        ("CTI_Entry", True),
        ("Call_Status", "Completed"),
        ("Tag", [{"name": "x" * 26}]),
        ("Tag", ["MissedCall"]),
        ("Created_Time", "2026-11-21T11:30:00+03:00"),
    ],
)
def test_a_call_with_a_value_zoho_does_not_take_is_refused(zoho, api, call, field, value):
    assert api.refusal("Calls", {**call, field: value}) == ("INVALID_DATA", field)
    assert zoho.calls() == []


def test_the_longest_values_still_go_in(api, call):
    longest = {"Subject": "x" * 255, "Description": "ş" * 32000, "Call_Duration": "125:07"}

    api.inserted("Calls", {**call, **longest, "Voice_Recording__s": "https://calls.example.com/recordings/k.abc"})


def test_a_start_in_another_zone_is_kept_as_the_same_moment(zoho, api, call):
    api.inserted("Calls", {**call, "Call_Start_Time": "2026-11-21T12:30:00+04:00"})

    assert zoho.calls()[0]["Call_Start_Time"] == "2026-11-21T11:30:00+03:00"


@pytest.mark.parametrize("form", [lambda one: one["id"], lambda one: {"id": one["id"]}])
def test_a_call_is_linked_to_an_existing_contact(zoho, api, call, elif_, form):
    api.inserted("Calls", {**call, "Who_Id": form(elif_)})

    assert zoho.calls()[0]["Who_Id"] == {"name": "Elif Yılmaz", "id": elif_["id"]}


def test_who_is_a_contact_and_not_a_lead_or_an_unknown_id(api, call, rashad):
    assert api.refusal("Calls", {**call, "Who_Id": rashad["id"]}) == ("INVALID_DATA", "Who_Id")
    assert api.refusal("Calls", {**call, "Who_Id": "548728000000999999"}) == ("INVALID_DATA", "Who_Id")
    assert api.refusal("Calls", {**call, "Who_Id": int(rashad["id"])}) == ("INVALID_DATA", "Who_Id")


def test_a_lead_is_linked_through_what_with_its_module(zoho, api, call, rashad):
    api.inserted("Calls", {**call, "What_Id": rashad["id"], "$se_module": "Leads"})

    assert zoho.calls()[0]["What_Id"] == {"name": "Rəşad Məmmədov", "id": rashad["id"]}
    assert zoho.calls()[0]["$se_module"] == "Leads"


def test_what_without_its_module_is_refused(api, call, rashad):
    item = api.insert("Calls", {**call, "What_Id": rashad["id"]}).json["data"][0]

    assert item["code"] == "DEPENDENT_FIELD_MISSING"
    assert item["details"]["dependee"]["api_name"] == "$se_module"


def test_what_must_be_a_record_of_that_module(api, call, rashad, elif_):
    assert api.refusal("Calls", {**call, "What_Id": rashad["id"], "$se_module": "Accounts"}) == (
        "INVALID_DATA",
        "What_Id",
    )
    assert api.refusal("Calls", {**call, "What_Id": elif_["id"], "$se_module": "Contacts"}) == (
        "INVALID_DATA",
        "What_Id",
    )
    assert api.refusal("Calls", {**call, "What_Id": rashad["id"], "$se_module": "Lead"}) == (
        "INVALID_DATA",
        "$se_module",
    )


def test_a_lead_and_a_contact_at_once_are_refused(api, call, rashad, elif_):
    both = {**call, "What_Id": rashad["id"], "$se_module": "Leads", "Who_Id": elif_["id"]}

    assert api.refusal("Calls", both) == ("INVALID_DATA", "Who_Id")


def test_a_contact_and_its_account_go_together(api, call, elif_):
    api.inserted(
        "Calls", {**call, "Who_Id": elif_["id"], "What_Id": elif_["Account_Name"]["id"], "$se_module": "Accounts"}
    )


def test_who_with_the_module_contacts_is_taken(api, call, elif_):
    api.inserted("Calls", {**call, "Who_Id": elif_["id"], "$se_module": "Contacts"})


def test_the_owner_is_an_active_user(zoho, api, call):
    mehmet, gone = zoho.users.by_email("mehmet@example.com"), zoho.users.by_email("gone@example.com")

    assert api.refusal("Calls", {**call, "Owner": {"id": gone.id}}) == ("INVALID_DATA", "Owner")
    assert api.refusal("Calls", {**call, "Owner": {"email": "mehmet@example.com"}}) == ("INVALID_DATA", "Owner")
    api.inserted("Calls", {**call, "Owner": {"id": mehmet.id}})
    assert zoho.calls()[0]["Owner"]["name"] == "Mehmet Kaya"


def test_an_unlisted_purpose_becomes_a_new_option(zoho, api, call):
    api.inserted("Calls", {**call, "Call_Purpose": "Complaint"})

    assert zoho.layout.added_options == {("Calls", "Call_Purpose"): ["Complaint"]}
    fields = {field["api_name"]: field for field in api.get("/settings/fields", module="Calls").json["fields"]}
    assert "Complaint" in [option["actual_value"] for option in fields["Call_Purpose"]["pick_list_values"]]


@pytest.mark.parametrize("field", ["Call_Type", "Call_Start_Time", "Owner"])
def test_type_start_and_owner_of_a_completed_call_never_change(zoho, api, call, field):
    call_id = api.inserted("Calls", call)
    other = {
        "Call_Type": "Missed",
        "Call_Start_Time": "2026-11-21T11:31:00+03:00",
        "Owner": {"id": zoho.users.by_email("leyla@example.com").id},
    }

    answer = api.put(f"/Calls/{call_id}", {"data": [{field: other[field]}]})

    assert answer.status_code == 400
    assert answer.json["data"][0]["details"]["api_name"] == field


def test_what_is_fixed_may_be_sent_again_unchanged(api, call):
    call_id = api.inserted("Calls", call)

    answer = api.put(f"/Calls/{call_id}", {"data": [{**call, "Description": "transcript"}]})

    assert answer.json["data"][0]["message"] == "record updated"


def test_description_recording_and_duration_can_be_updated_later(zoho, api, call):
    call_id = api.inserted("Calls", call)
    link = "https://calls.example.com/recordings/k.abc"

    api.put(
        "/Calls",
        {"data": [{"id": call_id, "Voice_Recording__s": link, "Description": "note", "Call_Duration": "02:00"}]},
    )

    (stored,) = zoho.calls()
    assert (stored["Voice_Recording__s"], stored["Description"]) == (link, "note")
    assert stored["Call_Duration_in_seconds"] == 120
    assert stored["Subject"] == call["Subject"]


def test_a_mandatory_field_cannot_be_emptied(api, call):
    call_id = api.inserted("Calls", call)

    answer = api.put(f"/Calls/{call_id}", {"data": [{"Subject": ""}]})

    assert answer.json["data"][0]["code"] == "MANDATORY_NOT_FOUND"


def test_the_same_call_id_twice_is_duplicate_data_naming_the_first(zoho, api, call):
    first = api.inserted("Calls", call)

    answer = api.insert("Calls", {**call, "Santral_Call_ID": "VirtualATS:ABC-1"})

    item = answer.json["data"][0]
    assert (answer.status_code, item["code"], item["details"]["id"]) == (400, "DUPLICATE_DATA", first)
    assert item["details"]["api_name"] == "Santral_Call_ID"
    assert len(zoho.calls()) == 1


def test_calls_without_a_call_id_are_no_duplicates_of_each_other(zoho, api, call):
    del call["Santral_Call_ID"]

    api.inserted("Calls", call)
    api.inserted("Calls", call)

    assert len(zoho.calls()) == 2


def test_an_update_cannot_take_another_calls_id(api, call):
    api.inserted("Calls", call)
    other = api.inserted("Calls", {**call, "Santral_Call_ID": "virtualats:abc-2"})

    answer = api.put(f"/Calls/{other}", {"data": [{"Santral_Call_ID": "virtualats:abc-1"}]})

    assert answer.json["data"][0]["code"] == "DUPLICATE_DATA"
