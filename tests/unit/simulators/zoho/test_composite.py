import pytest


def part(name, uri, method="GET", **rest):
    return {"sub_request_id": name, "method": method, "uri": f"/crm/v8{uri}", "params": {}, "headers": {}, **rest}


@pytest.fixture
def composite(api):
    def send(*parts, **body):
        return api.post("/__composite_requests", {"__composite_requests": list(parts), **body})

    return send


def responses(answer):
    return [item["details"]["response"] for item in answer.json["__composite_requests"]]


def test_one_round_trip_searches_three_modules(composite):
    phone = {"phone": "905321234567"}

    answer = composite(*(part(m, f"/{m}/search", params=phone) for m in ("Contacts", "Leads", "Accounts")))

    found, *missing = responses(answer)
    assert answer.status_code == 200
    assert found["body"]["data"][0]["Full_Name"] == "Elif Yılmaz"
    assert [(each["status_code"], each["body"]) for each in missing] == [(204, None), (204, None)]


def test_a_failing_part_makes_the_answer_mixed(composite, zoho, call):
    answer = composite(
        part("1", "/Calls", "POST", body={"data": [call]}),
        part("2", "/Calls", "POST", body={"data": [call]}),
        part("3", "/Activities", params={"fields": "id"}),
    )

    assert answer.status_code == 207
    assert [each["status_code"] for each in responses(answer)] == [201, 400, 400]
    assert responses(answer)[1]["body"]["data"][0]["code"] == "DUPLICATE_DATA"
    assert len(zoho.calls()) == 1


def test_five_parts_are_the_most(composite):
    answer = composite(*(part(str(number), "/org") for number in range(6)))

    assert (answer.status_code, answer.json["details"]["maximum_length"]) == (400, 5)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"uri": "/crm/v7/org"}, "INVALID_DATA"),
        ({"uri": "/v8/org"}, "INVALID_DATA"),
        ({"uri": "/crm/v8/Contacts/search?phone=1"}, "INVALID_DATA"),
        ({"uri": "/crm/v8/__composite_requests", "method": "POST"}, "NOT_SUPPORTED"),
        ({"method": "HEAD"}, "INVALID_DATA"),
        ({"headers": {"Authorization": "Zoho-oauthtoken x"}}, "INVALID_DATA"),
        ({"params": {"phone": "@{1:$.data[0].Phone}"}}, "INVALID_REFERENCE"),
    ],
)
def test_a_part_zoho_would_not_run_is_refused_alone(composite, wrong, code):
    answer = composite(part("1", "/org"), {**part("2", "/org"), **wrong})

    assert answer.status_code == 207
    good, bad = answer.json["__composite_requests"]
    assert (good["code"], bad["code"]) == ("SUCCESS", code)


def test_a_version_other_than_the_outer_is_told(composite):
    answer = composite({**part("1", "/org"), "uri": "/crm/v7/org"})

    assert answer.status_code == 400
    assert answer.json["__composite_requests"][0]["details"] == {
        "sub_request_version": 7,
        "composite_request_version": 8,
    }


def test_a_part_without_method_or_uri_is_refused(composite):
    answer = composite({"sub_request_id": "1", "uri": "/crm/v8/org"}, "x")

    assert [item["code"] for item in answer.json["__composite_requests"]] == ["MANDATORY_NOT_FOUND", "INVALID_DATA"]


def test_the_same_id_twice_is_refused(composite):
    assert composite(part("1", "/org"), part("1", "/org")).json["code"] == "DUPLICATE_DATA"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MANDATORY_NOT_FOUND"),
        ([], "INVALID_DATA"),
        ({"__composite_requests": []}, "INVALID_DATA"),
        ({"rollback_on_fail": True, "__composite_requests": [part("1", "/org")]}, "NOT_SUPPORTED"),
    ],
)
def test_a_wrong_envelope_is_refused_as_a_whole(api, body, code):
    answer = api.post("/__composite_requests", body)

    assert (answer.status_code, answer.json["code"]) == (400, code)
