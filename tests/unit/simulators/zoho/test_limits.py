def test_a_request_beyond_the_concurrency_is_refused(zoho, api):
    zoho.limits.concurrency = 1

    with zoho.limits.slot():
        refused = api.get("/org")

    assert (refused.status_code, refused.json["code"]) == (429, "TOO_MANY_REQUESTS")
    assert api.get("/org").status_code == 200
    assert zoho.limits.most_in_flight == 1


def test_credits_run_out_and_come_back_after_a_day(zoho, api, clock):
    zoho.limits.credits_per_day = 2
    api.get("/org")
    clock.advance(hours=1)
    api.headers = {"Authorization": f"Zoho-oauthtoken {api.token().json['access_token']}"}
    api.get("/org")

    refused = api.get("/org")
    clock.advance(hours=23)
    api.headers = {"Authorization": f"Zoho-oauthtoken {api.token().json['access_token']}"}

    assert (refused.status_code, refused.json["code"]) == (429, "LIMIT_EXCEEDED")
    assert refused.headers["X-API-CREDITS-REMAINING"] == "0"
    assert api.get("/org").status_code == 200
    assert api.get("/org").status_code == 429


def test_remaining_credits_are_told_only_from_half_on(zoho, api):
    zoho.limits.credits_per_day = 4

    told = [api.get("/org").headers.get("X-API-CREDITS-REMAINING") for _ in range(4)]

    assert told == [None, "2", "1", "0"]


def remaining_after(zoho, request):
    zoho.limits.credits_per_day = 100
    zoho.limits.spend(50)
    return 50 - int(request().headers["X-API-CREDITS-REMAINING"])


def test_a_write_costs_one_credit_for_ten_rows(zoho, api):
    assert remaining_after(zoho, lambda: api.insert("Tasks", *[{"Subject": "x"}] * 11)) == 2


def test_a_query_costs_by_its_limit(zoho, api):
    assert remaining_after(zoho, lambda: api.coql("select id from Calls where id is not null limit 2000")) == 3


def test_a_composite_request_costs_its_parts(zoho, api):
    parts = [{"method": "GET", "uri": "/crm/v8/org"}] * 4

    assert remaining_after(zoho, lambda: api.post("/__composite_requests", {"__composite_requests": parts})) == 4


def test_what_is_refused_for_its_credits_has_no_effect(zoho, api, call):
    zoho.limits.credits_per_day = 0

    assert api.insert("Calls", call).status_code == 429
    assert zoho.calls() == []


def test_tokens_cost_no_credits(zoho, api):
    zoho.limits.credits_per_day = 0

    assert "access_token" in api.token().json


def test_a_slow_answer_holds_its_slot(zoho, api, monkeypatch):
    zoho.latency = 0.25
    slept = []
    monkeypatch.setattr("simulators.zoho.server.time.sleep", lambda seconds: slept.append((seconds, in_flight(zoho))))

    api.get("/org")

    assert slept == [(0.25, 1)]
    assert in_flight(zoho) == 0


def in_flight(zoho):
    return zoho.limits._in_flight
