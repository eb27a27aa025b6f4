"""Limits on the running system: counted under the functions' own rights, with the template's own defaults."""


def counts(company):
    table = company.sandbox.ready["table"]
    rows = company.sandbox.root.dynamodb.scan(TableName=table)["Items"]
    return {row["pk"]["S"].rpartition("#")[0]: int(row["counted"]["N"]) for row in rows if "counted" in row}


def test_a_double_click_counts_once_for_the_user_and_for_the_company(company):
    for _ in range(2):
        assert company.post("/calls", {"to": "0532 123 45 67"}).status_code == 202
        assert company.post("/messages", {"to": "0532 123 45 67", "text": "Merhaba"}).status_code == 202

    of_ayse = {"QUOTA#dial#ayse@example.com": 1, "QUOTA#message#ayse@example.com": 1}
    assert counts(company) == {**of_ayse, "QUOTA#dial#": 1, "QUOTA#message#": 1}


def test_a_premium_number_is_refused_in_a_sentence_and_counts_nothing(company):
    told = company.post("/calls", {"to": "0900 123 45 67"})

    assert (told.status_code, told.json()["code"]) == (422, "destination_not_allowed")
    assert company.dials() == []
    assert counts(company) == {}
