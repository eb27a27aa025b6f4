from datetime import timedelta

import pytest


@pytest.fixture
def full_names(api):
    def ask(where, module="Contacts"):
        answer = api.coql(f"select Full_Name from {module} where {where}")
        return [row["Full_Name"] for row in answer.json["data"]] if answer.status_code == 200 else answer.status_code

    return ask


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Phone = '+90 532 123 45 67'", ["Elif Yılmaz"]),
        ("Phone like '%123 45 67'", ["Elif Yılmaz"]),
        ("(Phone like '%1234567' or Mobile like '%65 43')", ["Çağrı Öztürk"]),
        ("((Phone like '%44 12 34') and (First_Name = 'şule'))", ["Şule Güneş"]),
        ("Last_Name in ('Yılmaz', 'Öztürk')", ["Elif Yılmaz", "Çağrı Öztürk"]),
        ("((First_Name = 'Elif' or First_Name = 'Şule') and Phone is not null)", ["Elif Yılmaz", "Şule Güneş"]),
        ("(Phone is null and Last_Name != 'Öztürk')", ["Nigar Həsənova"]),
        ("First_Name not like '%l%'", ["Çağrı Öztürk", "Nigar Həsənova"]),
        ("Last_Name = 'Nobody'", 204),
    ],
)
def test_a_query_finds(full_names, where, found):
    assert full_names(where) == found


def test_calls_are_compared_by_time_number_and_link(api, call, elif_):
    rows = [
        {**call, "Santral_Call_ID": "a", "Call_Start_Time": "2026-11-21T09:00:00+03:00", "Call_Duration": "00:10"},
        {**call, "Santral_Call_ID": "b", "Call_Start_Time": "2026-11-21T10:00:00+03:00", "Who_Id": elif_["id"]},
        {**call, "Santral_Call_ID": "c", "Call_Start_Time": "2026-11-21T11:00:00+03:00"},
    ]
    api.insert("Calls", *rows)

    def found(where):
        return [
            row["Santral_Call_ID"] for row in api.coql(f"select Santral_Call_ID from Calls where {where}").json["data"]
        ]

    assert found("Call_Start_Time between '2026-11-21T10:30:00+04:00' and '2026-11-21T07:30:00+00:00'") == ["b"]
    assert found("Call_Start_Time >= '2026-11-21T10:00:00+03:00'") == ["b", "c"]
    assert found("Call_Duration_in_seconds < 60") == ["a"]
    assert found(f"Who_Id = {elif_['id']}") == ["b"]
    assert found(f"Who_Id = '{elif_['id']}'") == ["b"]


def test_a_link_comes_back_bare(api, call, elif_):
    api.inserted("Calls", {**call, "Who_Id": elif_["id"]})

    (row,) = api.coql("select Who_Id from Calls where Santral_Call_ID = 'virtualats:abc-1'").json["data"]

    assert row["Who_Id"] == {"id": elif_["id"]}


def test_a_quote_is_doubled(api):
    api.inserted("Leads", {"Last_Name": "O'Hara"})

    assert api.coql("select id from Leads where Last_Name = 'O''Hara'").status_code == 200


@pytest.mark.parametrize("tail", ["limit 2 offset 1", "limit 1, 2"], ids=["limit n offset m", "limit m, n"])
def test_rows_are_ordered_and_cut(api, tail):
    answer = api.coql(f"select Last_Name from Leads where id is not null order by Last_Name desc {tail}").json

    # By code point: ..., Öztürk, Məmmədov, ..; the first is left out.
    assert len(answer["data"]) == 2
    assert answer["info"] == {"count": 2, "more_records": True}
    full = api.coql("select Last_Name from Leads where id is not null order by Last_Name desc").json["data"]
    assert answer["data"] == full[1:3]


@pytest.mark.parametrize(
    "query",
    [
        "select id from Contacts where Phone is null and Mobile is null and Email is null",
        "select id from Contacts where (Phone is null and Mobile is null and Email is null)",
        "select id Contacts where Phone is null",
        "select from Contacts where Phone is null",
        "select id from Contacts where Phone = +90",
        "select id from Contacts where Phone == '1'",
        "select id from Contacts where Phone = '1",
        'select id from Contacts where Phone = "1"',
        "select id from Contacts where (Phone = '1'",
        "select id from Contacts where Phone = '1' limit -1",
        "select id from Contacts where Phone = '1' limit 5 please",
        "",
    ],
)
def test_a_query_zoho_cannot_read_is_a_syntax_error_with_its_place(api, query):
    answer = api.coql(query)

    assert (answer.status_code, answer.json["code"], answer.json["status"]) == (400, "SYNTAX_ERROR", "error")
    assert set(answer.json["details"]) == {"line", "column", "near"}


def test_a_query_without_where_misses_a_clause(api):
    answer = api.coql("select id from Contacts limit 5")

    assert (answer.json["code"], answer.json["details"]) == ("SYNTAX_ERROR", {"clause": "where"})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select Telephone from Contacts where id is not null", "column given seems to be invalid"),
        ("select id from Contacts where Telephone is null", "column given seems to be invalid"),
        ("select id from Calls where Who_Id like '%1'", "data type not supported"),
        ("select id from Contacts where Phone = 5321234567", "value given seems to be invalid for the column"),
        ("select id from Calls where Call_Duration_in_seconds = 'x'", "value given seems to be invalid for the column"),
        ("select id from Activities where id is not null", "invalid query formed"),
    ],
)
def test_a_query_against_the_layout_is_invalid(api, query, message):
    answer = api.coql(query)

    assert (answer.status_code, answer.json["code"], answer.json["message"]) == (400, "INVALID_QUERY", message)


def test_a_hundred_values_and_two_thousand_rows_are_the_most(api):
    values = ",".join(f"'{number}'" for number in range(101))

    assert api.coql(f"select id from Contacts where Phone in ({values})").json["code"] == "INVALID_QUERY"
    assert api.coql("select id from Contacts where id is not null limit 2001").json["code"] == "LIMIT_EXCEEDED"


def test_the_query_is_mandatory(api):
    assert api.post("/coql", {}).json["code"] == "MANDATORY_NOT_FOUND"


def test_a_query_sees_a_record_before_the_search_does(zoho, api, call):
    zoho.index_lag = timedelta(minutes=2)
    api.inserted("Calls", call)

    assert api.coql("select id from Calls where Santral_Call_ID = 'virtualats:abc-1'").status_code == 200
    assert api.get("/Calls/search", criteria="(Santral_Call_ID:equals:virtualats:abc-1)").status_code == 204
