import pytest

from santral.calls import RecordLink
from santral.crm.matching import match, match_all, records_with
from santral.crm.spellings import spellings
from santral.errors import Busy, CredentialsRefused
from santral.phone import to_e164
from santral.zoho.client import RecordRefused

NUMBER = "+905321234567"


def person(record_id, phone="0532 123 45 67", modified="2026-01-10T10:00:00+03:00", **fields):
    return {
        "id": str(record_id),
        "Full_Name": f"Person {record_id}",
        "Phone": phone,
        "Modified_Time": modified,
        **fields,
    }


def account(record_id, phone="0532 123 45 67"):
    return {"id": str(record_id), "Account_Name": "Yılmaz A.Ş.", "Phone": phone, "Modified_Time": None}


def test_one_request_of_five_searches_asks_for_everybody(tenant, zoho):
    match(tenant, NUMBER)

    [(_, path, safe, body)] = zoho.requests
    assert (path, safe) == ("/__composite_requests", True)
    asked = [(part["uri"].split("/")[3], next(iter(part["params"]))) for part in body["__composite_requests"]]
    assert asked == [
        ("Contacts", "criteria"),
        ("Leads", "criteria"),
        ("Accounts", "criteria"),
        ("Contacts", "phone"),
        ("Leads", "phone"),
    ]
    assert body["__composite_requests"][3]["params"]["phone"] == "5321234567"


def numbers(count):
    return [f"+90532123{last:04}" for last in range(4560, 4560 + count)]


@pytest.mark.parametrize(("count", "requests"), [(1, 1), (2, 2), (10, 6), (25, 15)])
def test_many_numbers_share_their_requests(tenant, zoho, count, requests):
    assert match_all(tenant, numbers(count)) == dict.fromkeys(numbers(count))
    assert len(zoho.requests) == requests
    assert max(len(body["__composite_requests"]) for *_, body in zoho.requests) <= 5


def test_of_many_numbers_each_gets_its_own_record_as_if_it_were_alone(tenant, zoho):
    zoho.found = {
        "Contacts": [person(1, phone="0532 123 45 60"), person(2, phone="0532 123 45 61", Mobile="05321234562")],
        "Leads": [person(3, phone="+905321234560"), person(4, phone="+905321234563")],
    }

    found = match_all(tenant, numbers(10))

    assert [link and link.id for link in found.values()] == ["1", "2", "2", "4", *[None] * 6]
    assert found == {number: match(tenant, number) for number in numbers(10)}


def test_numbers_whose_search_found_more_than_a_page_are_searched_alone(tenant, zoho):
    zoho.found["Accounts"] = [account(each, phone="0532 123 45 60") for each in range(200)]

    found = match_all(tenant, numbers(3))

    assert [link and link.id for link in found.values()] == ["0", None, None]
    assert len(zoho.requests) == 2 + 3


def test_numbers_that_are_too_much_for_one_search_are_searched_alone(tenant, zoho, monkeypatch):
    searched = zoho._searched

    def strict(part):
        if part["params"].get("criteria", "").count(":in:") > 2:
            refusal = {"code": "CRITERIA_LIMIT_EXCEEDED", "status": "error", "details": {}}
            return {"status": "success", "details": {"response": {"status_code": 400, "body": refusal}}}
        return searched(part)

    monkeypatch.setattr(zoho, "_searched", strict)
    zoho.found["Leads"] = [person(4, phone="+905321234561")]

    assert match_all(tenant, numbers(2))[numbers(2)[1]].id == "4"


@pytest.mark.parametrize("number", ["101", "", "anonymous", "+", "sip:a@b.example", "112", "0532 123 45 6"])
def test_what_cannot_be_called_from_anywhere_is_never_searched(tenant, zoho, number):
    assert match(tenant, number) is None
    assert zoho.requests == []


def test_contact_before_lead_before_account(tenant, zoho):
    zoho.found = {"Contacts": [person(1)], "Leads": [person(2)], "Accounts": [account(3)]}
    assert match(tenant, NUMBER) == RecordLink(module="Contacts", id="1", name="Person 1")

    del zoho.found["Contacts"]
    assert match(tenant, NUMBER) == RecordLink(module="Leads", id="2", name="Person 2")

    del zoho.found["Leads"]
    assert match(tenant, NUMBER) == RecordLink(module="Accounts", id="3", name="Yılmaz A.Ş.")


def test_of_several_the_one_modified_last_is_taken_whatever_the_zone_it_is_told_in(tenant, zoho):
    zoho.found["Contacts"] = [
        person(1, modified="2026-01-10T10:00:00+03:00"),
        person(2, modified="2026-01-10T09:00:00+00:00"),
        person(3, modified=None),
    ]

    assert match(tenant, NUMBER).id == "2"


def test_of_several_modified_at_once_the_lowest_id_is_taken(tenant, zoho):
    zoho.found["Contacts"] = [person(100), person(20), person(30)]

    assert match(tenant, NUMBER).id == "20"


def test_the_others_with_the_number_are_told_in_the_order_of_preference_each_once(tenant, zoho):
    zoho.found = {
        "Accounts": [account(5)],
        "Leads": [person(4), person(3, **{"$converted": True})],
        "Contacts": [person(2), person(1, modified="2026-01-11T10:00:00+03:00")],
    }

    records = records_with(tenant, [NUMBER])[NUMBER]
    assert [(record.module, record.id) for record in records] == [
        ("Contacts", "1"), ("Contacts", "2"), ("Leads", "4"), ("Accounts", "5"),
    ]  # fmt: skip
    assert match(tenant, NUMBER) == records[0]


ANY_OF_THESE = [
    "05321234567", "5321234567", "905321234567", "+905321234567", "00905321234567",
    "0532 123 45 67", "532 123 45 67", "90 532 123 45 67", "+90 532 123 45 67", "0090 532 123 45 67",
    "0532-123-45-67", "+90-532-123-45-67", "(0532) 123 45 67", "+90 (532) 123 45 67", "0532.123.45.67",
    "\u200e+90 532 123 45 67", "٠٥٣٢١٢٣٤٥٦٧", "+90 0532 123 45 67", "90 0 532 123 45 67",
    "05321234567;ext=12", "0532 123 45 67,,12#",
]  # fmt: skip
"""The forms of one number that libphonenumber reads as that number."""


@pytest.mark.parametrize("told", ANY_OF_THESE)
@pytest.mark.parametrize("written", ["0532 123 45 67", "+905321234567", "+90 (532) 123-45-67", "5321234567"])
def test_a_number_finds_its_contact_however_it_is_told_and_however_it_is_written(tenant, zoho, told, written):
    zoho.found["Contacts"] = [person(1, phone=written)]

    assert match(tenant, told).id == "1"


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("444 1234", "4441234"),
        ("4441234", "444 12 34"),
        ("+904441234", "444 1234"),
        ("0850 490 02 90", "+90 850 490 02 90"),
        ("8504900290", "0850 490 0290"),
        ("442071838750", "+44 20 7183 8750"),
        ("+442071838750", "0044 20 7183 8750"),
    ],
)
def test_numbers_of_companies_and_of_other_countries_are_matched_as_well(tenant, zoho, told, written):
    zoho.found["Accounts"] = [account(3, phone=written)]

    assert match(tenant, told).id == "3"


NOBODYS = ["155", "112", "101", "1001", "100", "0532 123 45 6", "+90442071838750", "anonymous", "", "+", "unknown"]
"""Short codes, extensions, what is no valid number, and words."""


@pytest.mark.parametrize("told", [*NOBODYS, "sip:101@pbx.example", "+90 0532 123 45 6"])
def test_short_codes_extensions_and_words_match_nobody_even_where_they_stand_in_a_record(tenant, zoho, told):
    zoho.found = {"Contacts": [person(1, phone=told)], "Leads": [person(2, phone=told)]}

    assert match(tenant, told) is None
    assert zoho.requests == []


@pytest.mark.parametrize("written", [text for text in NOBODYS if text])
def test_a_record_that_holds_one_of_these_is_nobodys_match(tenant, zoho, written):
    zoho.found["Contacts"] = [person(1, phone=written)]

    assert match(tenant, NUMBER) is None
    assert match(tenant, "+442071838750") is None


@pytest.mark.parametrize(
    "phone", ["+49 532 123 45 67", "0532 123 45 68", "5321234567890", "call 0532 123 45 67", None, 7]
)
def test_a_hit_that_does_not_hold_this_very_number_is_no_match(tenant, zoho, phone):
    zoho.found["Contacts"] = [person(5321234567, phone=phone)]

    assert match(tenant, NUMBER) is None


@pytest.mark.parametrize("field", ["Mobile", "Other_Phone", "Cep_Telefonu"])
def test_any_phone_field_of_the_record_may_hold_it(tenant, zoho, field):
    zoho.found["Contacts"] = [person(1, phone=None, **{field: "+90 (532) 123-45-67"})]

    assert match(tenant, NUMBER).id == "1"


def test_a_converted_lead_is_no_match(tenant, zoho):
    zoho.found["Leads"] = [person(2, **{"$converted": True})]

    assert match(tenant, NUMBER) is None


@pytest.mark.parametrize("code", ["INVALID_MODULE", "NO_PERMISSION", "INVALID_QUERY"])
def test_a_module_that_may_not_be_searched_is_skipped(tenant, zoho, counted, code):
    zoho.found = {"Contacts": {"code": code, "status": "error", "details": {}}, "Leads": [person(2)]}

    assert match(tenant, NUMBER).id == "2"
    assert counted("crm_searches_refused") == 2


def test_when_search_is_refused_as_a_whole_the_call_is_logged_without_its_contact(tenant, zoho, counted):
    def refuse(*_args, **_named):
        raise RecordRefused("INVALID_URL_PATTERN")

    zoho.request = refuse

    assert match(tenant, NUMBER) is None
    assert counted("crm_searches_refused") == 5


def test_an_authorisation_without_any_search_is_told(tenant, zoho):
    mismatch = {"code": "OAUTH_SCOPE_MISMATCH", "status": "error", "details": {}}
    zoho.found = {"Contacts": mismatch, "Leads": mismatch, "Accounts": mismatch}

    with pytest.raises(CredentialsRefused):
        match(tenant, NUMBER)


def test_a_search_that_may_work_later_is_not_taken_for_nobody(tenant, zoho):
    zoho.found["Leads"] = {"code": "TOO_MANY_REQUESTS", "status": "error"}

    with pytest.raises(Busy):
        match(tenant, NUMBER)


@pytest.mark.parametrize(
    ("number", "country", "written"),
    [
        (NUMBER, "TR", "+905321234567"),
        (NUMBER, "TR", "905321234567"),
        (NUMBER, "TR", "05321234567"),
        (NUMBER, "TR", "5321234567"),
        (NUMBER, "TR", "00905321234567"),
        (NUMBER, "TR", "0 532 123 45 67"),
        (NUMBER, "TR", "0532-123-45-67"),
        (NUMBER, "TR", "(0532) 123 45 67"),
        (NUMBER, "TR", "0532 123 4567"),
        (NUMBER, "TR", "+90 (532) 123 45 67"),
        (NUMBER, "TR", "+90-532-123-45-67"),
        ("+994557967473", "AZ", "(055) 796-74-73"),
        ("+994557967473", "AZ", "055 796 74 73"),
        ("+994557967473", "TR", "+994 55 796 74 73"),
        ("+442071838750", "TR", "+44 20 7183 8750"),
        ("+14155552671", "TR", "+1 415-555-2671"),
    ],
)
def test_the_ways_people_write_a_number_are_searched(number, country, written):
    assert written in spellings(number, country)


@pytest.mark.parametrize(
    ("number", "country"),
    [(NUMBER, "TR"), ("+994557967473", "AZ"), ("+442071838750", "TR"), ("+904441234", "TR"), ("+908504900290", "TR")],
)
def test_every_spelling_is_that_number_and_all_fit_into_one_search(number, country):
    written = spellings(number, country)

    assert len(written) <= 100
    assert all(to_e164(spelling, country) == number for spelling in written)
