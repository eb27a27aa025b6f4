from datetime import timedelta

import pytest


def names(answer):
    return [row["Full_Name"] for row in answer.json["data"]] if answer.status_code == 200 else []


@pytest.mark.parametrize("phone", ["+905321234567", "905321234567", "+90 532 123 45 67", "+90-(532)-1234567"])
def test_phone_compares_the_digits(api, phone):
    assert names(api.get("/Contacts/search", phone=phone)) == ["Elif Yılmaz"]


@pytest.mark.parametrize("phone", ["5321234567", "05321234567", "00905321234567", "+9053212345"])
def test_phone_tolerates_no_other_prefix(api, phone):
    answer = api.get("/Contacts/search", phone=phone)

    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("field", ["Phone", "Mobile", "Home_Phone", "Other_Phone", "Asst_Phone"])
def test_phone_looks_at_every_phone_field(api, field):
    api.inserted("Contacts", {"Last_Name": "Nobody", field: "0212 999 88 77"})

    assert names(api.get("/Contacts/search", phone="02129998877")) == ["Nobody"]


def test_a_shared_number_finds_all_who_share_it(api):
    assert names(api.get("/Contacts/search", phone="02164441234")) == ["Şule Güneş", "İlker Güneş"]


def test_a_number_can_be_a_contacts_and_a_leads(api):
    assert names(api.get("/Contacts/search", phone="05339876543")) == ["Çağrı Öztürk"]
    assert names(api.get("/Leads/search", phone="905339876543")) == ["Çağrı Öztürk"]


def test_only_the_first_of_criteria_email_phone_and_word_counts(api):
    email, phone, word = {"email": "elif@example.org"}, {"phone": "02164441234"}, {"word": "Nigar"}

    assert names(api.get("/Contacts/search", **word)) == ["Nigar Həsənova"]
    assert len(names(api.get("/Contacts/search", **phone, **word))) == 2
    assert names(api.get("/Contacts/search", **email, **phone, **word)) == ["Elif Yılmaz"]
    criteria = "(Last_Name:equals:Öztürk)"
    assert names(api.get("/Contacts/search", criteria=criteria, **email, **phone)) == ["Çağrı Öztürk"]


def test_a_search_for_nothing_is_refused(api):
    answer = api.get("/Contacts/search")

    assert (answer.status_code, answer.json["code"]) == (400, "EXPECTED_PARAM_MISSING")


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ("(Phone:equals:+90 532 123 45 67)", ["Elif Yılmaz"]),
        ("(Phone:equals:+905321234567)", []),
        ("((Phone:equals:x)or(Mobile:equals:0533 987 65 43))", ["Çağrı Öztürk"]),
        ("(Phone:starts_with:+90)", ["Elif Yılmaz"]),
        ("((Last_Name:equals:güneş)and(First_Name:equals:Şule))", ["Şule Güneş"]),
        (
            "(((Last_Name:equals:Güneş)and(First_Name:equals:Şule))or(First_Name:equals:Elif))",
            ["Elif Yılmaz", "Şule Güneş"],
        ),
        ("(Last_Name:in:Yılmaz,Öztürk)", ["Elif Yılmaz", "Çağrı Öztürk"]),
        (r"(Phone:equals:\(0216\) 444 12 34)", ["Şule Güneş"]),
    ],
)
def test_criteria_find(api, criteria, found):
    assert names(api.get("/Contacts/search", criteria=criteria)) == found


def test_a_call_is_found_by_its_id_though_that_holds_a_colon(api, call):
    call_id = api.inserted("Calls", call)

    answer = api.get("/Calls/search", criteria="(Santral_Call_ID:equals:virtualats:abc-1)")

    assert [row["id"] for row in answer.json["data"]] == [call_id]


def test_an_escaped_comma_is_part_of_the_value(api):
    api.inserted("Leads", {"Last_Name": "Burns, B"})

    assert names(api.get("/Leads/search", criteria=r"(Last_Name:equals:Burns\, B)")) == ["Burns, B"]
    assert api.get("/Leads/search", criteria="(Last_Name:equals:Burns, B)").json["code"] == "INVALID_QUERY"


@pytest.mark.parametrize(
    "criteria",
    [
        "Phone:equals:1",
        "(Phone:equals:1",
        "(Phone:equals:1))",
        "(Phone:equals)",
        "(Phone:equals:)",
        "(Phone:contains:1)",
        "(Telephone:equals:1)",
        "(Owner:starts_with:1)",
        "((Phone:equals:1)xor(Mobile:equals:1))",
        "((Phone:equals:1)and(Mobile:equals:1)or(Mobile:equals:2))",
        "(Phone:equals:(0216) 444 12 34)",
        "()",
    ],
)
def test_criteria_zoho_cannot_read_are_refused(api, criteria):
    answer = api.get("/Contacts/search", criteria=criteria)

    assert (answer.status_code, answer.json["code"]) == (400, "INVALID_QUERY")


def test_ten_conditions_are_the_most(api):
    def any_of(count):
        return "(" + "or".join(f"(Phone:equals:{number})" for number in range(count)) + ")"

    assert api.get("/Contacts/search", criteria=any_of(10)).status_code == 204
    assert api.get("/Contacts/search", criteria=any_of(11)).json["code"] == "CRITERIA_LIMIT_EXCEEDED"


def test_converted_leads_are_found_only_when_asked_for(zoho, api, rashad):
    zoho.store.convert(rashad["id"])
    phone = "994557967473"

    assert api.get("/Leads/search", phone=phone).status_code == 204
    assert names(api.get("/Leads/search", phone=phone, converted="true")) == ["Rəşad Məmmədov"]
    assert names(api.get("/Leads/search", phone=phone, converted="both")) == ["Rəşad Məmmədov"]


def test_the_index_lags_behind_inserts_updates_and_deletes(zoho, api, clock, call):
    zoho.index_lag = timedelta(seconds=30)
    query = {"criteria": "(Santral_Call_ID:equals:virtualats:abc-1)"}
    call_id = api.inserted("Calls", call)

    assert api.get("/Calls/search", **query).status_code == 204
    clock.advance(seconds=30)
    assert api.get("/Calls/search", **query).json["data"][0]["id"] == call_id
    api.put(f"/Calls/{call_id}", {"data": [{"Subject": "changed"}]})
    assert api.get("/Calls/search", **query).json["data"][0]["Subject"] == call["Subject"]
    api.delete("/Calls", ids=call_id)
    assert api.get("/Calls/search", **query).status_code == 200
    clock.advance(seconds=30)
    assert api.get("/Calls/search", **query).status_code == 204


def test_a_search_comes_in_pages_of_the_asked_fields(api):
    answer = api.get("/Contacts/search", word="a", per_page=1, page=2, fields="Phone").json

    assert answer["info"]["page"] == 2
    assert set(answer["data"][0]) == {"id", "Phone"}
    assert api.get("/Contacts/search", word="a", page=11, per_page=200).json["code"] == "LIMIT_REACHED"


def test_a_number_field_is_compared_as_a_number(api, call):
    api.inserted("Calls", call)

    assert api.get("/Calls/search", criteria="(Call_Duration_in_seconds:equals:62)").status_code == 200
    assert api.get("/Calls/search", criteria="(Call_Duration_in_seconds:equals:x)").json["code"] == "INVALID_QUERY"


def test_a_hundred_values_are_the_most(api):
    criteria = f"(Phone:in:{','.join(str(number) for number in range(101))})"

    assert api.get("/Contacts/search", criteria=criteria).json["code"] == "INVALID_QUERY"
